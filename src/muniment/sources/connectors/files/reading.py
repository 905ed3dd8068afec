"""Rows of a data set as Arrow batches, file by file, with bounded memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from muniment.contracts.connectors import AssetMeta, Bounds, Partition
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import (
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
)
from muniment.kernel.values import JsonObject, JsonValue
from muniment.sources.connectors import arrow
from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import (
    columns,
    delimited_reading,
    documents,
    documents_reading,
    parquet,
    text,
)
from muniment.sources.connectors.files.delimited_reading import Tally
from muniment.sources.connectors.files.discovery import Discovery, spread
from muniment.sources.connectors.files.layout import Dataset, File, explained, named, within

Portion = tuple[dict[str, Array], int]
SAMPLED_FILES = 16
TYPES: Mapping[str, pa.DataType] = {str(kind): kind for kind in arrow.PLAIN}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one file: all of it, some of its row groups, or its first rows."""

    path: str
    values: Mapping[str, str]
    rows: int
    groups: tuple[int, ...] = ()
    limit: int | None = None

    def to_json(self) -> JsonObject:
        return {
            "path": self.path,
            "values": dict(self.values),
            "groups": list(self.groups),
            "limit": self.limit,
        }


class Reader:
    """Plans and reads the data sets of one root."""

    def __init__(
        self, root: Path, discovery: Discovery, bounds: Bounds, stop: Callable[[], None]
    ) -> None:
        self._root = root
        self._discovery = discovery
        self._bounds = bounds
        self._stop = stop
        self.tally = Tally()

    def partitions(self, dataset: Dataset, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        """Pieces of files, grouped to about the wanted number of rows.

        Text has no types, so one pass over it settles them for all values before any is used;
        Parquet has, and its footers are enough.
        """
        if asset.properties.get("readable") == "false":
            raise _as_told(asset)
        names = [column.name for column in asset.columns]
        files, fraction = self._chosen(dataset, asset, plan)
        if dataset.format == "parquet":
            pieces, kinds = self._by_footers(files, names, plan, fraction)
        else:
            pieces, kinds = self._by_values(dataset, files, names, plan, asset)
        return [
            Partition(
                index,
                {
                    "format": dataset.format,
                    "types": [kinds[name] for name in names],
                    "pieces": [piece.to_json() for piece in group],
                },
                sum(piece.rows for piece in group),
                fraction,
            )
            for index, group in enumerate(_grouped(pieces, plan.rows_per_partition))
        ]

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        """Stream the rows of one partition."""
        self.tally.skipped = 0
        kind = str(partition.spec["format"])
        schema = _schema(asset, partition.spec)
        told = False
        parts = int(asset.properties.get("files", "1"))
        batches = self._batches(kind, schema, partition.spec, parts)
        for batch in arrow.gathered(batches, plan.rows_per_batch):
            told = True
            yield from arrow.portions(batch, plan.rows_per_batch)
        if not told:
            yield arrow.empty(schema)

    def _batches(
        self, kind: str, schema: pa.Schema, spec: JsonObject, parts: int
    ) -> Iterator[pa.RecordBatch]:
        for piece in _pieces(spec["pieces"]):
            for found, rows in self._portions(kind, piece, parts):
                for name, value in piece.values.items():
                    found.setdefault(name, pa.repeat(pa.scalar(value), rows))
                yield columns.batch(schema, found, rows)

    def _portions(self, kind: str, piece: Piece, parts: int) -> Iterator[Portion]:
        """Columns of one piece as they are in the file; a failure names it among several."""
        with named(piece.path, parts), explained():
            yield from self._limited(kind, piece)

    def _limited(self, kind: str, piece: Piece) -> Iterator[Portion]:
        """Columns of one piece, cut off at its limit."""
        left = piece.limit
        path = within(self._root, piece.path)
        for found, rows in self._all(kind, path, piece.groups):
            self._stop()
            if left is not None and rows >= left:
                yield {name: array.slice(0, left) for name, array in found.items()}, left
                return
            left = None if left is None else left - rows
            yield found, rows

    def _all(self, kind: str, path: Path, groups: Sequence[int]) -> Iterator[Portion]:
        limit = self._bounds.max_cell_bytes
        if kind == "parquet":
            yield from parquet.rows(path, groups, limit, self._stop)
        elif kind == "csv":
            dialect = self._discovery.dialect(path)
            tally = Tally()
            try:
                batches = delimited_reading.batches(path, dialect, limit, tally, self._stop)
                for batch in batches:
                    found = dict(zip(batch.schema.names, batch.columns, strict=True))
                    yield found, batch.num_rows
            finally:
                self.tally.skipped += tally.skipped
        else:
            sample, _ = text.head(path, self._stop)
            yield from documents_reading.blocks(
                path,
                limit,
                self.tally,
                self._stop,
                document=kind == "json" and documents.is_document(sample),
            )

    def _chosen(
        self, dataset: Dataset, asset: AssetMeta, plan: ReadPlan
    ) -> tuple[Sequence[File], float]:
        total = asset.row_estimate or 0
        if plan.sample_rows is None or total <= plan.sample_rows:
            return dataset.files, 1.0
        return spread(dataset.files, SAMPLED_FILES), plan.sample_rows / total

    def _by_footers(
        self, files: Sequence[File], names: Sequence[str], plan: ReadPlan, fraction: float
    ) -> tuple[list[Piece], dict[str, str]]:
        pieces: list[Piece] = []
        found: dict[str, pa.DataType] = {}
        for file in files:
            footer = parquet.footer(within(self._root, file.path))
            for name, kind, _ in footer.fields:
                settled = arrow.settled_type(kind)
                found[name] = _common(found.setdefault(name, settled), settled)
            pieces += _row_groups(file, footer.groups, plan.rows_per_partition)
        if fraction < 1.0 and plan.sample_rows is not None:
            pieces = _thinned(pieces, plan.sample_rows)
        kinds = {name: str(found.get(name, pa.string())) for name in names}
        return pieces, kinds

    def _by_values(
        self,
        dataset: Dataset,
        files: Sequence[File],
        names: Sequence[str],
        plan: ReadPlan,
        asset: AssetMeta,
    ) -> tuple[list[Piece], dict[str, str]]:
        sampled = plan.sample_rows is not None and (asset.row_estimate or 0) > plan.sample_rows
        limit = max(1, -(-(plan.sample_rows or 0) // len(files))) if sampled else None
        types = columns.ColumnTypes()
        pieces: list[Piece] = []
        for file in files:
            rows = 0
            whole = Piece(file.path, file.values, 0, limit=limit)
            for found, count in self._portions(dataset.format, whole, len(dataset.files)):
                rows += count
                for name in names:
                    if name in found:
                        types.see(name, found[name])
            pieces.append(Piece(file.path, file.values, rows, limit=limit))
        return pieces, {name: str(columns.ARROW[types.settled(name)]) for name in names}


def _as_told(asset: AssetMeta) -> SourceError:
    """What discovery found wrong."""
    problem = asset.properties.get("problem", "It cannot be read.")
    grant = asset.properties.get("grant")
    if grant is None:
        return SourceDataUnreadable(problem, remedy=asset.properties.get("remedy"))
    return SourcePermissionMissing(problem, grant=grant, remedy=f"Run: {grant}")


def _row_groups(file: File, groups: Sequence[int], rows_per_partition: int) -> Iterator[Piece]:
    """Neighbouring row groups together, as long as they stay below the wanted number of rows."""
    together: list[int] = []
    rows = 0
    for number, count in enumerate(groups):
        if together and rows + count > rows_per_partition:
            yield Piece(file.path, file.values, rows, tuple(together))
            together, rows = [], 0
        together.append(number)
        rows += count
    if together:
        yield Piece(file.path, file.values, rows, tuple(together))


def _thinned(pieces: Sequence[Piece], wanted: int) -> list[Piece]:
    """The first rows of pieces that lie evenly over the whole."""
    chosen = [
        pieces[n * len(pieces) // min(len(pieces), SAMPLED_FILES)]
        for n in range(min(len(pieces), SAMPLED_FILES))
    ]
    each = max(1, -(-wanted // max(1, len(chosen))))
    return [Piece(p.path, p.values, min(p.rows, each), p.groups, limit=each) for p in chosen]


def _grouped(pieces: Sequence[Piece], rows_per_partition: int) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    rows = 0
    for piece in pieces:
        if group and rows + piece.rows > rows_per_partition:
            yield group
            group, rows = [], 0
        group.append(piece)
        rows += piece.rows
    if group:
        yield group


def _common(left: pa.DataType, right: pa.DataType) -> pa.DataType:
    """One plain type for a column whose type differs from file to file."""
    if left == right:
        return left
    numbers = [k for k in (left, right) if pa.types.is_integer(k) or pa.types.is_floating(k)]
    if len(numbers) < 2:
        return pa.string()
    return pa.int64() if all(map(pa.types.is_integer, numbers)) else pa.float64()


def _schema(asset: AssetMeta, spec: JsonObject) -> pa.Schema:
    types = spec.get("types")
    kinds = [str(kind) for kind in types] if isinstance(types, Sequence) else []
    if len(kinds) != len(asset.columns) or not set(kinds) <= set(TYPES):
        raise SourceObjectGone("The data set changed since it was planned. Scan it again.")
    return pa.schema(
        [(column.name, TYPES[kind]) for column, kind in zip(asset.columns, kinds, strict=True)]
    )


def _pieces(given: JsonValue) -> Iterator[Piece]:
    for item in given if isinstance(given, Sequence) else ():
        if isinstance(item, Mapping):
            values, groups, limit = item.get("values"), item.get("groups"), item.get("limit")
            yield Piece(
                path=str(item["path"]),
                values={k: str(v) for k, v in values.items()}
                if isinstance(values, Mapping)
                else {},
                rows=0,
                groups=tuple(int(str(g)) for g in groups) if isinstance(groups, Sequence) else (),
                limit=int(str(limit)) if limit is not None else None,
            )
