"""What files say of themselves: the footers of Parquet, the sizes of the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.figures import Basis, ColumnFigures, TableFigures, plain
from muniment.kernel.errors import SourceDataUnreadable
from muniment.sources.connectors.files.failures import explained, named
from muniment.sources.connectors.files.footers import DAMAGED
from muniment.sources.connectors.files.layout import Dataset
from muniment.sources.connectors.files.stores import DataFile, Store


@dataclass(slots=True)
class _Tally:
    """What the row groups told of one column; ``None`` once one of them did not tell."""

    nulls: int | None = 0
    low: Any = None
    high: Any = None
    ends: bool = True
    size: int = 0

    def add(self, chunk: pq.ColumnChunkMetaData) -> None:
        told: Any = chunk.statistics if chunk.is_stats_set else None
        self.size += chunk.total_uncompressed_size
        nulls = told.null_count if told is not None and told.has_null_count else None
        self.nulls = None if nulls is None or self.nulls is None else self.nulls + nulls
        if told is None or not told.has_min_max:
            # A group of nulls only has no ends to tell, and takes none away.
            self.ends = self.ends and nulls == chunk.num_values
            return
        try:
            low, high = told.min, told.max
        except (OverflowError, ValueError):  # dates that Python's calendar does not have
            self.ends = False
            return
        if self.ends:
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)


def known(store: Store, dataset: Dataset, asset: AssetMeta) -> TableFigures:
    """Exact figures from the footers of Parquet; of text nothing is known but its size."""
    if dataset.table is not None:
        return replace(dataset.table.figures, path=asset.path)
    if dataset.format != "parquet":
        return TableFigures(
            asset.path, Basis.ESTIMATED, "the size of the files", asset.row_estimate
        )
    rows = 0
    tallies: dict[str, _Tally] = {}
    for file in dataset.files:
        with named(file.path, len(dataset.files)), explained():
            rows += _read(store.file(file.path), tallies)
    columns = tuple(
        _figures(column.name, tallies[column.name], rows)
        for column in asset.columns
        if column.name in tallies
    )
    return TableFigures(asset.path, Basis.EXACT, "the footers of the files", rows, columns)


def _read(file: DataFile, tallies: dict[str, _Tally]) -> int:
    try:
        footer = pq.read_metadata(file.native())
    except (pa.ArrowException, OSError):
        file.check()
        raise SourceDataUnreadable(DAMAGED) from None
    for name, chunk in _chunks(footer):
        tallies.setdefault(name, _Tally()).add(chunk)
    return int(footer.num_rows)


def _chunks(footer: pq.FileMetaData) -> Iterator[tuple[str, pq.ColumnChunkMetaData]]:
    for group in range(footer.num_row_groups):
        about = footer.row_group(group)
        for column in range(about.num_columns):
            chunk = about.column(column)
            yield chunk.path_in_schema, chunk


def _figures(name: str, tally: _Tally, rows: int) -> ColumnFigures:
    low, high = (plain(each) for each in _pair(tally))
    return ColumnFigures(
        name, tally.nulls, low=low, high=high, mean_bytes=tally.size / rows if rows else None
    )


def _pair(tally: _Tally) -> Iterable[object]:
    return (tally.low, tally.high) if tally.ends else (None, None)
