"""Avro files: blocks found without unpacking them, read one by one."""

import io
import json
from collections.abc import Callable, Iterator

import fastavro
import pyarrow as pa

from muniment.kernel.errors import SourceDataUnreadable
from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import avro_schema, nested
from muniment.sources.connectors.files.avro_container import (
    Block,
    Broken,
    Header,
    blocks,
    header_of,
    plain_file,
    unpacked,
)
from muniment.sources.connectors.files.footers import DAMAGED, Footer, check_width
from muniment.sources.connectors.files.stores import DataFile
from muniment.sources.connectors.files.tally import Tally

CANNOT = (ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, ArithmeticError)
"""What the library raises for bytes that are not what the schema says."""


def footer(file: DataFile) -> Footer:
    """The schema and the blocks; SourceDataUnreadable when not even the first can be found."""
    header = header_of(file)
    schema, _ = avro_schema.fields_of(json.loads(header.schema))
    check_width(len(schema))
    rows: list[int] = []
    offsets = [header.end]
    damage = None
    try:
        for block in blocks(file, header, header.end, None):
            rows.append(block.records)
            offsets.append(block.end)
    except Broken:
        if not rows:
            raise SourceDataUnreadable(DAMAGED) from None
        damage = f"It is cut short or damaged after {sum(rows):,} rows; what follows is missing."
    return Footer(tuple(nested.fields(schema)), tuple(rows), tuple(offsets), damage=damage)


def rows(
    file: DataFile, span: tuple[int, int], max_cell: int, tally: Tally, stop: Callable[[], None]
) -> Iterator[tuple[dict[str, Array], int]]:
    """Flat columns and the number of rows of the blocks in a span, a block at a time."""
    header = header_of(file)
    schema, convert = avro_schema.fields_of(json.loads(header.schema))
    told = json.dumps(avro_schema.bare(json.loads(header.schema)))
    try:
        for block in blocks(file, header, *span):
            stop()
            try:
                batch = _batch(file, header, told, block, schema, convert)
            except (Broken, *CANNOT, pa.ArrowException):
                tally.lose(f"the block at byte {block.offset:,}", block.records)
                continue
            yield nested.columns(batch, max_cell), batch.num_rows
    except Broken:
        raise SourceDataUnreadable(DAMAGED) from None


def _batch(
    file: DataFile,
    header: Header,
    told: str,
    block: Block,
    schema: pa.Schema,
    convert: avro_schema.Convert | None,
) -> pa.RecordBatch:
    whole = plain_file(header, told, block, unpacked(file, header, block))
    records = list(fastavro.reader(io.BytesIO(whole)))
    if len(records) != block.records:
        raise Broken
    if convert is not None:
        records = [convert(record) for record in records]  # type: ignore[misc]  # rows are dicts
    return pa.RecordBatch.from_pylist(records, schema=schema)  # type: ignore[arg-type]  # the same
