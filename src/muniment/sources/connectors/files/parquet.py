"""Parquet files: footers for the metadata, row groups for the rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.kernel.errors import SourceDataUnreadable
from muniment.sources.connectors import arrow
from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import nested
from muniment.sources.connectors.files.footers import DAMAGED, Footer, check_width
from muniment.sources.connectors.files.stores import DataFile
from muniment.sources.connectors.files.tally import Tally

ROWS_AT_ONCE = 131_072

PRE_BUFFERED = 32 << 20
"""Of an object, row groups up to about this size are fetched at once, not column by column."""


def footer(file: DataFile) -> Footer:
    """Read the footer; SourceDataUnreadable when it is damaged."""
    with _open(file) as opened:
        about = opened.metadata
        check_width(about.num_columns)
        groups = (about.row_group(n).num_rows for n in range(about.num_row_groups))
        fields = tuple(nested.fields(opened.schema_arrow))
        ids = nested.numbers(opened.schema_arrow)
        return Footer(fields, tuple(groups), settled=_settled(about, fields), ids=ids)


def _settled(
    metadata: pq.FileMetaData, fields: Sequence[tuple[str, pa.DataType, bool]]
) -> Mapping[str, pa.DataType]:
    """What the ends of the values tell: unsigned numbers that fit, and dates that do not."""
    wanted = {
        name: kind
        for name, kind, _ in fields
        if pa.types.is_uint64(kind) or pa.types.is_date32(kind) or pa.types.is_timestamp(kind)
    }
    found: dict[str, pa.DataType] = {}
    unknown: set[str] = set()
    for group in range(metadata.num_row_groups if wanted else 0):
        about = metadata.row_group(group)
        for place in range(about.num_columns):
            chunk = about.column(place)
            if (kind := wanted.get(name := chunk.path_in_schema)) is None:
                continue
            ends = _raw_ends(chunk)
            if pa.types.is_uint64(kind):
                if ends is None or min(ends) < 0:
                    unknown.add(name)
                found.setdefault(name, pa.int64())
            elif ends is not None and not nested.in_calendar(kind, *ends):
                found[name] = pa.string()
    return {name: kind for name, kind in found.items() if name not in unknown}


def _raw_ends(chunk: pq.ColumnChunkMetaData) -> tuple[int, int] | None:
    told = chunk.statistics if chunk.is_stats_set else None
    if told is None or not told.has_min_max:
        return None
    low, high = told.min_raw, told.max_raw
    return (low, high) if isinstance(low, int) and isinstance(high, int) else None


def rows(
    file: DataFile, groups: Sequence[int], max_cell: int, tally: Tally, stop: Callable[[], None]
) -> Iterator[tuple[dict[str, Array], int]]:
    """Flat columns and the number of rows, a batch at a time; damaged row groups are told."""
    with _open(file) as opened:
        for group in groups:
            done = 0
            about = opened.metadata.row_group(group)
            try:
                for batch in opened.iter_batches(
                    batch_size=_rows_at_once(opened, group), row_groups=[group], use_threads=False
                ):
                    stop()
                    found = nested.columns(batch, max_cell)
                    yield found, batch.num_rows
                    done += batch.num_rows
            except (pa.ArrowException, OSError):
                file.check()
                part = f"row group {group + 1} of {opened.metadata.num_row_groups}"
                tally.lose(part, about.num_rows - done)


def _rows_at_once(file: pq.ParquetFile, group: int) -> int:
    about = file.metadata.row_group(group)
    weight = max(1, about.total_byte_size // max(1, about.num_rows))
    return max(256, min(ROWS_AT_ONCE, arrow.BATCH_BYTES // weight))


def _open(file: DataFile) -> pq.ParquetFile:
    if file.size == 0:
        raise SourceDataUnreadable("The file is empty (0 bytes).")
    try:
        native = file.native()
        if isinstance(native, Path):
            return pq.ParquetFile(native, pre_buffer=False, buffer_size=1 << 20, memory_map=False)
        about = pq.read_metadata(native)
        few = file.size <= PRE_BUFFERED * about.num_row_groups
        return pq.ParquetFile(native, metadata=about, pre_buffer=few, buffer_size=1 << 20)
    except (pa.ArrowException, OSError):
        file.check()
        raise SourceDataUnreadable(DAMAGED) from None
