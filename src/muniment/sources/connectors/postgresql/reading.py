"""Rows of a PostgreSQL table as Arrow batches: page ranges, pulled through ADBC's binary COPY."""

import secrets as chance
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from muniment.contracts.connectors import AssetMeta, Bounds, Partition
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import (
    MunimentError,
    SourceObjectGone,
    SourcePermissionMissing,
    Unavailable,
)
from muniment.kernel.values import JsonObject, JsonValue
from muniment.sources.connectors import arrow
from muniment.sources.connectors.postgresql import errors, parts
from muniment.sources.connectors.postgresql.catalogue import holds_rows
from muniment.sources.connectors.postgresql.columns import Selected, selected
from muniment.sources.connectors.postgresql.session import Sessions

TID_RANGES_SINCE = 140000
ROWS_PER_PAGE_UNKNOWN = 60
SYSTEM_SAMPLE_FROM_PAGES = 131_072
"""From 1 GiB on, sampling picks whole pages; below, single rows, which is less skewed."""
BATCH_HINT_BYTES = 12 << 20

LEAVES = """
    with recursive tree as (
        select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = %s and c.relname = %s
        union all
        select i.inhrelid from tree t
        join pg_class p on p.oid = t.oid and p.relkind = 'p'
        join pg_inherits i on i.inhparent = t.oid
    )
    select n.nspname, c.relname, c.relkind::text, c.relispopulated,
           has_table_privilege(c.oid, 'select') and has_schema_privilege(n.oid, 'usage'),
           case when c.relkind in ('r', 'm')
                then pg_relation_size(c.oid) / current_setting('block_size')::int8 end,
           c.relpages, c.reltuples, pg_stat_get_live_tuples(c.oid)
    from tree t join pg_class c on c.oid = t.oid join pg_namespace n on n.oid = c.relnamespace
"""

