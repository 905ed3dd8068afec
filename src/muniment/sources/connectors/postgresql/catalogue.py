"""Assets of a PostgreSQL database out of the rows of the bulk statements."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from muniment.contracts.connectors import (
    AssetMeta,
    ColumnMeta,
    Grant,
    KeyKind,
    KeyMeta,
)
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.postgresql import statements
from muniment.sources.connectors.scope import ScopeFilter

Row: TypeAlias = tuple[Any, ...]
"""What the driver hands over: a value per column of the statement, typed by the server."""

Pages: TypeAlias = dict[tuple[str, ...], int]
"""How many pages the server knew a readable relation to have when it was last analysed."""

KINDS = {
    "r": AssetKind.TABLE,
    "p": AssetKind.TABLE,
    "f": AssetKind.TABLE,
    "v": AssetKind.VIEW,
    "m": AssetKind.MATERIALIZED_VIEW,
}
KEY_KINDS = {"p": KeyKind.PRIMARY, "u": KeyKind.UNIQUE, "f": KeyKind.FOREIGN}
ROWS_PER_FETCH = 200
COLUMNS_REMEMBERED = 65_536
STATEMENTS = (statements.SCHEMAS, statements.KEYS, statements.RELATIONS, statements.ROUTINES)


class Columns(dict[tuple[Any, ...], ColumnMeta]):
    """Columns declared alike are one object: tables by the thousand mostly repeat each other's."""

    def __missing__(self, declared: tuple[Any, ...]) -> ColumnMeta:
        if len(self) >= COLUMNS_REMEMBERED:
            self.clear()
        self[declared] = made = ColumnMeta(*declared)
        return made


def assets(
    connection: psycopg.Connection, within: ScopeFilter, user: str, pages: Pages
) -> Iterator[AssetMeta]:
    """Stream schemas, relations and routines; keys are held in memory, the rest is not.

    ``pages`` is filled on the way, so that planning needs no statement per table.
    """
    with connection.cursor() as cursor:
        yield from _schemas(cursor.execute(statements.SCHEMAS).fetchall(), within)
        keys = _keys(cursor.execute(statements.KEYS).fetchall())
    columns = Columns()
    with connection.cursor() as cursor:
        for row in cursor.stream(statements.RELATIONS, size=ROWS_PER_FETCH):
            if within.matches((row[1], row[2])):
                relation = _relation(row, keys.get(row[0], ()), columns, user)
                if row[10] and "readable" not in relation.properties:
                    pages[relation.path] = int(row[10])
                yield relation
    with connection.cursor() as cursor:
        for row in cursor.stream(statements.ROUTINES, size=ROWS_PER_FETCH):
            routine = _routine(row)
            if within.matches(routine.path):
                yield routine


def _schemas(rows: Sequence[Row], within: ScopeFilter) -> Iterator[AssetMeta]:
    for name, comment, owner, usable, grants in rows:
        if within.matches((name,)):
            yield AssetMeta(
                path=(name,),
                kind=AssetKind.SCHEMA,
                comment=comment,
                grants=_grants(grants),
                properties={"owner": owner, "usable": _word(usable)},
            )


def _keys(rows: Sequence[Row]) -> dict[int, tuple[KeyMeta, ...]]:
    found: defaultdict[int, list[KeyMeta]] = defaultdict(list)
    for relation, kind, name, columns, referenced, referenced_columns in rows:
        found[relation].append(
            KeyMeta(
                kind=KEY_KINDS[kind],
                columns=tuple(columns or ()),
                name=name,
                references=tuple(referenced or ()),
                referenced_columns=tuple(referenced_columns or ()),
            )
        )
    return {relation: tuple(keys) for relation, keys in found.items()}


def _relation(row: Row, keys: tuple[KeyMeta, ...], known_columns: Columns, user: str) -> AssetMeta:
    (_, schema, name, relkind, comment, owner, rows, size, leaves) = row[:9]
    (row_security, _, usable, selectable, definition, grants, columns) = row[9:]
    facts = {"owner": owner}
    if relkind == "p":
        facts["partitioned"] = "true"
        facts["partitions"] = str(leaves or 0)
    if relkind == "f":
        facts["foreign"] = "true"
    if row_security:
        facts["row_level_security"] = "true"
    if not (usable and selectable):
        facts |= _unreadable(schema, name, user, usable=usable, selectable=selectable)
    return AssetMeta(
        path=(schema, name),
        kind=KINDS[relkind],
        columns=tuple(known_columns[tuple(column)] for column in columns or ()),
        keys=keys,
        grants=_grants(grants),
        comment=comment,
        definition=definition,
        row_estimate=rows,
        size_bytes=size,
        properties=facts,
    )


def _unreadable(
    schema: str, name: str, user: str, *, usable: bool, selectable: bool
) -> dict[str, str]:
    lacking = []
    if not usable:
        lacking.append(usage_grant(schema, user))
    if not selectable:
        lacking.append(select_grant(schema, name, user))
    return {
        "readable": "false",
        "problem": "The account may not read this table.",
        "grant": "\n".join(lacking),
    }


def usage_grant(schema: str, user: str) -> str:
    return _text("grant usage on schema {} to {};", schema, user)


def select_grant(schema: str, name: str, user: str) -> str:
    return (
        sql.SQL("grant select on {} to {};")
        .format(sql.Identifier(schema, name), sql.Identifier(user))
        .as_string()
    )


def schema_grants(schema: str, user: str) -> str:
    """Everything a scan needs in one schema, for the tables there and those to come."""
    return "\n".join(
        (
            usage_grant(schema, user),
            _text("grant select on all tables in schema {} to {};", schema, user),
            _text(
                "alter default privileges in schema {} grant select on tables to {};", schema, user
            ),
        )
    )


def connect_grant(database: str, user: str) -> str:
    return _text("grant connect on database {} to {};", database, user)


def _text(template: str, *names: str) -> str:
    quoted = (sql.Identifier(name) for name in names)
    return sql.SQL(template).format(*quoted).as_string()


def _routine(row: Row) -> AssetMeta:
    (schema, name, arguments, kind, language, comment, owner, definition) = row[:8]
    (security_definer, returns, grants) = row[8:]
    facts = {"owner": owner, "routine": name, "arguments": arguments, "language": language}
    if security_definer:
        facts["security_definer"] = "true"
    if kind == "f":
        facts["returns"] = returns
    return AssetMeta(
        path=(schema, f"{name}({arguments})"),
        kind=AssetKind.PROCEDURE if kind == "p" else AssetKind.FUNCTION,
        comment=comment,
        definition=definition,
        grants=_grants(grants),
        properties=facts,
    )


def _grants(pairs: Sequence[Sequence[str]] | None) -> tuple[Grant, ...]:
    return tuple(sorted((Grant(*pair) for pair in pairs or ()), key=_grant_order))


def _grant_order(grant: Grant) -> tuple[str, str]:
    return grant.grantee, grant.privilege


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def holds_rows(asset: AssetMeta) -> bool:
    """Views are not read: that would run their query on the source, whatever it costs."""
    return (
        asset.kind in (AssetKind.TABLE, AssetKind.MATERIALIZED_VIEW)
        and asset.properties.get("foreign") != "true"
        and bool(asset.columns)
    )
