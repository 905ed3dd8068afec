"""Where a large text file may be cut, so that several processes read one file."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from muniment.sources.connectors.files.pieces import Span
from muniment.sources.connectors.files.stores import DataFile

CHUNK = 4 << 20
QUOTE, NEWLINE, RETURN = 0x22, 0x0A, 0x0D


def at_newlines(file: DataFile, size: int, parts: int, stop: Callable[[], None]) -> Sequence[Span]:
    """Spans of whole lines, about equal in size."""
    cuts = [0]
    with file.open() as raw:
        for number in range(1, parts):
            stop()
            place = max(size * number // parts, cuts[-1])
            raw.seek(place)
            while chunk := raw.read(1 << 16):
                found = chunk.find(b"\n")
                if found >= 0:
                    cuts.append(min(place + found + 1, size))
                    break
                place += len(chunk)
    return _spans(cuts, size)


def at_row_ends(
    file: DataFile, size: int, parts: int, delimiter: str, stop: Callable[[], None]
) -> Sequence[Span]:
    """Spans of whole CSV rows, about equal in size; one span where that cannot be proved.

    The proof: let the quotation marks of the file be counted. If each odd one stands where a cell
    begins (after a delimiter, the end of a line, or as the second of a doubled one), then an odd
    count so far means inside of a quoted cell, and an even one outside of it, by induction from
    the beginning. So a newline after an even number of marks ends a row. One pass over the bytes.
    """
    marks = _Marks(ord(delimiter))
    wanted = [size * number // parts for number in range(1, parts)]
    cuts = [0]
    place = 0
    with file.open() as raw:
        while place < size and (chunk := raw.read(min(CHUNK, size - place))):
            stop()
            data = np.frombuffer(chunk, np.uint8)
            quotes = marks.seen(data)
            if quotes is None:
                return [(0, size)]
            while wanted and wanted[0] < place + len(data):
                found = _row_end(data, quotes, max(0, wanted[0] - place), marks.before)
                if found is None:
                    break
                cuts.append(place + found + 1)
                wanted = [each for each in wanted[1:] if each > cuts[-1]]
            marks.take(data, quotes)
            place += len(data)
    return [(0, size)] if marks.before % 2 else _spans(cuts, size)


class _Marks:
    """The quotation marks so far."""

    def __init__(self, delimiter: int) -> None:
        self._begins = np.zeros(256, np.bool_)
        self._begins[[delimiter, NEWLINE, RETURN, QUOTE]] = True
        self._last = NEWLINE
        self.before = 0
        """How many there were before the chunk."""

    def seen(self, data: "np.typing.NDArray[np.uint8]") -> "np.typing.NDArray[np.intp] | None":
        """Places of the marks in a chunk; None when one of them proves nothing."""
        quotes = np.flatnonzero(data == QUOTE)
        opening = quotes[self.before % 2 :: 2]
        if len(opening):
            first = self._last if opening[0] == 0 else int(data[opening[0] - 1])
            rest = data[opening[1:] - 1]
            if not self._begins[first] or not self._begins[rest].all():
                return None
        return quotes

    def take(
        self, data: "np.typing.NDArray[np.uint8]", quotes: "np.typing.NDArray[np.intp]"
    ) -> None:
        self.before += len(quotes)
        self._last = int(data[-1])


def _row_end(
    data: "np.typing.NDArray[np.uint8]",
    quotes: "np.typing.NDArray[np.intp]",
    start: int,
    before: int,
) -> int | None:
    """The first newline from ``start`` on that is outside of quotation marks."""
    newlines = start + np.flatnonzero(data[start:] == NEWLINE)
    outside = (before + np.searchsorted(quotes, newlines)) % 2 == 0
    found = newlines[outside]
    return int(found[0]) if len(found) else None


def _spans(cuts: Sequence[int], size: int) -> Sequence[Span]:
    ends = sorted({*cuts, size})
    return list(pairwise(ends)) or [(0, size)]
