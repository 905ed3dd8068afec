"""Which columns feed the value of an expression."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp

from muniment.catalog.lineage.engine.flows import (
    NO_FLOWS,
    Flows,
    Kind,
    Origin,
    QueryResult,
    Relation,
    TableName,
    joined,
)
from muniment.catalog.lineage.engine.scope import Scope
from muniment.catalog.lineage.engine.session import Session

SubqueryReader: TypeAlias = Callable[[exp.Expr, Scope], QueryResult]

_PASSING = (exp.Alias, exp.Paren)
_NAMED = (exp.Column, exp.Dot, exp.Parameter, exp.Placeholder)


@dataclass(slots=True)
class ValueReader:
    """Reads expressions against a scope; what it cannot trace becomes a problem of the session.

    ``influences`` collects what scalar subqueries and aggregates are filtered by.
    """

    session: Session
    subquery: SubqueryReader
    influences: dict[Origin, None]

    def flows(self, expression: exp.Expr, scope: Scope) -> Flows:
        """Every column whose value reaches the expression's value."""
        core = expression
        while isinstance(core, _PASSING):
            core = core.this
        if isinstance(core, exp.Column | exp.Parameter | exp.Placeholder):
            return self._named(core, scope)
        if isinstance(core, exp.Subquery | exp.Query):
            return self._scalar(core, scope)
        return self._computed(core, scope)

    def _computed(self, core: exp.Expr, scope: Scope) -> Flows:
        parts: list[Flows] = []
        kind = Kind.TRANSFORM
        for node in _nodes(core):
            if isinstance(node, _NAMED):
                parts.append(self._named(node, scope))
            elif isinstance(node, exp.Exists):
                self._test(node.this, scope)
            elif isinstance(node, exp.Subquery | exp.Query):
                parts.append(self._scalar(node, scope))
            elif isinstance(node, exp.Filter):
                parts.append(self.flows(node.this, scope))
                self.influences.update(dict.fromkeys(self.flows(node.expression, scope)))
            elif isinstance(node, exp.AggFunc):
                kind = Kind.AGGREGATE
            elif isinstance(node, exp.Anonymous):
                self._called((node.name,))
        if isinstance(core, exp.Dot) and len(parts) == 1:
            return parts[0]
        return joined(parts, kind)

    def _named(self, node: exp.Expr, scope: Scope) -> Flows:
        """A column, a field, or a variable as T-SQL and Snowflake mark them."""
        if isinstance(node, exp.Column):
            return self._column(node, scope)
        if isinstance(node, exp.Dot):
            return self._field(node, scope)
        return scope.held(f"@{node.name}" if isinstance(node, exp.Parameter) else node.name)

    def _column(self, column: exp.Column, scope: Scope) -> Flows:
        if isinstance(column.this, exp.Star):
            source = scope.sources.get(column.table.casefold())
            return joined(c.flows for c in source.star()) if source else NO_FLOWS
        qualifier = tuple(part.name for part in column.parts[:-1])
        name = column.name or f"${column.this.name}"  # the first field of a file
        found = scope.qualified(qualifier, name) if qualifier else scope.unqualified(name)
        if found is None:
            shown = ".".join((*qualifier, name))
            self.session.problem(f"The column {shown} fits none or several of the tables in sight.")
            return NO_FLOWS
        return found

    def _field(self, dot: exp.Dot, scope: Scope) -> Flows:
        """``(row).field``, where row is a source, a record variable or a structured column."""
        base: exp.Expr = dot.this
        while isinstance(base, exp.Paren):
            base = base.this
        if isinstance(base, exp.Column) and not base.table:
            key = base.name.casefold()
            row = scope.sources.get(key) or scope.variables.get(key)
            if isinstance(row, Relation) and isinstance(dot.expression, exp.Identifier):
                return row.flows_of(dot.expression.name) or NO_FLOWS
        if isinstance(base, exp.Identifier) and isinstance(dot.expression, exp.Anonymous):
            self._called((base.name, dot.expression.name))
        inner = [self.flows(base, scope)]
        if not isinstance(dot.expression, exp.Identifier | exp.Star):
            inner.append(self.flows(dot.expression, scope))
        return joined(inner, Kind.TRANSFORM)

    def _called(self, parts: TableName) -> None:
        """A known routine called inside an expression is read like a table."""
        name = self.session.namespace.resolve(parts)
        if self.session.namespace.columns(name) is not None:
            self.session.lineage.calls[name] = None
            self.session.lineage.reads[name] = None

    def _scalar(self, query: exp.Expr, scope: Scope) -> Flows:
        result = self.subquery(query, scope)
        self.influences.update(result.influences)
        return joined(column.flows for column in result.columns)

    def _test(self, query: exp.Expr, scope: Scope) -> None:
        """EXISTS hands on no value, but what it looks at decides."""
        self.influences.update(self.subquery(query, scope).influences)


def _nodes(root: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes that matter, without going into columns, subqueries or lambda parameters."""
    stack: list[tuple[exp.Expr, frozenset[str]]] = [(root, frozenset())]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, exp.Column):
            if node.table or node.name not in bound:
                yield node
            continue
        yield node
        if isinstance(node, exp.Subquery | exp.Query | exp.Exists | exp.Dot | exp.Filter):
            continue
        if isinstance(node, exp.Lambda):
            bound |= {parameter.name for parameter in node.expressions}
        stack.extend((child, bound) for child in node.iter_expressions(reverse=True))
