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
        parts.append(r"(?P<dollar>\$(?P<tag>\w*)\$(?:.|\n)*?\$(?P=tag)\$)")
    parts.append(f"(?P<string>{string})")
    parts.append(f"(?P<quoted>{'|'.join(quoted)})")
    parts.append(r"(?P<number>\d+(?:\.(?!\.)\d*)?)")
    parts.append(r"(?P<word>[\w@\#]+(?:\$\w*)*)")
    parts.append(r"(?P<sign>:=|::|\|\||<<|>>|=>|\.\.|(?:.|\n))")
    return re.compile("|".join(parts))


def lexemes(sql: str, dialect: str) -> list[Lexeme]:
    """Every lexeme of a text; never fails: what fits nothing is a sign of one character."""
    found: list[Lexeme] = []
    for match in _lexer(dialect).finditer(sql):
        kind, text = match.lastgroup or "sign", match.group()
        if kind == "tag":
            kind = "dollar"
        if kind == "skip":
            continue
        word = text.upper() if kind == "word" else text if kind in ("sign", "number") else ""
        found.append(Lexeme(text, word, match.start(), match.end()))
    return found


@dataclass(frozen=True, slots=True)
class Fragment:
    """A statement's text, its lexemes, and the line it begins on (counting from 1)."""

    text: str
    lexemes: Sequence[Lexeme]
    line: int


def statements(sql: str, dialect: str) -> list[Fragment]:
    """Cut at semicolons, except inside ``BEGIN ATOMIC ... END``; in T-SQL also at GO lines."""
    return list(_cut(sql, lexemes(sql, dialect), dialect))


def _cut(sql: str, lexed: Sequence[Lexeme], dialect: str) -> Iterator[Fragment]:
    start, depth, cases = 0, 0, 0
    for at, lexeme in enumerate(lexed):
        if lexeme.word == "ATOMIC" and at and lexed[at - 1].word == "BEGIN":
            depth += 1
        elif depth and lexeme.word == "CASE":
            cases += 1
        elif depth and lexeme.word == "END":
            depth, cases = (depth, cases - 1) if cases else (depth - 1, 0)
        elif not depth and (
            lexeme.word == ";"
            or (dialect == "tsql" and lexeme.word == "GO" and _alone(sql, lexeme))
        ):
            yield from _fragment(sql, lexed[start:at])
            start = at + 1
    yield from _fragment(sql, lexed[start:])


def _alone(sql: str, lexeme: Lexeme) -> bool:
    line_start = sql.rfind("\n", 0, lexeme.start) + 1
    line_end = sql.find("\n", lexeme.end)
    return sql[line_start : line_end if line_end >= 0 else None].strip().upper() == "GO"


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
