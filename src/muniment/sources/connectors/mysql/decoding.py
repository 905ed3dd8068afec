"""Columns out of the bytes of many rows: each step handles one column of all rows at once."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from muniment.sources.connectors.mysql.wire import Block, Bytes, Places

Array: TypeAlias = "pa.Array[Any]"
Flags: TypeAlias = npt.NDArray[np.bool_]

MISSING = 0xFB
TWO, THREE, EIGHT = 0xFC, 0xFD, 0xFE
INLINE = 12
"""Arrow keeps shorter texts inside the view, longer ones by reference."""
VIEW = np.dtype([("length", "<i4"), ("data", f"V{INLINE}")])
LONG_VIEW = np.dtype(
    [("length", "<i4"), ("head", "V4"), ("buffer", "<i4"), ("place", "<i4")],
)
MICROSECONDS = 1_000_000
DAY_SECONDS = 86_400
DAYS_OF = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


class Cells:
    """One column of a block: where its cells begin, how long they are, which are missing."""

    def __init__(self, buffer: Bytes, begins: Places, lengths: Places, missing: Flags) -> None:
        self._buffer = buffer
        self._begins = begins
        self._lengths = lengths
        self._missing = missing

    def binary(self) -> Array:
        """The bytes as they came."""
        count = len(self._begins)
        views = np.zeros(count, VIEW)
        views["length"] = self._lengths
        windows = np.lib.stride_tricks.as_strided(
            self._buffer[: INLINE * (len(self._buffer) // INLINE)].view(f"V{INLINE}"),
            shape=(len(self._buffer) - INLINE,),
            strides=(1,),
        )
        views["data"] = windows[self._begins]
        long = np.flatnonzero(self._lengths > INLINE)
        if len(long):
            tall = views.view(LONG_VIEW)
            tall["buffer"][long] = 0
            tall["place"][long] = self._begins[long]
        array = pa.Array.from_buffers(
            pa.binary_view(),
            count,
            [self._validity(), pa.py_buffer(views.data), pa.py_buffer(self._buffer.data)],
        )
        return pc.cast(array, pa.binary())

    def text(self) -> Array:
        """UTF-8; bytes that are none are replaced."""
        array = self.binary()
        try:
            return pc.cast(array, pa.string())
        except pa.ArrowInvalid:
            cells = array.to_pylist()
        return pa.array(
            [None if v is None else v.decode("utf-8", "replace") for v in cells], pa.string()
        )

    def hexadecimal(self) -> Array:
        """Two digits for each byte."""
        array = self.binary()
        _, offsets, data = array.buffers()
        if data is None or offsets is None:
            return pa.array([None] * len(array), pa.string())
        digits = data.to_pybytes().hex().encode()
        twice = np.frombuffer(memoryview(offsets), np.int32)[: len(array) + 1] * np.int32(2)
        return pa.Array.from_buffers(
            pa.string(),
            len(array),
            [self._validity(), pa.py_buffer(twice.data), pa.py_buffer(digits)],
        )

    def number(self, kind: pa.DataType) -> Array:
        """Digits as ``kind``; what does not fit it raises ArrowInvalid."""
        return pc.cast(pc.cast(self.binary(), pa.string()), kind)

    def flags(self) -> Array:
        """``0`` and ``1`` as booleans."""
        set_ = self._buffer[self._begins] == ord("1")
        found: Array = pa.array(set_, pa.bool_(), mask=self._missing)
        return found

    def days(self) -> Array:
        """Dates; those that are none (``0000-00-00``, a 31st of February) are missing."""
        days, there = self._calendar()
        return pa.array(days.astype(np.int32), pa.int32(), mask=~there).view(pa.date32())

    def moments(self, kind: pa.DataType) -> Array:
        """Dates with a time of day, to the microsecond."""
        days, there = self._calendar()
        begins = np.where(there, self._begins, 0)
        hours, minutes, seconds = (self._digits(begins + at, 2) for at in (11, 14, 17))
        spent = days * DAY_SECONDS + hours * 3600 + minutes * 60 + seconds
        fraction = np.zeros(len(begins), np.int64)
        for place in range(6):
            has = there & (self._lengths > 20 + place)
            digit = np.where(has, self._buffer[begins + 20 + place].astype(np.int64) - 48, 0)
            fraction = fraction * 10 + digit
        found = spent * MICROSECONDS + fraction
        return pa.array(found, pa.int64(), mask=~there).view(kind)

    def _calendar(self) -> tuple[Places, Flags]:
        """Days since 1970 (Howard Hinnant's days_from_civil), and which of them are dates."""
        there = ~self._missing & (self._lengths >= 10)
        begins = np.where(there, self._begins, 0)
        years, months, dates = (
            self._digits(begins + at, size) for at, size in ((0, 4), (5, 2), (8, 2))
        )
        there &= (years > 0) & (months > 0) & (months < 13) & (dates > 0)
        leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0)) & (months == 2)
        there &= dates <= DAYS_OF[np.where(there, months, 0)] + leap
        shifted = years - (months <= 2)
        era = shifted // 400
        of_era = shifted - era * 400
        of_year = (153 * ((months + 9) % 12) + 2) // 5 + dates - 1
        return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468, there

    def _digits(self, begins: Places, count: int) -> Places:
        found = np.zeros(len(begins), np.int64)
        for place in range(count):
            found = found * 10 + (self._buffer[begins + place].astype(np.int64) - 48)
        return found

    def _validity(self) -> pa.Buffer | None:
        if not self._missing.any():
            return None
        return pa.py_buffer(np.packbits(~self._missing, bitorder="little").data)


def columns(block: Block, count: int) -> Iterator[Cells]:
    """The cells of each column in turn; a cell's place follows from the one before it."""
    buffer, at = block.buffer, block.starts
    for _ in range(count):
        lead = buffer[at]
        missing = lead == MISSING
        lengths = np.where(missing, 0, lead).astype(np.int64)
        begins = at + 1
        if len(lead) and lead.max() > MISSING:
            for sign, size in ((TWO, 2), (THREE, 3), (EIGHT, 8)):
                long = np.flatnonzero(lead == sign)
                lengths[long] = _little(buffer, begins[long], size)
                begins[long] += size
        yield Cells(buffer, begins, lengths, missing)
        at = begins + lengths


def _little(buffer: Bytes, begins: Places, size: int) -> Places:
    found = np.zeros(len(begins), np.int64)
    for place in reversed(range(size)):
        found = (found << 8) | buffer[begins + place].astype(np.int64)
    return found
