"""A full profile of TPC-H in folders of Parquet and of CSV, over plain decoding by Polars.

python benchmarks/files.py [scale]
"""

import json
import sys
from pathlib import Path

import polars as pl

from _measure import Cost, cost_of
from _peers import home
from _tpch import TABLES, parquet_of

MUNIMENT = str(Path(sys.executable).parent / "muniment")
DECODE = """
import sys
from pathlib import Path
import polars as pl
scan = {"parquet": pl.scan_parquet, "csv": lambda path: pl.scan_csv(path, try_parse_dates=True)}
rows = 0
for path in sorted(Path(sys.argv[1]).iterdir()):
    for batch in scan[sys.argv[2]](path).collect_batches():
        rows += batch.height
print(rows)
"""


def main() -> None:
    scale = float(sys.argv[1] if len(sys.argv) > 1 else "0.1")
    parquet = parquet_of(home(), scale)
    for kind, folder in (("parquet", parquet), ("csv", csv_of(parquet, scale))):
        plain = cost_of([sys.executable, "-c", DECODE, str(folder), kind])
        full = profile(folder, int(plain.printed))
        print(f"scale {scale}, {kind}, Polars decodes: {plain}")
        print(f"scale {scale}, {kind}, full profile:   {full}")
        print(f"full profile over plain decode, CPU: {full.total / plain.total:.2f}x (bar 2x)")


def csv_of(parquet: Path, scale: float) -> Path:
    """The same tables as CSV with headers."""
    made = home() / f"tpch-{scale}-csv"
    made.mkdir(exist_ok=True)
    for table in TABLES:
        if not (made / f"{table}.csv").exists():
            frame = pl.scan_parquet(parquet / f"{table}.parquet")
            frame.sink_csv(made / f"{table}.part")
            (made / f"{table}.part").rename(made / f"{table}.csv")
    return made


def profile(folder: Path, rows: int) -> Cost:
    found = cost_of([MUNIMENT, "profile", str(folder), "--no-classify", "--json"])
    told = json.loads(found.printed)
    if told["rows"] != rows or len(told["assets"]) != len(TABLES):
        raise RuntimeError("Not every row was profiled.")
    return found


if __name__ == "__main__":
    main()
