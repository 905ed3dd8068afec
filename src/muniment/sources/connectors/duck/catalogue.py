"""Assets of a DuckDB database: a constant number of statements over its catalogue functions."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, TypeAlias

import duckdb

from muniment.contracts.connectors import AssetMeta, ColumnMeta, KeyKind, KeyMeta
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.duck.fields import Flattening
from muniment.sources.connectors.scope import ScopeFilter

Row: TypeAlias = tuple[Any, ...]
Path: TypeAlias = tuple[str, ...]

OURS = "database_name = current_database() and not internal"
ROWS_PER_FETCH = 1_000
GONE = "The table is not there any more. Scan the source again."

SCHEMAS = """
    select schema_oid, schema_name, parent_schema_oid, comment, internal
    from (select *, oid as schema_oid from duckdb_schemas())
    where database_name = current_database()
"""
TABLES = f"""
    select schema_oid, table_name, 'table', comment, estimated_size, null
    from duckdb_tables() where {OURS} and not temporary
    union all
    select schema_oid, view_name, 'view', comment, null, sql
    from duckdb_views() where {OURS} and not temporary
    order by 1, 2
"""  # noqa: S608  (no value of anybody's stands in it)
COLUMNS = f"""
    select schema_oid, table_name, column_name, data_type, is_nullable, column_default, comment
    from duckdb_columns() where {OURS}
    order by schema_oid, table_name, column_index
"""  # noqa: S608
KEYS = """
    select schema_oid, table_name, constraint_type, constraint_name, constraint_column_names,
           referenced_table, referenced_column_names
    from duckdb_constraints()
    where database_name = current_database()
      and constraint_type in ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
    order by schema_oid, table_name, constraint_index
"""
INDEXES = """
    select schema_oid, table_name, index_name, expressions, is_unique
    from duckdb_indexes() where database_name = current_database()
    order by schema_oid, table_name, index_name
"""
MACROS = f"""
    select schema_name, function_name, function_type, parameters, macro_definition, comment
    from duckdb_functions() where {OURS} and function_type in ('macro', 'table_macro')
    order by schema_name, function_name, len(parameters)
"""  # noqa: S608
STATEMENTS = (SCHEMAS, COLUMNS, KEYS, INDEXES, TABLES, MACROS)

KINDS = {
    "PRIMARY KEY": KeyKind.PRIMARY,
    "UNIQUE": KeyKind.UNIQUE,
    "FOREIGN KEY": KeyKind.FOREIGN,
}
PLAIN_NAME = re.compile(r"\w+")


def assets(connection: duckdb.DuckDBPyConnection, within: ScopeFilter) -> Iterator[AssetMeta]:
    """Schemas, tables, views and macros in scope."""
    schemas = connection.execute(SCHEMAS).fetchall()
    paths = _paths(schemas)
    for oid, _, _, comment, internal in schemas:
        if within.matches(paths[oid]) and (not internal or paths[oid] == ("main",)):
            yield AssetMeta(path=paths[oid], kind=AssetKind.SCHEMA, comment=comment)
    columns, keys, indexes = (
        Following(_rows(connection, statement)) for statement in (COLUMNS, KEYS, INDEXES)
    )
    flattening = Flattening(connection.cursor())
    for row in _rows(connection, TABLES):
        place = row[:2]
        path = (*paths[row[0]], row[1])
        of_table = columns.of(place), keys.of(place), indexes.of(place)
        if within.matches(path):
            yield _relation(row[2:], path, flattening, *of_table)
    for row in connection.execute(MACROS).fetchall():
        macro = _macro(row)
        if within.matches(macro.path):
            yield macro


def _paths(schemas: Sequence[Row]) -> dict[int, Path]:
    """Schemas may lie in schemas."""
    parents = {oid: (name, parent) for oid, name, parent, _, _ in schemas}

    def path(oid: int) -> Path:
        name, parent = parents[oid]
        return (*path(parent), name) if parent in parents else (name,)

    return {oid: path(oid) for oid in parents}


def _rows(connection: duckdb.DuckDBPyConnection, statement: str) -> Iterator[Row]:
    cursor = connection.cursor().execute(statement)
    while part := cursor.fetchmany(ROWS_PER_FETCH):
        yield from part


class Following:
    """Rows of one statement in step with another's: both in the order of schema and table."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._groups = groupby(rows, key=lambda row: row[:2])
        self._ahead = self._next()

    def of(self, place: Row) -> list[Row]:
        """What is told of one table, without its place; tables are asked for in their order."""
        while self._ahead is not None and self._ahead[0] < place:
            self._ahead = self._next()
        if self._ahead is None or self._ahead[0] != place:
            return []
        return self._ahead[1]

    def _next(self) -> tuple[Row, list[Row]] | None:
        for place, rows in self._groups:
            return place, [row[2:] for row in rows]
        return None


