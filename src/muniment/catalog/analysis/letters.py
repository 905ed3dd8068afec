"""The bytes of many texts at once: lengths and ends as vectors, to pick what deserves a look."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Texts: TypeAlias = "pa.Array[Any]"
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

_SPACE = ord(" ")
_ASCII = 0x80


class Words:
    """What the lengths and ends of some lower-case words of ASCII are.

    ``longest`` is that of a word between so many bytes of white space.
    """

    def __init__(self, words: Iterable[str], blanks: int) -> None:
        known = list(words)
        self.longest = max(map(len, known)) + blanks
        self.ends = np.zeros((self.longest + 1, _ASCII, _ASCII), np.bool_)
        for word in known:
            for first in (word[0], word[0].upper()):
                for last in (word[-1], word[-1].upper()):
                    self.ends[len(word), ord(first), ord(last)] = True


class Letters:
    """Texts of Arrow's ``string`` or ``large_string`` without nulls; ``lengths`` are in bytes."""

    def __init__(self, texts: Texts) -> None:
        kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
        offsets = _vector(texts, 1, kind)[texts.offset : texts.offset + len(texts) + 1]
        self._content = _vector(texts, 2, np.uint8)
        self._begin, self._end = offsets[:-1], offsets[1:]
        self.lengths = self._end - self._begin
        told = self._content[offsets[0] : offsets[-1]]
        self.ascii = not len(told) or int(told.max()) < _ASCII

    @classmethod
    def of(cls, values: pl.Series) -> "Letters":
        """Those of a series of strings without nulls."""
        return cls(values.to_arrow(compat_level=pl.CompatLevel.oldest()))

    def maybe_blank(self) -> Places:
        """Where a text may be nothing but white space, which may lie beyond ASCII."""
        # An empty text has the first letter of the next, or of none: it is looked at by itself.
        first = self._content[np.minimum(self._begin, len(self._content) - 1)]
        found = np.flatnonzero(_maybe_space(first) | (self.lengths == 0))
        last = self._content[np.maximum(self._end[found], 1) - 1]
        return np.compress(_maybe_space(last) | (self.lengths[found] == 0), found)

    def maybe(self, words: Words) -> Places:
        """Where a text may be one of the words, in any case and between blanks."""
        found: Places = np.flatnonzero((self.lengths <= words.longest) & (self.lengths > 0))
        if not self.ascii:
            return found
        begin, end = (each[found].astype(np.int64) for each in (self._begin, self._end))
        begin = begin + (self._content[begin] <= _SPACE)
        end = end - (self._content[end - 1] <= _SPACE)
        some = end > begin
        found, begin, end = (np.compress(some, each) for each in (found, begin, end))
        first, last = self._content[begin], self._content[end - 1]
        more_blanks = (first <= _SPACE) | (last <= _SPACE)
        return np.compress(more_blanks | words.ends[end - begin, first, last], found)


def _maybe_space(letters: "npt.NDArray[np.uint8]") -> Flags:
    flags: Flags = (letters <= _SPACE) | (letters >= _ASCII)
    return flags


def _vector(texts: Texts, place: int, kind: type[np.generic]) -> "npt.NDArray[Any]":
    buffer = texts.buffers()[place]
    if buffer is None or not buffer.size:
        return np.zeros(1, kind)
    return np.frombuffer(memoryview(buffer), kind)
