"""Seeded, vectorised draws: the few shapes of which every column of the estate is made."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from muniment.demo.estate.company import ESTATE

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Rng = np.random.Generator

_DIGIT, _LETTER = ord("#"), ord("@")
_LETTERS = np.frombuffer(b"ABDEFGHJLNPQRSTUWXYZ", dtype=np.uint8)
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def generator(name: str) -> Rng:
    """The random stream of one table, so that a change in one leaves the others as they were."""
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence([ESTATE.seed, *name.encode()]))
    )


def skewed(rng: Rng, n: int, size: int, *, power: float = 1.6) -> Ints:
    """`n` indexes below `size`, the small ones more often, as with popular names and products."""
    return (rng.random(n) ** power * size).astype(np.int64)


def pick(
    rng: Rng, n: int, options: Sequence[str | None], weights: Sequence[float] | None = None
) -> pl.Series:
    """`n` draws from a short list, evenly or by weight."""
    return gather(pl.Series(options, dtype=pl.String), weighted(rng, n, len(options), weights))


def weighted(rng: Rng, n: int, size: int, weights: Sequence[float] | None = None) -> Ints:
    """`n` indexes below `size`, evenly or by weight."""
    if weights is None:
        return rng.integers(0, size, n)
    edges = np.cumsum(weights) / sum(weights)
    return np.minimum(np.searchsorted(edges, rng.random(n), side="right"), size - 1).astype(
        np.int64
    )


def gather(pool: pl.Series, index: Ints) -> pl.Series:
    """The values of a pool at the given positions."""
    return pool.gather(pl.Series(index))


def ascii_rows(rows: Bytes) -> pl.Series:
    """One string for each row of a matrix of ASCII codes, without a Python object for any."""
    count, width = rows.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    strings = pa.StringArray.from_buffers(
        count, pa.py_buffer(offsets.tobytes()), pa.py_buffer(rows.tobytes())
    )
    return pl.Series(strings)


def digits(rng: Rng, n: int, width: int) -> Bytes:
    """A matrix of digits 0 to 9 (numbers, not characters)."""
    return rng.integers(0, 10, (n, width), dtype=np.uint8)


def digit_text(rows: Bytes) -> pl.Series:
    """Digits as strings, leading zeros kept."""
    return ascii_rows(rows + np.uint8(48))


def by_group(group: Ints, make: Callable[[int, int], pl.Series]) -> pl.Series:
    """Rows made group by group and put back in their order.

    `make(group, how_many)` gives the values of one group.
    """
    positions = [np.flatnonzero(group == value) for value in np.unique(group)]
    parts = [make(int(group[rows[0]]), len(rows)) for rows in positions]
    if not parts:
        return pl.Series([], dtype=pl.String)
    back = np.empty(len(group), dtype=np.int64)
    back[np.concatenate(positions)] = np.arange(len(group))
    return gather(pl.concat(parts), back)


def patterned(rng: Rng, patterns: Sequence[str], index: Ints) -> pl.Series:
    """Strings after ASCII patterns in which # stands for a digit and @ for a letter.

    `index` says which pattern a row has.
    """

    def make(which: int, n: int) -> pl.Series:
        pattern = np.frombuffer(patterns[which].encode("ascii"), dtype=np.uint8)
        rows = np.tile(pattern, (n, 1))
        numbers, letters = np.flatnonzero(pattern == _DIGIT), np.flatnonzero(pattern == _LETTER)
        rows[:, numbers] = digits(rng, n, len(numbers)) + np.uint8(48)
        rows[:, letters] = _LETTERS[rng.integers(0, len(_LETTERS), (n, len(letters)))]
        return ascii_rows(rows)

    return by_group(index, make)


def uuids(rng: Rng, n: int) -> pl.Series:
    """Random UUIDs, version 4, as text."""
    raw = _HEX[rng.integers(0, 16, (n, 32), dtype=np.uint8)]
    raw[:, 12] = ord("4")
    raw[:, 16] = _HEX[8 + rng.integers(0, 4, n)]
    rows = np.full((n, 36), ord("-"), dtype=np.uint8)
    for start, stop, target in ((0, 8, 0), (8, 12, 9), (12, 16, 14), (16, 20, 19), (20, 32, 24)):
        rows[:, target : target + stop - start] = raw[:, start:stop]
    return ascii_rows(rows)


def hex_text(rng: Rng, n: int, width: int) -> pl.Series:
    """Random lower-case hexadecimal strings."""
    return ascii_rows(_HEX[rng.integers(0, 16, (n, width), dtype=np.uint8)])


def numbered(prefix: str, numbers: Ints, width: int) -> pl.Series:
    """Numbers as codes: prefix and leading zeros."""
    return prefix + pl.Series(numbers).cast(pl.String).str.zfill(width)


def joined(*parts: pl.Series | str) -> pl.Series:
    """Strings joined row by row; a missing part makes the whole missing."""
    columns = [pl.lit(part) for part in parts]
    return pl.select(pl.concat_str(columns).alias("text")).to_series()


def spots(rng: Rng, n: int, share: float) -> Ints:
    """The rows that carry a defect: exactly the share asked for, at least one, in order."""
    count = min(n, max(1, round(n * share)))
    return np.sort(rng.choice(n, count, replace=False)) if n else np.empty(0, dtype=np.int64)


def put(values: pl.Series, rows: Ints, others: Sequence[object] | pl.Series) -> pl.Series:
    """The values with those at `rows` replaced; fewer replacements are taken in turn."""
    pool = (
        others
        if isinstance(others, pl.Series)
        else pl.Series(others, dtype=values.dtype, strict=False)
    )
    return values.scatter(
        pl.Series(rows), gather(pool.cast(values.dtype), np.arange(len(rows)) % len(pool))
    )


def holes(rng: Rng, values: pl.Series, share: float) -> pl.Series:
    """The values with that share of them missing."""
    present = np.ones(len(values), dtype=np.bool_)
    present[spots(rng, len(values), share)] = False
    return only(present, values)


def only(where: NDArray[np.bool_] | pl.Series, values: pl.Series) -> pl.Series:
    """The values where the condition holds, missing elsewhere."""
    mask = pl.Series(where, dtype=pl.Boolean)
    return pl.select(pl.when(mask).then(pl.lit(values))).to_series()


def either(where: NDArray[np.bool_] | pl.Series, these: pl.Series, others: pl.Series) -> pl.Series:
    """These values where the condition holds, the others elsewhere."""
    mask = pl.Series(where, dtype=pl.Boolean)
    return pl.select(pl.when(mask).then(pl.lit(these)).otherwise(pl.lit(others))).to_series()


def sampled(rng: Rng, n: int, size: int) -> Ints:
    """`n` indexes below `size` in rising order, each at most once where `size` allows."""
    return np.sort(rng.choice(size, n, replace=n > size))


def covering(rng: Rng, n: int, size: int) -> Ints:
    """`n` indexes below `size` in rising order, each at least once where `n` allows."""
    return np.sort(np.concatenate([np.arange(size), rng.integers(0, size, max(0, n - size))])[:n])


def days(anchor: date, offsets: Ints) -> pl.Series:
    """Dates so many days from the anchor."""
    return pl.Series(np.datetime64(anchor, "D") + offsets.astype("timedelta64[D]"))


def moments(anchor: date, seconds: Ints) -> pl.Series:
    """Moments so many seconds from midnight of the anchor, in UTC."""
    stamps = np.datetime64(anchor, "s") + seconds.astype("timedelta64[s]")
    return pl.Series(stamps.astype("datetime64[us]")).dt.replace_time_zone("UTC")


def money(cents: Ints) -> pl.Series:
    """Amounts in whole currency units from cents."""
    return pl.Series(cents / 100.0)
