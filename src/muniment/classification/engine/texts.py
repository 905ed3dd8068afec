"""Values as one buffer of bytes, and what their bytes say: lengths, kinds of characters, digits."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

DIGIT, UPPER, LOWER, BLANK, WIDE, MINUS, POINT, SLASH, LOW_LINE, SIGN, BRACKET, OTHER = (
    1 << n for n in range(12)
)
"""Classes of bytes: ``WIDE`` are those of characters beyond ASCII, ``SIGN`` the other signs that
names do not have, ``BRACKET`` what opens a document."""
_STRANGE = 0xFFF ^ (DIGIT | BLANK | MINUS | POINT | SLASH)
WIDTH = 24
"""Digits of a value that check digits are made of, at most."""


def _classes() -> npt.NDArray[np.uint16]:
    table = np.zeros(256, dtype=np.uint16)
    for class_, characters in (
        (DIGIT, b"0123456789"),
        (UPPER, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        (LOWER, b"abcdefghijklmnopqrstuvwxyz"),
        (BLANK, b" \t\x0b\x0c\r"),
        (MINUS, b"-"),
        (POINT, b".,"),
        (SLASH, b"/"),
        (LOW_LINE, b"_"),
        (SIGN, rb"@\|<>}]=+*#:;!?&%$"),
        (SIGN | BRACKET, b"{["),
    ):
        table[np.frombuffer(characters, dtype=np.uint8)] = class_
    table[128:] = WIDE
    # other signs (quotes, round brackets, control characters) have no class of their own
    rest = np.flatnonzero(table == 0)
    table[rest[rest != 10]] = OTHER
    return table


_CLASS_OF = _classes()


class Joined:
    """Values laid end to end, one a line; line breaks inside become spaces."""

    def __init__(self, values: pl.Series) -> None:
        self.count = len(values)
        self.data = _joined(values)
        if self.data.count(b"\n") != max(self.count - 1, 0):
            values = values.str.replace_all("\n", " ", literal=True)
            self.data = _joined(values)
        self.series = values

    @cached_property
    def sizes(self) -> Places:
        """Bytes of each value."""
        return self.series.str.len_bytes().to_numpy().astype(np.int64)

    @cached_property
    def ends(self) -> Places:
        """Where each value ends in the buffer."""
        return np.cumsum(self.sizes + 1) - 1

    @cached_property
    def starts(self) -> Places:
        return self.ends - self.sizes

    @cached_property
    def bytes(self) -> npt.NDArray[np.uint8]:
        """The buffer as numbers, with a last line break."""
        return np.frombuffer(self.data + b"\n", dtype=np.uint8)

    @cached_property
    def classes(self) -> npt.NDArray[np.uint16]:
        """For each value the classes of all its bytes."""
        if not self.count:
            return np.zeros(0, dtype=np.uint16)
        return np.bitwise_or.reduceat(_CLASS_OF[self.bytes], self.starts)

    def count_of(self, class_: int) -> Places:
        """For each value how many of its bytes are of a class."""
        if not self.count:
            return np.zeros(0, dtype=np.int64)
        mine = (_CLASS_OF[self.bytes] & class_) != 0
        return np.add.reduceat(mine, self.starts, dtype=np.int64)

    def head(self, size: int) -> "Joined":
        """The first values only."""
        return self if size >= self.count else Joined(self.series.head(size))

    def where(self, candidates: Flags, expression: str) -> Flags:
        """Which of the candidates a regular expression of Polars finds something in."""
        places = np.flatnonzero(candidates)
        flags = np.zeros(self.count, dtype=np.bool_)
        if len(places) == self.count:
            return self.series.str.contains(expression).to_numpy()
        if len(places):
            flags[places] = self.series.gather(places).str.contains(expression).to_numpy()
        return flags

    def digits(self, places: Places) -> "Digits":
        """The digits of some of the values, whatever stands between them."""
        return _digits(self.bytes, self.starts[places], self.sizes[places])


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits of values, right-aligned in rows of 24 with zeros to the left, and their number.

    ``pure`` values hold nothing beside digits and the marks that group them.
    """

    matrix: npt.NDArray[np.int8]
    lengths: Places
    pure: Flags

    @classmethod
    def of(cls, values: Sequence[str]) -> "Digits":
        """The digits of some texts."""
        return Joined(pl.Series(list(values), dtype=pl.String)).digits(np.arange(len(values)))

    def number(self, first: int, size: int) -> Places:
        """The number that digits form, ``first`` counted from the first digit of each value."""
        rows = np.arange(len(self.lengths))
        at = np.clip(WIDTH - self.lengths, 0, WIDTH - first - size) + first
        total = np.zeros(len(rows), dtype=np.int64)
        for step in range(size):
            total = total * 10 + self.matrix[rows, at + step]
        return total


def _joined(values: pl.Series) -> bytes:
    text: str = values.str.join("\n").item() if len(values) else ""
    return text.encode()


def _digits(data: npt.NDArray[np.uint8], starts: Places, sizes: Places) -> Digits:
    count = len(starts)
    matrix = np.zeros((count, WIDTH), dtype=np.int8)
    total = int(sizes.sum())
    if not total:
        return Digits(matrix, np.zeros(count, np.int64), np.zeros(count, np.bool_))
    before = np.cumsum(sizes) - sizes
    row = np.repeat(np.arange(count), sizes)
    held = data[np.repeat(starts - before, sizes) + np.arange(total)]
    kinds = _CLASS_OF[held]
    good = kinds == DIGIT
    lengths = np.bincount(row[good], minlength=count)
    others = np.bincount(row[(kinds & _STRANGE) != 0], minlength=count)
    row, held = row[good], held[good]
    first = np.cumsum(lengths) - lengths
    column = WIDTH - lengths[row] + np.arange(len(row)) - first[row]
    fits = column >= 0
    matrix[row[fits], column[fits]] = held[fits].astype(np.int8) - 48
    return Digits(matrix, lengths.astype(np.int64), (others == 0) & (lengths > 0))
