"""What is kept of numbers: moments that merge exactly, and points that stand for equal shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PER_BATCH: Final = 512


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and spread; merged by Chan, Golub and LeVeque's formula (1979)."""

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0

    @classmethod
    def of(cls, values: Floats, weights: Floats | None = None) -> Self:
        if not len(values):
            return cls()
        if weights is None:
            mean = float(values.mean())
            gap = values - mean
            return cls(len(values), mean, float(gap @ gap))
        total = float(weights.sum())
        mean = float(values @ weights) / total
        gap = values - mean
        return cls(int(total), mean, float((gap * gap) @ weights))

    def merge(self, other: "Moments") -> "Moments":
        n = self.n + other.n
        if not self.n or not other.n:
            return self if self.n else other
        gap = other.mean - self.mean
        mean = (self.mean * self.n + other.mean * other.n) / n
        return Moments(n, mean, self.m2 + other.m2 + gap * gap * self.n * other.n / n)

    @property
    def std(self) -> float | None:
        """Standard deviation of the sample; None below two values."""
        return float((self.m2 / (self.n - 1)) ** 0.5) if self.n > 1 else None


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


def quantiles(points: Points, shares: Sequence[float]) -> list[float]:
    """Values at the shares (0..1); the points must be ordered and not empty."""
    ranks = points.weights.cumsum()
    at = np.searchsorted(ranks, np.asarray(shares) * ranks[-1])
    return [float(value) for value in points.values[np.minimum(at, len(ranks) - 1)]]


def histogram(points: Points, low: float, high: float, bins: int) -> list[int]:
    """How many values fall into each of ``bins`` equal steps from low to high."""
    counts, _ = np.histogram(points.values, bins=bins, range=(low, high), weights=points.weights)
    return [round(count) for count in counts.tolist()]
