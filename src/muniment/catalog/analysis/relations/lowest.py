"""A uniform choice of a column's different values, made by their hashes alone (adaptive sampling).

All values whose hash begins with ``level`` zero bits are kept, with the number of their rows; the
level rises when they are too many (Wegman; Flajolet 1990). Two columns are therefore comparable at
the higher of their levels, where nothing is missing on either side.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from muniment.catalog.analysis.batches import ColumnBatch
from muniment.catalog.analysis.codec import Tree, array, branch, number
from muniment.catalog.analysis.hashing import Hashes

Counts = npt.NDArray[np.int64]

MOST: Final = 1_024
"""Values kept of a column; less in wide tables, which changes levels and nothing else."""
_TRIED: Final = 4


@dataclass(frozen=True, slots=True)
class Lowest:
    """The values kept: hashes ascending, the rows of each; at most 16 bytes times the limit."""

    level: int = 0
    hashes: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    counts: Counts = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, column: ColumnBatch, most: int = MOST) -> "Lowest":
        """The choice after the values of one batch."""
        if column.counted:
            found = column.counts
            hashes, counts = found["h"].to_numpy(), found["n"].to_numpy().astype(np.int64)
            return self.merge(_level_of(hashes, counts, self.level, most), most)
        hashes = column.hashes
        level = max(self.level, _likely_level(len(hashes), most))
        chosen = _chosen(hashes, level)
        if level > self.level and len(chosen.hashes) <= most:  # the values repeat: look at more
            chosen = _chosen(hashes, self.level)
        return self.merge(_level_of(chosen.hashes, chosen.counts, self.level, most), most)

    def merge(self, other: "Lowest", most: int = MOST) -> "Lowest":
        """Both together, as if one pass had seen all values."""
        level = max(self.level, other.level)
        hashes = np.concatenate([self.hashes, other.hashes])
        counts = np.concatenate([self.counts, other.counts])
        order = np.argsort(hashes, kind="stable")
        hashes, counts = hashes[order], counts[order]
        if len(hashes):
            starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
            hashes, counts = hashes[starts], np.add.reduceat(counts, starts)
        return _level_of(hashes, counts, level, most)

    @property
    def distinct(self) -> float:
        """How many different values the column has: exact at level 0."""
        return float(len(self.hashes) << self.level)

    @property
    def repeated(self) -> int:
        """How many of the values occur more than once."""
        return int(np.count_nonzero(self.counts > 1))

    def tree(self) -> Tree:
        return {"level": self.level, "hashes": self.hashes, "counts": self.counts}

    @classmethod
    def of_tree(cls, tree: Tree) -> "Lowest":
        part = branch(tree)
        return cls(
            number(part["level"]),
            array(part["hashes"]).astype(np.uint64),
            array(part["counts"]).astype(np.int64),
        )


def leading_zeros(hashes: Hashes) -> npt.NDArray[np.int64]:
    """How many zero bits each hash begins with."""
    zeros = np.zeros(len(hashes), np.int64)
    for level in range(1, 65):
        below = hashes < np.uint64(1 << (64 - level)) if level < 64 else hashes == 0
        if not below.any():
            break
        zeros[below] = level
    return zeros


def _bound(level: int) -> np.uint64 | None:
    return None if level == 0 else np.uint64(1 << (64 - level))


def _likely_level(values: int, most: int) -> int:
    """The level that so many different values would reach, less some room."""
    return max(0, (values // (_TRIED * most)).bit_length() - 1)


def _chosen(hashes: Hashes, level: int) -> Lowest:
    bound = _bound(level)
    kept = hashes if bound is None else hashes[hashes < bound]
    found, counts = np.unique(kept, return_counts=True)
    return Lowest(level, found, counts.astype(np.int64))


def _level_of(hashes: Hashes, counts: Counts, level: int, most: int) -> Lowest:
    """What is left at the lowest level, from this one on, at which it is not too much."""
    while True:
        bound = _bound(level)
        kept = np.ones(len(hashes), np.bool_) if bound is None else hashes < bound
        if np.count_nonzero(kept) <= most:
            return Lowest(level, hashes[kept], counts[kept])
        level += 1
