"""Assets of a database through SQLAlchemy's inspector: a few calls per schema, all in bulk."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector, ObjectKind
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SAWarning, SQLAlchemyError

from muniment.contracts.connectors import AssetMeta, ColumnMeta, KeyKind, KeyMeta
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.generic import dialects
from muniment.sources.connectors.scope import ScopeFilter

Place: TypeAlias = tuple[str | None, str]
Found: TypeAlias = Mapping[Place, Any]

KINDS = {
    ObjectKind.TABLE: AssetKind.TABLE,
    ObjectKind.VIEW: AssetKind.VIEW,
    ObjectKind.MATERIALIZED_VIEW: AssetKind.MATERIALIZED_VIEW,
}
CALLS = (
    "-- SQLAlchemy's inspector, for the whole database: get_schema_names()",
    "-- for each schema: get_multi_columns(), for tables, views and materialised views",
    "-- for each schema: get_multi_pk_constraint()",
    "-- for each schema: get_multi_foreign_keys()",
    "-- for each schema: get_multi_unique_constraints()",
    "-- for each schema: get_multi_indexes()",
    "-- for each schema: get_multi_table_comment()",
    "-- the SQL of all views in one statement where the dialect is known, else of each",
)


GONE = "The table is not there any more. Scan the source again."
STORED = ObjectKind.TABLE | ObjectKind.MATERIALIZED_VIEW


@contextmanager
def quiet() -> Iterator[None]:
    """SQLAlchemy warns of each type and index that it does not know; we tell them as unknown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def columns_of(connection: sa.Connection, path: tuple[str, ...]) -> list[Any]:
    """The columns of one table as they are now; none when it is gone."""
    with quiet():
        try:
            return list(sa.inspect(connection).get_columns(path[-1], path[0]))
        except NoSuchTableError:
            return []


def relation(path: tuple[str, ...], columns: Sequence[str]) -> sa.FromClause:
    """A table to select from, by an alias: not every dialect knows a schema before columns."""
    table = sa.table(path[-1], *(sa.column(name) for name in columns), schema=path[0])
    return table.alias("t")


def schemas(connection: sa.Connection, wanted: Sequence[str]) -> list[str]:
    """The schemas to be read: those named, or all but the system's own."""
    dialect = connection.dialect.name
    names = sa.inspect(connection).get_schema_names()
    if wanted:
        return [name for name in names if name in wanted]
    return [name for name in names if not dialects.is_system(dialect, name)]


def assets(
    connection: sa.Connection, within: ScopeFilter, wanted: Sequence[str]
) -> Iterator[AssetMeta]:
    """Schemas, tables and views in scope, schema by schema."""
    definitions = _definitions(connection)
    inspector = sa.inspect(connection)
    for schema in schemas(connection, wanted):
        if within.matches((schema,)):
            yield AssetMeta(path=(schema,), kind=AssetKind.SCHEMA)
        yield from _of_schema(inspector, schema, within, definitions)
        inspector.clear_cache()  # nobody asks twice, and a large schema weighs


def _of_schema(
    inspector: Inspector, schema: str, within: ScopeFilter, definitions: Mapping[Place, str] | None
) -> Iterator[AssetMeta]:
    comments = _told(inspector.get_multi_table_comment, schema, ObjectKind.ANY)
    keys = _keys(inspector, schema)
    indexes = _told(inspector.get_multi_indexes, schema, STORED)
    for kind, named in KINDS.items():
        columns, broken = _columns(inspector, schema, kind)
        for place in sorted({*columns, *broken}, key=lambda each: each[1]):
            path = (schema, place[1])
            if within.matches(path):
                unique = _unique_indexes(indexes.get(place, ()), keys.get(place, ()))
                yield AssetMeta(
                    path=path,
                    kind=named,
                    columns=tuple(_column(inspector, each) for each in columns.get(place, ())),
                    keys=(*keys.get(place, ()), *unique),
                    comment=(comments.get(place) or {}).get("text"),
                    definition=_definition(inspector, place, named, definitions),
                    properties=_facts(indexes.get(place, ()), broken=place in broken),
                )


