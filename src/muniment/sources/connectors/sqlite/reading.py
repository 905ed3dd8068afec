"""Rows of a SQLite table as Arrow batches: one plain type per column, whatever its cells hold."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pyarrow as pa

from muniment.contracts.connectors import AssetMeta, Bounds, ColumnMeta, Partition
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import SourceObjectGone
from muniment.kernel.values import AssetKind, JsonObject
from muniment.sources.connectors import arrow
from muniment.sources.connectors.sqlite import water
from muniment.sources.connectors.sqlite.session import Session, quoted

ROWS_PER_FETCH = 256
COLUMNS_PER_LOOK = 400
ROWID_NAMES = ("rowid", "_rowid_", "oid")
TYPES: Mapping[str, pa.DataType] = {
    "integer": pa.int64(),
    "real": pa.float64(),
    "text": pa.string(),
}
RANKS = ("", "integer", "real", "text")


class Reader:
    """Plans and reads tables over one connection."""

    def __init__(self, session: Session, bounds: Bounds) -> None:
        self._session = session
        self._bounds = bounds
        self._connection: sqlite3.Connection | None = None

    def partitions(self, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        """Row id ranges; one look over the table fixes what type each column is read as."""
        if asset.kind is not AssetKind.TABLE or not asset.columns:
            return ()
        rowid = _rowid(asset)
        types, rows, low, high = self._look(asset, rowid)
        if plan.sample_rows is not None and rows > plan.sample_rows:
            step = max(1, rows // plan.sample_rows)
            spec: JsonObject = {"types": types, "every": step, "rowid": rowid}
            return (Partition(0, spec, rows // step, fraction=1 / step),)
        parts = max(1, -(-rows // plan.rows_per_partition))
        if rowid is None or parts == 1 or low is None or high is None:
            return (Partition(0, {"types": types}, rows),)
        width = max(1, -(-(high - low + 1) // parts))
        bounds = [low + width * n for n in range(1, parts) if low + width * n <= high]
        edges: list[int | None] = [None, *bounds, None]
        return [
            Partition(
                index,
                {"types": types, "rowid": rowid, "from": start, "to": end},
                rows // (len(edges) - 1),
            )
            for index, (start, end) in enumerate(pairwise(edges))
        ]

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        """Stream the rows of one partition."""
        settled = zip(asset.columns, _kinds(partition.spec, len(asset.columns)), strict=True)
        asset = plan.narrowed(asset)
        kinds = [kind for column, kind in settled if column in asset.columns]
        schema = pa.schema(
            (column.name, TYPES[kind]) for column, kind in zip(asset.columns, kinds, strict=True)
        )
        statement, values = self._select(asset, kinds, partition.spec)
        told = False
        with self._session.explained(asset=".".join(asset.path)):
            self._session.start()
            cursor = self._open().execute(statement, values)
            for rows in _chunks(cursor, kinds, plan.rows_per_batch, self._session.start):
                told = True
                yield pa.RecordBatch.from_arrays(
                    [
                        arrow.cut(pa.array(cells, field.type), self._bounds.max_cell_bytes)
                        if field.type == pa.string()
                        else pa.array(cells, field.type)
                        for cells, field in zip(zip(*rows, strict=True), schema, strict=True)
                    ],
                    schema=schema,
                )
        if not told:
            yield arrow.empty(schema)

    def highest(self, asset: AssetMeta, column: str) -> str | None:
        """Of all rows; looked up where the column has an index."""
        return water.end(*self._ask(asset, water.highest(asset, column), []))

    def count(self, asset: AssetMeta, spec: JsonObject) -> int:
        where, values = _where(spec)
        statement = f"select count(*) from {quoted(asset.path[-1])}"  # noqa: S608
        return int(self._ask(asset, statement + where, values)[0])

    def _ask(self, asset: AssetMeta, statement: str, values: Sequence[int | str]) -> Any:
        with self._session.explained(asset=asset.path[-1]):
            self._session.start()
            return self._open().execute(statement, values).fetchone()

    def _look(
        self, asset: AssetMeta, rowid: str | None
    ) -> tuple[list[str], int, int | None, int | None]:
        types: list[str] = []
        rows, low, high = 0, None, None
        for start in range(0, len(asset.columns), COLUMNS_PER_LOOK):
            part = asset.columns[start : start + COLUMNS_PER_LOOK]
            ends = f"min({rowid}), max({rowid})" if rowid else "null, null"
            looks = ", ".join(_rank(column) for column in part)
            statement = f"select count(*), {ends}, {looks} from {quoted(asset.path[-1])}"  # noqa: S608
            found = self._ask(asset, statement, [])
            rows, low, high = found[:3]
            types += [
                RANKS[rank or 0] or _affinity(column.type)
                for column, rank in zip(part, found[3:], strict=True)
            ]
        return types, rows, low, high

    def _select(
        self, asset: AssetMeta, kinds: Sequence[str], spec: JsonObject
    ) -> tuple[str, list[int | str]]:
        limit = self._bounds.max_cell_bytes
        items = ", ".join(
            _text(quoted(column.name), limit) if kind == "text" else quoted(column.name)
            for column, kind in zip(asset.columns, kinds, strict=True)
        )
        statement = f"select {items} from {quoted(asset.path[-1])}"  # noqa: S608  (names are quoted)
        where, values = _where(spec)
        return statement + where, values

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._session.open()
        return self._connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._session.close(connection)


def _where(spec: JsonObject) -> tuple[str, list[int | str]]:
    """The condition of a part and its parameters."""
    rowid = str(spec["rowid"]) if spec.get("rowid") in ROWID_NAMES else None
    conditions, values = water.condition(spec)
    if rowid and spec.get("from") is not None:
        conditions.append(f"{rowid} >= ?")
        values.append(int(str(spec["from"])))
    if rowid and spec.get("to") is not None:
        conditions.append(f"{rowid} < ?")
        values.append(int(str(spec["to"])))
    if spec.get("every") is not None:
        conditions.append(f"{rowid} % ? = 0" if rowid else "abs(random()) % ? = 0")
        values.append(int(str(spec["every"])))
    return " where " + " and ".join(conditions) if conditions else "", values


def _rowid(asset: AssetMeta) -> str | None:
    """The name under which the row id can be asked for, unless columns hide all of them."""
    if asset.properties.get("without_rowid") == "true" or asset.properties.get("virtual"):
        return None
    taken = {column.name.lower() for column in asset.columns}
    return next((name for name in ROWID_NAMES if name not in taken), None)


def _rank(column: ColumnMeta) -> str:
    if any(word in column.type.upper() for word in ("CHAR", "CLOB", "TEXT")):
        return "3"  # whatever it holds, it is read as text: no need to look
    name = quoted(column.name)
    return (
        f"max(case typeof({name}) when 'integer' then 1 when 'real' then 2"
        " when 'null' then 0 else 3 end)"
    )


def _affinity(declared: str) -> str:
    """What SQLite's rules make of a declared type, for a column without a value."""
    words = declared.upper()
    if "INT" in words:
        return "integer"
    if any(word in words for word in ("REAL", "FLOA", "DOUB", "NUM", "DEC")):
        return "real"
    return "text"


