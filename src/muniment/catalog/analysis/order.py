"""Whether values rise or fall from row to row, as far as parts read apart can tell."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from muniment.catalog.analysis.codec import Tree, array, branch
from muniment.catalog.analysis.numbers import Floats

_SPANS: Final = 4_096


@dataclass(frozen=True, slots=True)
class Order:
    """Rising or falling inside each part; parts are (first, last) spans whose order is not known.

    A whole rises when every part does and their spans do not overlap.
    """

    rising: bool = True
    falling: bool = True
    spans: tuple[tuple[float, float], ...] = ()

    def then(self, values: Floats) -> "Order":
        """The rows that follow; they belong to the last part."""
        if not (self.rising or self.falling) or not len(values):
            return self
        first, last = float(values[0]), float(values[-1])
        steps = np.diff(values)
        before = self.spans[-1] if self.spans else (first, first)
        rising = self.rising and first >= before[1] and bool((steps >= 0).all())
        falling = self.falling and first <= before[1] and bool((steps <= 0).all())
        return self._kept(rising, falling, (*self.spans[:-1], (before[0], last)))

    def merge(self, other: "Order") -> "Order":
        return self._kept(
            self.rising and other.rising,
            self.falling and other.falling,
            tuple(sorted(self.spans + other.spans)),
        )

    @staticmethod
    def _kept(rising: bool, falling: bool, spans: tuple[tuple[float, float], ...]) -> "Order":
        if not (rising or falling) or len(spans) > _SPANS:
            return Order(rising=False, falling=False)
        return Order(rising, falling, spans)

    @property
    def direction(self) -> str | None:
        """``rising``, ``falling``, or None when neither (or when all values are one)."""
        if self.rising and self._apart([(low, high) for low, high in self.spans]):
            flat = all(low == high == self.spans[0][0] for low, high in self.spans)
            return None if flat else "rising"
        if self.falling and self._apart([(high, low) for low, high in self.spans]):
            return "falling"
        return None

    @staticmethod
    def _apart(spans: list[tuple[float, float]]) -> bool:
        spans.sort()
        return bool(spans) and all(a[1] <= b[0] for a, b in pairwise(spans))

    def tree(self) -> Tree:
        flat = np.asarray(self.spans, np.float64).reshape(-1)
        return {"rising": self.rising, "falling": self.falling, "spans": flat}

    @classmethod
    def of_tree(cls, tree: Tree) -> "Order":
        part = branch(tree)
        pairs = array(part["spans"]).astype(np.float64).reshape(-1, 2).tolist()
        return cls(bool(part["rising"]), bool(part["falling"]), tuple((a, b) for a, b in pairs))
