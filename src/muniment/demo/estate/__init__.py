"""The demo estate: a home-goods retailer's database, data lake and marketing file.

The builders load Polars and NumPy only when called, so that a process which merely asks for the
facts, or starts `python -m muniment.demo.estate` as a child, stays small.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from muniment.demo.estate.company import ESTATE, Estate
from muniment.demo.estate.marks import is_built, is_lake_built, is_marketing_built
from muniment.demo.estate.truth import Defect, DefectKind, Facts, facts

__all__ = [
    "ESTATE",
    "Defect",
    "DefectKind",
    "Estate",
    "Facts",
    "build_database",
    "build_lake",
    "build_marketing",
    "facts",
    "is_built",
    "is_lake_built",
    "is_marketing_built",
]

Progress = Callable[[str, int, int], None]


def build_database(
    url: str, *, scale: float = 1.0, anchor: date = ESTATE.anchor, progress: Progress | None = None
) -> None:
    """Build the database, all or nothing; see `muniment.demo.estate.database`."""
    from muniment.demo.estate import database  # late: loads Polars and NumPy

    database.build_database(url, scale=scale, anchor=anchor, progress=progress)


def build_lake(
    directory: Path,
    *,
    scale: float = 1.0,
    anchor: date = ESTATE.anchor,
    progress: Progress | None = None,
) -> None:
    """Write the data lake, all or nothing; see `muniment.demo.estate.lake`."""
    from muniment.demo.estate import lake  # late, as above

    lake.build_lake(directory, scale=scale, anchor=anchor, progress=progress)


def build_marketing(
    path: Path,
    *,
    scale: float = 1.0,
    anchor: date = ESTATE.anchor,
    progress: Progress | None = None,
) -> None:
    """Write the SQLite file, all or nothing; see `muniment.demo.estate.marketing`."""
    from muniment.demo.estate import marketing  # late, as above

    marketing.build_marketing(path, scale=scale, anchor=anchor, progress=progress)
