"""One Arrow batch, looked at once by every analyzer: what is computed for one serves the next."""

import threading
import weakref
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from muniment.catalog.analysis.hashing import Hashes, hashes
from muniment.catalog.analysis.numbers import Floats


class Kind(StrEnum):
    """What values are, whatever the source calls their type."""

    INTEGER = "integer"
    FLOAT = "float"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    BINARY = "binary"
    OTHER = "other"

    @property
    def ordered(self) -> bool:
        """Whether values have a place on a line: numbers, dates and times."""
        return self not in (Kind.TEXT, Kind.BINARY, Kind.OTHER)

    @property
    def numeric(self) -> bool:
        return self in (Kind.INTEGER, Kind.FLOAT)


_PEEK = 2_048


class ColumnBatch:
    """One column of a batch in canonical form.

    ``series`` has the batch's length: whole numbers, dates (days), times (nanoseconds) and
    moments (microseconds UTC) are Int64, other numbers Float64 with NaN as it is, text String.
    """

    def __init__(self, kind: Kind, series: pl.Series) -> None:
        self.kind = kind
        self.series = series
        self.rows = len(series)
        self.nulls = series.null_count()

    @cached_property
    def nan(self) -> int:
        """Values that are not a number, which count neither as null nor as value."""
        if self.kind is not Kind.FLOAT or self.rows == self.nulls:
            return 0
        return int(self.series.is_nan().sum() or 0)

    @cached_property
    def values(self) -> pl.Series:
        """The values that are there: neither null nor NaN."""
        found = self.series.drop_nulls() if self.nulls else self.series
        return found.drop_nans() if self.nan else found

    @cached_property
    def hashes(self) -> Hashes:
        return hashes(self.values)

    @cached_property
    def counts(self) -> pl.DataFrame:
        """Distinct values ``v``: their number ``n``, hash ``h`` and length in bytes ``size``."""
        found = self.values.alias("v").value_counts(name="n")
        value = found["v"]
        if self.kind in (Kind.TEXT, Kind.BINARY):
            size = value.str.len_bytes() if self.kind is Kind.TEXT else value.bin.size()
        else:
            size = pl.repeat(8, len(value), eager=True)
        kept = value if self.kind is not Kind.BINARY else pl.repeat(None, len(value), eager=True)
        return pl.DataFrame(
            {
                "h": pl.Series(hashes(value)),
                "n": found["n"].cast(pl.Int64),
                "size": size.cast(pl.Int64),
                "v": kept.cast(pl.String) if self.kind is Kind.BINARY else kept,
            }
        )

    @property
    def counted(self) -> bool:
        """Whether ``counts`` has been computed already, so that it costs nothing more."""
        return "counts" in self.__dict__

    @cached_property
    def weighted(self) -> tuple[pl.Series, pl.Series | None]:
        """Values to be judged: each distinct one with its number where values repeat, else all."""
        if not self.counted:
            head = self.values.head(_PEEK)
            if head.n_unique() * 2 > len(head):
                return self.values, None
        counts = self.counts
        if self.kind is Kind.BINARY or len(counts) * 2 > len(self.values):
            return self.values, None
        return counts["v"], counts["n"]

    @cached_property
    def floats(self) -> Floats:
        """Finite values of an ordered kind as floating point numbers."""
        numbers: Floats = self.values.cast(pl.Float64).to_numpy()
        if self.kind is Kind.FLOAT and not np.isfinite(numbers).all():
            return numbers[np.isfinite(numbers)]
        return numbers


class BatchView:
    """A batch whose columns are decoded when first asked for and kept while it lives."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.rows: int = batch.num_rows
        names = batch.schema.names
        self._arrays = {name: batch.column(at) for at, name in reversed(list(enumerate(names)))}
        self._columns: dict[str, ColumnBatch] = {}

    @property
    def names(self) -> list[str]:
        return list(self._arrays)

    def column(self, name: str) -> ColumnBatch | None:
        """The column, or None when the batch has none of that name."""
        known = self._columns.get(name)
        if known is None and name in self._arrays:
            known = self._columns[name] = decode(self._arrays[name])
        return known


def decode(array: "pa.Array[Any]") -> ColumnBatch:
    """Bring an Arrow array into its canonical form; unknown types keep nothing but their nulls."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_union(array.type):  # Arrow keeps no nulls for unions, Polars reads none
        return ColumnBatch(Kind.OTHER, pl.repeat(True, len(array), eager=True))
    series = pl.Series(pl.from_arrow(array))
    dtype = series.dtype
    if dtype.is_numeric():
        return _number(series)
    if dtype.is_temporal():
        return _temporal(series)
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return ColumnBatch(Kind.TEXT, series.cast(pl.String))
    if dtype == pl.Binary:
        return ColumnBatch(Kind.BINARY, series)
    if dtype == pl.Boolean:
        return ColumnBatch(Kind.BOOLEAN, series.cast(pl.Int64))
    return _presence(series)


def _temporal(series: pl.Series) -> ColumnBatch:
    dtype = series.dtype
    if dtype == pl.Date:
        return ColumnBatch(Kind.DATE, series.to_physical().cast(pl.Int64))
    if dtype == pl.Datetime:
        return ColumnBatch(Kind.DATETIME, series.dt.cast_time_unit("us").to_physical())
    if dtype == pl.Time:
        return ColumnBatch(Kind.TIME, series.to_physical().cast(pl.Int64))
    return _presence(series)


def _presence(series: pl.Series) -> ColumnBatch:
    return ColumnBatch(Kind.OTHER, series.is_not_null().replace(False, None))


def _number(series: pl.Series) -> ColumnBatch:
    if not series.dtype.is_integer():
        numbers = series.cast(pl.Float64)
        zero = numbers == 0
        if zero.any():  # minus zero becomes zero, or one value would be told as either
            numbers = numbers.set(zero.fill_null(False), 0.0)
        return ColumnBatch(Kind.FLOAT, numbers)
    whole = series.cast(pl.Int64, strict=False)
    if whole.null_count() != series.null_count():  # unsigned numbers beyond 2^63
        return ColumnBatch(Kind.FLOAT, series.cast(pl.Float64))
    return ColumnBatch(Kind.INTEGER, whole)


_seen = threading.local()


def view_of(batch: pa.RecordBatch) -> BatchView:
    """The view of a batch; analyzers that are fed the same batch in turn share it."""
    last: tuple[weakref.ref[pa.RecordBatch], BatchView] | None = getattr(_seen, "last", None)
    if last is not None and last[0]() is batch:
        return last[1]
    view = BatchView(batch)
    _seen.last = (weakref.ref(batch, _forget), view)
    return view


def _forget(gone: "weakref.ref[pa.RecordBatch]") -> None:
    last = getattr(_seen, "last", None)
    if last is not None and last[0] is gone:
        _seen.last = None
