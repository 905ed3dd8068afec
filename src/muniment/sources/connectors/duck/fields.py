"""DuckDB's types: nested columns laid flat, and what each becomes when it is read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
from duckdb.sqltypes import DuckDBPyType

from muniment.sources.connectors.duck.session import quoted

NESTING = 32
MOST_COLUMNS = 5_000
"""A column that would make more of them is not laid flat."""

WHOLE = {
    "tinyint": "int16",
    "utinyint": "int16",
    "smallint": "int16",
    "usmallint": "int32",
    "integer": "int32",
    "uinteger": "int64",
    "bigint": "int64",
}
VAST = frozenset({"ubigint", "hugeint", "uhugeint"})
"""Of these some fit; a bignum is always text: DuckDB 2.0 fails on casting a large one."""
MOMENTS = frozenset({"timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"})
INSTANTS = frozenset({"timestamp with time zone", "timestamptz_ns"})
NANOSECONDS = frozenset({"timestamp_ns", "timestamptz_ns"})
"""They begin in 1677 and end in 2262, so that only the infinite ones are doubtful."""
LISTS = frozenset({"list", "array"})
CASTS = {
    "bool": "boolean",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "float32": "float",
    "float64": "double",
    "date": "date",
    "moment": "timestamp",
    "instant": "timestamp with time zone",
}
LEFT_OUT = "nothing"
"""The form of a column whose values are too long to be read."""
DIGITS = re.compile(r"\((\d+), *(\d+)\)")
DIGITS_OF_INT64 = 18


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or a part of a nested one, with the SQL that gives it."""

    name: str
    type: str
    base: str
    """DuckDB's word for the type without its parameters."""
    nullable: bool
    expression: str
    column: str
    """The column that it is, or is a part of."""

    @property
    def form(self) -> str:
        """What it is read as; the form of a doubtful one holds only when its values fit."""
        if self.base in WHOLE:
            return WHOLE[self.base]
        if self.base == "decimal":
            return "float64" if self._digits[1] else "int64"
        if self.base in VAST:
            return "int64"
        if self.base in MOMENTS:
            return "moment"
        if self.base in INSTANTS:
            return "instant"
        simple = {"boolean": "bool", "float": "float32", "double": "float64", "date": "date"}
        return simple.get(self.base, "text")

    @property
    def fits(self) -> str | None:
        """SQL that tells whether all values fit the form; None when they always do.

        Whole numbers may have more than 64 bits, dates be infinite or outside the years 1 to 9999.
        """
        low, high = "-9223372036854775808", "9223372036854775807"
        if self.form in ("date", "moment", "instant"):
            kind = CASTS[self.form]
            last = "9999-12-31" if self.form == "date" else "9999-12-31 23:59:59.999999"
            low, high = f"{kind} '0001-01-01'", f"{kind} '{last}'"
            if self.base in NANOSECONDS:
                return f"coalesce(bool_and(isfinite({self.expression})), true)"
        elif self.base in ("uhugeint", "ubigint"):
            return f"coalesce(max({self.expression}) <= {high}, true)"
        elif self.base not in VAST and not (
            self.base == "decimal" and self.form == "int64" and self._digits[0] > DIGITS_OF_INT64
        ):
            return None
        value = self.expression
        return f"coalesce(min({value}) >= {low} and max({value}) <= {high}, true)"

    def select(self, form: str, longest: int) -> str:
        """SQL that gives the column in one form; text is cut to about ``longest`` bytes."""
        if form == LEFT_OUT:
            return "null::varchar"
        if form != "text":
            return f"{self.expression}::{CASTS[form]}"
        if self.base == "varchar":
            return f"left({self.expression}, {longest})"
        if self.base == "blob":
            half = max(1, longest // 2)
            return f"lower(hex({self.expression}[1:{half}]))"
        if self.base in (*LISTS, "struct", "map", "union"):
            return f"left(to_json({self.expression})::varchar, {longest})"
        return f"left({self.expression}::varchar, {longest})"

    @property
    def _digits(self) -> tuple[int, int]:
        found = DIGITS.search(self.type)
        return (int(found[1]), int(found[2])) if found else (18, 3)


class Flattening:
    """Lays columns flat by the rules of JSON documents; knows each type once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._types: dict[str, DuckDBPyType] = {}

    def fields(self, columns: Sequence[tuple[str, str, bool]]) -> list[Field]:
        """Of columns (name, type, nullable); one whose parts would repeat a name stays whole."""
        names = {name for name, _, _ in columns}
        found: list[Field] = []
        for name, kind, nullable in columns:
            parts = list(self._parts(name, self._type(kind), nullable, quoted(name), name))
            inner = {part.name for part in parts[1:]} | ({parts[0].name} - {name})
            unique = len({part.name for part in parts}) == len(parts)
            if unique and not inner & names and len(found) + len(parts) <= MOST_COLUMNS:
                names |= inner
                found += parts
            else:
                base = self._type(kind).id
                found.append(Field(name, kind, base, nullable, quoted(name), name))
        return found

    def _type(self, text: str) -> DuckDBPyType:
        if text not in self._types:
            self._types[text] = DuckDBPyType(text, self._connection)
        return self._types[text]

    def _parts(
        self,
        name: str,
        kind: DuckDBPyType,
        nullable: bool,
        expression: str,
        column: str,
        depth: int = 1,
    ) -> Iterator[Field]:
        if kind.id == "struct" and depth < NESTING and kind.children:
            for inner, child in _children(kind):
                value = f"({expression}).{quoted(inner)}"
                yield from self._parts(f"{name}.{inner}", child, True, value, column, depth + 1)
            return
        yield Field(name, str(kind), str(kind.id), nullable, expression, column)
        if kind.id in LISTS and depth < NESTING:
            for _, child in _children(kind):
                first = f"({expression})[1]"
                yield from self._parts(f"{name}[]", child, True, first, column, depth + 1)


def _children(kind: DuckDBPyType) -> Iterator[tuple[str, DuckDBPyType]]:
    """The types inside; an array tells its length beside them."""
    for name, child in kind.children:
        if isinstance(child, DuckDBPyType):
            yield name, child
