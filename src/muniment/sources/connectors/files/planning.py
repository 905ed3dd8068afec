"""How a data set is cut into partitions, and the type each column gets in all of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from muniment.contracts.connectors import AssetMeta, Partition
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import SourceDataUnreadable, SourceError, SourcePermissionMissing
from muniment.sources.connectors import arrow
from muniment.sources.connectors.files import columnar, columns, nested, splitting, unpacking
from muniment.sources.connectors.files.content import Content
from muniment.sources.connectors.files.discovery import Discovery, spread
from muniment.sources.connectors.files.failures import explained, named
from muniment.sources.connectors.files.footers import Footer
from muniment.sources.connectors.files.lake import LakeTable, unsupported
from muniment.sources.connectors.files.layout import COLUMNAR, Dataset, File
from muniment.sources.connectors.files.pieces import SAMPLED, Piece, Span, grouped, thinned
from muniment.sources.connectors.files.stores import DataFile, Store
from muniment.sources.connectors.files.tally import Tally

SMALLEST_SPAN = 4 << 20
"""A text file is not cut into smaller parts than this."""
BY_NAME = {str(kind): kind for kind in arrow.PLAIN}
SPLITTABLE = ("utf-8", "utf-8-sig", "cp125", "mac_roman", "cp437")
"""Encodings in which a byte that looks like a quotation mark or a newline is one."""


class Planner:
    """Cuts the data sets of one root."""

    def __init__(
        self, store: Store, discovery: Discovery, content: Content, stop: Callable[[], None]
    ) -> None:
        self._store = store
        self._discovery = discovery
        self._content = content
        self._stop = stop

    def partitions(self, dataset: Dataset, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        """Pieces of files, grouped to about the wanted number of rows.

        Text has no types, so one pass over it settles them for all values before any is used;
        formats in columns have, and their footers are enough.
        """
        if asset.properties.get("readable") == "false":
            raise _as_told(asset)
        names = [column.name for column in asset.columns]
        files, fraction = self._chosen(dataset, asset, plan)
        if dataset.format in COLUMNAR:
            pieces, kinds = self._by_footers(dataset, files, names, plan)
            if fraction < 1.0 and plan.sample_rows is not None:
                pieces = thinned(pieces, plan.sample_rows)
        else:
            pieces, kinds = self._by_values(dataset, files, names, plan, asset)
        groups = list(grouped(pieces, plan.rows_per_partition))
        if dataset.table is not None and not groups:
            groups = [[]]  # a table without a row is one all the same
        return [
            Partition(
                index,
                {
                    "format": dataset.format,
                    "types": [str(kind) for kind in kinds],
                    "only": len(groups) == 1,
                    "pieces": [piece.to_json() for piece in group],
                },
                sum(piece.rows for piece in group),
                fraction,
            )
            for index, group in enumerate(groups)
        ]

    def _chosen(
        self, dataset: Dataset, asset: AssetMeta, plan: ReadPlan
    ) -> tuple[Sequence[File], float]:
        total = asset.row_estimate or 0
        if plan.sample_rows is None or total <= plan.sample_rows:
            return dataset.files, 1.0
        return spread(dataset.files, SAMPLED), plan.sample_rows / total

    def _by_footers(
        self, dataset: Dataset, files: Sequence[File], names: Sequence[str], plan: ReadPlan
    ) -> tuple[list[Piece], list[pa.DataType]]:
        """A file that cannot be opened is left out here, as discovery told."""
        pieces: list[Piece] = []
        found: dict[str, pa.DataType] = {}
        failed: SourceError | None = None
        for file in files:
            self._stop()
            try:
                with named(file.path, len(dataset.files)), explained():
                    opened = self._store.file(file.path)
                    mark = opened.mark()
                    footer = columnar.footer(opened, dataset.format)
            except SourceDataUnreadable as error:
                failed = failed or error
                continue
            if dataset.table is not None and dataset.table.ids:
                file = replace(file, names=_by_number(dataset.table, footer))
            for physical, kind, _ in footer.fields:
                name = physical if file.names is None else file.names.get(physical)
                if name is None:  # the table no longer has it
                    continue
                settled = footer.settled.get(physical) or nested.settled_type(kind)
                found[name] = common(found.setdefault(name, settled), settled)
            pieces += columnar.pieces(file, footer, mark, plan.rows_per_partition)
        if failed is not None and not found:
            raise failed
        declared = {} if dataset.table is None else dataset.table.plain
        usual = {name: BY_NAME.get(kind, pa.string()) for name, kind in declared.items()}
        return pieces, [found.get(name) or usual.get(name, pa.string()) for name in names]

    def _by_values(
        self,
        dataset: Dataset,
        files: Sequence[File],
        names: Sequence[str],
        plan: ReadPlan,
        asset: AssetMeta,
    ) -> tuple[list[Piece], list[pa.DataType]]:
        sampled = plan.sample_rows is not None and (asset.row_estimate or 0) > plan.sample_rows
        limit = max(1, -(-(plan.sample_rows or 0) // len(files))) if sampled else None
        types = columns.ColumnTypes()
        pieces: list[Piece] = []
        for file in files:
            with named(file.path, len(dataset.files)), explained():
                opened = self._store.file(file.path)
                mark = opened.mark()
                whole = Piece(
                    file.path, file.values, 0, limit=limit, sheet=dataset.sheet, mark=mark
                )
                rows = 0
                for found, count in self._content.rows(dataset.format, whole, Tally()):
                    rows += count
                    for name in names:
                        if name in found:
                            types.see(name, found[name])
                spans = self._spans(dataset.format, opened, mark[0], rows, limit, plan)
                pieces += _parts(whole, rows, spans)
        return pieces, [columns.ARROW[types.settled(name)] for name in names]

    def _spans(
        self, kind: str, file: DataFile, size: int, rows: int, limit: int | None, plan: ReadPlan
    ) -> Sequence[Span | None]:
        """Parts of a text file that can be read alone; None for all of it."""
        parts = min(-(-rows // max(1, plan.rows_per_partition)), size // SMALLEST_SPAN)
        packed = unpacking.suffix_of(file.name) is not None
        if parts < 2 or limit is not None or packed or kind not in ("csv", "ndjson"):
            return [None]
        if kind == "ndjson":
            return splitting.at_newlines(file, size, parts, self._stop)
        dialect = self._discovery.dialect(file)
        if not dialect.encoding.startswith(SPLITTABLE) or not dialect.delimiter.isascii():
            return [None]
        return splitting.at_row_ends(file, size, parts, dialect.delimiter, self._stop)


def _by_number(table: LakeTable, footer: Footer) -> Mapping[str, str]:
    """The table's name of each column of a file, told by number."""
    if not footer.ids:
        raise unsupported("data files without column numbers")
    names = {name: table.ids[n] for n, name in footer.ids.items() if n in table.ids}
    if any(old.partition("[]")[2] != new.partition("[]")[2] for old, new in names.items()):
        raise unsupported("renamed columns inside of lists")
    return names


