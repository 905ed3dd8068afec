"""JSON records as Arrow columns: blocks through Polars, line by line where a block is odd."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice

import polars as pl
import pyarrow as pa

from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import documents, limits, nested
from muniment.sources.connectors.files.stores import DataFile
from muniment.sources.connectors.files.tally import Tally

Columns = tuple[dict[str, Array], int]
ROWS_PER_BLOCK = 50_000


def blocks(
    file: DataFile,
    max_cell: int,
    tally: Tally,
    stop: Callable[[], None],
    *,
    document: bool,
    span: tuple[int, int] | None = None,
) -> Iterator[Columns]:
    """Flat columns and the number of rows, a block of records at a time."""
    if document:
        rows = (documents.flatten(item, max_cell) for item in documents.whole(file, stop))
        while part := list(islice(rows, ROWS_PER_BLOCK)):
            yield by_row(part), len(part)
        return
    for block in _blocks(documents.lines(file, stop, span), tally):
        found = _quick(block, max_cell) or _careful(block, max_cell, tally)
        if found[1]:
            yield found


def _blocks(lines: Iterator[bytes | None], tally: Tally) -> Iterator[list[bytes]]:
    block: list[bytes] = []
    weight = 0
    for line in lines:
        if line is None:
            tally.skipped += 1
            continue
        block.append(line if line.endswith(b"\n") else line + b"\n")
        weight += len(line)
        if weight >= limits.BLOCK_BYTES or len(block) >= ROWS_PER_BLOCK:
            yield block
            block, weight = [], 0
    if block:
        yield block


def _quick(block: Sequence[bytes], max_cell: int) -> Columns | None:
    """The block by Polars; None when it does not understand every line of it."""
    try:
        frame = pl.read_ndjson(b"".join(block), infer_schema_length=None)
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException):
        return None
    if frame.height != len(block):
        return None
    found = [nested.columns(batch, max_cell) for batch in table.to_batches()]
    return (found[0], frame.height) if len(found) == 1 else None


def _careful(block: Sequence[bytes], max_cell: int, tally: Tally) -> Columns:
    rows: list[documents.Row] = []
    for line in block:
        found = documents.parse(line)
        if found is None:
            tally.skipped += 1
        else:
            rows.append(documents.flatten(found, max_cell))
    return by_row(rows), len(rows)


def by_row(rows: Sequence[documents.Row]) -> dict[str, Array]:
    """Flat columns of objects that agree on nothing."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: _array([row.get(name) for row in rows]) for name in names}


def _array(cells: Sequence[documents.Scalar]) -> Array:
    """One type for all cells: that of the values when they agree, else text."""
    kinds: set[type] = {type(cell) for cell in cells if cell is not None}
    if kinds <= {bool}:
        return pa.array(cells, pa.bool_())
    if kinds <= {int}:
        return pa.array(cells, pa.int64())
    if kinds <= {int, float}:
        return pa.array([None if c is None else float(c) for c in cells], pa.float64())
    if kinds == {date}:
        return pa.array(cells, pa.date32())
    if kinds <= {date, datetime}:
        return pa.array(cells, pa.timestamp("us"))
    return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: documents.Scalar) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
