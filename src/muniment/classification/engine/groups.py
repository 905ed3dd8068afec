"""How many rows share the values of columns taken together: exact counts of a sample of groups.

Of all groups those with the smallest hashes are kept with their full counts, so that however the
rows are cut, the same groups remain, and shares of rows are estimated without bias.
"""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import polars as pl

from muniment.classification.engine.sample import Counts, Hashes, canonical, hashed, kind_of
from muniment.classification.risk import SMALL
from muniment.kernel.values import JsonValue

KEPT = 512
"""Groups kept of each combination."""
TOP = 2**64 - 1
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(slots=True)
class Groups:
    """The groups of one combination of columns."""

    rows: int = 0
    hashes: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    counts: Counts = field(default_factory=lambda: np.empty(0, np.int64))
    ceiling: int = TOP

    def add(self, hashes: Hashes, counts: Counts, rows: int, ceiling: int = TOP) -> None:
        """Count more rows, by the hash of their values."""
        self.rows += rows
        self.ceiling = min(self.ceiling, ceiling)
        joined = np.concatenate((self.hashes, hashes))
        weights = np.concatenate((self.counts, counts))
        inside = joined <= np.uint64(self.ceiling)
        distinct, back = np.unique(joined[inside], return_inverse=True)
        summed = np.zeros(len(distinct), np.int64)
        np.add.at(summed, back, weights[inside])
        if len(distinct) > KEPT:
            self.ceiling = int(distinct[KEPT - 1])
        self.hashes, self.counts = distinct[:KEPT], summed[:KEPT]

    def told(self) -> dict[str, JsonValue]:
        """Figures without a hash: groups, and the shares of rows in the smallest of them."""
        exact = self.ceiling == TOP
        part = 1.0 if exact else (self.ceiling + 1) / 2**64
        small = self.counts < SMALL
        return {
            "rows": self.rows,
            "groups": len(self.counts) if exact else round((len(self.counts) - 1) / part),
            "unique": _share(int((self.counts == 1).sum()), part, self.rows),
            "small": _share(int(self.counts[small].sum()), part, self.rows),
            "smallest": int(self.counts.min()) if len(self.counts) else 0,
            "exact": exact,
        }


def _share(rows: int, part: float, total: int) -> float:
    """Of all rows; bounded, because the part is an estimate."""
    return round(min(rows / part / max(total, 1), 1.0), 4)


def sets_of(columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every combination of the columns, each alone included."""
    return [each for n in range(1, len(columns) + 1) for each in combinations(columns, n)]


def hashes_of(values: pl.Series, seed: int) -> tuple[Hashes, np.ndarray]:
    """By row, the hash of the value, and whether there is one."""
    kind = kind_of(values.dtype)
    present = values.is_not_null().to_numpy()
    found = np.zeros(len(values), np.uint64)
    if kind is not None and present.any():
        found[present] = hashed(canonical(values, kind), seed).to_numpy()
    return found, present


def count(
    state: dict[tuple[str, ...], Groups], cells: dict[str, tuple[Hashes, np.ndarray]]
) -> None:
    """Count the rows of a batch in every combination whose columns it has."""
    for columns, groups in state.items():
        if not all(name in cells for name in columns):
            continue
        there = np.logical_and.reduce([cells[name][1] for name in columns])
        total = int(there.sum())
        if not total:
            continue
        mixed = np.zeros(total, np.uint64)
        with np.errstate(over="ignore"):
            for name in columns:
                mixed = (mixed ^ cells[name][0][there]) * _ODD
                mixed ^= mixed >> np.uint64(29)
        low = mixed[mixed <= np.uint64(groups.ceiling)]
        hashes, counts = np.unique(low, return_counts=True)
        groups.add(hashes, counts.astype(np.int64), total)