def _relation(
    row: Row,
    path: Path,
    flattening: Flattening,
    declared: Sequence[Row],
    keys: Sequence[Row],
    indexes: Sequence[Row],
) -> AssetMeta:
    kind, comment, rows, definition = row
    facts = {"indexes": ", ".join(name for name, _, _ in indexes)} if indexes else {}
    if not declared:
        facts |= {"readable": "false", "problem": "The view refers to something that is gone."}
    return AssetMeta(
        path=path,
        kind=AssetKind.VIEW if kind == "view" else AssetKind.TABLE,
        columns=tuple(_columns(flattening, declared)),
        keys=tuple(_key(path, key) for key in (*keys, *_unique_indexes(indexes))),
        comment=comment,
        definition=definition,
        row_estimate=rows,
        properties=facts,
    )


def _columns(flattening: Flattening, declared: Sequence[Row]) -> Iterator[ColumnMeta]:
    said = {name: (default, comment) for name, _, _, default, comment in declared}
    for field in flattening.fields([row[:3] for row in declared]):
        default, comment = said.get(field.name, (None, None))
        yield ColumnMeta(field.name, field.type, field.nullable, default, comment)


def _key(path: Path, row: Row) -> KeyMeta:
    """A foreign key of DuckDB stays within its schema."""
    kind, name, columns, referenced, referenced_columns = row
    return KeyMeta(
        kind=KINDS[kind],
        columns=tuple(columns),
        name=name or "",
        references=(*path[:-1], referenced) if referenced else (),
        referenced_columns=tuple(referenced_columns or ()),
    )


def _unique_indexes(indexes: Sequence[Row]) -> Iterator[Row]:
    """Those over plain columns, told as ``[a, b]``; any other says nothing of single columns."""
    for name, expressions, unique in indexes:
        columns = expressions.strip("[]").split(", ")
        if unique and all(PLAIN_NAME.fullmatch(column) for column in columns):
            yield ("UNIQUE", name, columns, None, None)


def _macro(row: Row) -> AssetMeta:
    schema, name, kind, parameters, definition, comment = row
    return AssetMeta(
        path=(schema, f"{name}({', '.join(parameters)})"),
        kind=AssetKind.FUNCTION,
        comment=comment,
        definition=definition,
        properties={"routine": name, "language": "sql", "returns": _returns(kind)},
    )


def _returns(kind: str) -> str:
    return "table" if kind == "table_macro" else "value"


# What follows is asked of one table when it is planned or read.

COLUMNS_OF = """
    select c.column_name, c.data_type, c.is_nullable
    from duckdb_columns() c
    where c.database_name = current_database() and c.schema_oid = ? and c.table_name = ?
    order by c.column_index
"""


def declared(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str, bool]]:
    """The columns of one table as they are now; none when it is gone."""
    schemas = _paths(connection.execute(SCHEMAS).fetchall())
    for oid, schema in schemas.items():
        if schema == path[:-1]:
            return connection.execute(COLUMNS_OF, [oid, path[-1]]).fetchall()
    return []
