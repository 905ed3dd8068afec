"""How much an analysis state may hold, so that a table of 1,600 columns fits like one of ten."""

from dataclasses import dataclass
from typing import Self

from muniment.catalog.analysis.codec import Tree

_DISTINCT_OF_TABLE = 400_000
_BYTES_OF_TABLE = 32 << 20
_POINTS_OF_TABLE = 400_000


def _shared(total: int, columns: int, least: int, most: int) -> int:
    return max(least, min(most, total // max(columns, 1)))


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one column's state; every partition of an asset has the same ones.

    Beyond ``distinct`` values or ``text_bytes`` of text the exact count of values gives way to
    sketches. ``points`` bounds the equi-depth summary (16 bytes each).
    """

    distinct: int = 32_768
    text_bytes: int = 2 << 20
    points: int = 32_768
    hitters: int = 1_024

    @classmethod
    def for_columns(cls, columns: int) -> Self:
        return cls(
            distinct=_shared(_DISTINCT_OF_TABLE, columns, 512, 32_768),
            text_bytes=_shared(_BYTES_OF_TABLE, columns, 32 << 10, 2 << 20),
            points=_shared(_POINTS_OF_TABLE, columns, 2_048, 32_768),
            hitters=_shared(16_384, columns, 64, 1_024),
        )

    def tree(self) -> list[Tree]:
        return [self.distinct, self.text_bytes, self.points, self.hitters]
