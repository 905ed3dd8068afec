"""What a migration would take away or change: drops, renames and other types. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp
from sqlglot.errors import SqlglotError

from muniment.catalog.lineage.engine.flows import TableName
from muniment.catalog.lineage.engine.names import dialect_of
from muniment.catalog.lineage.engine.script import parse
from muniment.catalog.lineage.engine.session import table_name
from muniment.catalog.lineage.engine.split import statements

_GONE = ("TABLE", "VIEW", "MATERIALIZED VIEW", "SCHEMA")
_RENAME = "SP_RENAME"
_CHANGING = ("ALTER", "DROP", "RENAME", "EXEC", "EXECUTE")
LONGEST = 20_000
MOST_BRACKETS = 200
"""Longer and deeper statements are told as not understood: no migration has them, and what parses
them may not return."""


class Action(StrEnum):
    DROP = "drop"
    RENAME = "rename"
    RETYPE = "retype"


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """One thing that a statement changes; without a column the table as a whole."""

    action: Action
    table: TableName
    column: str | None
    line: int
    to: str | None = None
    """The new name, or the new type."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A statement that changes a table in a way that was not understood."""

    line: int
    reason: str


def proposed(sql: str, dialect: str) -> list[ProposedChange | Unread]:
    """The changes of a text of SQL in order; what only adds or fills is none."""
    known = dialect_of(dialect)
    found: list[ProposedChange | Unread] = []
    for fragment in statements(sql, known):
        if not fragment.text.lstrip().upper().startswith(_CHANGING):
            continue
        if len(fragment.text) > LONGEST or fragment.text.count("(") > MOST_BRACKETS:
            found += _unread(fragment.text, fragment.line)
            continue
        try:
            tree = parse(fragment.text, known)
        except (SqlglotError, RecursionError):
            found += _unread(fragment.text, fragment.line)
            continue
        if isinstance(tree, exp.Drop):
            found += _dropped(tree, fragment.line)
        elif isinstance(tree, exp.Alter):
            found += _altered(tree, fragment.line)
        elif isinstance(tree, exp.Execute):
            found += _sp_rename(tree, fragment.line)
        elif isinstance(tree, exp.Command):
            found += _unread(fragment.text, fragment.line)
    return found


def _unread(text: str, line: int) -> Iterator[Unread]:
    word = text.split(None, 1)[0].upper() if text.split() else ""
    if word in ("ALTER", "DROP", "RENAME"):
        yield Unread(line, f"This {word} was not understood.")


def _dropped(drop: exp.Drop, line: int) -> Iterator[ProposedChange]:
    if str(drop.args.get("kind")).upper() in _GONE:
        for table in drop.args.get("tables") or ():
            if isinstance(table, exp.Table):
                yield ProposedChange(Action.DROP, table_name(table), None, line)


def _altered(alter: exp.Alter, line: int) -> Iterator[ProposedChange | Unread]:
    if isinstance(alter.this, exp.Table):
        for action in alter.args.get("actions") or ():
            yield from _of_action(table_name(alter.this), action, line)


def _of_action(table: TableName, action: exp.Expr, line: int) -> Iterator[ProposedChange | Unread]:
    if isinstance(action, exp.Drop):
        for column in _columns(action):
            yield ProposedChange(Action.DROP, table, column, line)
    elif isinstance(action, exp.RenameColumn):
        to = action.args["to"].name
        yield ProposedChange(Action.RENAME, table, action.this.name, line, to)
    elif isinstance(action, exp.AlterRename):
        yield ProposedChange(Action.RENAME, table, None, line, action.this.name)
    elif isinstance(action, exp.AlterColumn) and action.args.get("dtype") is not None:
        told = action.args["dtype"].sql()
        yield ProposedChange(Action.RETYPE, table, action.this.name, line, told)
    elif isinstance(action, exp.ModifyColumn):
        yield from _modified(table, action, line)
    elif isinstance(action, exp.Command):
        yield Unread(line, "This ALTER was not understood.")


def _columns(drop: exp.Expr) -> Iterator[str]:
    if str(drop.args.get("kind")).upper() not in ("COLUMN", "COLUMNS"):
        return
    for each in drop.args.get("tables") or ():
        listed = each.expressions if isinstance(each, exp.Schema) else [each]
        yield from (column.name for column in listed)


def _modified(table: TableName, modify: exp.Expr, line: int) -> Iterator[ProposedChange]:
    """MySQL's ``MODIFY`` and ``CHANGE``, which tell the whole column anew."""
    column, before = modify.this, modify.args.get("rename_from")
    if before is not None and before.name.casefold() != column.name.casefold():
        yield ProposedChange(Action.RENAME, table, before.name, line, column.name)
    elif column.args.get("kind") is not None:
        told = column.args["kind"].sql()
        yield ProposedChange(Action.RETYPE, table, column.name, line, told)


def _sp_rename(call: exp.Execute, line: int) -> Iterator[ProposedChange]:
    """T-SQL: ``exec sp_rename 'dbo.t.c', 'd', 'COLUMN'``."""
    given = [each.name for each in call.expressions if isinstance(each, exp.Literal)]
    if call.this.name.upper() != _RENAME or len(given) < 2:
        return
    path = tuple(part.strip("[]") for part in given[0].split("."))
    if len(given) > 2 and given[2].upper() == "COLUMN" and len(path) > 1:
        yield ProposedChange(Action.RENAME, path[:-1], path[-1], line, given[1])
    else:
        yield ProposedChange(Action.RENAME, path, None, line, given[1])
