"""Excel workbooks: each sheet is a table whose first row may name its columns."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import IO, TypeAlias

import python_calamine as calamine

from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors.files import delimited, documents, limits
from muniment.sources.connectors.files.stores import DataFile

Cell: TypeAlias = "str | float | bool | date | datetime | time | timedelta | None"
Value: TypeAlias = "documents.Scalar | date | datetime"

DAMAGED = "The workbook is cut short or damaged. Save it again."
LOCKED = "The workbook is protected by a password. Save it without, or exclude it."
PLACE = re.compile(rb'<(?:\w+:)?c [^>]{0,200}?\br="([A-Z]{1,3})(\d{1,7})"')
CHUNK = 1 << 20
OVERLAP = 256
EXACT = 1 << 53


def names(file: DataFile) -> Sequence[str]:
    """Names of the sheets; SourceDataUnreadable or LimitExceeded when it is not to be opened."""
    _check(file)
    with _open(file) as book:
        return [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        ]


def head(file: DataFile, sheet: str) -> tuple[Sequence[str], Sequence[Sequence[Value]], int]:
    """Names of the columns, the first rows under them, and how many rows there are in all."""
    columns, rows, count = _table(file, sheet)
    return columns, list(islice(rows, limits.HEAD_ROWS)), count


def rows(file: DataFile, sheet: str, stop: Callable[[], None]) -> Iterator[documents.Row]:
    """Rows as objects of the columns' names."""
    columns, found, _ = _table(file, sheet)
    for row in found:
        stop()
        yield dict(zip(columns, row, strict=False))  # type: ignore[arg-type]  # dates are values too


def _table(file: DataFile, sheet: str) -> tuple[Sequence[str], Iterator[list[Value]], int]:
    _check(file)
    with _open(file) as book:
        try:
            found = book.get_sheet_by_name(sheet)
        except calamine.WorksheetNotFound:
            raise SourceDataUnreadable("The workbook has no such sheet any more.") from None
        except (calamine.CalamineError, ValueError, OSError):
            raise SourceDataUnreadable(DAMAGED) from None
    cells = found.iter_rows()
    first = [_value(cell) for cell in next(cells, [])]
    if not first:
        raise SourceDataUnreadable("The sheet is empty.")
    second = [_value(cell) for cell in next(cells, [])]
    words = [_word(cell) for cell in first]
    header = all(cell is None or isinstance(cell, str) for cell in first) and delimited.is_header(
        words, [[_word(cell) for cell in second]] if second else []
    )
    columns = delimited.names(words if header else [""] * len(words))
    if len(columns) > limits.COLUMNS:
        raise LimitExceeded(f"The sheet has more than {limits.COLUMNS} columns; it is not read.")
    rest = ([_value(cell) for cell in row] for row in cells)
    top = [second] if header else [first, second]
    return columns, _filled(chain(top, rest)), max(0, found.height - header)


def _filled(rows: Iterable[list[Value]]) -> Iterator[list[Value]]:
    """Rows that hold something."""
    return (row for row in rows if any(cell is not None for cell in row))


def _value(cell: Cell) -> Value:
    """A cell as a plain value: Excel knows no whole numbers, only such as have no fraction."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return int(cell)
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


def _word(cell: Value) -> str:
    return "" if cell is None else str(cell)


def _open(file: DataFile) -> calamine.CalamineWorkbook:
    try:
        native = file.native()
        if isinstance(native, Path):
            return calamine.CalamineWorkbook.from_path(str(native))
        return calamine.CalamineWorkbook.from_filelike(native)
    except calamine.PasswordError:
        raise SourceDataUnreadable(LOCKED) from None
    except (calamine.CalamineError, ValueError, OSError):
        file.check()
        raise SourceDataUnreadable(DAMAGED) from None


def _check(file: DataFile) -> None:
    """Refuse a workbook that would not fit, by what is in it, not by what it says of itself."""
    total = 0
    if file.size > limits.WORKBOOK_BYTES:
        raise _too_large(f"{limits.WORKBOOK_BYTES >> 20} MiB")
    try:
        with zipfile.ZipFile(file.native()) as archive:
            for part in archive.infolist():
                total += part.file_size
                if total > limits.WORKBOOK_BYTES:
                    raise _too_large(f"{limits.WORKBOOK_BYTES >> 20} MiB unpacked")
                with archive.open(part) as stream:
                    _look_through(stream, sheet=part.filename.startswith("xl/worksheets/"))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        file.check()
        with file.open() as raw:
            packed = raw.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        raise SourceDataUnreadable(LOCKED if packed else DAMAGED) from None


def _look_through(stream: IO[bytes], *, sheet: bool) -> None:
    """Unpack to the end, so that the length is the one told; of a sheet, find its corners."""
    width = height = cells = 0
    tail = b""
    while chunk := stream.read(CHUNK):
        if sheet:
            cells += chunk.count(b"<c ") + chunk.count(b"<c>")
            for column, row in PLACE.findall(tail + chunk):
                width, height = max(width, _number(column)), max(height, int(row))
            tail = chunk[-OVERLAP:]
    if max(cells, width * height) > limits.SHEET_CELLS:
        raise _too_large(f"{limits.SHEET_CELLS:,} cells in a sheet")


def _number(letters: bytes) -> int:
    value = 0
    for letter in letters:
        value = value * 26 + letter - 64
    return value


def _too_large(bound: str) -> LimitExceeded:
    return LimitExceeded(
        f"The workbook has more than {bound}; it is not read.",
        remedy="Save the sheet as CSV or Parquet, or exclude it in the rule set.",
    )
