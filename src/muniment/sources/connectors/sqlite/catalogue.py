"""Assets of a SQLite database: a constant number of statements through pragma functions."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from muniment.contracts.connectors import AssetMeta, ColumnMeta, KeyKind, KeyMeta
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.scope import ScopeFilter

Row: TypeAlias = tuple[Any, ...]

TABLES = """
    select l.name, l.type, l.ncol, l.wr, s.sql
    from pragma_table_list l join sqlite_schema s on s.name = l.name and s.type in ('table', 'view')
    where l.schema = 'main' and l.type in ('table', 'view', 'virtual')
      and l.name not like 'sqlite\\_%' escape '\\'
    order by l.name
"""
COLUMNS = """
    select l.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
    from pragma_table_list l join pragma_table_xinfo(l.name) c
    where l.schema = 'main' and l.type in ('table', 'view', 'virtual') and l.ncol > 0
      and l.name not like 'sqlite\\_%' escape '\\' and c.hidden <> 1
    order by l.name, c.cid
"""
UNIQUE = """
    select l.name, i.name, c.name
    from pragma_table_list l join pragma_index_list(l.name) i join pragma_index_info(i.name) c
    where l.schema = 'main' and l.type = 'table' and i."unique" and i.origin <> 'pk'
      and not i.partial
    order by l.name, i.name, c.seqno
"""
FOREIGN = """
    select l.name, f.id, f."table", f."from", f."to"
    from pragma_table_list l join pragma_foreign_key_list(l.name) f
    where l.schema = 'main' and l.type = 'table'
    order by l.name, f.id, f.seq
"""
STATEMENTS = (TABLES, COLUMNS, UNIQUE, FOREIGN)


def assets(connection: sqlite3.Connection, within: ScopeFilter) -> Iterator[AssetMeta]:
    """Tables and views in scope, by name."""
    columns, primary = _columns(connection.execute(COLUMNS).fetchall())
    keys = _unique(connection.execute(UNIQUE).fetchall())
    foreign = _foreign(connection.execute(FOREIGN).fetchall(), primary)
    for name, kind, _, without_rowid, sql in connection.execute(TABLES).fetchall():
        if not within.matches((name,)):
            continue
        first = [KeyMeta(KeyKind.PRIMARY, primary[name])] if primary.get(name) else []
        view = kind == "view"
        yield AssetMeta(
            path=(name,),
            kind=AssetKind.VIEW if view else AssetKind.TABLE,
            columns=tuple(columns.get(name, ())),
            keys=(*first, *keys.get(name, ()), *foreign.get(name, ())),
            definition=sql if view else None,
            properties=_facts(kind, without_rowid, broken=name not in columns),
        )


def _facts(kind: str, without_rowid: int, *, broken: bool) -> dict[str, str]:
    facts = {}
    if kind == "virtual":
        facts["virtual"] = "true"
    if without_rowid:
        facts["without_rowid"] = "true"
    if broken:
        facts["readable"] = "false"
        facts["problem"] = (
            "The view refers to something that is not there."
            if kind == "view"
            else "The rows of this virtual table are not read."
        )
    return facts


def _columns(
    rows: Sequence[Row],
) -> tuple[dict[str, list[ColumnMeta]], dict[str, tuple[str, ...]]]:
    columns: dict[str, list[ColumnMeta]] = {}
    primary: dict[str, tuple[str, ...]] = {}
    for table, group in groupby(rows, key=lambda row: str(row[0])):
        of_table = list(group)
        columns[table] = [
            ColumnMeta(name, kind, nullable=not notnull and not pk, default=default)
            for _, name, kind, notnull, default, pk in of_table
        ]
        in_key = sorted((row for row in of_table if row[5]), key=lambda row: int(row[5]))
        primary[table] = tuple(str(row[1]) for row in in_key)
    return columns, primary


def _unique(rows: Sequence[Row]) -> dict[str, list[KeyMeta]]:
    found: defaultdict[str, list[KeyMeta]] = defaultdict(list)
    for (table, index), group in groupby(rows, key=lambda row: (str(row[0]), str(row[1]))):
        names = [row[2] for row in group]
        if all(name is not None for name in names):  # None: an expression, or the row id
            found[table].append(KeyMeta(KeyKind.UNIQUE, tuple(names), index))
    return found


def _foreign(rows: Sequence[Row], primary: dict[str, tuple[str, ...]]) -> dict[str, list[KeyMeta]]:
    found: defaultdict[str, list[KeyMeta]] = defaultdict(list)
    for (table, _, other), group in groupby(rows, key=lambda row: (str(row[0]), row[1], row[2])):
        pairs = [(row[3], row[4]) for row in group]
        named = tuple(to for _, to in pairs if to is not None)
        found[table].append(
            KeyMeta(
                KeyKind.FOREIGN,
                tuple(column for column, _ in pairs),
                references=(other,),
                referenced_columns=named or primary.get(other, ()),
            )
        )
    return found
