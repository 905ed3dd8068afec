"""Whether texts have the form of a number, told by their bytes: patterns cost ten times as much."""

from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from muniment.sources.connectors.arrow import Array

Number = TypeVar("Number", np.uint8, np.int32)

_MINUS, _POINT, _ZERO = ord("-"), ord("."), ord("0")
_SAFE: Final = {"integer": 18, "number": 15}
"""Longer texts may have more digits than the type holds."""


def _table(allowed: bytes) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[np.frombuffer(allowed, np.uint8)] = True
    return table


_ALLOWED: Final = {"integer": _table(b"-0123456789"), "number": _table(b"-.0123456789")}


def lengths(values: Array) -> npt.NDArray[np.int32]:
    """The length of each text in bytes; the array has no nulls."""
    return np.diff(_offsets(values))


def of_number(values: Array, kind: str) -> bool | None:
    """Whether all texts look like an ``integer`` or a ``number`` (see ``inference``).

    The array has no null and no empty text, and every text can be cast to the type. None when
    their bytes alone do not tell, as with exponents and very long numbers.
    """
    offsets = _offsets(values)
    content = _buffer(values, 2, np.uint8)[: offsets[-1]]
    if not _ALLOWED[kind][content[offsets[0] :]].all():
        return None
    begin = offsets[:-1]
    begin = begin + (content[begin] == _MINUS)
    digits = offsets[1:] - begin
    if int(digits.max()) > _SAFE[kind]:
        return None
    zero = (content[begin] == _ZERO) & (digits > 1)
    if zero.any() and (content[begin[zero] + 1] != _POINT).any():
        return False  # leading zeros mean something: 007 is no number
    return not bool((content[offsets[1:] - 1] == _POINT).any())


def _offsets(values: Array) -> npt.NDArray[np.int32]:
    at = values.offset
    return _buffer(values, 1, np.int32)[at : at + len(values) + 1]


def _buffer(values: Array, place: int, kind: type[Number]) -> npt.NDArray[Number]:
    buffer = values.buffers()[place]
    return np.empty(0, kind) if buffer is None else np.frombuffer(memoryview(buffer), kind)
