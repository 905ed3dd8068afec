"""What is kept of a check that judges row by row: how many were judged, how many failed."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from muniment.catalog.analysis.batches import Kind
from muniment.catalog.analysis.codec import Tree, number, twigs
from muniment.catalog.analysis.summary import shown
from muniment.kernel.masking import mask

EXAMPLES: Final = 5
_LOOKED_AT: Final = 64


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts with a few failing examples, of which only the shapes are kept."""

    evaluated: int = 0
    failed: int = 0
    examples: tuple[str, ...] = ()

    def merge(self, other: "Tally") -> "Tally":
        return Tally(
            self.evaluated + other.evaluated,
            self.failed + other.failed,
            tuple(sorted({*self.examples, *other.examples})[:EXAMPLES]),
        )

    @property
    def ratio(self) -> float | None:
        """The share that holds; None when there was nothing to judge."""
        return None if not self.evaluated else 1 - self.failed / self.evaluated

    def tree(self) -> Tree:
        return [self.evaluated, self.failed, list(self.examples)]

    @classmethod
    def of_tree(cls, tree: Tree) -> "Tally":
        evaluated, failed, examples = twigs(tree)
        return cls(number(evaluated), number(failed), tuple(str(one) for one in twigs(examples)))


def tallied(good: pl.Series, weights: pl.Series | None, values: pl.Series, kind: Kind) -> Tally:
    """Count a verdict per value; a verdict of null counts as failed."""
    bad = ~good.fill_null(False)
    evaluated = len(values) if weights is None else int(weights.sum())
    if not bad.any():
        return Tally(evaluated)
    failed = int(bad.sum()) if weights is None else int(weights.filter(bad).sum())
    return Tally(evaluated, failed, examples_of(values.filter(bad), kind))


def examples_of(values: pl.Series, kind: Kind) -> tuple[str, ...]:
    """The shapes of a few values."""
    seen = values.head(_LOOKED_AT).unique(maintain_order=True).to_list()
    texts = (
        one if isinstance(one, str) else str(shown(one, kind)) for one in seen if one is not None
    )
    return tuple(sorted({mask(text) for text in texts})[:EXAMPLES])
