"""The net effect of a whole text of SQL: statements in order, temporary tables handed through."""

import re
from collections.abc import Sequence

from sqlglot import exp, parse_one
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError

from muniment.catalog.lineage.engine.flows import (
    Outcome,
    QueryResult,
    StatementOutcome,
    TableName,
)
from muniment.catalog.lineage.engine.session import Session
from muniment.catalog.lineage.engine.split import Fragment, lexemes, name_at, statements
from muniment.catalog.lineage.engine.statements import StatementReader

_ON_COMMIT = re.compile(r"\sON\s+COMMIT\s+(DROP|(DELETE|PRESERVE)\s+ROWS)\b", re.IGNORECASE)
"""The clause of a temporary table that the parser does not know, and that changes no lineage."""
_TASK = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:TASK|PIPE)\b(?:[^']|'[^']*')*?\sAS\s+", re.IGNORECASE
)
"""The head of what runs a statement now and then."""
_REPLACE = re.compile(r"REPLACE\s+(INTO\s+)?", re.IGNORECASE)
_COMPOUND = re.compile(r"([\w@.\[\]]+)\s*([-+*/%&|^])=\s*")
"""``SET a += b``, which stands for ``SET a = a + b``."""
_CLASS = re.compile(r"<class '[\w.]*\.(\w+)'>")


def read_text(
    sql: str,
    session: Session,
    *,
    result: TableName | None = None,
    result_columns: Sequence[str] = (),
    first_line: int = 1,
) -> None:
    """Read every statement of a text into the session; nothing raises, outcomes tell."""
    fragments = statements(sql, session.dialect)
    session.doomed |= made_and_dropped(fragments)
    reader = StatementReader(session, result, result_columns)
    for fragment in fragments:
        read_statement(fragment.text, reader, line=first_line + fragment.line - 1)


def read_statement(sql: str, reader: StatementReader, *, line: int) -> QueryResult | None:
    """Read one statement and record its outcome; gives the rows it yields."""
    session = reader.session
    session.problems.clear()
    kind, outcome, reason = "unknown", Outcome.PARSED, None
    result = None
    try:
        tree = parse(sql, session.dialect)
        if tree is None:
            return None
        kind = str(tree.this).lower() if isinstance(tree, exp.Command) else tree.key
        result = reader.read(tree)
    except ParseError as error:
        outcome, reason = Outcome.FAILED, _reason(error)
    except SqlglotError as error:
        outcome, reason = Outcome.FAILED, str(error).split("\n")[0][:200]
    except RecursionError:
        outcome, reason = Outcome.FAILED, "The statement is nested too deeply to be read."
    except Exception as error:  # noqa: BLE001  the parser is a plug-in fed with whatever a source holds
        outcome = Outcome.FAILED
        reason = f"The parser could not handle the statement ({type(error).__name__})."
    if outcome is Outcome.PARSED and session.problems:
        outcome, reason = Outcome.PARTLY, session.problems[0]
    session.lineage.statements.append(
        StatementOutcome(len(session.lineage.statements), line, kind, outcome, reason)
    )
    return result


def parse(sql: str, dialect: str) -> exp.Expr | None:
    """The tree of one statement; None for a text of comments. Raises SqlglotError."""
    if not lexemes(sql, dialect):
        return None
    try:
        tree = parse_one(sql, dialect=dialect, error_level=ErrorLevel.IMMEDIATE)
    except ParseError:
        other = _other_reading(sql, dialect)
        if other is None:
            raise
        tree = parse_one(other, dialect=dialect, error_level=ErrorLevel.IMMEDIATE)
    if isinstance(tree, exp.Command) and _ON_COMMIT.search(sql):
        return parse_one(_ON_COMMIT.sub(" ", sql), dialect=dialect)
    if isinstance(tree, exp.Command) and _REPLACE.match(sql):
        return parse_one(_REPLACE.sub("INSERT INTO ", sql, count=1), dialect=dialect)
    if isinstance(tree, exp.Command) and (doing := _TASK.match(sql)) is not None:
        return parse(sql[doing.end() :], dialect)
    return tree


def _other_reading(sql: str, dialect: str) -> str | None:
    """What is meant by forms that the parser does not know; None where there is none of them."""
    if dialect in ("athena", "trino", "presto") and "`" in sql:
        return sql.replace("`", '"')  # names in the part of Athena that is Hive's
    if dialect in ("tsql", "fabric") and _COMPOUND.search(sql):
        return _COMPOUND.sub(r"\1 = \1 \2 ", sql)
    return None


def _reason(error: ParseError) -> str:
    if not error.errors:
        return str(error).split("\n")[0][:200]
    first = error.errors[0]
    place = f"line {first.get('line')}, column {first.get('col')}"
    description = _CLASS.sub(r"\1", str(first.get("description", "It does not parse")))
    return f"{description} ({place})."[:300]


def made_and_dropped(fragments: Sequence[Fragment]) -> set[TableName]:
    """Tables that the text creates and drops again: nobody outside ever sees them."""
    doomed: dict[TableName, bool] = {}
    for fragment in fragments:
        words = [lexeme.word for lexeme in fragment.lexemes[:6]]
        if words[:1] == ["CREATE"] and "TABLE" in words:
            doomed[_name_after(fragment, "TABLE")] = False
        elif words[:2] == ["DROP", "TABLE"] and _name_after(fragment, "TABLE") in doomed:
            doomed[_name_after(fragment, "TABLE")] = True
    return {name for name, gone in doomed.items() if gone and name}


def _name_after(fragment: Fragment, key_word: str) -> TableName:
    words = [lexeme.word for lexeme in fragment.lexemes]
    at = words.index(key_word) + 1
    while at < len(words) and words[at] in ("IF", "NOT", "EXISTS"):
        at += 1
    return tuple(part.casefold() for part in name_at(fragment.lexemes, at))
