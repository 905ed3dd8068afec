"""How a source tells what changed since it was read, so that a scan reads nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from muniment.contracts.connectors import AssetMeta, Partition
from muniment.kernel.values import JsonObject


@dataclass(frozen=True, slots=True)
class KnownPart:
    """A partition as it was read before, and what its source said of it just before that."""

    spec: JsonObject
    marker: str
    rows: int


@dataclass(frozen=True, slots=True)
class MarkedPart:
    """A partition of today. ``marker`` None: nobody can tell later whether it changed.

    ``unchanged`` promises that its rows are those of the known partition with an equal ``spec``.
    """

    partition: Partition
    marker: str | None = None
    unchanged: bool = False


@runtime_checkable
class TellsChanges(Protocol):
    """A connector whose source can tell what changed. Any doubt is told as a change.

    Markers are taken before rows are read: what changes between the two is read again next time.
    """

    def markers(self, assets: Sequence[AssetMeta]) -> Mapping[tuple[str, ...], str]:
        """By path, for assets that can be told: an equal text promises equal rows.

        Few statements, whatever the number of assets, and no row is read.
        """
        ...

    def settle(
        self, asset: AssetMeta, partitions: Sequence[Partition], known: Sequence[KnownPart]
    ) -> Sequence[MarkedPart]:
        """Mark fresh partitions; where ``known`` ones still fit, cut as they were cut."""
        ...


WATER = "water"
"""Where in a partition's ``spec`` its ``Water`` stands."""


@dataclass(frozen=True, slots=True)
class Water:
    """Of a relation the rows whose ``column`` is above ``above`` and at most ``upto``.

    Without ``above`` all that are at most ``upto``, and those without a value. The ends are
    values of the data, a number or a moment as text: sealed where they are stored, never shown.
    ``name`` tells one from another without telling its ends.
    """

    column: str
    upto: str
    above: str | None
    name: str

    @classmethod
    def of(cls, spec: JsonObject) -> "Water | None":
        """What a partition is narrowed to."""
        told = spec.get(WATER)
        if not isinstance(told, Mapping):
            return None
        above = told.get("above")
        return cls(
            str(told["column"]),
            str(told["upto"]),
            None if above is None else str(above),
            str(told["name"]),
        )

    def narrowing(self, spec: JsonObject) -> JsonObject:
        """The description of a partition that reads only these rows."""
        told: JsonObject = {
            "column": self.column,
            "upto": self.upto,
            "above": self.above,
            "name": self.name,
        }
        return {**spec, WATER: told}


@runtime_checkable
class ReadsAbove(Protocol):
    """A connector that can read the rows above a value, and counts rows at the source.

    It heeds the ``Water`` of a ``spec`` wherever it reads.
    """

    def uncut(self, spec: JsonObject) -> JsonObject:
        """What reads the same relation in the same manner as a whole, without any narrowing."""
        ...

    def highest(self, asset: AssetMeta, spec: JsonObject, column: str) -> str | None:
        """The highest value that such a whole holds; None without a row that has a value.

        Invalid when the column is not a number, a date or a moment, whose order is its meaning.
        """
        ...

    def count(self, asset: AssetMeta, spec: JsonObject) -> int:
        """How many rows a partition would read, counted at the source."""
        ...
