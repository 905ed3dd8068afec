"""Peak memory of a full profile of what is large: a table, a wide CSV, a folder of Parquet.

    python benchmarks/memory.py [--only table|csv|parquet] [--scale 1.0]

Scale 1 is a table of 50 M rows, a CSV of 1,000 columns and 1 M rows, and 10 GB of Parquet. Each is
made, profiled by ``muniment profile`` with classification, and deleted. Memory is the share (PSS)
of all processes of the profile together, looked at ten times a second.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import psycopg

from _measure import Cost, cost_of
from muniment.platform.embedded import EmbeddedPostgres

MUNIMENT = str(Path(sys.executable).parent / "muniment")
BAR_MB = 600
SMALL = 0.02
TABLE_ROWS, CSV_ROWS, CSV_COLUMNS, FILES, FILE_ROWS = 50_000_000, 1_000_000, 1_000, 40, 1_900_000
CSV_ROWS_AT_ONCE = 10_000
TABLE = """
create table t as
select i as id, (i::bigint * 7919) % 100003 as customer, (i % 9973)::float8 / 7 as amount,
       'note ' || (i % 500) as note
from generate_series(1, {rows}) i
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=tuple(CASES))
    parser.add_argument("--scale", type=float, default=1.0)
    asked = parser.parse_args()
    for name in [asked.only] if asked.only else CASES:
        peaks = []
        for scale in (asked.scale * SMALL, asked.scale):
            rows, cost = _measured(name, scale)
            peaks.append(cost.peak_mb)
            print(f"{name:8} {rows:>12,} rows: {cost}")
        print(f"{name:8} peak {peaks[1]:.0f} MB (bar {BAR_MB}), {peaks[1] / peaks[0]:.2f}x of a"
              f" {1 / SMALL:.0f}th of it")  # fmt: skip


def _measured(name: str, scale: float) -> tuple[int, Cost]:
    with tempfile.TemporaryDirectory() as folder, CASES[name](Path(folder), scale) as target:
        cost = cost_of([MUNIMENT, "profile", str(target), "--json"])
    told = json.loads(cost.printed)
    if any("problem" in each for each in told["assets"]):
        raise RuntimeError("Not everything was profiled.")
    return told["rows"], cost


@contextmanager
def table(folder: Path, scale: float) -> Iterator[str]:
    """The URL of a database with one table of four columns."""
    server = EmbeddedPostgres(folder, durable=False)
    server.ensure_running()
    try:
        url = server.ensure_database("large").url("large")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(TABLE.format(rows=int(TABLE_ROWS * scale)))
            connection.execute("vacuum analyze t")
        yield url
    finally:
        server.stop()


@contextmanager
def wide_csv(folder: Path, scale: float) -> Iterator[Path]:
    """One file: whole numbers, fractions, code words and dates in turn."""
    path = folder / "wide.csv"
    with path.open("wb") as file:
        for start in range(0, int(CSV_ROWS * scale), CSV_ROWS_AT_ONCE):
            _wide(start, CSV_ROWS_AT_ONCE).write_csv(file, include_header=not start)
    yield path
    path.unlink()


def _wide(start: int, rows: int) -> pl.DataFrame:
    chance = np.random.default_rng(start)
    columns: dict[str, pl.Series] = {}
    for n in range(CSV_COLUMNS):
        match n % 4:
            case 0:
                columns[f"count_{n}"] = pl.Series(chance.integers(0, 10 ** (2 + n % 7), rows))
            case 1:
                columns[f"amount_{n}"] = pl.Series(chance.normal(100, 20, rows).round(2))
            case 2:
                codes = pl.Series(chance.integers(0, 10 ** (1 + n % 5), rows)).cast(pl.String)
                columns[f"code_{n}"] = "k" + codes
            case _:
                days = pl.Series(chance.integers(0, 9_000, rows).astype(np.int32))
                columns[f"day_{n}"] = days.cast(pl.Date)
    return pl.DataFrame(columns)


@contextmanager
def parquet_folder(folder: Path, scale: float) -> Iterator[Path]:
    """Files of a quarter of a gigabyte each, of values that do not compress."""
    lake = folder / "lake"
    lake.mkdir()
    for n in range(max(1, round(FILES * scale))):
        _tall(n).write_parquet(lake / f"part-{n:03}.parquet", row_group_size=200_000)
    yield lake
    shutil.rmtree(lake)


def _tall(seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    columns: dict[str, pl.Series] = {}
    for n in range(8):
        columns[f"number_{n}"] = pl.Series(chance.integers(0, 1 << 62, FILE_ROWS))
    for n in range(4):
        columns[f"share_{n}"] = pl.Series(chance.random(FILE_ROWS))
    for n in range(4):
        columns[f"text_{n}"] = pl.Series(chance.integers(0, 1 << 40, FILE_ROWS)).cast(pl.String)
    return pl.DataFrame(columns)


CASES = {"table": table, "csv": wide_csv, "parquet": parquet_folder}


if __name__ == "__main__":
    main()
