"""Rows of a CSV file as batches of text columns: the fast reader, and a sure one for monsters."""

import codecs
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Literal

import pyarrow as pa
from pyarrow import csv as arrow_csv

from muniment.kernel.errors import SourceDataUnreadable
from muniment.sources.connectors import arrow
from muniment.sources.connectors.files import limits, text
from muniment.sources.connectors.files.delimited import Dialect, records
from muniment.sources.connectors.files.pieces import Span
from muniment.sources.connectors.files.stores import DataFile
from muniment.sources.connectors.files.tally import Tally

ROWS_PER_FETCH = 256


def batches(
    file: DataFile,
    dialect: Dialect,
    max_cell: int,
    tally: Tally,
    stop: Callable[[], None],
    *,
    span: Span | None = None,
) -> Iterator[pa.RecordBatch]:
    """Text batches with the dialect's columns. Falls over to the sure reader where it must.

    ``span`` is a part of the file that begins and ends with a row; the header is in the first.
    """
    done = 0
    try:
        for batch in _fast(file, dialect, max_cell, tally, stop, span):
            done += batch.num_rows
            yield batch
        return
    except _TooLong:
        tally.skipped = 0
    yield from _sure(file, dialect, max_cell, tally, stop, span, done)


def _has_header(dialect: Dialect, span: Span | None) -> bool:
    return dialect.header and (span is None or span[0] == 0)


class _TooLong(Exception):
    """A record is longer than a block of the fast reader."""


def _fast(
    file: DataFile,
    dialect: Dialect,
    max_cell: int,
    tally: Tally,
    stop: Callable[[], None],
    span: Span | None,
) -> Iterator[pa.RecordBatch]:
    last, odd = "", ""

    def uneven(row: arrow_csv.InvalidRow) -> Literal["skip", "error"]:
        nonlocal odd
        tally.skipped += 1
        odd = row.text
        return "skip"

    width = len(dialect.columns)
    first = _has_header(dialect, span)
    with text.Stream(file, stop, span=span) as stream:
        try:
            reader = arrow_csv.open_csv(
                io.BufferedReader(stream, 1 << 18),
                arrow_csv.ReadOptions(
                    use_threads=False,
                    block_size=limits.CSV_BLOCK_BYTES,
                    column_names=[f"f{n}" for n in range(width)],
                    encoding="utf8" if dialect.encoding == "utf-8" else dialect.encoding,
                ),
                arrow_csv.ParseOptions(
                    delimiter=dialect.delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=uneven,
                ),
                arrow_csv.ConvertOptions(
                    column_types={f"f{n}": pa.string() for n in range(width)},
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
            for batch in reader:
                kept = batch.slice(1) if first and batch.num_rows else batch
                first = first and not batch.num_rows
                if kept.num_rows:
                    last = str(kept.column(width - 1)[-1].as_py() or "")
                    yield pa.RecordBatch.from_arrays(
                        [arrow.cut(column, max_cell) for column in kept.columns],
                        names=list(dialect.columns),
                    )
            if stream.quotes % 2 and "\n" in last + odd:
                _check_the_end(file, dialect, stop, span)
        except pa.ArrowInvalid as error:
            raise _explain(error) from None
        except UnicodeDecodeError:
            raise SourceDataUnreadable(_WRONG_ENCODING) from None


def _check_the_end(
    file: DataFile, dialect: Dialect, stop: Callable[[], None], span: Span | None
) -> None:
    """Refuse a file whose last cell is open: the fast reader takes the end for its quote."""
    with text.lines_reader(file, stop, span) as stream:
        for _ in records(_texts(stream, dialect.encoding), dialect.delimiter, 1):
            pass


_WRONG_ENCODING = (
    "The text changes its encoding, or is in another one than its beginning shows."
    " Name its encoding in the source's settings."
)


def _explain(error: pa.ArrowInvalid) -> Exception:
    words = str(error)
    if "straddling" in words or "block size" in words or "too large" in words.lower():
        return _TooLong()
    if "UTF8" in words or "UTF-8" in words or "utf" in words:
        return SourceDataUnreadable(_WRONG_ENCODING)
    return SourceDataUnreadable("The file cannot be read as CSV. Check its delimiter and quotes.")


def _sure(
    file: DataFile,
    dialect: Dialect,
    max_cell: int,
    tally: Tally,
    stop: Callable[[], None],
    span: Span | None,
    done: int,
) -> Iterator[pa.RecordBatch]:
    width = len(dialect.columns)
    with text.lines_reader(file, stop, span) as stream:
        rows = records(_texts(stream, dialect.encoding), dialect.delimiter, max_cell)
        fitting = _fitting(rows, width, tally)
        kept = islice(fitting, done + _has_header(dialect, span), None)
        while part := list(islice(kept, ROWS_PER_FETCH)):
            yield _batch(part, dialect.columns, max_cell)


def _fitting(
    rows: Iterator[list[str | None]], width: int, tally: Tally
) -> Iterator[list[str | None]]:
    for row in rows:
        if len(row) == width:
            yield row
        else:
            tally.skipped += 1


def _batch(rows: Sequence[list[str | None]], names: Sequence[str], max_cell: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [arrow.cut(pa.array(cells, pa.string()), max_cell) for cells in zip(*rows, strict=True)],
        names=list(names),
    )


def _texts(stream: io.BufferedReader, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        while chunk := stream.read(1 << 20):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise SourceDataUnreadable(_WRONG_ENCODING) from None
