"""What a CREATE FUNCTION or PROCEDURE statement declares, and the lineage of its body."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from muniment.catalog.lineage.engine.batch import DIALECTS as BATCHES
from muniment.catalog.lineage.engine.flows import NO_FLOWS, TableName
from muniment.catalog.lineage.engine.multi import unfolded
from muniment.catalog.lineage.engine.procedure import ProcedureReader
from muniment.catalog.lineage.engine.script import made_and_dropped, read_statement, read_text
from muniment.catalog.lineage.engine.session import Session
from muniment.catalog.lineage.engine.split import (
    Fragment,
    Lexeme,
    begins_block,
    lexemes,
    name_at,
    scripted,
    statements,
)
from muniment.catalog.lineage.engine.statements import StatementReader

_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
_ROUTINES = frozenset({"FUNCTION", "PROCEDURE", "PROC", "PACKAGE"})
_FLOW = frozenset({"IF", "WHILE", "FOR", "LOOP", "REPEAT", "<<"})
_BODY = frozenset({"AS", "IS", "BEGIN", "RETURN", "RETURNS", "LANGUAGE"})
_SCRIPTED = frozenset({*BATCHES, "bigquery", "mysql", "oracle", "snowflake"})
"""Dialects whose scripts have variables and texts that are run, outside of blocks too."""
_FOLLOWED = frozenset({"sql", "plpgsql", ""})


@dataclass(frozen=True, slots=True)
class Routine:
    """``outputs`` are the columns a call yields; ``body`` begins on ``line`` of the text."""

    parameters: tuple[str, ...]
    outputs: tuple[str, ...]
    language: str
    body: str
    line: int


def declares_routine(lexed: Sequence[Lexeme]) -> TableName | None:
    """The name of the routine that a statement creates; None for any other statement."""
    words = [lexeme.word for lexeme in lexed[:8]]
    if words[:1] not in (["CREATE"], ["ALTER"]) or not _ROUTINES & set(words):
        return None
    at = next(place for place, word in enumerate(words) if word in _ROUTINES) + 1
    while at < len(lexed) and lexed[at].word in ("IF", "NOT", "EXISTS", "BODY"):
        at += 1
    return name_at(lexed, at) or None


def declared(sql: str, dialect: str, *, language: str = "") -> Routine:
    """Read the head of a routine; a text without one is a body alone."""
    lexed = lexemes(sql, dialect)
    if declares_routine(lexed) is None:
        return Routine((), (), language, sql, 1)
    if dialect in BATCHES:
        return _batch_routine(sql, lexed)
    parameters, outputs, at = _signature(lexed)
    for place in range(at, len(lexed)):
        if lexed[place].word == "LANGUAGE" and place + 1 < len(lexed):
            language = lexed[place + 1].name.strip("'").lower()
    body, line = _body(sql, lexed, at, dialect)
    return Routine(tuple(parameters), tuple(outputs), language, body, line)


def read_routine(
    sql: str,
    session: Session,
    *,
    name: TableName | None,
    language: str = "",
    outputs: Sequence[str] = (),
) -> None:
    """Read a routine into the session; what it returns feeds ``name``, or nobody."""
    routine = declared(sql, session.dialect, language=language)
    columns = routine.outputs or tuple(outputs) or (() if name is None else (name[-1],))
    for parameter in routine.parameters:
        session.variables.setdefault(parameter.casefold(), NO_FLOWS)
    if routine.language not in _FOLLOWED:
        session.problem(f"The language {routine.language} is not followed.")
        return
    if routine.language == "plpgsql" or _is_block(routine, session.dialect):
        reader = ProcedureReader(session, name, columns, routine.line)
        reader.read(routine.body)
        if routine.outputs:
            reader.finish()
        return
    _read_sql_body(routine, session, name, columns)


def read_script(sql: str, session: Session) -> None:
    """Read a whole text into the session: statements, blocks, and the bodies of routines."""
    fragments = scripted(sql, session.dialect)
    session.doomed |= made_and_dropped(fragments)
    reader, steps = StatementReader(session), ProcedureReader(session, bare=True)
    for fragment in fragments:
        if declares_routine(fragment.lexemes) is not None:
            with _own_variables(session):
                read_routine(fragment.text, session, name=None)
        elif (body := _anonymous(fragment, session.dialect)) is not None:
            with _own_variables(session):
                ProcedureReader(session, first_line=fragment.line).read(body)
        elif session.dialect in _SCRIPTED:
            steps.read_piece(fragment)
        else:
            for text in unfolded(fragment, session.dialect):
                read_statement(text, reader, line=fragment.line)


@contextmanager
def _own_variables(session: Session) -> Iterator[None]:
    """What a body declares is gone behind it: a column called as a parameter was is one again."""
    before = dict(session.variables)
    try:
        yield
    finally:
        session.variables = before


def _anonymous(fragment: Fragment, dialect: str) -> str | None:
    """The body of a block without a name; None for any other statement."""
    words = [lexeme.word for lexeme in fragment.lexemes]
    if words[0] == "DO":
        text = fragment.lexemes[-1].text
        quoted = text[:1] == "$" and text.count("$") > 3
        return text.split("$", 2)[2].rsplit("$", 2)[0] if quoted else None
    block = words[0] in _FLOW or begins_block(fragment.lexemes, dialect)
    return fragment.text if block and len(words) > 2 else None


def _read_sql_body(
    routine: Routine, session: Session, name: TableName | None, columns: Sequence[str]
) -> None:
    """An SQL function: statements for their effect, the last one also for its rows."""
    body = routine.body
    if lexemes(body, session.dialect)[:1] and lexemes(body, session.dialect)[0].word == "RETURN":
        body = "SELECT" + body.lstrip()[len("RETURN") :]
    parts = statements(body, session.dialect)
    for part in parts[:-1]:
        quiet = StatementReader(session, quiet=True)
        read_statement(part.text, quiet, line=routine.line + part.line - 1)
    for part in parts[-1:] if name is None else ():
        quiet = StatementReader(session, quiet=True)
        read_statement(part.text, quiet, line=routine.line + part.line - 1)
    for part in () if name is None else parts[-1:]:
        read_text(
            part.text,
            session,
            result=name,
            result_columns=columns,
            first_line=routine.line + part.line - 1,
        )


def _is_block(routine: Routine, dialect: str) -> bool:
    if routine.language == "sql" and dialect in ("postgres", "redshift", ""):
        return False
    first = [lexeme.word for lexeme in lexemes(routine.body, dialect)[:1]]
    return dialect in BATCHES or (bool(first) and first[0] in ("BEGIN", "DECLARE", "<<"))


def _batch_routine(sql: str, lexed: Sequence[Lexeme]) -> Routine:
    """T-SQL: parameters need no parentheses, and the body is all behind AS."""
    depth = 0
    for at, lexeme in enumerate(lexed):
        depth += {"(": 1, ")": -1}.get(lexeme.word, 0)
        if depth or lexeme.word != "AS" or lexed[at - 1].word in ("EXECUTE", "EXEC"):
            continue
        if at + 1 < len(lexed) and lexed[at - 1].text[:1] == "@":
            continue  # ``@name AS type``
        parameters = [each.name for each in lexed[:at] if each.text[:1] == "@"]
        body = sql[lexeme.end :]
        return Routine(tuple(parameters), (), "", body, sql.count("\n", 0, lexeme.end) + 1)
    return Routine((), (), "", "", 1)


def _signature(lexed: Sequence[Lexeme]) -> tuple[list[str], list[str], int]:
    """Parameter names, output columns, and where the head's options begin."""
    start = next((at for at, each in enumerate(lexed) if each.word in ("(", *_BODY)), len(lexed))
    if start < len(lexed) and lexed[start].word != "(":
        return [], [], start
    end = _closing(lexed, start)
    parameters: list[str] = []
    outputs: list[str] = []
    for part in _parts(lexed[start + 1 : end]):
        mode = part[0].word if part[0].word in _MODES else "IN"
        named = part[1:] if part[0].word in _MODES else part
        if named:
            parameters.append(named[0].name)
            if mode in ("OUT", "INOUT"):
                outputs.append(named[0].name)
    after = end + 1
    if [lexeme.word for lexeme in lexed[after : after + 3]] == ["RETURNS", "TABLE", "("]:
        close = _closing(lexed, after + 2)
        outputs = [part[0].name for part in _parts(lexed[after + 3 : close])]
        after = close + 1
    return parameters, outputs, after


