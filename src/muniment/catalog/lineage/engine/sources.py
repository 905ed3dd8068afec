"""What the FROM clause brings into scope: tables, subqueries, functions, joins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp

from muniment.catalog.lineage.engine.flows import (
    NO_FLOWS,
    Flows,
    Kind,
    OutColumn,
    QueryResult,
    Relation,
    joined,
)
from muniment.catalog.lineage.engine.scope import Scope
from muniment.catalog.lineage.engine.session import Session, table_name
from muniment.catalog.lineage.engine.values import ValueReader

Read: TypeAlias = Callable[[exp.Expr, Scope | None], QueryResult]


@dataclass(slots=True)
class SourceReader:
    """Fills a scope from FROM and JOIN; what only joins goes to the value reader's influences."""

    session: Session
    read: Read
    values: ValueReader
    ctes: Mapping[str, Relation]

    def add_all(self, select: exp.Expr, scope: Scope) -> None:
        """All sources of a select, update or delete, in order."""
        start = select.args.get("from_")
        if start is not None:
            self.add(start.this, scope)
        self.add_joins(select, scope)
        for lateral in select.args.get("laterals") or ():
            self.add(lateral, scope)

    def add_joins(self, holder: exp.Expr, scope: Scope) -> None:
        for join in holder.args.get("joins") or ():
            before = dict(scope.sources)
            self.add(join.this, scope)
            self._join(join, before, scope)

    def add(self, item: exp.Expr, scope: Scope) -> None:
        """One item of FROM under its alias, with what is joined to it inside parentheses."""
        if isinstance(item, exp.Final):  # ClickHouse: rows as they are after merging
            item = item.this
        if is_join_group(item):
            self._parenthesised(item, scope)
        else:
            relation = self._relation(item, scope)
            self.values.influences.update(relation.influences)
            relation = self._pivoted(item, relation)
            alias = item.args.get("alias")
            if isinstance(alias, exp.TableAlias):
                relation = relation.renamed(column.name for column in alias.columns)
            scope.add(item.alias_or_name or f"_q{len(scope.sources)}", relation)
        self.add_joins(item, scope)

    def _parenthesised(self, item: exp.Expr, scope: Scope) -> None:
        if not item.alias:
            self.add(item.this, scope)
            return
        inner = Scope(outer=scope.outer, variables=scope.variables)
        self.add(item.this, inner)
        columns = [column for source in inner.sources.values() for column in source.star()]
        scope.add(item.alias, Relation(columns))

    def _relation(self, item: exp.Expr, scope: Scope) -> Relation:
        if isinstance(item, exp.Table):
            return self._table(item, scope)
        if isinstance(item, exp.Lateral):
            if isinstance(item.this, exp.Subquery):
                return self._derived(item.this, scope)
            return self._function(item.this, item, scope)
        if isinstance(item, exp.Unnest):
            return self._unnest(item, scope)
        if isinstance(item, exp.Func) and not isinstance(item, exp.Query):
            return self._function(item, item, scope)
        return self._derived(item, scope.outer)

    def _table(self, table: exp.Table, scope: Scope) -> Relation:
        if isinstance(table.this, exp.Func):
            return self._function(table.this, table, scope)
        name = table_name(table)
        if len(name) == 1:
            cte = self.ctes.get(name[0].casefold())
            if cte is not None:
                return cte
        if not name:
            return Relation()
        return self.session.relation(name)

    def _derived(self, query: exp.Expr, outer: Scope | None) -> Relation:
        result = self.read(query, outer)
        self.values.influences.update(result.influences)
        return Relation(result.columns)

    def _function(self, call: exp.Expr, item: exp.Expr, scope: Scope) -> Relation:
        """A function in FROM: its recorded columns, or whatever its arguments feed."""
        if isinstance(call, exp.Anonymous):
            place = tuple(
                part.name for part in (item.args.get("catalog"), item.args.get("db")) if part
            )
            name = self.session.namespace.resolve((*place, call.name))
            if self.session.namespace.columns(name) is not None:
                self.session.lineage.calls[name] = None
                self.session.lineage.reads[name] = None
                return Relation.of_table(name, self.session.namespace.columns(name))
        fed = joined([self.values.flows(call, scope)], Kind.TRANSFORM)
        alias = item.alias_or_name
        return Relation([OutColumn(alias, fed)] if alias else (), rest=fed)

    def _unnest(self, unnest: exp.Unnest, scope: Scope) -> Relation:
        flows = [
            joined([self.values.flows(part, scope)], Kind.TRANSFORM) for part in unnest.expressions
        ]
        alias = unnest.args.get("alias")
        names = [column.name for column in alias.columns] if alias is not None else []
        columns = [
            OutColumn(name, flows[at] if at < len(flows) else joined(flows))
            for at, name in enumerate(names)
        ]
        offset = unnest.args.get("offset")
        if isinstance(offset, exp.Identifier):
            columns.append(OutColumn(offset.name, NO_FLOWS))
        if not names and unnest.alias:
            columns.append(OutColumn(unnest.alias, joined(flows)))
        return Relation(columns, rest=joined(flows))

    def _pivoted(self, item: exp.Expr, relation: Relation) -> Relation:
        for pivot in item.args.get("pivots") or ():
            relation = self._pivot(pivot, relation)
        return relation

    def _pivot(self, pivot: exp.Pivot, relation: Relation) -> Relation:
        """PIVOT turns values into columns, UNPIVOT columns into values; the rest passes."""
        scope = Scope(sources={"": relation}, variables=self.session.variables)
        if pivot.unpivot:
            return self._unpivot(pivot, relation, scope)
        used = {c.name.casefold() for c in pivot.find_all(exp.Column)}
        columns = [c for key, c in relation.columns.items() if key not in used]
        aggregates = [self.values.flows(e, scope) for e in pivot.expressions]
        made = [column.name for column in pivot.args.get("columns") or ()]
        for at, name in enumerate(made):
            fed = aggregates[at % len(aggregates)] if aggregates else NO_FLOWS
            columns.append(OutColumn(name.strip("'"), joined([fed], Kind.AGGREGATE)))
        return Relation(columns, open_bases=relation.open_bases)

    def _unpivot(self, pivot: exp.Pivot, relation: Relation, scope: Scope) -> Relation:
        gone: set[str] = set()
        fed: list[Flows] = []
        names: list[str] = [e.name for e in pivot.expressions]
        for part in pivot.args.get("fields") or ():
            names.append(part.this.name)
            for column in (c for e in part.expressions for c in e.find_all(exp.Column)):
                gone.add(column.name.casefold())
                fed.append(self.values.flows(column, scope))
        columns = [c for key, c in relation.columns.items() if key not in gone]
        values = [OutColumn(name, joined(fed)) for name in names[: len(pivot.expressions)]]
        labels = [OutColumn(name) for name in names[len(pivot.expressions) :]]
        return Relation([*columns, *values, *labels], open_bases=relation.open_bases)

    def _join(self, join: exp.Join, before: dict[str, Relation], scope: Scope) -> None:
        condition = join.args.get("on")
        if condition is not None:
            self.values.influences.update(dict.fromkeys(self.values.flows(condition, scope)))
        added = [source for key, source in scope.sources.items() if key not in before]
        shared = [identifier.name for identifier in join.args.get("using") or ()]
        if join.method == "NATURAL":
            here = {key for source in added for key in source.columns}
            shared = [
                column.name
                for source in before.values()
                for key, column in source.columns.items()
                if key in here
            ]
        for name in shared:
            self._merge_column(join, name, before, added, scope)

    def _merge_column(
        self,
        join: exp.Join,
        name: str,
        before: dict[str, Relation],
        added: list[Relation],
        scope: Scope,
    ) -> None:
        """USING makes one column of two: the left one's value, the right one's, or either."""
        key = name.casefold()
        left = scope.merged.get(key) or _first_with(list(before.values()), name)
        right = _first_with(added, name)
        self.values.influences.update(dict.fromkeys((*left, *right)))
        if join.side == "FULL":
            scope.merged[key] = joined([left, right])
        else:
            scope.merged[key] = right if join.side == "RIGHT" else left


def is_join_group(item: exp.Expr) -> bool:
    """Parentheses around joined tables, ``((a JOIN b) JOIN c)``, as against around a query."""
    if not isinstance(item, exp.Subquery):
        return False
    inner = item.this
    if isinstance(inner, exp.Subquery):
        return bool(inner.alias or inner.args.get("joins")) or is_join_group(inner)
    return isinstance(inner, exp.Table)


def _first_with(sources: list[Relation], name: str) -> Flows:
    for source in sources:
        if source.has(name):
            return source.flows_of(name) or NO_FLOWS
    for source in sources:
        if source.open_bases:
            return source.flows_of(name) or NO_FLOWS
    return NO_FLOWS
