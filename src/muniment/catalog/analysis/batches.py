"""One Arrow batch, looked at once by every analyzer: what is computed for one serves the next."""

import threading
import weakref
from collections.abc import MutableMapping
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from muniment.catalog.analysis import hll
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
_FAMILIAR = 1_024
"""So many values of a column are recognised in its next batch, instead of being found anew."""
_FAMILIAR_BYTES = 65_536
_SLOTS = 1 << 16

Memory = MutableMapping[tuple[str, Kind], pl.DataFrame]
"""Counts of the last batch by column: hints that make counting faster and change no result."""


class ColumnBatch:
    """One column of a batch in canonical form.

    ``series`` has the batch's length: whole numbers, dates (days), times (nanoseconds) and
    moments (microseconds UTC) are Int64, other numbers Float64 with NaN as it is, text String.
    """

    def __init__(self, kind: Kind, series: pl.Series) -> None:
        self.kind = kind
        self.series = series
        self.texts: pa.Array[Any] | None = None
        """The texts as they came, where none of them is null."""
        self.name = ""
        self.memory: Memory = {}
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
        found = self._densely() if self.kind.ordered and self.kind is not Kind.FLOAT else None
        if found is not None:
            return found
        familiar = self.memory.pop((self.name, self.kind), None)
        found = self._counted() if familiar is None else self._recounted(familiar)
        if 0 < len(found) <= _FAMILIAR and int(found["size"].sum()) <= _FAMILIAR_BYTES:
            self.memory[self.name, self.kind] = found
        return found

    def _counted(self) -> pl.DataFrame:
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

    def _densely(self) -> pl.DataFrame | None:
        """Counts of whole numbers that lie close together; None when they do not."""
        values = self.values.to_numpy()
        low = int(values.min()) if len(values) else 0
        if not len(values) or int(values.max()) - low > len(values):
            return None
        loads = np.bincount(values - low)
        found = np.flatnonzero(loads)
        value = pl.Series("v", found + low)
        return pl.DataFrame(
            [
                pl.Series("h", hashes(value)),
                pl.Series("n", loads[found]),
                pl.Series("size", np.full(len(found), 8)),
                value,
            ]
        )

    def _recounted(self, familiar: pl.DataFrame) -> pl.DataFrame:
        """Count by recognising hashes of familiar values; only the others are grouped."""
        known = familiar["h"].to_numpy()
        slots = np.zeros(_SLOTS, np.uint16)
        slots[known.astype(np.uint16)] = np.arange(len(known), dtype=np.uint16)
        rows = slots[self.hashes.astype(np.uint16)]
        met = known[rows] == self.hashes
        if met.all():
            times = np.bincount(rows, minlength=len(known))
            return _with_times(familiar, times)
        times = np.bincount(rows[met], minlength=len(known))
        others = ColumnBatch(self.kind, self.values.filter(pl.Series(~met)))._counted()
        return pl.concat([_with_times(familiar, times), others])

    @cached_property
    def registers(self) -> hll.Registers:
        """The batch's values in registers of their own."""
        registers = hll.empty()
        hll.raise_registers(registers, self.hashes)
        return registers

    def raised(self, registers: hll.Registers) -> hll.Registers:
        """The registers with the batch's values in them."""
        if "registers" in self.__dict__:
            return hll.merge(registers, self.registers)
        raised = registers.copy()
        hll.raise_registers(raised, self.hashes)
        return raised

    def crowded(self, limit: int) -> bool:
        """Whether there surely are more distinct values than the limit; cheaper than counting."""
        if self.counted or len(self.values) < limit:
            return False
        sample = self.values.gather_every(-(-len(self.values) // _PEEK))
        if sample.n_unique() < 0.9 * len(sample):
            return False
        return hll.estimate(self.registers) > limit * (1 + 8 * hll.RELATIVE_ERROR)

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


def _with_times(familiar: pl.DataFrame, times: "np.ndarray[Any, Any]") -> pl.DataFrame:
    counts = with_numbers(familiar, times)
    return counts if times.all() else counts.filter(pl.col("n") > 0)


def with_numbers(counts: pl.DataFrame, n: "np.ndarray[Any, Any]") -> pl.DataFrame:
    """The same values, each so many times."""
    return pl.DataFrame([counts["h"], pl.Series("n", n), counts["size"], counts["v"]])


class BatchView:
    """A batch whose columns are decoded when first asked for and kept while it lives."""

    def __init__(self, batch: pa.RecordBatch, memory: Memory | None = None) -> None:
        self._memory = {} if memory is None else memory
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
            known.name, known.memory = name, self._memory
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
        column = ColumnBatch(Kind.TEXT, series.cast(pl.String))
        if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            column.texts = array if not array.null_count else array.drop_null()
        return column
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
        if not numbers.null_count():
            # Minus zero plus zero is zero; otherwise one value would be told as either.
            return ColumnBatch(Kind.FLOAT, pl.Series(numbers.to_numpy() + 0.0))
        zero = numbers == 0
        return ColumnBatch(Kind.FLOAT, numbers.set(zero.fill_null(False), 0.0))
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
    names = tuple(batch.schema.names)
    if getattr(_seen, "names", None) != names:
        _seen.names, _seen.memory = names, {}
    view = BatchView(batch, _seen.memory)
    _seen.last = (weakref.ref(batch, _forget), view)
    return view


def _forget(gone: "weakref.ref[pa.RecordBatch]") -> None:
    last = getattr(_seen, "last", None)
    if last is not None and last[0] is gone:
        _seen.last = None
