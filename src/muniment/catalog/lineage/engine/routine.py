"""What a CREATE FUNCTION or PROCEDURE statement declares, and the lineage of its body."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from muniment.catalog.lineage.engine.flows import NO_FLOWS, TableName
from muniment.catalog.lineage.engine.procedure import ProcedureReader
from muniment.catalog.lineage.engine.script import read_statement, read_text
from muniment.catalog.lineage.engine.session import Session
from muniment.catalog.lineage.engine.split import Lexeme, lexemes, statements
from muniment.catalog.lineage.engine.statements import StatementReader

_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
_ROUTINES = frozenset({"FUNCTION", "PROCEDURE"})
_FOLLOWED = frozenset({"sql", "plpgsql", ""})


@dataclass(frozen=True, slots=True)
class Routine:
    """``outputs`` are the columns a call yields; ``body`` begins on ``line`` of the text."""

    parameters: tuple[str, ...]
    outputs: tuple[str, ...]
    language: str
    body: str
    line: int


def declared(sql: str, dialect: str, *, language: str = "") -> Routine:
    """Read the head of a routine; a text without one is a body alone."""
    lexed = lexemes(sql, dialect)
    words = [lexeme.word for lexeme in lexed[:5]]
    if words[:1] != ["CREATE"] or not _ROUTINES & set(words):
        return Routine((), (), language, sql, 1)
    parameters, outputs, at = _signature(lexed)
    for place in range(at, len(lexed)):
        if lexed[place].word == "LANGUAGE" and place + 1 < len(lexed):
            language = lexed[place + 1].name.strip("'").lower()
    body, line = _body(sql, lexed, at)
    return Routine(tuple(parameters), tuple(outputs), language, body, line)


def read_routine(
    sql: str, session: Session, *, name: TableName, language: str = "", outputs: Sequence[str] = ()
) -> None:
    """Read a routine into the session; what it returns feeds ``name``."""
    routine = declared(sql, session.dialect, language=language)
    columns = routine.outputs or tuple(outputs) or (name[-1],)
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


def _read_sql_body(
    routine: Routine, session: Session, name: TableName, columns: Sequence[str]
) -> None:
    """An SQL function: statements for their effect, the last one also for its rows."""
    body = routine.body
    if lexemes(body, session.dialect)[:1] and lexemes(body, session.dialect)[0].word == "RETURN":
        body = "SELECT" + body.lstrip()[len("RETURN") :]
    parts = statements(body, session.dialect)
    for part in parts[:-1]:
        quiet = StatementReader(session, quiet=True)
        read_statement(part.text, quiet, line=routine.line + part.line - 1)
    for part in parts[-1:]:
        read_text(
            part.text,
            session,
            result=name,
            result_columns=columns,
            first_line=routine.line + part.line - 1,
        )


def _is_block(routine: Routine, dialect: str) -> bool:
    if routine.language == "sql":
        return False
    first = [lexeme.word for lexeme in lexemes(routine.body, dialect)[:1]]
    return bool(first) and first[0] in ("BEGIN", "DECLARE", "<<")


def _signature(lexed: Sequence[Lexeme]) -> tuple[list[str], list[str], int]:
    """Parameter names, output columns, and where the head's options begin."""
    start = next((at for at, lexeme in enumerate(lexed) if lexeme.word == "("), len(lexed))
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


def _body(sql: str, lexed: Sequence[Lexeme], at: int) -> tuple[str, int]:
    """The text between dollar quotes or quotes, or the standard's BEGIN ATOMIC or RETURN."""
    for place in range(at, len(lexed)):
        lexeme = lexed[place]
        if lexeme.word == "AS" and place + 1 < len(lexed):
            text = lexed[place + 1].text
            line = sql.count("\n", 0, lexed[place + 1].start) + 1
            if text[:1] == "$" and text.count("$") > 3:
                return text.split("$", 2)[2].rsplit("$", 2)[0], line
            if text[:1] == "'":
                return text[1:-1].replace("''", "'"), line
        if lexeme.word == "RETURN":
            return sql[lexeme.start :], sql.count("\n", 0, lexeme.start) + 1
        if lexeme.word == "BEGIN":
            atomic = lexed[place + 1 : place + 2]
            start = atomic[0].end if atomic and atomic[0].word == "ATOMIC" else lexeme.start
            stop = lexed[-1].start if atomic and lexed[-1].word == "END" else len(sql)
            if start == lexeme.start:
                stop = len(sql)
            return sql[start:stop], sql.count("\n", 0, start) + 1
    return "", 1
