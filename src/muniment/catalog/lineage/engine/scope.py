"""What a name inside a query can see: the sources in scope, the scopes around, the variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from muniment.catalog.lineage.engine.flows import NO_FLOWS, Flows, Kind, Relation, joined

PSEUDO_COLUMNS = frozenset(
    [
        "ctid",
        "xmin",
        "xmax",
        "cmin",
        "cmax",
        "tableoid",
        "rownum",
        "rowid",
        "level",
        "sysdate",
        "systimestamp",
        "user",
        "current_user",
        "session_user",
        "excluded",
        "default",
        "true",
        "false",
        "null",
        "current_date",
        "current_timestamp",
    ]
)


@dataclass(slots=True)
class Scope:
    """One level of a query. ``merged`` are the columns that JOIN ... USING made one."""

    sources: dict[str, Relation] = field(default_factory=dict)
    outer: "Scope | None" = None
    aliases: dict[str, Flows] = field(default_factory=dict)
    merged: dict[str, Flows] = field(default_factory=dict)
    variables: Mapping[str, Relation | Flows] = field(default_factory=dict)

    def add(self, alias: str, relation: Relation) -> None:
        key = alias.casefold()
        while key in self.sources:  # the same table twice without an alias
            key += "'"
        self.sources[key] = relation

    def qualified(self, qualifier: tuple[str, ...], name: str) -> Flows | None:
        """``alias.column``, ``schema.table.column`` or a field of a structured column."""
        for depth in (qualifier[-1], *qualifier[:-1]):
            source = self._source(depth)
            if source is None:
                continue
            at = qualifier.index(depth)
            rest = (*qualifier[at + 1 :], name)
            flows = source.flows_of(rest[0])
            if flows is None and source.base is not None:
                flows = Relation.of_table(source.base, None).flows_of(rest[0])
            if flows is not None:
                return flows if len(rest) == 1 else joined([flows], Kind.TRANSFORM)
        variable = self._variable(qualifier[-1])
        if isinstance(variable, Relation):
            return variable.flows_of(name) or NO_FLOWS
        if variable is not None:
            return variable
        field_of = self.unqualified(qualifier[0])
        return None if field_of is None else joined([field_of], Kind.TRANSFORM)

    def unqualified(self, name: str) -> Flows | None:
        """A bare column name, looked for inside out; None when nobody here can have it."""
        folded = name.casefold()
        scope: Scope | None = self
        while scope is not None:
            found = scope._here(name)
            if found is not None:
                return found
            scope = scope.outer
        variable = self._variable(folded)
        if variable is not None:
            return (
                joined(c.flows for c in variable.columns.values())
                if isinstance(variable, Relation)
                else variable
            )
        return self._last_resort(name)

    def _here(self, name: str) -> Flows | None:
        folded = name.casefold()
        if folded in self.merged:
            return self.merged[folded]
        for source in self.sources.values():
            if source.has(name):
                return source.flows_of(name)
        if folded in self.aliases:
            return self.aliases[folded]
        if folded in self.sources:  # the row as a whole
            return joined((c.flows for c in self.sources[folded].star()), Kind.TRANSFORM)
        if self._variable(folded) is not None or folded in PSEUDO_COLUMNS:
            return None
        unknown = [source for source in self.sources.values() if source.open_bases]
        return unknown[0].flows_of(name) if len(unknown) == 1 else None

    def _last_resort(self, name: str) -> Flows | None:
        """One stored table in scope owns what its recorded schema does not know (yet)."""
        if name.casefold() in PSEUDO_COLUMNS:
            return NO_FLOWS
        scope: Scope | None = self
        while scope is not None:
            if len(scope.sources) == 1:
                [only] = scope.sources.values()
                if only.base is not None:
                    return Relation.of_table(only.base, None).flows_of(name)
            scope = scope.outer
        return None

    def held(self, name: str) -> Flows:
        """What feeds a variable, whether it holds a value or a row."""
        variable = self._variable(name)
        if isinstance(variable, Relation):
            return joined(column.flows for column in variable.columns.values())
        return variable or NO_FLOWS

    def _source(self, alias: str) -> Relation | None:
        scope: Scope | None = self
        while scope is not None:
            if alias.casefold() in scope.sources:
                return scope.sources[alias.casefold()]
            scope = scope.outer
        return None

    def _variable(self, name: str) -> Relation | Flows | None:
        return self.variables.get(name.casefold())
