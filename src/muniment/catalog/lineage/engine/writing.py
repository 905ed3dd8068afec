"""Where rows go: what feeds a stored table, or the net content of a transient one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from muniment.catalog.lineage.engine.flows import (
    NO_FLOWS,
    STAR,
    Edge,
    Influence,
    Origin,
    OutColumn,
    QueryResult,
    Relation,
    TableName,
    joined,
)
from muniment.catalog.lineage.engine.session import Session, table_name


@dataclass(frozen=True, slots=True)
class Writer:
    """Takes what statements write into the session. What feeds a value counts as read."""

    session: Session

    def feed(
        self,
        target: TableName | None,
        columns: Iterable[OutColumn],
        influences: Mapping[Origin, None],
    ) -> None:
        lineage = self.session.lineage
        if target is not None:
            lineage.writes[target] = None
        for column in columns:
            for origin, kind in column.flows.items():
                lineage.reads[origin.table] = None
                lineage.edges[Edge(target, column.name, origin, kind, column.expression)] = None
        for origin in influences:
            if origin.table != target:
                lineage.influences[Influence(target, origin)] = None

    def write(
        self,
        table: exp.Expr,
        columns: Sequence[OutColumn],
        influences: Mapping[Origin, None],
    ) -> None:
        """Feed a stored table, or remember what now feeds a transient one."""
        name = self.session.transient_name(table_name(table))
        if name is None:
            self.feed(self.session.namespace.resolve(table_name(table)), columns, influences)
            return
        old = self.session.transient[name]
        merged = {column.name: column.flows for column in old.columns.values()}
        for column in columns:
            spelled = next((n for n in merged if n.casefold() == column.name.casefold()), None)
            key = spelled or column.name
            merged[key] = joined([merged.get(key, NO_FLOWS), column.flows])
        self.session.transient[name] = Relation(
            [OutColumn(key, flows) for key, flows in merged.items()],
            open_bases=old.open_bases,
            influences={**old.influences, **influences},
        )

    def columns_of(self, table: exp.Expr) -> tuple[str, ...] | None:
        name = self.session.transient_name(table_name(table))
        if name is not None:
            return tuple(c.name for c in self.session.transient[name].columns.values()) or None
        namespace = self.session.namespace
        return namespace.columns(namespace.resolve(table_name(table)))

    def named(self, names: Sequence[str] | None, result: QueryResult) -> list[OutColumn]:
        """The query's columns under the target's names, by position."""
        if names is None:
            return result.columns
        if any(column.name == STAR for column in result.columns):
            return self._spread_star(names, result)
        return [
            OutColumn(name, column.flows, column.expression)
            for name, column in zip(names, result.columns, strict=False)
        ]

    def _spread_star(self, names: Sequence[str], result: QueryResult) -> list[OutColumn]:
        """A star over unknown columns that is all there is: the target's names are its own."""
        if len(result.columns) > 1:
            self.session.problem("A * over a table whose columns are not known hides positions.")
            return result.columns
        [star] = result.columns
        return [
            OutColumn(
                name, {Origin(origin.table, name): kind for origin, kind in star.flows.items()}
            )
            for name in names
        ]

    def store(
        self, table: exp.Expr, columns: Sequence[OutColumn], influences: Mapping[Origin, None]
    ) -> None:
        name = self.session.namespace.resolve(table_name(table))
        self.feed(name, columns, influences)
        self.session.lineage.made[name] = None
        if not any(column.name == STAR for column in columns):
            self.session.namespace.define(name, [column.name for column in columns])

    def define_transient(self, table: exp.Expr, result: QueryResult) -> None:
        name = tuple(part.casefold() for part in table_name(table))
        self.session.transient[name] = Relation(result.columns, influences=result.influences)

    def own(self, table: exp.Expr) -> Relation:
        """The target's own columns, without counting it as read yet."""
        name = self.session.transient_name(table_name(table))
        if name is not None:
            return self.session.transient[name]
        resolved = self.session.namespace.resolve(table_name(table))
        return Relation.of_table(resolved, self.session.namespace.columns(resolved))

    def is_transient(self, create: exp.Create, table: exp.Expr) -> bool:
        name = table_name(table)
        return (
            create.find(exp.TemporaryProperty) is not None
            or name[-1].startswith("#")
            or tuple(part.casefold() for part in name) in self.session.doomed
        )
