"""Values chosen by their hash with every one of their rows: what tells how many repeat."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from muniment.catalog.analysis.codec import Tree, array, branch, number
from muniment.catalog.analysis.hashing import Hashes

SIZE: Final = 131_072
_ALL: Final = 1 << 64

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ValueSample:
    """All values whose hash lies below ``bound``, with the number of their rows.

    Everything is in it (the bound is 2^64) until there are more than ``SIZE`` values; then the
    bound sinks so that a uniform choice of values stays. At most 2 MB.
    """

    bound: int = _ALL
    hashes: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    counts: Counts = field(default_factory=lambda: np.empty(0, np.int64))
    rows: int = 0

    @property
    def exact(self) -> bool:
        return self.bound == _ALL

    def add(self, values: Hashes) -> "ValueSample":
        """The sample after the values of one batch, one hash a row."""
        kept = values if self.exact else values[values < np.uint64(self.bound)]
        found, counts = np.unique(kept, return_counts=True)
        return self.merge(ValueSample(_ALL, found, counts.astype(np.int64), len(values)))

    def merge(self, other: "ValueSample") -> "ValueSample":
        bound = min(self.bound, other.bound)
        hashes = np.concatenate([self.hashes, other.hashes])
        counts = np.concatenate([self.counts, other.counts])
        order = np.argsort(hashes, kind="stable")  # two sorted runs: linear
        hashes, counts = hashes[order], counts[order]
        if len(hashes):
            starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
            hashes, counts = hashes[starts], np.add.reduceat(counts, starts)
        if len(hashes) > SIZE:
            bound = min(bound, int(hashes[SIZE]))
        if bound != _ALL:
            end = int(np.searchsorted(hashes, np.uint64(bound)))
            hashes, counts = hashes[:end], counts[:end]
        return ValueSample(bound, hashes, counts, self.rows + other.rows)

    def capped(self, most: int) -> "ValueSample":
        """The same sample with at most so many values; ``rows`` stay those that were fed."""
        if len(self.hashes) <= most:
            return self
        bound = int(self.hashes[most])
        return ValueSample(bound, self.hashes[:most], self.counts[:most], self.rows)

    @property
    def distinct(self) -> float:
        """How many different values there are."""
        return len(self.hashes) * (_ALL / self.bound)

    @property
    def surplus_share(self) -> float:
        """The share of rows that repeat a value seen before."""
        rows = int(self.counts.sum())
        return 0.0 if not rows else 1 - len(self.hashes) / rows

    @property
    def surplus_error(self) -> float:
        """Half the width of the 95 % interval of ``surplus_share``; 0 when it is exact."""
        if self.exact or not len(self.hashes):
            return 0.0
        share, chosen = self.surplus_share, len(self.hashes)
        if share == 0:
            return 3 / chosen  # the rule of three
        return float(1.96 * (share * (1 - share) / chosen) ** 0.5)

    @property
    def distinct_error(self) -> float:
        """Relative standard error of ``distinct``."""
        return 0.0 if self.exact else float(len(self.hashes) ** -0.5)

    def tree(self) -> Tree:
        return {
            "bound": str(self.bound),
            "hashes": self.hashes,
            "counts": self.counts,
            "rows": self.rows,
        }

    @classmethod
    def of_tree(cls, tree: Tree) -> "ValueSample":
        part = branch(tree)
        return cls(
            int(str(part["bound"])),
            array(part["hashes"]).astype(np.uint64),
            array(part["counts"]).astype(np.int64),
            number(part["rows"]),
        )
