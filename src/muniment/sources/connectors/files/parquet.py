"""Parquet files: footers for the metadata, row groups for the rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors import arrow
from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import limits, nested

DAMAGED = "The Parquet file is cut short or damaged. Write it again."
ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class Footer:
    """What a Parquet file says of itself without its rows being read."""

    fields: tuple[tuple[str, pa.DataType, bool], ...]
    groups: tuple[int, ...]
    """Rows of each row group."""

    @property
    def rows(self) -> int:
        return sum(self.groups)


def footer(path: Path) -> Footer:
    """Read the footer; SourceDataUnreadable when it is damaged."""
    with _open(path) as file:
        if file.metadata.num_columns > limits.COLUMNS:
            raise LimitExceeded(
                f"The file has more than {limits.COLUMNS} columns; it is not read.",
                remedy="Write it with fewer columns, or exclude it in the rule set.",
            )
        groups = (file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups))
        return Footer(tuple(nested.fields(file.schema_arrow)), tuple(groups))


def rows(
    path: Path, groups: Sequence[int], max_cell: int, stop: Callable[[], None]
) -> Iterator[tuple[dict[str, Array], int]]:
    """Flat columns and the number of rows, a batch at a time."""
    with _open(path) as file:
        for group in groups:
            try:
                for batch in file.iter_batches(
                    batch_size=_rows_at_once(file, group), row_groups=[group], use_threads=False
                ):
                    stop()
                    yield nested.columns(batch, max_cell), batch.num_rows
            except (pa.ArrowException, OSError):
                raise SourceDataUnreadable(DAMAGED) from None


def _rows_at_once(file: pq.ParquetFile, group: int) -> int:
    about = file.metadata.row_group(group)
    weight = max(1, about.total_byte_size // max(1, about.num_rows))
    return max(256, min(ROWS_AT_ONCE, arrow.BATCH_BYTES // weight))


def _open(path: Path) -> pq.ParquetFile:
    if path.stat().st_size == 0:
        raise SourceDataUnreadable("The file is empty (0 bytes).")
    try:
        return pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20, memory_map=False)
    except (pa.ArrowException, OSError):
        raise SourceDataUnreadable(DAMAGED) from None