def _parts(whole: Piece, rows: int, spans: Sequence[Span | None]) -> Iterator[Piece]:
    weights = [1 if span is None else span[1] - span[0] for span in spans]
    for span, weight in zip(spans, weights, strict=True):
        share = round(rows * weight / sum(weights))
        yield Piece(
            whole.path,
            whole.values,
            share,
            span=span,
            limit=whole.limit,
            sheet=whole.sheet,
            mark=whole.mark,
        )


def _as_told(asset: AssetMeta) -> SourceError:
    """What discovery found wrong."""
    problem = asset.properties.get("problem", "It cannot be read.")
    grant = asset.properties.get("grant")
    if grant is None:
        return SourceDataUnreadable(problem, remedy=asset.properties.get("remedy"))
    return SourcePermissionMissing(problem, grant=grant, remedy=f"Run: {grant}")


def common(left: pa.DataType, right: pa.DataType) -> pa.DataType:
    """One plain type for a column whose type differs from file to file."""
    if left == right:
        return left
    kinds = (left, right)
    if all(pa.types.is_integer(kind) for kind in kinds):
        return pa.int64()
    if all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds):
        return pa.float64()
    if pa.date32() in kinds and pa.timestamp("us") in kinds:
        return pa.timestamp("us")
    return pa.string()