def _closing(lexed: Sequence[Lexeme], start: int) -> int:
    depth = 0
    for at in range(start, len(lexed)):
        depth += {"(": 1, ")": -1}.get(lexed[at].word, 0)
        if depth == 0:
            return at
    return len(lexed)


def _parts(lexed: Sequence[Lexeme]) -> Iterator[Sequence[Lexeme]]:
    depth = start = 0
    for at, lexeme in enumerate(lexed):
        depth += {"(": 1, ")": -1}.get(lexeme.word, 0)
        if lexeme.word == "," and not depth:
            if at > start:
                yield lexed[start:at]
            start = at + 1
    if start < len(lexed):
        yield lexed[start:]


def _body(sql: str, lexed: Sequence[Lexeme], at: int, dialect: str) -> tuple[str, int]:
    """The text between quotes, or what stands behind AS, BEGIN, BEGIN ATOMIC or RETURN."""
    for place in range(at, len(lexed)):
        lexeme, after = lexed[place], lexed[place + 1 : place + 2]
        if lexeme.word in ("AS", "IS") and after:
            found = _behind_as(lexeme, after[0], sql, dialect)
            if found is not None:
                text, start = found
                return text, sql.count("\n", 0, start) + 1
        if lexeme.word == "RETURN":
            return sql[lexeme.start :], sql.count("\n", 0, lexeme.start) + 1
        if lexeme.word == "BEGIN":
            atomic = bool(after) and after[0].word == "ATOMIC"
            start = after[0].end if atomic else lexeme.start
            stop = lexed[-1].start if atomic and lexed[-1].word == "END" else len(sql)
            return sql[start:stop], sql.count("\n", 0, start) + 1
    return "", 1


def _behind_as(lexeme: Lexeme, after: Lexeme, sql: str, dialect: str) -> tuple[str, int] | None:
    """The body behind AS or IS with where it begins; None where it is no body."""
    if after.text[:1] == "$" and after.text.count("$") > 3:
        return after.text.split("$", 2)[2].rsplit("$", 2)[0], after.start
    if after.text[:1] == "'":
        return after.text[1:-1].replace("''", "'"), after.start
    if dialect == "oracle":
        return f"DECLARE {sql[lexeme.end :]}", lexeme.end
    return (sql[after.start :], after.start) if after.word in ("DECLARE", "BEGIN") else None
