"""A text of SQL cut into statements, so that a broken one costs only itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

_BACKSLASH = frozenset(
    ["mysql", "bigquery", "snowflake", "spark", "databricks", "hive", "clickhouse", "doris"]
)
_BACKTICK = _BACKSLASH | {"starrocks", "sqlite"}
_BRACKET = frozenset({"tsql", "fabric", "sqlite"})
_HASH_COMMENT = frozenset({"mysql", "bigquery", "doris", "starrocks"})
_DOLLAR = frozenset(
    ["postgres", "redshift", "snowflake", "databricks", "duckdb", "materialize", "risingwave"]
)


class Lexeme(NamedTuple):
    """A word, a quoted thing or a sign, with its place in the text.

    ``word`` is upper case for bare words, the sign itself for signs, empty for what is quoted.
    """

    text: str
    word: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """The identifier this is, quotes removed."""
        text = self.text
        if text[:1] in ('"', "`"):
            return text[1:-1].replace(text[0] * 2, text[0])
        return text[1:-1] if text[:1] == "[" and len(text) > 1 else text

    @property
    def is_name(self) -> bool:
        return self.text[:1] in ('"', "`") or self.word[:1].isalpha() or self.word[:1] in "_@#"


@cache
def _lexer(dialect: str) -> re.Pattern[str]:
    string = r"[eE]'(?:[^'\\]|\\.|'')*'|" + (
        r"'(?:[^'\\]|\\.|'')*'" if dialect in _BACKSLASH else r"'(?:[^']|'')*'"
    )
    quoted = [r'"(?:[^"]|"")*"']
    if dialect in _BACKTICK:
        quoted.append(r"`(?:[^`]|``)*`")
    if dialect in _BRACKET:
        quoted.append(r"\[[^\]]*\]")
    comments = [r"--[^\n]*", r"/\*(?:[^*]|\*(?!/))*\*/"]
    if dialect in _HASH_COMMENT:
        comments.append(r"\#[^\n]*")
    parts = [r"(?P<skip>\s+|" + "|".join(comments) + ")"]
    if dialect in _DOLLAR:
        parts.append(r"(?P<dollar>\$\w*\$)")
    parts.append(f"(?P<string>{string})")
    parts.append(f"(?P<quoted>{'|'.join(quoted)})")
    parts.append(r"(?P<number>\d+(?:\.(?!\.)\d*)?)")
    parts.append(r"(?P<word>[\w@\#]+(?:\$\w*)*)")
    parts.append(r"(?P<sign>:=|::|\|\||<<|>>|=>|\.\.|(?:.|\n))")
    return re.compile("|".join(parts))


def lexemes(sql: str, dialect: str) -> list[Lexeme]:
    """Every lexeme of a text; never fails: what fits nothing is a sign of one character."""
    found: list[Lexeme] = []
    lexer, at = _lexer(dialect), 0
    while (match := lexer.match(sql, at)) is not None:
        kind, end = match.lastgroup or "sign", match.end()
        if kind == "dollar":
            kind, end = _dollar_quoted(sql, match)
        text = sql[at:end]
        if kind != "skip":
            word = text.upper() if kind == "word" else text if kind in ("sign", "number") else ""
            found.append(Lexeme(text, word, at, end))
        at = end
    return found


def _dollar_quoted(sql: str, opening: re.Match[str]) -> tuple[str, int]:
    """What begins with ``$tag$`` ends with the same; without an end the sign is only a sign."""
    close = sql.find(opening.group(), opening.end())
    if close < 0:
        return "sign", opening.start() + 1
    return "dollar", close + len(opening.group())


def name_at(lexed: Sequence[Lexeme], at: int) -> tuple[str, ...]:
    """The dotted name that begins at a place; empty where none does."""
    parts: list[str] = []
    while at < len(lexed) and lexed[at].is_name:
        parts.append(lexed[at].name)
        if at + 1 >= len(lexed) or lexed[at + 1].word != ".":
            break
        at += 2
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A statement's text, its lexemes, and the line it begins on (counting from 1)."""

    text: str
    lexemes: Sequence[Lexeme]
    line: int


def statements(sql: str, dialect: str) -> list[Fragment]:
    """Cut at semicolons, except inside ``BEGIN ATOMIC ... END``; in T-SQL also at GO lines."""
    return list(_cut(sql, lexemes(sql, dialect), dialect, blocks=False))


def scripted(sql: str, dialect: str) -> list[Fragment]:
    """The same with routines and blocks in one piece: their bodies hold semicolons of their own.

    Lines with GO, ``/`` or the delimiter that MySQL's client was told end a piece as well.
    """
    text = _with_semicolons(sql, dialect)
    return list(_cut(text, lexemes(text, dialect), dialect, blocks=True))


def _cut(sql: str, lexed: Sequence[Lexeme], dialect: str, *, blocks: bool) -> Iterator[Fragment]:
    start, block = 0, _Block(dialect, blocks=blocks)
    for at, lexeme in enumerate(lexed):
        if at == start:
            block = _Block(dialect, blocks=blocks)
            block.begin(lexed, at)
        ends = lexeme.word in ("GO", "/") and _alone(sql, lexeme, dialect)
        if ends or (lexeme.word == ";" and block.is_over):
            yield from _fragment(sql, lexed[start:at])
            start = at + 1
        else:
            block.hear(lexed, at)
    yield from _fragment(sql, lexed[start:])


