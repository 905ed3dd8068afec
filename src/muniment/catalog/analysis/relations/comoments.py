"""How numeric columns vary together: co-moments of every pair, merged exactly up to rounding."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from muniment.catalog.analysis.codec import Tree, array, branch, twigs
from muniment.catalog.analysis.numbers import Floats
from muniment.catalog.relations.model import Correlation

MOST_COLUMNS: Final = 24
LEAST_ROWS: Final = 10
_FIELDS: Final = ("n", "mean", "co", "square")


@dataclass(frozen=True, slots=True)
class CoMoments:
    """Matrices over pairs of columns; only rows count in which both have a finite number.

    ``mean[i, j]`` is the mean of column i over the rows that it shares with j, ``square[i, j]`` the
    sum of squares away from it, ``co`` the sum of products. Merged by Chan, Golub and LeVeque's
    formula for pairs.
    """

    names: tuple[str, ...]
    n: Floats
    mean: Floats
    co: Floats
    square: Floats

    @classmethod
    def none(cls, names: Sequence[str]) -> "CoMoments":
        zeros = np.zeros((len(names), len(names)))
        return cls(tuple(names), zeros, zeros, zeros, zeros)

    @classmethod
    def of(cls, names: Sequence[str], rows: Floats) -> "CoMoments":
        """The co-moments of a matrix with a column for each name; NaN where there is no number."""
        there = np.isfinite(rows)
        mask = there.astype(np.float64)
        seen = np.maximum(mask.sum(axis=0), 1)
        middle = np.where(there, rows, 0.0).sum(axis=0) / seen
        near = np.where(there, rows - middle, 0.0)
        n = mask.T @ mask
        least = np.maximum(n, 1)
        sums = near.T @ mask
        co = near.T @ near - sums * sums.T / least
        square = (near * near).T @ mask - sums * sums / least
        mean = np.where(n > 0, middle[:, None] + sums / least, 0.0)
        return cls(tuple(names), n, mean, co, np.maximum(square, 0.0))

    def merge(self, other: "CoMoments") -> "CoMoments":
        if self.names != other.names:  # a column went between parts: nothing to be told of pairs
            names = tuple(name for name in self.names if name in other.names)
            return self.only(names).merge(other.only(names))
        n = self.n + other.n
        share = np.divide(other.n, n, out=np.zeros_like(n), where=n > 0)
        gap = np.where((self.n > 0) & (other.n > 0), other.mean - self.mean, 0.0)
        weight = self.n * share
        mean = np.where(self.n > 0, self.mean + gap * share, other.mean)
        return CoMoments(
            self.names,
            n,
            mean,
            self.co + other.co + gap * gap.T * weight,
            self.square + other.square + gap * gap * weight,
        )

    def only(self, names: Sequence[str]) -> "CoMoments":
        at = np.ix_(*[[self.names.index(name) for name in names]] * 2)
        return CoMoments(tuple(names), *(getattr(self, one)[at] for one in _FIELDS))

    def correlations(self) -> Sequence[Correlation]:
        """Pearson's coefficient of each pair that varies, the strongest first."""
        with np.errstate(all="ignore"):
            found = self.co / np.sqrt(self.square * self.square.T)
        said = [
            Correlation(
                left,
                right,
                round(max(-1.0, min(1.0, float(found[i, j]))), 6),
                int(self.n[i, j]),
            )
            for i, left in enumerate(self.names)
            for j, right in enumerate(self.names[i + 1 :], start=i + 1)
            if self.n[i, j] >= LEAST_ROWS and self._varies(i, j) and np.isfinite(found[i, j])
        ]
        return sorted(said, key=lambda one: (-abs(one.coefficient), one.left, one.right))

    def _varies(self, i: int, j: int) -> bool:
        # Below it what is left of the spread is rounding.
        return all(
            self.square[a, b] > self.n[a, b] * (self.mean[a, b] * 1e-12) ** 2
            for a, b in ((i, j), (j, i))
        )

    def tree(self) -> Tree:
        return {"names": [*self.names], **{one: getattr(self, one) for one in _FIELDS}}

    @classmethod
    def of_tree(cls, tree: Tree) -> "CoMoments":
        part = branch(tree)
        names = [str(name) for name in twigs(part["names"])]
        shape = (len(names), len(names))
        arrays = (array(part[one]).astype(np.float64).reshape(shape) for one in _FIELDS)
        return cls(tuple(names), *arrays)