COLUMNS = """
    select a.attname::text, coalesce(b.typname, t.typname)::text,
           case when b.oid is null then a.atttypmod else t.typtypmod end, b.oid is not null
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_type t on t.oid = a.atttypid
    left join pg_type b on b.oid = t.typbasetype and t.typtype = 'd'
    where n.nspname = {schema} and c.relname = {name} and a.attnum > 0 and not a.attisdropped
"""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A relation that holds rows itself."""

    schema: str
    name: str
    pages: int
    rows: int


class Reader:
    """Plans and reads tables over one ADBC connection, opened when first needed."""

    def __init__(self, sessions: Sessions, bounds: Bounds) -> None:
        self._sessions = sessions
        self._bounds = bounds
        self._connection: adbc.Connection | None = None
        self._pid = 0

    def partitions(
        self, connection: psycopg.Connection, asset: AssetMeta, plan: ReadPlan
    ) -> Sequence[Partition]:
        """Page ranges that together hold every row once; one sample when the plan asks for it."""
        if not holds_rows(asset):
            return ()
        schema, name = asset.path
        with self._sessions.explained(asset=".".join(asset.path)):
            found = connection.execute(LEAVES, (schema, name)).fetchall()
        if not found:
            raise SourceObjectGone(
                "The table is not there any more. Scan the source again.", table=name
            )
        if not found[0][4]:
            grant = asset.properties.get("grant", "")
            raise SourcePermissionMissing(
                "The account may not read this table.",
                grant=grant,
                remedy=f"Run as its owner: {grant.replace(chr(10), ' ')}" if grant else None,
            )
        if not found[0][3]:
            return ()
        holders = [row for row in found if row[2] != "p"]
        leaves = [Leaf(row[0], row[1], row[5] or 0, _rows(*row[5:9])) for row in holders]
        total = sum(leaf.rows for leaf in leaves)
        if plan.sample_rows is not None and total > plan.sample_rows:
            whole = Leaf(schema, name, sum(leaf.pages for leaf in leaves), total)
            return (_sample(whole, plan.sample_rows),)
        in_parts = (
            all(row[2] in ("r", "m") and row[4] for row in holders)
            and self._sessions.version >= TID_RANGES_SINCE
        )
        if not in_parts or not leaves:
            return (Partition(0, {"table": [schema, name], "whole": True}, total),)
        return _page_ranges(leaves, plan.rows_per_partition)

    def cut(self, asset: AssetMeta, pages: int, rows: int, plan: ReadPlan) -> Sequence[Partition]:
        """The same from what the bulk statements told, without another statement."""
        if not holds_rows(asset):
            return ()
        schema, name = asset.path
        leaf = Leaf(schema, name, pages, rows)
        if plan.sample_rows is not None and rows > plan.sample_rows:
            return (_sample(leaf, plan.sample_rows),)
        if self._sessions.version < TID_RANGES_SINCE:
            return (Partition(0, {"table": list(asset.path), "whole": True}, rows),)
        return _page_ranges([leaf], plan.rows_per_partition)

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        """Stream the rows of one partition."""
        columns = self._columns(plan.narrowed(asset))
        padded = frozenset(name for name, column in columns.items() if column.padded)
        statement = _statement([column.item for column in columns.values()], partition.spec)
        finished = False
        try:
            with closing(self._cursor()) as cursor:
                with _explained(self._sessions, asset):
                    cursor.execute(statement.as_string())
                    batches = cursor.fetch_record_batch()
                schema = pa.schema(
                    pa.field(f.name, arrow.settled_type(_storage(f.type))) for f in batches.schema
                )
                told = False
                for batch in self._stream(batches, asset):
                    told = True
                    for portion in arrow.portions(
                        self._settled(batch, schema, padded), plan.rows_per_batch
                    ):
                        if self._sessions.cancelled:
                            raise errors.cancelled()
                        yield portion
                if not told:
                    yield arrow.empty(schema)
                finished = True
        finally:
            if not finished:
                self.close()

    def _stream(self, batches: pa.RecordBatchReader, asset: AssetMeta) -> Iterator[pa.RecordBatch]:
        while True:
            if self._sessions.cancelled:
                raise errors.cancelled()
            with _explained(self._sessions, asset):
                try:
                    batch = batches.read_next_batch()
                except StopIteration:
                    return
            if batch.num_rows:
                yield batch

    def _settled(
        self, batch: pa.RecordBatch, schema: pa.Schema, padded: frozenset[str]
    ) -> pa.RecordBatch:
        limit = self._bounds.max_cell_bytes
        columns = [
            pc.ascii_rtrim(column, " ") if name in padded else column
            for name, column in zip(schema.names, batch.columns, strict=True)
        ]
        if self._sessions.encoding == "SQL_ASCII":
            columns = [arrow.scrub(column) for column in columns]
        return pa.RecordBatch.from_arrays(
            [arrow.settle(column, limit) for column in columns], schema=schema
        )

    def _columns(self, asset: AssetMeta) -> Mapping[str, Selected]:
        schema, name = asset.path
        lookup = sql.SQL(COLUMNS).format(schema=sql.Literal(schema), name=sql.Literal(name))
        with closing(self._cursor()) as cursor, _explained(self._sessions, asset):
            cursor.execute(lookup.as_string())
            types = {row[0]: row[1:] for row in cursor.fetchall()}
        missing = [column.name for column in asset.columns if column.name not in types]
        if missing:
            what = "The table is" if not types else "Columns of the table are"
            raise SourceObjectGone(
                f"{what} not there any more. Scan the source again.", asset=".".join(asset.path)
            )
        limit = self._bounds.max_cell_bytes
        return {c.name: selected(c.name, *types[c.name], limit=limit) for c in asset.columns}

    def _cursor(self) -> adbc.Cursor:
        if self._connection is None:
            self._connection = self._open()
        return self._connection.cursor(
            adbc_stmt_kwargs={"adbc.postgresql.batch_size_hint_bytes": str(BATCH_HINT_BYTES)}
        )

    def _open(self) -> adbc.Connection:
        if self._sessions.cancelled:
            raise errors.cancelled()
        try:
            connection = adbc.connect(self._sessions.conninfo, autocommit=True)
        except adbc_driver_manager.Error as error:
            raise errors.explain_connecting(str(error), used_password=False) from None
        with closing(connection.cursor()) as cursor:
            cursor.execute(self._sessions.prepare)
            row = cursor.fetchone()
        if row is None:
            raise Unavailable("The server did not answer the first statement. Try again.")
        self._pid = int(row[9])
        self._sessions.note(self._pid, int(row[10]), str(row[11]))
        return connection

    def close(self) -> None:
        """Give the connection back; a statement still running is stopped first."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        self._sessions.forget(self._pid)
        try:
            connection.adbc_cancel()
            connection.close()
        except (adbc_driver_manager.Error, OSError):
            return  # the server is gone already; there is nothing left to give back


