"""Rows of a MySQL table as Arrow batches: ranges of the primary key, streamed off the wire."""

import secrets as chance
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pyarrow as pa

from muniment.contracts.connectors import AssetMeta, Bounds, KeyKind, Partition
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import (
    SourceDataUnreadable,
    SourcePermissionMissing,
)
from muniment.kernel.values import AssetKind, JsonObject, JsonValue
from muniment.sources.connectors import arrow, ends
from muniment.sources.connectors.mysql import (
    columns,
    decoding,
    errors,
    quoting,
    session,
    water,
)
from muniment.sources.connectors.mysql.columns import Reading
from muniment.sources.connectors.mysql.markers import PARTS, names_of
from muniment.sources.connectors.mysql.session import Connection, Sessions
from muniment.sources.connectors.mysql.wire import Block, Rows

BLOCK_BYTES = arrow.BATCH_BYTES // 2
LARGEST = (1 << 63) - 1
SAMPLE_BLOCKS = 64
BLOCKS_FROM_ROWS = 1_000_000
"""From here on sampling picks ranges of the key; below, single rows, which is less skewed."""


class Reader:
    """Plans and reads tables over one connection, opened when first needed."""

    def __init__(self, sessions: Sessions, bounds: Bounds) -> None:
        self._sessions = sessions
        self._bounds = bounds
        self._connection: Connection | None = None

    def partitions(self, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        """Ranges of an integer primary key that together hold every row once, or one whole.

        A table that the catalogue knows to be small costs no statement.
        """
        if not _holds_rows(asset):
            return ()
        _permitted(asset)
        key = _integer_key(asset)
        wide = _indexed_wide(asset)
        rows = asset.row_estimate
        whole = plan.rows_per_partition if plan.sample_rows is None else plan.sample_rows
        if rows and rows * 2 <= whole and not wide:
            return (Partition(0, {"table": list(asset.path)}, rows),)
        ends = self._ends(asset, ([key] if key else []) + wide)
        narrow = [name for name in wide if ends[name][1] <= LARGEST]
        common: dict[str, JsonValue] = {"table": list(asset.path), "narrow": list(narrow)}
        rows = rows or self._count(asset)
        span = ends[key] if key else None
        if plan.sample_rows is not None and rows > plan.sample_rows:
            return (_sample(common, key, span, rows, plan.sample_rows),)
        if asset.properties.get("partitioned") and rows > plan.rows_per_partition:
            return self._by_partition(asset, common, key, plan.rows_per_partition)
        return _ranges(common, key, span, rows, plan.rows_per_partition)

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        """Stream the rows of one partition."""
        spec, asset = partition.spec, plan.narrowed(asset)
        narrow = spec.get("narrow")
        fitting = set(narrow) if isinstance(narrow, Sequence) else set()
        limit = self._bounds.max_cell_bytes
        readings = [
            columns.reading(column, limit, narrow=column.name in fitting)
            for column in asset.columns
        ]
        schema = pa.schema(
            (column.name, reading.type)
            for column, reading in zip(asset.columns, readings, strict=True)
        )
        dotted, finished, told = ".".join(asset.path), False, False
        connection = self._open()
        try:
            with self._sessions.explained(asset=dotted):
                rows = Rows(connection, _select(readings, spec))
            blocks = rows.blocks(max(1, plan.rows_per_batch), BLOCK_BYTES)
            while True:
                if self._sessions.cancelled:
                    raise errors.cancelled()
                with self._sessions.explained(asset=dotted):
                    block = next(blocks, None)
                if block is None:
                    break
                told = True
                yield _decoded(block, readings, schema, limit, dotted)
            if not told:
                yield arrow.empty(schema)
            finished = True
        finally:
            if not finished:
                self._connection = None
                self._sessions.stop(connection)

    def highest(self, asset: AssetMeta, column: str) -> str | None:
        """Of all rows; looked up where the column has an index."""
        [row] = self._ask(asset, water.highest(asset, column))
        return None if row[0] is None else ends.checked(str(row[0]))

    def count(self, asset: AssetMeta, spec: JsonObject) -> int:
        [row] = self._ask(asset, f"select count(*) from {_rows_of(asset.path, spec)}")  # noqa: S608
        return int(row[0])

    def _by_partition(
        self, asset: AssetMeta, common: dict[str, JsonValue], key: str | None, most: int
    ) -> Sequence[Partition]:
        """The server's own partitions, small neighbours together and large ones in ranges."""
        schema, name = (quoting.text(part) for part in asset.path)
        told = self._ask(
            asset,
            "select partition_name, sum(table_rows) from information_schema.partitions"  # noqa: S608
            f" where table_schema = {schema} and table_name = {name}"
            " and partition_name is not null"
            " group by partition_name order by min(partition_ordinal_position)",
        )
        found: list[Partition] = []
        for names, rows in _neighbours([(str(part), int(rows or 0)) for part, rows in told], most):
            spec: dict[str, JsonValue] = {**common, PARTS: list(names)}
            span = self._ends(asset, [key], names)[key] if key and rows > most else None
            found += _ranges(spec, key, span, rows, most)
        return [replace(part, index=index) for index, part in enumerate(found)]

    def _ends(
        self, asset: AssetMeta, names: Sequence[str], parts: Sequence[str] = ()
    ) -> dict[str, tuple[int, int]]:
        """The smallest and largest value of columns with an index: looked up, not searched."""
        if not names:
            return {}
        items = ", ".join(f"min({quoting.name(name)}), max({quoting.name(name)})" for name in names)
        [row] = self._ask(asset, f"select {items} from {_from(asset.path, parts)}")  # noqa: S608
        return {
            name: (int(row[2 * place] or 0), int(row[2 * place + 1] or 0))
            for place, name in enumerate(names)
        }

    def _count(self, asset: AssetMeta) -> int:
        """Only where the server gives no estimate, or says that there is nothing."""
        [row] = self._ask(asset, f"select count(*) from {quoting.name(*asset.path)}")  # noqa: S608
        return int(row[0])

    def _ask(self, asset: AssetMeta, statement: str) -> list[tuple[Any, ...]]:
        with self._sessions.explained(asset=".".join(asset.path)):
            return list(session.rows(self._open(), statement))

    def _open(self) -> Connection:
        if self._connection is None or not self._connection.open:
            self._connection = self._sessions.open()
        return self._connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._sessions.drop(connection)


def _decoded(
    block: Block, readings: Sequence[Reading], schema: pa.Schema, limit: int, asset: str
) -> pa.RecordBatch:
    try:
        found = [
            arrow.cut(array, limit) if array.type == pa.string() else array
            for reading, cells in zip(readings, decoding.columns(block, len(readings)), strict=True)
            for array in [reading.decode(cells)]
        ]
    except (pa.ArrowInvalid, IndexError):
        raise SourceDataUnreadable(
            "A column's values do not fit its type; was the table altered? Scan it again.",
            asset=asset,
        ) from None
    return pa.RecordBatch.from_arrays(found, schema=schema)


def _holds_rows(asset: AssetMeta) -> bool:
    """Views are not read: that would run their query on the source, whatever it costs."""
    return asset.kind is AssetKind.TABLE and bool(asset.columns)


def _permitted(asset: AssetMeta) -> None:
    if asset.properties.get("readable") == "false":
        grant = asset.properties.get("grant", "")
        raise SourcePermissionMissing(
            asset.properties.get("problem", "The account may not read this table."),
            grant=grant,
            remedy=f"Run as an administrator: {grant}" if grant else None,
        )


def _integer_key(asset: AssetMeta) -> str | None:
    """The first column of the primary key, when ranges of it can be told in integers."""
    types = {column.name: column.type for column in asset.columns}
    for key in asset.keys:
        if key.kind is KeyKind.PRIMARY and columns.is_integer(types.get(key.columns[0], "")):
            return key.columns[0]
    return None


def _indexed_wide(asset: AssetMeta) -> list[str]:
    """Unsigned bigints whose largest value an index gives away."""
    leading = {key.columns[0] for key in asset.keys}
    return [c.name for c in asset.columns if c.name in leading and columns.is_wide(c.type)]


def _ranges(
    common: dict[str, JsonValue],
    key: str | None,
    span: tuple[int, int] | None,
    rows: int,
    rows_per_partition: int,
) -> Sequence[Partition]:
    """The first and the last range are open, so that rows added meanwhile are read too."""
    parts = max(1, -(-rows // rows_per_partition))
    if key is None or span is None or parts == 1:
        return (Partition(0, common, rows),)
    low, high = span
    width = max(1, -(-(high - low + 1) // parts))
    cuts = [low + width * n for n in range(1, parts) if low + width * n <= high]
    edges: list[int | None] = [None, *cuts, None]
    return [
        Partition(index, {**common, "key": key, "ranges": [[start, end]]}, rows // (len(edges) - 1))
        for index, (start, end) in enumerate(pairwise(edges))
    ]


def _sample(
    common: dict[str, JsonValue],
    key: str | None,
    span: tuple[int, int] | None,
    rows: int,
    wanted: int,
) -> Partition:
    share = wanted / rows
    limits: dict[str, JsonValue] = {"limit": wanted * 2}
    width = span[1] - span[0] + 1 if span else 0
    each = int(width * share / SAMPLE_BLOCKS)
    if key is None or span is None or rows < BLOCKS_FROM_ROWS or not each:
        spec = {**common, **limits, "share": share, "seed": chance.randbelow(1 << 30)}
        return Partition(0, spec, wanted, fraction=share)
    stride = width // SAMPLE_BLOCKS
    starts = [
        span[0] + stride * n + chance.randbelow(stride - each + 1) for n in range(SAMPLE_BLOCKS)
    ]
    ranges: list[JsonValue] = [[start, start + each] for start in starts]
    fraction = each * SAMPLE_BLOCKS / width
    return Partition(0, {**common, "key": key, "ranges": ranges}, wanted, fraction=fraction)


def _select(readings: Sequence[Reading], spec: JsonObject) -> str:
    table = spec["table"]
    names = [str(part) for part in table] if isinstance(table, Sequence) else []
    items = ", ".join(reading.expression for reading in readings)
    statement = f"select {items} from {_rows_of(names, spec)}"  # noqa: S608  (quoted)
    if spec.get("limit") is not None:
        statement += f" limit {int(str(spec['limit']))}"
    return statement


def _rows_of(path: Sequence[str], spec: JsonObject) -> str:
    """A table or partitions of it, and the condition of a part."""
    conditions = _conditions(spec)
    table = _from(path, names_of(spec))
    return f"{table} where {conditions}" if conditions else table


def _from(path: Sequence[str], parts: Sequence[str]) -> str:
    """A table, or some of its partitions, quoted."""
    table = quoting.name(*path)
    return f"{table} partition ({', '.join(map(quoting.name, parts))})" if parts else table


def _neighbours(
    parts: Sequence[tuple[str, int]], most: int
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Partitions with their rows, together as long as they stay below ``most``."""
    names: tuple[str, ...] = ()
    total = 0
    for name, rows in parts:
        if names and total + rows > most:
            yield names, total
            names, total = (), 0
        names, total = (*names, name), total + rows
    if names:
        yield names, total


def _conditions(spec: JsonObject) -> str:
    return " and ".join(filter(None, (_cut_to(spec), water.condition(spec))))


def _cut_to(spec: JsonObject) -> str:
    if spec.get("share") is not None:
        return f"rand({int(str(spec['seed']))}) < {float(str(spec['share'])):.12f}"
    ranges = spec.get("ranges")
    if not isinstance(ranges, Sequence):
        return ""
    key = quoting.name(str(spec["key"]))
    cuts = [_range(key, *each) for each in ranges if isinstance(each, Sequence)]
    return f"({' or '.join(cuts)})" if all(cuts) else ""


def _range(key: str, start: object, end: object) -> str:
    both = [
        f"{key} {sign} {int(str(edge))}"
        for sign, edge in ((">=", start), ("<", end))
        if edge is not None
    ]
    return f"({' and '.join(both)})" if both else ""
