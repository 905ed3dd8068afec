"""What lineage is made of: columns that feed columns, and what a statement turned out to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple, TypeAlias

TableName: TypeAlias = tuple[str, ...]
STAR = "*"


class Kind(IntEnum):
    """How a value gets from one column to another; a chain is as strong as its strongest link."""

    IDENTITY = 0
    TRANSFORM = 1
    AGGREGATE = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class Origin(NamedTuple):
    """A column that feeds; ``*`` where a star could not be expanded."""

    table: TableName
    column: str


Flows: TypeAlias = Mapping[Origin, Kind]
NO_FLOWS: Flows = {}


def joined(parts: Iterable[Flows], at_least: Kind = Kind.IDENTITY) -> dict[Origin, Kind]:
    """Everything that feeds, each origin once with its strongest kind."""
    union: dict[Origin, Kind] = {}
    for flows in parts:
        for origin, kind in flows.items():
            union[origin] = max(kind, at_least, union.get(origin, Kind.IDENTITY))
    return union


@dataclass(frozen=True, slots=True)
class OutColumn:
    """A column that a query yields. ``expression`` is empty where it is handed through."""

    name: str
    flows: Flows = field(default_factory=dict)
    expression: str = ""


@dataclass(slots=True)
class QueryResult:
    """What a query yields, and the columns that only filter, join or group it."""

    columns: list[OutColumn]
    influences: dict[Origin, None] = field(default_factory=dict)


class Relation:
    """What an item of FROM exposes under its alias.

    ``open_bases`` are tables whose columns are not known: an unlisted name may be one of theirs.
    ``rest`` feeds whatever is not listed, where a function or a structure yields it.
    ``influences`` are what its rows were filtered, joined or grouped by.
    """

    __slots__ = ("base", "columns", "influences", "open_bases", "rest")

    def __init__(
        self,
        columns: Iterable[OutColumn] = (),
        *,
        base: TableName | None = None,
        open_bases: tuple[TableName, ...] = (),
        rest: Flows | None = None,
        influences: Mapping[Origin, None] | None = None,
    ) -> None:
        self.base = base
        self.influences: Mapping[Origin, None] = influences or {}
        self.rest = rest
        self.columns: dict[str, OutColumn] = {}
        bases = list(open_bases)
        for column in columns:
            if column.name == STAR:
                bases.extend(origin.table for origin in column.flows if origin.table not in bases)
            else:
                self.columns.setdefault(column.name.casefold(), column)
        self.open_bases = tuple(bases)

    @classmethod
    def of_table(cls, table: TableName, columns: Iterable[str] | None) -> "Relation":
        """A stored table; columns None when its schema is not known."""
        if columns is None:
            return cls(base=table, open_bases=(table,))
        known = (OutColumn(name, {Origin(table, name): Kind.IDENTITY}) for name in columns)
        return cls(known, base=table)

    def renamed(self, names: Iterable[str]) -> "Relation":
        """With an alias list such as ``AS t(a, b)``; surplus names are new and unfed."""
        names = list(names)
        if not names:
            return self
        old = list(self.columns.values())
        columns = [
            OutColumn(name, old[at].flows if at < len(old) else self._surplus(name))
            for at, name in enumerate(names)
        ]
        columns.extend(old[len(names) :])
        return Relation(
            columns,
            base=self.base,
            open_bases=self.open_bases,
            rest=self.rest,
            influences=self.influences,
        )

    def _surplus(self, name: str) -> Flows:
        return self.flows_of(name) or NO_FLOWS if self.open_bases or self.rest else NO_FLOWS

    def flows_of(self, name: str) -> Flows | None:
        """What feeds a column; None when this relation cannot have it."""
        known = self.columns.get(name.casefold())
        if known is not None:
            return known.flows
        if self.open_bases:
            return {Origin(base, name): Kind.IDENTITY for base in self.open_bases}
        return self.rest

    def has(self, name: str) -> bool:
        return name.casefold() in self.columns

    def star(self) -> list[OutColumn]:
        """The columns of ``alias.*``; an unknown rest shows as one column named ``*``."""
        columns = [OutColumn(c.name, c.flows) for c in self.columns.values()]
        if self.open_bases:
            rest = {Origin(base, STAR): Kind.IDENTITY for base in self.open_bases}
            columns.append(OutColumn(STAR, rest))
        return columns


class Outcome(StrEnum):
    PARSED = "parsed"
    PARTLY = "partly"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Edge:
    """One column feeding one other. ``table`` None is the result of a bare SELECT."""

    table: TableName | None
    column: str
    origin: Origin
    kind: Kind
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Influence:
    """A column that decides which rows reach a table without giving them a value."""

    table: TableName | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class StatementOutcome:
    """What became of one statement; ``line`` counts from 1 in the text that was given."""

    index: int
    line: int
    kind: str
    outcome: Outcome
    reason: str | None = None


@dataclass(slots=True)
class Lineage:
    """All that a text of SQL does to data. Tables and edges are in order of appearance."""

    reads: dict[TableName, None] = field(default_factory=dict)
    writes: dict[TableName, None] = field(default_factory=dict)
    edges: dict[Edge, None] = field(default_factory=dict)
    influences: dict[Influence, None] = field(default_factory=dict)
    calls: dict[TableName, None] = field(default_factory=dict)
    made: dict[TableName, None] = field(default_factory=dict)
    """Tables that the text itself creates: all that is in them came from it."""
    statements: list[StatementOutcome] = field(default_factory=list)
