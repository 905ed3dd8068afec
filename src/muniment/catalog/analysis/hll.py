"""How many distinct values there are beyond counting: HyperLogLog with 2^14 registers."""

from typing import Final

import numpy as np
import numpy.typing as npt

from muniment.catalog.analysis.hashing import Hashes

Registers = npt.NDArray[np.uint8]

PRECISION: Final = 14
SIZE: Final = 1 << PRECISION
RELATIVE_ERROR: Final = 1.04 / SIZE**0.5
"""One standard error of the estimate, 0.81 %."""

_MASK = np.uint64(SIZE - 1)
_Q = 64 - PRECISION
_UNTOUCHED = np.uint64(2**64 - 1)


def empty() -> Registers:
    return np.zeros(SIZE, np.uint8)


def buckets_of(values: Hashes) -> npt.NDArray[np.int64]:
    """The register each hash belongs to."""
    return (values & _MASK).astype(np.int64)


def raise_registers(registers: Registers, values: Hashes) -> None:
    """Bring the hashes into the registers, in place."""
    floor = int(registers.min())
    if floor > 0:  # most hashes cannot raise any register any more
        values = np.compress(values < np.uint64(1 << (64 - floor)), values)
    buckets = buckets_of(values)
    if len(values) < SIZE:
        np.maximum.at(registers, buckets, _ranks(values))
        return
    # The smallest hash of a register has the most leading zeros: ranks are needed of it alone.
    lowest = np.full(SIZE, _UNTOUCHED)
    np.minimum.at(lowest, buckets, values)
    ranks = _ranks(lowest)
    ranks[lowest == _UNTOUCHED] = 0
    np.maximum(registers, ranks, out=registers)


def _ranks(values: Hashes) -> Registers:
    """One more than the number of leading zeros, in the bits that choose no register."""
    exponents = np.frexp(values.astype(np.float64))[1]
    return ((64 - exponents).clip(0, _Q) + 1).astype(np.uint8)


def merge(left: Registers, right: Registers) -> Registers:
    return np.maximum(left, right)


def estimate(registers: Registers) -> float:
    """Ertl's improved raw estimator (arXiv:1702.01284, algorithm 6): no bias table, no gap."""
    counts = np.bincount(registers, minlength=_Q + 2).astype(float)
    total = SIZE * _tau(1 - counts[_Q + 1] / SIZE)
    for k in range(_Q, 0, -1):
        total = 0.5 * (total + counts[k])
    total += SIZE * _sigma(counts[0] / SIZE)
    return float(SIZE * SIZE / (2 * np.log(2)) / total)


def _sigma(x: float) -> float:
    if x >= 1:
        return float("inf")
    y, z, before = 1.0, x, -1.0
    while z != before:
        x *= x
        before = z
        z += x * y
        y += y
    return z


def _tau(x: float) -> float:
    if x <= 0 or x >= 1:
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while z != before:
        x **= 0.5
        before = z
        y *= 0.5
        z -= (1 - x) ** 2 * y
    return z / 3