_FLOW = frozenset({"IF", "WHILE", "LOOP", "FOR", "REPEAT"})
_FIRST = frozenset({"", ";", "THEN", "ELSE", "DO", "LOOP", "BEGIN", "REPEAT", ":"})
_TRANSACTION = frozenset(
    (
        *("", ";", "CONCURRENT", "DEFERRED", "EXCLUSIVE", "IMMEDIATE", "ISOLATION", "NAME", "READ"),
        *("TRAN", "TRANSACTION", "WORK"),
    )
)
"""What stands behind a BEGIN that begins no block."""
_ROUTINE = frozenset({"PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "PACKAGE"})
_DECLARES = frozenset({"oracle", "postgres", "redshift", "snowflake", ""})
"""Dialects whose DECLARE heads a block; elsewhere it is a statement."""


def begins_block(lexed: Sequence[Lexeme], dialect: str | None = None) -> bool:
    """Whether a statement is a block: BEGIN of no transaction, or DECLARE with a BEGIN behind it.

    DECLARE is looked at where a dialect is given. A cursor that is declared by itself is no block.
    """
    words = [lexeme.word for lexeme in lexed[:8]]
    if words[:1] == ["BEGIN"]:
        return bool(words[1:]) and words[1] not in _TRANSACTION
    if words[:1] != ["DECLARE"] or dialect not in _DECLARES:
        return False
    return dialect in ("oracle", "snowflake") or "CURSOR" not in words


class _Block:
    """How deep inside of routines, blocks and loops a place is."""

    def __init__(self, dialect: str, *, blocks: bool) -> None:
        self.dialect, self.blocks = dialect, blocks
        self.depth = self.cases = self.flow = 0
        self.waits = self.whole = self.procedural = False
        """Waits for the BEGIN behind declarations; the whole batch is one routine."""

    def begin(self, lexed: Sequence[Lexeme], at: int) -> None:
        """Look at the head of a piece."""
        if not self.blocks:
            return
        head = [lexeme.word for lexeme in lexed[at : at + 8]]
        routine = head[:1] in (["CREATE"], ["ALTER"]) and bool(_ROUTINE & set(head))
        self.whole = routine and self.dialect in ("tsql", "fabric")
        self.procedural = routine or head[:1] == ["<<"] or begins_block(lexed[at:])
        declares = head[:1] == ["DECLARE"] and begins_block(lexed[at:], self.dialect)
        self.waits = declares or (routine and self.dialect == "oracle")
        flow = head[:1] and head[0] in _FLOW and self.dialect not in ("tsql", "fabric")
        self.procedural = bool(self.procedural or self.waits or flow)

    @property
    def is_over(self) -> bool:
        """Whether a semicolon here ends the piece."""
        return not (self.depth or self.flow or self.waits or self.whole)

    def hear(self, lexed: Sequence[Lexeme], at: int) -> None:
        word = lexed[at].word
        before = lexed[at - 1].word if at else ""
        after = lexed[at + 1].word if at + 1 < len(lexed) else ""
        if word == "ATOMIC" and before == "BEGIN" and not self.procedural:
            self.depth += 1
        elif word == "BEGIN" and self.procedural and after not in _TRANSACTION:
            self.depth, self.waits = self.depth + 1, False
        elif self.depth or self.flow or self.procedural:
            self._inside(word, before, after)

    def _inside(self, word: str, before: str, after: str) -> None:
        if word == "END":
            self._end(after)
        elif word == "CASE" and before != "END":
            self.cases += 1
        elif word in _FLOW and before in _FIRST and self.dialect not in ("tsql", "fabric"):
            self.flow += 1
        elif word in ("AS", "IS") and after == "DECLARE":
            self.waits = True

    def _end(self, after: str) -> None:
        if after in _FLOW:
            self.flow = max(self.flow - 1, 0)
        elif self.cases:
            self.cases -= 1
        else:
            self.depth = max(self.depth - 1, 0)


def _with_semicolons(sql: str, dialect: str) -> str:
    """MySQL's DELIMITER lines left out, and what they name in the semicolon's place."""
    if dialect not in ("mysql", "doris", "starrocks", "singlestore") or "ELIMITER" not in (
        sql.upper()
    ):
        return sql
    lines, sign = [], ";"
    for line in sql.split("\n"):
        words = line.split()
        if len(words) == 2 and words[0].upper() == "DELIMITER":
            sign = words[1]
            lines.append("")
        elif sign != ";" and line.rstrip().endswith(sign):
            lines.append(line.rstrip()[: -len(sign)] + ";")
        else:
            lines.append(line)
    return "\n".join(lines)


def _alone(sql: str, lexeme: Lexeme, dialect: str) -> bool:
    """Whether a word that ends batches for a dialect's client stands on a line by itself."""
    if lexeme.word != {"tsql": "GO", "fabric": "GO", "oracle": "/"}.get(dialect):
        return False
    line_start = sql.rfind("\n", 0, lexeme.start) + 1
    line_end = sql.find("\n", lexeme.end)
    return sql[line_start : line_end if line_end >= 0 else None].strip().upper() == lexeme.word


def _fragment(sql: str, lexed: Sequence[Lexeme]) -> Iterator[Fragment]:
    if lexed:
        line = sql.count("\n", 0, lexed[0].start) + 1
        yield Fragment(sql[lexed[0].start : lexed[-1].end], lexed, line)


def rebuilt(lexed: Sequence[Lexeme]) -> str:
    """A text of these lexemes: comments left out, one blank wherever there was a gap."""
    parts: list[str] = []
    end = lexed[0].start if lexed else 0
    for lexeme in lexed:
        parts.append(f" {lexeme.text}" if lexeme.start > end else lexeme.text)
        end = lexeme.end
    return "".join(parts)
