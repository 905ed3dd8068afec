"""What is true of the demo estate by construction: rows, sensitive columns, known defects."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from muniment.demo.estate.resources import content

Column = tuple[str, str]
Value = TypeVar("Value")


class DefectKind(StrEnum):
    """What is wrong: a quality dimension, or a matter of compliance or access."""

    VALIDITY = "validity"
    COMPLETENESS = "completeness"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    FRESHNESS = "freshness"
    VOLUME = "volume"
    COMPLIANCE = "compliance"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class Defect:
    """One known defect.

    `share` is the part of the rows that carry it, None where it concerns the asset as a whole.
    """

    name: str
    kind: DefectKind
    source: str
    at: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth about the estate.

    A column is (source, name), the name "schema.table.column" in databases ("main" is the schema
    of the SQLite file) and "data set:field" in the lake. `labels` gives each sensitive column its
    classifier. `misleading` holds columns that are not what their name promises, with what they
    hold instead. On a `tolerated` column a label is neither demanded nor wrong.
    """

    rows: Mapping[Column, int]
    fixed: frozenset[Column]
    derived: frozenset[Column]
    labels: Mapping[Column, str]
    misleading: Mapping[Column, str]
    tolerated: frozenset[Column]
    defects: tuple[Defect, ...]

    def tables(self, source: str) -> int:
        """How many tables or data sets a source holds, a partitioned one counted once."""
        return sum(1 for where, _ in (*self.rows, *self.derived) if where == source)

    def rows_at(self, source: str, name: str, scale: float) -> int:
        """The rows of an asset at a scale; what is not fixed never falls below 20 rows."""
        rows = self.rows[source, name]
        return rows if (source, name) in self.fixed else max(20, round(rows * scale))

    def share(self, source: str, at: str, kind: DefectKind) -> float:
        """The share of rows with a defect of this kind; KeyError where the facts name none."""
        for defect in self.defects:
            if (defect.source, defect.at, defect.kind) == (
                source,
                at,
                kind,
            ) and defect.share is not None:
                return defect.share
        raise KeyError((source, at, kind))


@cache
def facts() -> Facts:
    """The facts of this version of the estate, from content/facts.toml."""
    written = content("facts.toml")
    return Facts(
        rows=_by_column(written["rows"]),
        fixed=_columns(written["fixed"]),
        derived=_columns(written["derived"]),
        labels=_by_column(written["labels"]),
        misleading=_by_column(written["misleading"]),
        tolerated=_columns(written["tolerated"]),
        defects=tuple(_defect(entry) for entry in written["defects"]),
    )


def _by_column(section: Mapping[str, Mapping[str, Value]]) -> Mapping[Column, Value]:
    return MappingProxyType(
        {
            (source, name): value
            for source, values in section.items()
            for name, value in values.items()
        }
    )


def _columns(section: Mapping[str, list[str]]) -> frozenset[Column]:
    return frozenset((source, name) for source, names in section.items() for name in names)


def _defect(entry: Mapping[str, str | float]) -> Defect:
    source, _, at = str(entry["at"]).partition(":")
    share = entry.get("share")
    return Defect(
        str(entry["name"]),
        DefectKind(str(entry["kind"])),
        source,
        at,
        None if share is None else float(share),
    )
