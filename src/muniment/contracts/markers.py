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