class _explained:  # noqa: N801  (reads as the context manager it is)
    """Turn ADBC's errors, some of which arrive as bare OSErrors, into ours."""

    def __init__(self, sessions: Sessions, asset: AssetMeta) -> None:
        self._sessions = sessions
        self._asset = asset

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, MunimentError | StopIteration):
            return
        if not isinstance(error, adbc_driver_manager.Error | OSError | pa.ArrowException):
            return
        if self._sessions.cancelled:
            raise errors.cancelled() from None
        state = getattr(error, "sqlstate", None)
        raise errors.explain(state, str(error), asset=".".join(self._asset.path)) from None


def _rows(pages: int | None, known_pages: int, known_rows: float, live: int) -> int:
    """Rows now: the density at the last analysis times the pages of today."""
    if known_rows > 0 and known_pages > 0 and pages is not None:
        return round(known_rows / known_pages * pages)
    return live or (pages or 0) * ROWS_PER_PAGE_UNKNOWN


def _page_ranges(leaves: Sequence[Leaf], rows_per_partition: int) -> Sequence[Partition]:
    """The last range of each relation is open, so that rows appended meanwhile are read too."""
    found: list[Partition] = []
    for leaf in leaves:
        density = leaf.rows / leaf.pages if leaf.pages and leaf.rows else ROWS_PER_PAGE_UNKNOWN
        step = max(1, int(rows_per_partition / density))
        starts = range(0, max(1, leaf.pages), step)
        for start in starts:
            end = start + step if start + step < leaf.pages else None
            rows = round(density * (min(start + step, leaf.pages) - start))
            spec: JsonObject = {"table": [leaf.schema, leaf.name], "from": start, "to": end}
            found.append(Partition(len(found), spec, rows))
    return found


def _sample(whole: Leaf, wanted: int) -> Partition:
    percent = min(100.0, 100.0 * wanted / whole.rows)
    method = "system" if whole.pages >= SYSTEM_SAMPLE_FROM_PAGES else "bernoulli"
    spec: JsonObject = {
        "table": [whole.schema, whole.name],
        "sample": method,
        "percent": percent,
        "seed": chance.randbelow(1 << 30),
        "limit": wanted * 2,
    }
    return Partition(0, spec, wanted, fraction=percent / 100)


def _statement(items: Sequence[sql.Composable], spec: JsonObject) -> sql.Composable:
    table = sql.Identifier(*_names(spec["table"]))
    head = sql.SQL("select {} from ").format(sql.SQL(", ").join(items))
    if "sample" in spec:
        tail = sql.SQL("{} tablesample {} ({}) repeatable ({}) limit {}").format(
            table,
            sql.SQL("system" if spec["sample"] == "system" else "bernoulli"),
            sql.Literal(float(str(spec["percent"]))),
            sql.Literal(int(str(spec["seed"]))),
            sql.Literal(int(str(spec["limit"]))),
        )
        return head + tail
    return head + parts.rows_of(spec)


def _names(value: JsonValue) -> list[str]:
    return [str(part) for part in value] if isinstance(value, Sequence) else []


def _storage(given: pa.DataType) -> pa.DataType:
    return given.storage_type if isinstance(given, pa.BaseExtensionType) else given