@quiet()
def _columns(inspector: Inspector, schema: str, kind: ObjectKind) -> tuple[Found, set[Place]]:
    """Columns by relation; and those views that refer to what is not there."""
    try:
        return inspector.get_multi_columns(schema, kind=kind), set()
    except DBAPIError:
        if kind is ObjectKind.TABLE:
            raise
    found: dict[Place, Any] = {}
    broken: set[Place] = set()
    for name in inspector.get_view_names(schema):
        try:
            found[schema, name] = inspector.get_columns(name, schema)
        except (DBAPIError, NoSuchTableError):
            broken.add((schema, name))
    return found, broken


@quiet()
def _told(asked: Any, schema: str, kind: ObjectKind = ObjectKind.TABLE) -> Found:
    """What a dialect cannot tell at all is told as nothing."""
    try:
        found: Found = asked(schema, kind=kind)
        return found
    except NotImplementedError:
        return {}


def _column(inspector: Inspector, told: Mapping[str, Any]) -> ColumnMeta:
    default = told.get("default")
    return ColumnMeta(
        name=told["name"],
        type=type_words(inspector.dialect, told["type"]),
        nullable=bool(told.get("nullable", True)),
        default=None if default is None else str(default),
        comment=told.get("comment"),
    )


def type_words(dialect: sa.Dialect, kind: sa.types.TypeEngine[Any]) -> str:
    """A type as the source writes it; ``unknown`` where SQLAlchemy does not know it."""
    try:
        return str(kind.compile(dialect=dialect))
    except SQLAlchemyError:
        return "unknown" if isinstance(kind, sa.types.NullType) else type(kind).__name__


def _keys(inspector: Inspector, schema: str) -> dict[Place, list[KeyMeta]]:
    found: dict[Place, list[KeyMeta]] = {}
    for place, told in _told(inspector.get_multi_pk_constraint, schema).items():
        if told and told.get("constrained_columns"):
            columns = tuple(told["constrained_columns"])
            found.setdefault(place, []).append(
                KeyMeta(KeyKind.PRIMARY, columns, told.get("name") or "")
            )
    for place, several in _told(inspector.get_multi_unique_constraints, schema).items():
        for told in several or ():
            columns = tuple(told["column_names"])
            found.setdefault(place, []).append(
                KeyMeta(KeyKind.UNIQUE, columns, told.get("name") or "")
            )
    for place, several in _told(inspector.get_multi_foreign_keys, schema).items():
        for told in several or ():
            found.setdefault(place, []).append(
                KeyMeta(
                    KeyKind.FOREIGN,
                    tuple(told["constrained_columns"]),
                    told.get("name") or "",
                    (told.get("referred_schema") or schema, told["referred_table"]),
                    tuple(told.get("referred_columns") or ()),
                )
            )
    return found


def _unique_indexes(indexes: Sequence[Any], keys: Sequence[KeyMeta]) -> Iterator[KeyMeta]:
    """Those that no constraint stands for; an index over an expression tells of no column."""
    known = {key.columns for key in keys if key.kind is not KeyKind.FOREIGN}
    for told in indexes:
        columns = tuple(told.get("column_names") or ())
        partial = any("where" in name for name in told.get("dialect_options") or ())
        if told.get("unique") and None not in columns and columns not in known and not partial:
            yield KeyMeta(KeyKind.UNIQUE, columns, told.get("name") or "")


def _facts(indexes: Sequence[Any], *, broken: bool) -> dict[str, str]:
    facts = {}
    if indexes:
        facts["indexes"] = ", ".join(sorted(str(told.get("name") or "") for told in indexes))
    if broken:
        facts["readable"] = "false"
        facts["problem"] = "The view refers to something that is not there."
    return facts


def _definitions(connection: sa.Connection) -> Mapping[Place, str] | None:
    """The SQL of all views at once; None where it is not known how to ask, or not allowed."""
    statement = dialects.manners(connection.dialect.name).views
    if statement is None:
        return None
    try:
        rows = connection.exec_driver_sql(statement)
        return {(schema, name): definition for schema, name, definition in rows if definition}
    except DBAPIError:
        connection.rollback()
        return None


def _definition(
    inspector: Inspector, place: Place, kind: AssetKind, known: Mapping[Place, str] | None
) -> str | None:
    if kind is AssetKind.TABLE:
        return None
    if known is not None and kind is AssetKind.VIEW:
        return known.get(place)
    try:
        definition: str | None = inspector.get_view_definition(place[1], place[0])
    except (NotImplementedError, SQLAlchemyError):
        return None
    return definition
