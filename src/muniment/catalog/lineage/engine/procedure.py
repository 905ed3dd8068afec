"""The body of a routine: control flow walked, every branch taken, variables followed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from muniment.catalog.lineage.engine.batch import DIALECTS as BATCHES
from muniment.catalog.lineage.engine.batch import batched
from muniment.catalog.lineage.engine.flows import (
    NO_FLOWS,
    Flows,
    OutColumn,
    Outcome,
    QueryResult,
    Relation,
    StatementOutcome,
    TableName,
    joined,
)
from muniment.catalog.lineage.engine.phrases import (
    CHANGES,
    after,
    arguments,
    assignment,
    feeds_several,
    head,
    index,
    names,
    without_into,
    without_targets,
)
from muniment.catalog.lineage.engine.script import read_statement
from muniment.catalog.lineage.engine.session import Session
from muniment.catalog.lineage.engine.split import Fragment, Lexeme, rebuilt, statements
from muniment.catalog.lineage.engine.statements import StatementReader

_OPENERS = frozenset({"BEGIN", "ELSE", "LOOP", "EXCEPTION", "DECLARE"})
_QUIET = frozenset(
    [
        "RAISE",
        "NULL",
        "EXIT",
        "CONTINUE",
        "GET",
        "COMMIT",
        "ROLLBACK",
        "CLOSE",
        "ASSERT",
        "SET",
        "RESET",
        "LOCK",
        "MOVE",
        "ANALYZE",
        "TRUNCATE",
        "REFRESH",
        "NOTIFY",
        "SAVEPOINT",
        "RELEASE",
        "VACUUM",
        "GRANT",
        "REVOKE",
        "COMMENT",
        "PRINT",
        "GOTO",
        "LEAVE",
        "ITERATE",
        "SIGNAL",
        "THROW",
    ]
)
_DECLARE_ONE = frozenset({"mysql", "tsql", "fabric", "bigquery", "doris", "starrocks"})
"""Dialects whose DECLARE is a statement of its own, not the head of a section."""
_SECTIONS = frozenset({"TRY", "CATCH", "TRAN", "TRANSACTION", "WORK", "NOT"})
_QUERY = frozenset({"SELECT", "WITH", "VALUES", "TABLE", "("})
_PLACE = re.compile(r"%(\d+\$)?([sIL])")


@dataclass(slots=True)
class ProcedureReader:
    """Walks a PL/pgSQL body (and near relatives) statement by statement.

    ``output`` is the routine's own name, fed by what it returns; None for a trigger.
    """

    session: Session
    output: TableName | None = None
    output_columns: Sequence[str] = ()
    first_line: int = 1
    bare: bool = False
    """Whether a bare query feeds the caller, as in a script; inside a routine it feeds nobody."""
    _reader: StatementReader = field(init=False)
    _steps: StatementReader = field(init=False)
    _constants: dict[str, str] = field(default_factory=dict)
    _declaring: bool = False

    def __post_init__(self) -> None:
        self._reader = StatementReader(self.session, quiet=True)
        self._steps = StatementReader(self.session, quiet=not self.bare)

    def declare(self, names: Sequence[str]) -> None:
        """Parameters: variables that no table feeds."""
        for name in names:
            self.session.variables.setdefault(name.casefold(), NO_FLOWS)

    def read(self, body: str) -> None:
        """Every statement of a body."""
        for piece in statements(body, self.session.dialect):
            self.read_piece(piece)

    def read_piece(self, piece: Fragment) -> None:
        """What stands between two semicolons."""
        for fragment in batched(piece) if self._batches else (piece,):
            self._fragment(list(fragment.lexemes), fragment)

    @property
    def _batches(self) -> bool:
        return self.session.dialect in BATCHES

    # -- control flow ------------------------------------------------------------------------

    def _fragment(self, lexed: list[Lexeme], fragment: Fragment) -> None:
        """One piece between semicolons: key words of control flow in front, then a statement."""
        while lexed:
            first = lexed[0].word
            if (skipped := head(lexed)) > 0:
                lexed = lexed[skipped:]
            elif first == "DECLARE":
                self._declaring, lexed = True, lexed[1:]
            elif first in _OPENERS:
                self._declaring, lexed = False, lexed[1:]
                if first == "BEGIN" and lexed and lexed[0].word in _SECTIONS:
                    lexed = lexed[1:]
            elif first == "END":
                return
            elif first in ("IF", "ELSIF", "ELSEIF", "WHEN", "WHILE"):
                ends = ("LOOP", "DO") if first == "WHILE" else ("THEN",)
                until = after(lexed, ends)
                over = lexed[until - 1].word in ends
                self._condition(lexed[1 : until - 1 if over else until], fragment)
                lexed = lexed[until:]
            elif first == "CASE":
                lexed = lexed[max(after(lexed, ("WHEN",)) - 1, 1) :]
            elif first in ("FOR", "FOREACH"):
                until = after(lexed, ("LOOP", "DO"))
                self._loop(lexed[1 : until - 1], fragment)
                lexed = lexed[until:]
            else:
                self._statement(lexed, fragment)
                return

    def _condition(self, lexed: Sequence[Lexeme], fragment: Fragment) -> None:
        if any(lexeme.word == "SELECT" for lexeme in lexed):
            self._rows(f"SELECT {rebuilt(lexed)}", fragment)

    def _loop(self, lexed: Sequence[Lexeme], fragment: Fragment) -> None:
        at = index(lexed, "IN")
        if at < 0:
            return
        names = [lexeme.name for lexeme in lexed[:at] if lexeme.is_name]
        rest = [lexeme for lexeme in lexed[at + 1 :] if lexeme.word != "REVERSE"]
        if not rest or any(lexeme.word == ".." for lexeme in rest):
            self.declare(names)
        elif rest[0].word == "EXECUTE":
            self._bind(names, self._dynamic(rest[1:], fragment))
        elif rest[0].word == "ARRAY":
            self._bind(names, self._rows(f"SELECT {rebuilt(rest[1:])}", fragment))
        elif rest[0].word in _QUERY:
            self._bind(names, self._rows(rebuilt(rest), fragment))
        else:
            cursor = self.session.variables.get(rest[0].name.casefold())
            if isinstance(cursor, Relation):
                self._bind(names, QueryResult(cursor.star()))

    # -- statements --------------------------------------------------------------------------

    def _statement(self, lexed: list[Lexeme], fragment: Fragment) -> None:
        first = lexed[0].word
        if first == "SET" and len(lexed) > 3 and self._sets(lexed, fragment):
            return
        if self._declaring:
            self._declaration(lexed, fragment)
            self._declaring = self.session.dialect not in _DECLARE_ONE
        elif first in _QUIET or self._of_procedures(first, lexed[1:], fragment):
            return
        elif (at := assignment(lexed)) > 0:
            self._assign(lexed[:at], lexed[at + 1 :], fragment)
        else:
            self._sql(lexed, fragment)

    def _of_procedures(self, first: str, rest: list[Lexeme], fragment: Fragment) -> bool:
        """A statement that only procedures have; False for any other."""
        match first:
            case "RETURN":
                self._return(rest, fragment)
            case "PERFORM":
                self._rows(f"SELECT {rebuilt(rest)}", fragment)
            case "LET":
                self._declaration(rest, fragment)
            case "EXECUTE" | "EXEC":
                self._execute(rest, fragment)
            case "OPEN":
                self._open(rest, fragment)
            case "FETCH":
                self._fetch(rest)
            case "CALL":
                self._call(rest)
            case "PREPARE":
                self._prepare(rest)
            case _:
                return False
        return True

    def _prepare(self, rest: list[Lexeme]) -> None:
        """A text that is run under a name later on."""
        at = index(rest, "FROM")
        text = self._constant(rest[at + 1 :]) if at > 0 else None
        if text is not None:
            self._constants[rest[0].name.casefold()] = text

    def _sets(self, lexed: list[Lexeme], fragment: Fragment) -> bool:
        """``SET x = ...``; False when it sets something else than a variable."""
        name = lexed[1].name.casefold()
        at = 3 if lexed[2].word in ("+", "-") and lexed[3].word == "=" else 2
        if lexed[at].word not in ("=", ":=") or not (
            name in self.session.variables or name[:1] == "@"
        ):
            return False
        before = [lexed[1], lexed[2]] if at == 3 else []
        self._assign(lexed[1:2], [*before, *lexed[at + 1 :]], fragment)
        return True

    def _declaration(self, lexed: list[Lexeme], fragment: Fragment) -> None:
        name, rest = lexed[0].name, lexed[1:]
        table = [lexeme for lexeme in rest if lexeme.word != "AS"]
        if table[:1] and table[0].word == "TABLE" and len(table) > 2:
            names = [part[0].name for part in arguments(table[2:-1]) if part]
            held = Relation([OutColumn(each) for each in names])
            self.session.transient[name.casefold(),] = held
            return
        if any(lexeme.word == "CURSOR" for lexeme in rest[:3]):
            at = max(index(rest, "FOR"), index(rest, "IS"))
            result = self._rows(rebuilt(rest[at + 1 :]), fragment)
            self.session.variables[name.casefold()] = Relation(result.columns if result else ())
            return
        self.session.variables[name.casefold()] = NO_FLOWS
        at = max(index(rest, ":="), index(rest, "="), index(rest, "DEFAULT"))
        if at >= 0:
            self._assign(lexed[:1], rest[at + 1 :], fragment)

    def _assign(
        self, target: Sequence[Lexeme], value: Sequence[Lexeme], fragment: Fragment
    ) -> None:
        name = target[0].name.casefold()
        constant = self._constant(value)
        if constant is not None:
            self._constants[name] = constant
            return
        self._constants.pop(name, None)
        result = self._rows(f"SELECT {rebuilt(value)}", fragment)
        if result is not None and result.columns:
            self._bind([rebuilt(target)], result)

    def _bind(self, names: Sequence[str], result: QueryResult | None) -> None:
        """Variables take over what feeds the columns; a single one may hold the whole row."""
        if result is None:
            self.declare(names)
            return
        variables = self.session.variables
        if len(names) == 1 and len(result.columns) != 1:
            variables[names[0].casefold()] = Relation(result.columns)
            return
        for name, column in zip(names, result.columns, strict=False):
            key = name.split(".")[0].casefold()
            fed = joined([_held(variables.get(key)), column.flows])
            variables[key] = Relation([OutColumn(column.name, fed)], rest=fed)

    def _return(self, lexed: list[Lexeme], fragment: Fragment) -> None:
        first = lexed[0].word if lexed else ""
        if first == "QUERY" and lexed[1:2] and lexed[1].word == "EXECUTE":
            self._yield(self._dynamic(lexed[2:], fragment))
        elif first == "QUERY":
            self._yield(self._rows(rebuilt(lexed[1:]), fragment))
        elif first == "NEXT" or not lexed:
            if lexed[1:]:
                self._yield(self._rows(f"SELECT {rebuilt(lexed[1:])}", fragment))
            else:
                self._yield_variables()
        elif first not in ("NEW", "OLD", "NULL"):
            self._yield(self._rows(f"SELECT {rebuilt(lexed)}", fragment))

    def _yield_variables(self) -> None:
        """RETURN NEXT alone hands out the output parameters, which are variables."""
        held = self.session.variables
        columns = [
            OutColumn(name, _held(held.get(name.casefold()))) for name in self.output_columns
        ]
        self._yield(QueryResult(columns))

    def finish(self) -> None:
        """Output parameters hold the result where no RETURN said so."""
        if self.output_columns:
            self._yield_variables()

    def _yield(self, result: QueryResult | None) -> None:
        if result is not None and self.output is not None:
            target = StatementReader(self.session, self.output, self.output_columns)
            target.take(result)

    def _open(self, lexed: list[Lexeme], fragment: Fragment) -> None:
        at = index(lexed, "FOR")
        if at < 0:
            return
        query = lexed[at + 1 :]
        if query and query[0].word == "EXECUTE":
            result = self._dynamic(query[1:], fragment)
        else:
            result = self._rows(rebuilt(query), fragment)
        self.session.variables[lexed[0].name.casefold()] = Relation(
            result.columns if result else ()
        )

    def _fetch(self, lexed: list[Lexeme]) -> None:
        at = index(lexed, "INTO")
        if at < 1:
            return
        cursor = self.session.variables.get(lexed[at - 1].name.casefold())
        if isinstance(cursor, Relation):
            self._bind(names(lexed[at + 1 :]), QueryResult(cursor.star()))

    def _call(self, lexed: list[Lexeme]) -> None:
        parts: list[str] = []
        for lexeme in lexed:
            if lexeme.word == "(":
                break
            if lexeme.is_name:
                parts.append(lexeme.name)
        if parts:
            self.session.lineage.calls[self.session.namespace.resolve(tuple(parts))] = None

    def _sql(self, lexed: list[Lexeme], fragment: Fragment) -> None:
        """An SQL statement; ``INTO variables`` is taken out and the variables take the row."""
        if lexed[0].word == "FORALL":
            at = next((n for n, x in enumerate(lexed) if x.word in CHANGES), len(lexed) - 1)
            lexed = lexed[at:]
        kept: list[Lexeme] = lexed
        names: list[str] = []
        if self._batches and lexed[0].word == "SELECT":
            kept, names = without_targets(lexed)
        elif lexed[0].word in CHANGES and not self._batches and not feeds_several(lexed):
            kept, names = without_into(lexed)
        result = (self._rows if names else self._done)(rebuilt(kept), fragment)
        if names:
            self._bind(names, result)

    def _execute(self, lexed: list[Lexeme], fragment: Fragment) -> None:
        if lexed and lexed[0].word == "IMMEDIATE":
            lexed = lexed[1:]
        if self._batches:
            self._run(lexed, fragment)
            return
        kept, names = without_into(lexed)
        result = self._dynamic(kept, fragment)
        if names:
            self._bind(names, result)

    def _run(self, lexed: list[Lexeme], fragment: Fragment) -> None:
        """T-SQL's EXEC: a text in parentheses, one handed to sp_executesql, or a procedure."""
        if lexed[:1] and lexed[0].word == "(":
            self._dynamic(lexed[1:-1], fragment)
            return
        called = next((n for n, x in enumerate(lexed) if x.word == "SP_EXECUTESQL"), -1)
        if called >= 0:
            self._dynamic(next(arguments(lexed[called + 1 :])), fragment)
        else:
            self._call(lexed)

    # -- texts -------------------------------------------------------------------------------

    def _rows(self, sql: str, fragment: Fragment) -> QueryResult | None:
        """Read one statement; a bare query feeds nothing but who asked for its rows."""
        return read_statement(sql, self._reader, line=self.first_line + fragment.line - 1)

    def _done(self, sql: str, fragment: Fragment) -> QueryResult | None:
        """Read one statement of the script itself: the rows of a bare query may feed the caller."""
        return read_statement(sql, self._steps, line=self.first_line + fragment.line - 1)

    def _dynamic(self, lexed: Sequence[Lexeme], fragment: Fragment) -> QueryResult | None:
        """Dynamic SQL, when its text can be built from constants."""
        at = index(lexed, "USING")
        sql = self._constant(lexed[:at] if at >= 0 else lexed)
        if sql is None:
            self.session.lineage.statements.append(
                StatementOutcome(
                    len(self.session.lineage.statements),
                    self.first_line + fragment.line - 1,
                    "execute",
                    Outcome.PARTLY,
                    "The text of this dynamic SQL is not known before it runs.",
                )
            )
            return None
        return self._rows(sql, fragment)

    def _constant(self, lexed: Sequence[Lexeme]) -> str | None:
        """A text built of constants by ``||`` or format(); None when anything else is in it."""
        lexed = [
            each for at, each in enumerate(lexed)
            if each.word != "N" or lexed[at + 1 : at + 2] == [] or lexed[at + 1].text[:1] != "'"
        ]  # fmt: skip
        if len(lexed) > 3 and lexed[0].word == "FORMAT" and lexed[1].word == "(":
            return self._formatted(list(arguments(lexed[2:-1])))
        if len(lexed) > 3 and lexed[0].word == "CONCAT" and lexed[1].word == "(":
            told = [self._constant(part) for part in arguments(lexed[2:-1])]
            return None if None in told else "".join(part or "" for part in told)
        pieces: list[str] = []
        for at, lexeme in enumerate(lexed):
            if at % 2 == 1:
                if lexeme.word not in ("||", "+"):
                    return None
                continue
            piece = self._piece(lexeme)
            if piece is None:
                return None
            pieces.append(piece)
        return "".join(pieces) if pieces else None

    def _piece(self, lexeme: Lexeme) -> str | None:
        if lexeme.text[:1] == "'":
            return lexeme.text[1:-1].replace("''", "'")
        if lexeme.text[:1] == "$" and lexeme.text.count("$") > 3:
            return lexeme.text.split("$", 2)[2].rsplit("$", 2)[0]
        return self._constants.get(lexeme.name.casefold())

    def _formatted(self, arguments: list[Sequence[Lexeme]]) -> str | None:
        parts = [self._constant(argument) for argument in arguments]
        if not parts or any(part is None for part in parts):
            return None
        values = iter([part for part in parts[1:] if part is not None])
        template = parts[0] or ""

        def fill(match: re.Match[str]) -> str:
            value = next(values, "")
            return (
                value
                if match.group(2) == "s"
                else f'"{value}"'
                if match.group(2) == "I"
                else (f"'{value}'")
            )

        return _PLACE.sub(fill, template)


def _held(variable: Relation | Flows | None) -> Flows:
    """What feeds a variable, whether it holds a value or a row."""
    if isinstance(variable, Relation):
        return joined(column.flows for column in variable.columns.values())
    return variable or NO_FLOWS
