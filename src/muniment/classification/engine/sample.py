"""The distinct values of a column with counts, bounded by a sample that merges exactly.

The values with the smallest hashes are kept (bottom-k). Whichever way the rows are cut and merged,
the same values remain with the same counts, so a merge is associative and commutative.
"""

import hashlib
import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from muniment.classification.model import Kind

KEPT = 10_000
"""Distinct values kept per column."""
KEPT_OF_TABLE = 1_000_000
"""Distinct values kept of all columns together, so that a thousand fit as well as ten."""
CHECKED = 1_000
"""The first of them, which the slow checks (dictionaries, python-stdnum) look at."""
LONGEST = 4_096
"""Characters of a value that are looked at."""

Hashes = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]

_PROBE = pl.Series(["muniment", "ÿ", "", "4111111111111111", "a" * 100])


def kept_of(columns: int) -> int:
    """How many distinct values of each column are kept; never fewer than slow checks look at."""
    return max(CHECKED, min(KEPT, KEPT_OF_TABLE // max(1, columns)))


def seed_of(text: str) -> int:
    """A 63-bit seed, so that equal values of different columns have different hashes."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def hash_version() -> str:
    """Names the string hash of this machine; sketches of two that differ must not merge."""
    return hashlib.sha256(_PROBE.hash(7).to_numpy().tobytes()).hexdigest()[:12]


def _mixed(numbers: Hashes, seed: int) -> Hashes:
    """The finaliser of splitmix64: every input bit reaches every output bit."""
    with np.errstate(over="ignore"):
        mixed = numbers + np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def hashed(values: pl.Series, seed: int) -> pl.Series:
    """64-bit hashes; numbers by their value, so that they are equal on every machine."""
    if values.dtype.is_integer() or values.dtype == pl.Date:
        numbers = values.cast(pl.Int64).to_numpy().view(np.uint64)
    elif values.dtype.is_float():
        numbers = (values.cast(pl.Float64).to_numpy() + 0.0).view(np.uint64)
    else:
        numbers = values.hash(seed).to_numpy()
    return pl.Series("hash", _mixed(numbers, seed))


@dataclass(slots=True)
class RawValues:
    """Distinct values of one column in this worker: value, hash, count; never written anywhere."""

    seed: int
    kept: int = KEPT
    frame: pl.DataFrame | None = None
    ceiling: int = field(default=2**64 - 1)
    """Hashes above it cannot be in the sample any more."""

    def add(self, values: pl.Series) -> None:
        """Count a batch of non-null values."""
        if not len(values):
            return
        if self.ceiling < 2**64 - 1:
            values = values.filter(hashed(values, self.seed) <= self.ceiling)
        fresh = values.alias("value").to_frame().group_by("value").len("count")
        fresh = fresh.with_columns(
            hashed(fresh["value"], self.seed), pl.col("count").cast(pl.Int64)
        )
        if self.frame is None:
            self.frame = fresh
        else:
            self.frame = (
                pl.concat([self.frame, fresh.select(self.frame.columns)])
                .group_by("value")
                .agg(pl.col("count").sum(), pl.col("hash").first())
            )
        if self.frame.height > self.kept:
            self.frame = self.frame.bottom_k(self.kept, by="hash")
            self.ceiling = min(self.ceiling, int(self.frame["hash"].max()))  # type: ignore[arg-type]  # u64

    def take(self) -> pl.DataFrame | None:
        """What was collected, ascending by hash, and forget it."""
        frame, self.frame = self.frame, None
        return None if frame is None else frame.sort("hash")


def as_text(values: pl.Series) -> pl.Series:
    """Values as the text that patterns look at: trimmed and cut."""
    if values.dtype != pl.String:
        values = values.cast(pl.String)
    longest = values.str.len_bytes().max()
    if isinstance(longest, int) and longest > LONGEST:  # counting characters costs more
        values = values.str.slice(0, LONGEST)
    return values.str.strip_chars()


def kind_of(dtype: pl.DataType) -> Kind | None:
    """What a column can hold; None for what is not looked at (binary, nested)."""
    # a column without any value has no type of its own; its header may still speak
    if dtype in (pl.String, pl.Null) or isinstance(dtype, pl.Categorical | pl.Enum):
        return Kind.TEXT
    if dtype.is_integer():
        return Kind.INTEGER
    if dtype.is_float() or dtype.is_decimal():
        return Kind.DECIMAL
    if dtype in (pl.Date, pl.Datetime):
        return Kind.DATE
    return Kind.BOOLEAN if dtype == pl.Boolean else None


_DECLARED: tuple[tuple[Kind | None, re.Pattern[str]], ...] = (
    (
        None,
        re.compile(r"(?:long|medium|tiny)?blob|bytea|(?:var|large_|fixed_size_)?binary|raw|image"),
    ),
    (Kind.BOOLEAN, re.compile(r"bool(?:ean)?|bit")),
    (
        Kind.INTEGER,
        re.compile(
            r"u?(?:tiny|small|medium|big|huge)?int(?:eger)?\d*|(?:small|big)?serial\d?|long|short|byte"
            r"|(?:number|numeric|decimal) ?\(\d+(?:, ?0)?\)"
        ),
    ),
    (
        Kind.DECIMAL,
        re.compile(r"decimal\w*|numeric|number|float\d*|half_?float|double|real|(?:small)?money"),
    ),
    (Kind.DATE, re.compile(r"date(?:\d+|time\w*)?|smalldatetime|timestamp\w*")),
)


def declared_kind(declared: str) -> Kind | None:
    """What a column can hold by the type its source declares; None for binary."""
    plain = declared.strip().lower()
    for kind, pattern in _DECLARED:
        found = pattern.match(plain)
        if found is not None and not plain[found.end() :][:1].isalnum():
            return kind
    return Kind.TEXT


def canonical(values: pl.Series, kind: Kind) -> pl.Series:
    """One representation per kind, without nulls, so that equal values have equal hashes."""
    present = values.drop_nulls()
    match kind:
        case Kind.INTEGER:
            wide = pl.String if values.dtype in (pl.UInt64, pl.Int128) else pl.Int64
            return present.cast(wide)
        case Kind.DECIMAL:
            return present.cast(pl.Float64)
        case Kind.DATE:
            return present.cast(pl.Date)
        case _:
            return present.cast(pl.String)
