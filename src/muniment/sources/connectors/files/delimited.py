"""CSV and its kin: dialect and header found out on the head."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors.files import inference, limits, text
from muniment.sources.connectors.files.stores import DataFile

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one file is written, and what its head shows."""

    encoding: str
    delimiter: str
    header: bool
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: int
    ragged: int
    """Rows of the head whose number of cells differs from the first's."""


def dialect_of(
    file: DataFile, stop: Callable[[], None], encoding: str | None, delimiter: str | None
) -> Dialect:
    """What the head of the file tells; SourceDataUnreadable when it is not such a text."""
    sample, total = text.head(file, stop)
    name = text.encoding_of(sample, encoding)
    try:
        words = text.nearly_whole(sample, name).decode(
            name, "strict" if encoding is None else "replace"
        )
    except UnicodeDecodeError:
        raise SourceDataUnreadable(
            f"The text is not {name}. Name its encoding in the source's settings."
        ) from None
    if len(sample) >= limits.HEAD_BYTES:
        words = words[: words.rfind("\n") + 1] or words
    mark = delimiter or _delimiter(file.name, words)
    rows = _rows(words, mark)
    if not rows:
        raise SourceDataUnreadable("The file holds no rows, only empty lines.")
    first, rest = rows[0], rows[1:]
    if len(first) > limits.COLUMNS:
        raise LimitExceeded(
            f"The file has more than {limits.COLUMNS} columns; it is not read.",
            remedy="Write it with fewer columns, or exclude it in the rule set.",
        )
    fitting = [row for row in rest if len(row) == len(first)]
    header = is_header(first, fitting)
    body = fitting if header else [first, *fitting]
    return Dialect(
        encoding=name,
        delimiter=mark,
        header=header,
        columns=names(first if header else [""] * len(first)),
        kinds=tuple(inference.guess(row[place] for row in body) for place in range(len(first))),
        rows=_estimate(words, total, len(sample), len(rows)),
        ragged=len(rest) - len(fitting),
    )


def _delimiter(name: str, words: str) -> str:
    if ".tsv" in name.lower() or ".tab" in name.lower():
        return "\t"
    scores = {mark: _score(words, mark) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: scores[mark])


def _score(words: str, mark: str) -> float:
    """Share of rows with the usual number of cells, more for more cells; 0 for one column."""
    counts = Counter(len(row) for row in _rows(words, mark)[:100])
    (cells, rows), *_ = counts.most_common(1) or [(1, 1)]
    return 0.0 if cells < 2 else rows / sum(counts.values()) + min(cells, 50) / 1000


def _rows(words: str, mark: str) -> list[list[str]]:
    """Rows of the head, empty lines left out; a row that the head cuts off is dropped."""
    found: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(words), delimiter=mark):
            if row:
                found.append(row)
            if len(found) > limits.HEAD_ROWS:
                break
    except csv.Error:
        pass  # a cell beyond the module's limit: what came before it is enough to learn from
    if not found and words.strip():
        line = words.lstrip("\r\n").split("\n", 1)[0]
        found = [[cell.strip('"') for cell in line.split(mark)]]
    return found


def is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """A first row of distinct texts that are no numbers or dates is the names of the columns."""
    if any(cell and inference.looks_like(cell.strip()) - {"boolean"} for cell in first):
        return False
    named = [cell for cell in first if cell.strip()]
    if not named or max(map(len, named)) > 200:
        return False
    if any("@" in cell for cell in named):
        return False
    return len(set(named)) == len(named) or not any(list(row) == list(first) for row in rest)


def names(cells: Sequence[str]) -> tuple[str, ...]:
    """Column names without blanks and without doubles."""
    taken: Counter[str] = Counter()
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = re.sub(r"[\x00-\x1f]+", " ", cell).strip().lstrip("\ufeff")[:200]
        name = name or f"column_{place}"
        taken[name] += 1
        while taken[name] > 1 and f"{name}_{taken[name]}" in names:
            taken[name] += 1
        names.append(name if taken[name] == 1 else f"{name}_{taken[name]}")
    return tuple(names)


def _estimate(words: str, total: float, seen: int, rows: int) -> int:
    lines = words.count("\n") if rows > limits.HEAD_ROWS else rows
    return max(1, round(lines * total / max(1, seen)))


def never_closed() -> SourceDataUnreadable:
    return SourceDataUnreadable(
        "A quotation mark is opened and never closed: the rest of the file is one cell."
        " Close it, or double the mark where it is meant."
    )


def records(chunks: Iterator[str], delimiter: str, max_cell: int) -> Iterator[list[str | None]]:
    """Cells of a text whatever its size: what a cell has beyond ``max_cell`` is dropped.

    Slow and sure; used where a record is too long for the fast reader.
    """
    machine = _Machine(delimiter, max_cell)
    for chunk in chunks:
        yield from machine.feed(chunk)
    yield from machine.end()


class _Machine:
    """The grammar of RFC 4180 as a state machine over chunks of text."""

    def __init__(self, delimiter: str, max_cell: int) -> None:
        self._special = re.compile(f'["\\r\\n{re.escape(delimiter)}]')
        self._max = max_cell
        self._row: list[str | None] = []
        self._cell: list[str] = []
        self._length = 0
        self._inside = False
        self._quoted = False
        self._maybe_end = False

    def feed(self, chunk: str) -> Iterator[list[str | None]]:
        place = 0
        while place < len(chunk):
            if self._maybe_end:
                place += self._after_quote(chunk[place])
            elif self._inside:
                end = chunk.find('"', place)
                self._keep(chunk, place, end if end >= 0 else len(chunk))
                self._maybe_end = end >= 0
                place = end + 1 if end >= 0 else len(chunk)
            else:
                found = self._special.search(chunk, place)
                end = found.start() if found else len(chunk)
                self._keep(chunk, place, end)
                if found is not None and self._act(found[0]):
                    yield self._take_row()
                place = end + 1

    def end(self) -> Iterator[list[str | None]]:
        if self._inside and not self._maybe_end:
            raise never_closed()
        if self._row or self._cell or self._quoted:
            self._take_cell()
            yield self._take_row()

    def _after_quote(self, mark: str) -> int:
        """A second quote is a quote; anything else was the end of the quoted cell."""
        self._maybe_end = False
        if mark == '"':
            self._keep(mark, 0, 1)
            return 1
        self._inside = False
        return 0

    def _act(self, mark: str) -> bool:
        """Take a special character in; True when it ends a row."""
        if mark == '"':
            if self._length or self._quoted:
                self._keep(mark, 0, 1)
            else:
                self._inside = self._quoted = True
            return False
        if mark in "\r\n":
            if not (self._row or self._cell or self._quoted):
                return False
            self._take_cell()
            return True
        self._take_cell()
        return False

    def _keep(self, chunk: str, start: int, end: int) -> None:
        room = self._max - self._length
        if room > 0 and end > start:
            piece = chunk[start : min(end, start + room)]
            self._cell.append(piece)
            self._length += len(piece)

    def _take_cell(self) -> None:
        value = "".join(self._cell)
        self._row.append(value if value or self._quoted else None)
        self._cell, self._length, self._quoted = [], 0, False

    def _take_row(self) -> list[str | None]:
        row, self._row = self._row, []
        return row