def _kinds(spec: JsonObject, columns: int) -> list[str]:
    types = spec.get("types")
    kinds = [str(kind) for kind in types] if isinstance(types, Sequence) else []
    if len(kinds) != columns or not set(kinds) <= set(TYPES):
        raise SourceObjectGone("The table changed since it was planned. Scan the source again.")
    return kinds


def _text(column: str, limit: int) -> str:
    half = max(1, limit // 2)
    return (
        f"case typeof({column}) when 'blob' then lower(hex(substr({column}, 1, {half})))"
        f" when 'null' then null else substr(cast({column} as text), 1, {limit}) end"
    )


def _chunks(
    cursor: sqlite3.Cursor, kinds: Sequence[str], rows_per_batch: int, start: Callable[[], None]
) -> Iterator[list[tuple[object, ...]]]:
    """Rows in portions bounded in number and in weight; cells that changed type are blanked."""
    texts = [place for place, kind in enumerate(kinds) if kind == "text"]
    rows: list[tuple[object, ...]] = []
    weight = 0
    while part := cursor.fetchmany(min(ROWS_PER_FETCH, rows_per_batch)):
        if len(texts) < len(kinds):
            part = [_fitting(row, kinds) for row in part]
        rows += part
        weight += sum(len(str(row[place])) for row in part for place in texts if row[place])
        if len(rows) + ROWS_PER_FETCH > rows_per_batch or weight > arrow.BATCH_BYTES:
            yield rows
            rows, weight = [], 0
            start()
    if rows:
        yield rows


def _fitting(row: tuple[object, ...], kinds: Sequence[str]) -> tuple[object, ...]:
    return tuple(
        float(value)
        if kind == "real" and isinstance(value, int)
        else value
        if kind == "text" or isinstance(value, float if kind == "real" else int)
        else None
        for value, kind in zip(row, kinds, strict=True)
    )
