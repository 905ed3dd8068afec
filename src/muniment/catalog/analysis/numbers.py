"""What is kept of numbers: moments that merge exactly, and points that stand for equal shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PER_BATCH: Final = 512
_BINS: Final = 32_768
_HEAVIEST_BIN: Final = 1 / 2_048


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean, and sums of powers of what lies away from it; merged by Pébay's formulas (2008).

    Exact up to rounding. ``m3`` and ``m4`` tell how lopsided and how heavy in its ends it is.
    """

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0

    @classmethod
    def of(cls, values: Floats, weights: Floats | None = None) -> Self:
        if not len(values):
            return cls()
        if weights is None:
            mean = float(values.mean())
            gap = values - mean
            square = gap * gap
            return cls(
                len(values), mean, float(square.sum()), float(square @ gap), float(square @ square)
            )
        total = float(weights.sum())
        mean = float(values @ weights) / total
        gap = values - mean
        square = gap * gap
        weighed = square * weights
        return cls(
            int(total), mean, float(weighed.sum()), float(weighed @ gap), float(weighed @ square)
        )

    def merge(self, other: "Moments") -> "Moments":
        n = self.n + other.n
        if not self.n or not other.n:
            return self if self.n else other
        gap = other.mean - self.mean
        mean = (self.mean * self.n + other.mean * other.n) / n
        left, right = self.n / n, other.n / n
        both = gap * gap * left * right * n
        tilt = left * other.m2 - right * self.m2
        width = left * left * other.m2 + right * right * self.m2
        return Moments(
            n,
            mean,
            self.m2 + other.m2 + both,
            self.m3 + other.m3 + both * gap * (left - right) + 3 * gap * tilt,
            self.m4
            + other.m4
            + both * gap * gap * (left * left - left * right + right * right)
            + 6 * gap * gap * width
            + 4 * gap * (left * other.m3 - right * self.m3),
        )

    @property
    def std(self) -> float | None:
        """Standard deviation of the sample; None below two values."""
        return float((self.m2 / (self.n - 1)) ** 0.5) if self.n > 1 else None

    @property
    def skewness(self) -> float | None:
        """Lopsidedness: above 0 with a long end to the right; None where nothing varies."""
        return _finite(self.n**0.5 * self.m3 / self.m2**1.5) if self._varies else None

    @property
    def kurtosis(self) -> float | None:
        """Weight of the ends beyond a normal distribution's (its excess); None like skewness."""
        return _finite(self.n * self.m4 / (self.m2 * self.m2) - 3) if self._varies else None

    @property
    def _varies(self) -> bool:
        # Below it the spread is rounding; squares of very small or large numbers leave the range.
        least = self.n * (self.mean * 1e-12) ** 2
        return self.n > 2 and 1e-150 < self.m2 < 1e150 and self.m2 > least


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Points:
    """An equi-depth summary: each point stands for ``weights`` values near it in rank.

    ``error`` bounds the error of a rank as a share of all values.
    """

    values: Floats
    weights: Floats
    error: float = 0.0

    @classmethod
    def none(cls) -> Self:
        return cls(np.empty(0), np.empty(0))

    @classmethod
    def of(cls, values: Floats) -> Self:
        """Summarise a batch in at most ``PER_BATCH`` points."""
        n = len(values)
        if n <= PER_BATCH:
            return cls(np.sort(values), np.ones(n))
        if n >= _BINS and (found := _spread(values)) is not None:
            return cls(found, np.full(PER_BATCH, n / PER_BATCH), 0.5 / PER_BATCH + _HEAVIEST_BIN)
        at = ((np.arange(PER_BATCH) + 0.5) * n / PER_BATCH).astype(np.int64)
        weights = np.full(PER_BATCH, n / PER_BATCH)
        return cls(np.sort(values)[at], weights, 0.5 / PER_BATCH)

    def merge(self, other: "Points", *, limit: int) -> "Points":
        """Both together; compressed to an eighth of ``limit`` points when they are more."""
        values = np.concatenate([self.values, other.values])
        weights = np.concatenate([self.weights, other.weights])
        error = max(self.error, other.error)
        if len(values) <= limit:
            return Points(values, weights, error)
        keep = max(limit // 8, 64)
        order = np.argsort(values, kind="stable")
        ranks = weights[order].cumsum()
        at = np.searchsorted(ranks, (np.arange(keep) + 0.5) * ranks[-1] / keep)
        chosen = values[order][np.minimum(at, len(values) - 1)]
        heaviest = float(weights.max()) / float(ranks[-1])
        return Points(chosen, np.full(keep, ranks[-1] / keep), error + 0.5 / keep + heaviest)

    def ordered(self) -> "Points":
        order = np.argsort(self.values, kind="stable")
        return Points(self.values[order], self.weights[order], self.error)


def _spread(values: Floats) -> Floats | None:
    """Points of equal weight from counting in narrow bins; None where values crowd in one bin.

    Sorting costs ten times as much, and is needed only where many values are nearly one. Where
    bins of equal width do not do, as with incomes, bins of equal ratio may: the bits of floating
    point numbers, read as whole numbers, grow as logarithms do.
    """
    found = _binned(values)
    if found is not None:
        return found
    found = _binned(_flipped(values.view(np.int64)).astype(np.float64))
    return None if found is None else _flipped(found.astype(np.int64)).view(np.float64)


def _flipped(bits: "npt.NDArray[np.int64]") -> "npt.NDArray[np.int64]":
    """Bits of floating point numbers as whole numbers of the same order, and back."""
    return bits ^ ((bits >> 63) & np.int64(2**63 - 1))


def _binned(values: Floats) -> Floats | None:
    low, high = float(values.min()), float(values.max())
    step = (high - low) / (_BINS - 1)
    if not 0 < step < np.inf:
        return None
    loads = np.bincount(((values - low) / step).astype(np.int64), minlength=_BINS)
    if loads.max() > len(values) * _HEAVIEST_BIN:
        return None
    ranks = loads.cumsum()
    wanted = (np.arange(PER_BATCH) + 0.5) * len(values) / PER_BATCH
    at = np.searchsorted(ranks, wanted)
    inside = (ranks[at] - wanted) / loads[at]
    return np.clip(low + (at + 1 - inside) * step, low, high)


def quantiles(points: Points, shares: Sequence[float]) -> list[float]:
    """Values at the shares (0..1); the points must be ordered and not empty."""
    ranks = points.weights.cumsum()
    at = np.searchsorted(ranks, np.asarray(shares) * ranks[-1])
    return [float(value) for value in points.values[np.minimum(at, len(ranks) - 1)]]


def histogram(points: Points, low: float, high: float, bins: int) -> list[int]:
    """How many values fall into each of ``bins`` equal steps from low to high."""
    counts, _ = np.histogram(points.values, bins=bins, range=(low, high), weights=points.weights)
    return [round(count) for count in counts.tolist()]
