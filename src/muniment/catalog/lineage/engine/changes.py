"""Statements that change rows in place: UPDATE, DELETE, MERGE, and what RETURNING yields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from muniment.catalog.lineage.engine.flows import (
    NO_FLOWS,
    Flows,
    Origin,
    OutColumn,
    QueryResult,
    Relation,
)
from muniment.catalog.lineage.engine.query import QueryReader
from muniment.catalog.lineage.engine.scope import Scope
from muniment.catalog.lineage.engine.session import Session, table_name
from muniment.catalog.lineage.engine.writing import Writer


@dataclass(frozen=True, slots=True)
class ChangeReader:
    """A target is read only where its own columns feed values."""

    session: Session
    queries: QueryReader
    writer: Writer

    def read(self, change: exp.Update | exp.Delete | exp.Merge) -> QueryResult | None:
        """Take a change in; gives the rows that RETURNING or OUTPUT yields."""
        if isinstance(change, exp.Update):
            return self.update(change)
        return self.delete(change) if isinstance(change, exp.Delete) else self.merge(change)

    def update(self, update: exp.Update) -> QueryResult | None:
        influences: dict[Origin, None] = {}
        scope = Scope(variables=self.session.variables)
        sources = self.queries.sources(influences)
        target, before = update.this, dict(self.session.lineage.reads)
        from_ = update.args.get("from_")
        if from_ is not None:
            sources.add_all(update, scope)
        else:
            scope.add(target.alias_or_name, self.writer.own(target))
        sources.add_joins(target, scope)
        named = self._aliased_target(target, from_)
        if named is None:
            scope.sources = {
                target.alias_or_name.casefold(): self.writer.own(target),
                **scope.sources,
            }
        else:
            target = named
            resolved = self.session.namespace.resolve(table_name(target))
            if resolved not in before:
                self.session.lineage.reads.pop(resolved, None)
        own, others = _by_target(update, target)
        columns = self.assigned(own, scope, influences)
        where = update.args.get("where")
        if where is not None:
            flows = self.queries.values(influences).flows(where, scope)
            influences.update(dict.fromkeys(flows))
        if own or not others:
            self.writer.write(target, columns, influences)
        for table, assignments in others:
            self.writer.write(table, self.assigned(assignments, scope, influences), influences)
        return self.returning(update, target, columns)

    @staticmethod
    def _aliased_target(target: exp.Expr, from_: exp.Expr | None) -> exp.Expr | None:
        """T-SQL's ``UPDATE t SET ... FROM sales t``: the table that the alias stands for."""
        if from_ is None or not isinstance(target, exp.Table) or target.args.get("db"):
            return None
        for table in from_.find_all(exp.Table):
            if table.alias and table.alias.casefold() == target.name.casefold():
                return table
        return None

    def delete(self, delete: exp.Delete) -> QueryResult | None:
        influences: dict[Origin, None] = {}
        scope = Scope(variables=self.session.variables)
        target = delete.this
        if not isinstance(target, exp.Table):
            return None
        scope.add(target.alias_or_name, self.writer.own(target))
        sources = self.queries.sources(influences)
        for item in delete.args.get("using") or ():
            sources.add(item, scope)
        where = delete.args.get("where")
        if where is not None:
            flows = self.queries.values(influences).flows(where, scope)
            influences.update(dict.fromkeys(flows))
        self.writer.write(target, [], influences)
        return self.returning(delete, target, [])

    def merge(self, merge: exp.Merge) -> QueryResult | None:
        influences: dict[Origin, None] = {}
        target, scope = merge.this, Scope(variables=self.session.variables)
        self.queries.sources(influences).add(merge.args["using"], scope)
        [source] = list(scope.sources.values())[:1]
        scope.sources = {target.alias_or_name.casefold(): self.writer.own(target), **scope.sources}
        values = self.queries.values(influences)
        condition = merge.args.get("on")
        if condition is not None:
            influences.update(dict.fromkeys(values.flows(condition, scope)))
        columns: list[OutColumn] = []
        for when in merge.args["whens"].expressions:
            test = when.args.get("condition")
            if test is not None:
                influences.update(dict.fromkeys(values.flows(test, scope)))
            columns.extend(self._branch(when.args.get("then"), target, scope, source, influences))
        self.writer.write(target, columns, influences)
        return self.returning(merge, target, columns)

    def _branch(
        self,
        action: exp.Expr | None,
        target: exp.Expr,
        scope: Scope,
        source: Relation,
        influences: dict[Origin, None],
    ) -> list[OutColumn]:
        if isinstance(action, exp.Update):
            if not action.expressions:  # UPDATE SET *
                return self._same_named(target, source)
            return self.assigned(action.expressions, scope, influences)
        if not isinstance(action, exp.Insert):
            return []
        body = action.expression
        if not isinstance(body, exp.Tuple):  # INSERT *, or INSERT ROW
            return self._same_named(target, source)
        names: Sequence[str] | None = (
            [e.name for e in action.this.expressions]
            if isinstance(action.this, exp.Tuple | exp.Schema)
            else self.writer.columns_of(target)
        )
        values = self.queries.values(influences)
        cells = [
            OutColumn(
                str(at),
                values.flows(cell, scope),
                "" if isinstance(cell, exp.Column) else self.session.text(cell),
            )
            for at, cell in enumerate(body.expressions)
        ]
        return self.writer.named(names or (), QueryResult(cells))

    def _same_named(self, target: exp.Expr, source: Relation) -> list[OutColumn]:
        known = self.writer.columns_of(target)
        if known is None:
            return source.star()
        return [OutColumn(name, source.flows_of(name) or NO_FLOWS) for name in known]

    def _assigned_row(
        self, left: exp.Tuple, right: exp.Expr, scope: Scope, influences: dict[Origin, None]
    ) -> list[OutColumn]:
        names = [e.name for e in left.expressions]
        if isinstance(right, exp.Tuple):
            pairs = zip(left.expressions, right.expressions, strict=False)
            return self.assigned(
                (exp.EQ(this=a, expression=b) for a, b in pairs), scope, influences
            )
        result = self.queries.read(right, scope)
        influences.update(result.influences)
        return self.writer.named(names, result)

    def assigned(
        self, assignments: Iterable[exp.Expr], scope: Scope, influences: dict[Origin, None]
    ) -> list[OutColumn]:
        """``SET a = ..., (b, c) = (select ...)`` as columns with what feeds them."""
        values = self.queries.values(influences)
        columns: list[OutColumn] = []
        for assignment in assignments:
            if not isinstance(assignment, exp.EQ):
                continue
            left, right = assignment.this, assignment.expression
            if isinstance(left, exp.Tuple):
                columns.extend(self._assigned_row(left, right, scope, influences))
                continue
            flows = values.flows(right, scope)
            shown = "" if isinstance(right, exp.Column) else self.session.text(right)
            columns.append(OutColumn(left.name, flows, shown))
        return columns

    def returning(
        self, statement: exp.Expr, table: exp.Expr, columns: Sequence[OutColumn]
    ) -> QueryResult | None:
        returning = statement.args.get("returning")
        if not isinstance(returning, exp.Returning):
            return None
        own = self.writer.own(table)
        fed: dict[str, Flows] = {c.name.casefold(): c.flows for c in columns}
        now = [OutColumn(c.name, fed.get(key) or c.flows) for key, c in own.columns.items()]
        now.extend(c for c in columns if c.name.casefold() not in own.columns)
        fresh = Relation(now, base=own.base, open_bases=own.open_bases)
        sources = {table.alias_or_name.casefold(): fresh, "inserted": fresh, "deleted": own}
        scope = Scope(sources=sources, variables=self.session.variables)
        query = exp.Select(expressions=[e.copy() for e in returning.expressions])
        result = self.queries.read_with(query, scope)
        into = returning.args.get("into")
        if not isinstance(into, exp.Expr):
            return result
        holder = into.this if isinstance(into, exp.Schema) else into
        names = [e.name for e in into.expressions] if isinstance(into, exp.Schema) else None
        known = names or self.writer.columns_of(holder)
        self.writer.write(holder, self.writer.named(known, result), {})
        return None


def _by_target(
    update: exp.Update, target: exp.Expr
) -> tuple[list[exp.Expr], list[tuple[exp.Table, list[exp.Expr]]]]:
    """The assignments of an UPDATE, and those that MySQL lets it make to tables it joins."""
    joined = {
        each.alias_or_name.casefold(): each
        for join in update.this.args.get("joins") or ()
        for each in join.find_all(exp.Table)
    }
    joined.pop(target.alias_or_name.casefold(), None)
    own: list[exp.Expr] = []
    others: dict[str, list[exp.Expr]] = {}
    for assignment in update.expressions:
        left = assignment.this
        qualifier = left.table.casefold() if isinstance(left, exp.Column) else ""
        (others.setdefault(qualifier, []) if qualifier in joined else own).append(assignment)
    return own, [(joined[name], found) for name, found in others.items()]
