"""A uniform choice of a table's different rows as hashes, and the dependencies seen in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from muniment.catalog.analysis.codec import Tree, array, branch, number, twigs
from muniment.catalog.analysis.hashing import Hashes
from muniment.catalog.analysis.relations.lowest import Counts
from muniment.catalog.relations.model import Dependency

MOST_ROWS: Final = 16_384
MOST_COLUMNS: Final = 32
"""At most 4.2 MB of hashes."""
HOLDS: Final = 0.02
"""Dependencies with a larger share of exceptions are not told."""
LEAST_SUPPORT: Final = 30

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RowSample:
    """The rows with the lowest hashes: of each the hashes of its values, and how often it is there.

    Merged parts hold the same rows as one pass would have chosen. ``all`` of them until there are
    more than ``MOST_ROWS`` different ones.
    """

    names: tuple[str, ...]
    rows: Hashes
    cells: Hashes
    """A row of hashes for each row; 0 where there is no value."""
    counts: Counts
    all: bool = True

    @classmethod
    def none(cls, names: Sequence[str]) -> "RowSample":
        cells = np.empty((0, len(names)), np.uint64)
        return cls(tuple(names), np.empty(0, np.uint64), cells, np.empty(0, np.int64))

    def add(self, rows: Hashes, cells: Hashes) -> "RowSample":
        """The choice after more rows: a hash of each, and the hashes of their values."""
        if not self.all:  # most rows cannot get in any more
            near = rows <= self.rows[-1]
            rows, cells = rows[near], cells[near]
        found, first, counts = np.unique(rows, return_index=True, return_counts=True)
        return self.merge(RowSample(self.names, found, cells[first], counts.astype(np.int64)))

    def merge(self, other: "RowSample") -> "RowSample":
        if self.names != other.names:
            names = tuple(name for name in self.names if name in other.names)
            return RowSample.none(names)  # rows of other columns were chosen otherwise
        rows, first, back = np.unique(
            np.concatenate([self.rows, other.rows]), return_index=True, return_inverse=True
        )
        counts = np.zeros(len(rows), np.int64)
        np.add.at(counts, back, np.concatenate([self.counts, other.counts]))
        cells = np.concatenate([self.cells, other.cells])[first[:MOST_ROWS]]
        whole = self.all and other.all and len(rows) <= MOST_ROWS
        return RowSample(self.names, rows[:MOST_ROWS], cells, counts[:MOST_ROWS], whole)

    def dependencies(self) -> Sequence[Dependency]:
        """Columns that seem to settle others, the best founded first; no keys, no constants."""
        found = [one for one in self._pairs() if one.error <= HOLDS]
        return sorted(found, key=lambda one: (one.error, -one.support, one.determinant))

    def _pairs(self) -> Iterator[Dependency]:
        codes = [np.unique(column, return_inverse=True)[1] for column in self.cells.T]
        kinds = [int(code.max(initial=0)) + 1 for code in codes]
        for i, left in enumerate(self.names):
            crowd = np.bincount(codes[i], weights=self.counts, minlength=kinds[i])
            shared = (crowd > 1)[codes[i]] & (self.cells[:, i] != 0)
            weights = self.counts[shared]
            support = int(weights.sum())
            if kinds[i] < 2 or support < LEAST_SUPPORT:
                continue
            for j, right in enumerate(self.names):
                if i == j or len(np.unique(codes[j][shared])) < 2:
                    continue
                kept = _kept(codes[i][shared], codes[j][shared], weights)
                error = 1 - kept / support
                usual = np.bincount(codes[j][shared], weights=weights).max() / support
                if error > (1 - usual) / 2:  # the dependent is nearly always the same anyway
                    continue
                bound = error if self.all else _bound(error, support)
                yield Dependency(left, right, round(error, 6), round(bound, 6), support, self.all)

    def tree(self) -> Tree:
        return {
            "names": [*self.names],
            "rows": self.rows,
            "cells": self.cells.reshape(-1),
            "counts": self.counts,
            "all": int(self.all),
        }

    @classmethod
    def of_tree(cls, tree: Tree) -> "RowSample":
        part = branch(tree)
        names = tuple(str(name) for name in twigs(part["names"]))
        rows = array(part["rows"]).astype(np.uint64)
        cells = array(part["cells"]).astype(np.uint64).reshape(len(rows), len(names))
        counts = array(part["counts"]).astype(np.int64)
        return cls(names, rows, cells, counts, bool(number(part["all"])))


def _kept(left: Codes, right: Codes, weights: Counts) -> int:
    """Rows that stay when each value of the left keeps its most frequent value of the right."""
    width = int(right.max()) + 1
    pairs, back = np.unique(left * width + right, return_inverse=True)
    loads = np.zeros(len(pairs), np.int64)
    np.add.at(loads, back, weights)
    most = np.zeros(int(left.max()) + 1, np.int64)
    np.maximum.at(most, pairs // width, loads)
    return int(most.sum())


def _bound(share: float, support: int) -> float:
    """The upper end of Wilson's one-sided 95 % interval."""
    z = 1.645
    middle = share + z * z / (2 * support)
    spread = z * ((share * (1 - share) + z * z / (4 * support)) / support) ** 0.5
    return float(min(1.0, (middle + spread) / (1 + z * z / support)))
