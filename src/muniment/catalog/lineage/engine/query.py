"""What a query yields, column by column: selects, set operations, common table expressions."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlglot import exp

from muniment.catalog.lineage.engine.flows import (
    STAR,
    Flows,
    Kind,
    Origin,
    OutColumn,
    QueryResult,
    Relation,
    joined,
)
from muniment.catalog.lineage.engine.scope import Scope
from muniment.catalog.lineage.engine.session import Session
from muniment.catalog.lineage.engine.sources import SourceReader, is_join_group
from muniment.catalog.lineage.engine.values import ValueReader

Ctes: TypeAlias = Mapping[str, Relation]
ChangeReader: TypeAlias = Callable[[exp.Expr, Ctes], Relation]

_ROUNDS = 4
"""A recursive query settles after a few rounds; each can only add origins."""


@dataclass(slots=True)
class QueryReader:
    """Reads any query. ``change`` reads a statement inside WITH that changes data."""

    session: Session
    change: ChangeReader
    _ctes: list[Ctes] = field(default_factory=lambda: [{}])

    def read(self, query: exp.Expr, outer: Scope | None = None) -> QueryResult:
        """The result of a query; ``outer`` is what it may refer to from around."""
        with self.under(query):
            return self._body(query, outer)

    def values(self, influences: dict[Origin, None]) -> ValueReader:
        return ValueReader(self.session, self.read, influences)

    def sources(self, influences: dict[Origin, None]) -> SourceReader:
        return SourceReader(self.session, self.read, self.values(influences), self._ctes[-1])

    def with_clause(self, query: exp.Expr) -> Ctes:
        """The common table expressions in sight, with those of this query added."""
        clause = query.args.get("with_")
        if not isinstance(clause, exp.With):
            return self._ctes[-1]
        known = dict(self._ctes[-1])
        self._ctes.append(known)
        try:
            for cte in clause.expressions:
                known[cte.alias.casefold()] = self._cte(cte, known, recursive=clause.recursive)
        finally:
            self._ctes.pop()
        return known

    @contextmanager
    def under(self, statement: exp.Expr) -> Iterator[None]:
        """With the common table expressions of a statement in sight."""
        self._ctes.append(self.with_clause(statement))
        try:
            yield
        finally:
            self._ctes.pop()

    def _cte(self, cte: exp.CTE, known: dict[str, Relation], *, recursive: bool) -> Relation:
        body = cte.this
        names = [column.name for column in cte.args["alias"].columns]
        if isinstance(body, exp.Insert | exp.Update | exp.Delete | exp.Merge):
            return self.change(body, self._ctes[-1]).renamed(names)
        key = cte.alias.casefold()
        if recursive and isinstance(body, exp.SetOperation):
            anchor = self.read(_first_branch(body))
            known[key] = _as_relation(anchor).renamed(names)
            for _ in range(_ROUNDS):
                before = [column.flows for column in known[key].columns.values()]
                known[key] = _as_relation(self.read(body)).renamed(names)
                if [column.flows for column in known[key].columns.values()] == before:
                    break
            return known[key]
        return _as_relation(self.read(body)).renamed(names)

    def _body(self, query: exp.Expr, outer: Scope | None) -> QueryResult:
        if isinstance(query, exp.Subquery):
            if is_join_group(query):
                return self._select(exp.select("*").from_(query), outer)
            return self.read(query.this, outer)
        if isinstance(query, exp.SetOperation):
            return self._set_operation(query, outer)
        if isinstance(query, exp.Select):
            return self._select(query, outer)
        if isinstance(query, exp.Values):
            return self._rows(query, outer)
        if isinstance(query, exp.Table):
            return self._select(exp.select("*").from_(query), outer)
        if isinstance(query, exp.Paren):
            return self.read(query.this, outer)
        self.session.problem(f"{type(query).__name__} is not understood as a query.")
        return QueryResult([])

    def _set_operation(self, query: exp.SetOperation, outer: Scope | None) -> QueryResult:
        branches: list[tuple[bool, exp.Expr]] = []
        node: exp.Expr = query
        by_name = False
        while isinstance(node, exp.SetOperation) and not (branches and node.args.get("with_")):
            by_name |= bool(node.args.get("by_name"))
            branches.append((isinstance(node, exp.Except), node.expression))
            node = node.this
        results = [self.read(node, outer)]
        excluded: dict[Origin, None] = {}
        for takes_away, branch in reversed(branches):
            result = self.read(branch, outer)
            if takes_away:
                excluded.update(result.influences)
                excluded.update(dict.fromkeys(joined(c.flows for c in result.columns)))
            else:
                results.append(result)
        influences = dict(excluded)
        for result in results:
            influences.update(result.influences)
        columns = _by_name(results) if by_name else _by_position(results)
        return QueryResult(columns, influences)

    def _rows(self, values: exp.Values, outer: Scope | None) -> QueryResult:
        influences: dict[Origin, None] = {}
        reader = self.values(influences)
        scope = Scope(outer=outer, variables=self.session.variables)
        flows: list[list[Flows]] = []
        for row in values.expressions:
            cells = row.expressions if isinstance(row, exp.Tuple) else [row]
            for at, cell in enumerate(cells):
                if at == len(flows):
                    flows.append([])
                flows[at].append(reader.flows(cell, scope))
        columns = [OutColumn(f"column{n}", joined(part)) for n, part in enumerate(flows, 1)]
        return QueryResult(columns, influences)

    def _select(self, select: exp.Select, outer: Scope | None) -> QueryResult:
        influences: dict[Origin, None] = {}
        scope = Scope(outer=outer, variables=self.session.variables)
        self.sources(influences).add_all(select, scope)
        return self._projected(select, scope, influences)

    def read_with(self, select: exp.Select, scope: Scope) -> QueryResult:
        """The projections of a select whose sources are in scope already (RETURNING)."""
        return self._projected(select, scope, {})

    def _projected(
        self, select: exp.Select, scope: Scope, influences: dict[Origin, None]
    ) -> QueryResult:
        values = self.values(influences)
        columns: list[OutColumn] = []
        for at, projection in enumerate(select.expressions):
            made = list(self._projection(projection, at, scope, values))
            columns.extend(made)
            if isinstance(projection, exp.Alias):
                scope.aliases.setdefault(projection.alias.casefold(), made[0].flows)
        for key in ("where", "group", "having", "qualify"):
            clause = select.args.get(key)
            if clause is not None:
                influences.update(dict.fromkeys(values.flows(clause, scope)))
        group = select.args.get("group")
        for place in group.expressions if group is not None else ():
            if (
                isinstance(place, exp.Literal)
                and place.is_int
                and 0 < int(place.this) <= len(columns)
            ):
                influences.update(dict.fromkeys(columns[int(place.this) - 1].flows))
        return QueryResult(columns, influences)

    def _projection(
        self, projection: exp.Expr, at: int, scope: Scope, values: ValueReader
    ) -> Iterator[OutColumn]:
        core = projection.this if isinstance(projection, exp.Paren) else projection
        if isinstance(core, exp.Star) or (
            isinstance(core, exp.Column) and isinstance(core.this, exp.Star)
        ):
            yield from self._star(core, scope, values)
            return
        if isinstance(core, exp.Dot) and isinstance(core.expression, exp.Star):
            base = core.find(exp.Column)
            source = scope.sources.get(base.name.casefold()) if base else None
            if source is not None:
                yield from source.star()
                return
        if isinstance(core, exp.Aliases):
            flows = values.flows(core.this, scope)
            yield from (OutColumn(name.name, flows) for name in core.expressions)
            return
        flows = values.flows(core, scope)
        plain = isinstance(core.unalias(), exp.Column)
        expression = "" if plain else self.session.text(core.unalias())
        yield OutColumn(output_name(core, at), flows, expression)

    def _star(self, star: exp.Expr, scope: Scope, values: ValueReader) -> Iterator[OutColumn]:
        options = star.this if isinstance(star, exp.Column) else star
        if isinstance(star, exp.Column):
            source = scope.sources.get(star.table.casefold())
            columns = source.star() if source is not None else []
            if source is None:
                self.session.problem(f"{star.table}.* names no table in sight.")
        else:
            columns = _whole_star(scope)
        gone = {column.name.casefold() for column in options.args.get("except_") or ()}
        replaced = {
            alias.alias.casefold(): OutColumn(
                alias.alias, values.flows(alias.this, scope), self.session.text(alias.this)
            )
            for alias in options.args.get("replace") or ()
        }
        renamed = {a.this.name.casefold(): a.alias for a in options.args.get("rename") or ()}
        for column in columns:
            key = column.name.casefold()
            if key in gone:
                continue
            column = replaced.get(key, column)
            if key in renamed:
                column = OutColumn(renamed[key], column.flows)
            yield column


def _first_branch(operation: exp.SetOperation) -> exp.Expr:
    node: exp.Expr = operation
    while isinstance(node, exp.SetOperation):
        node = node.this
    return node


def _as_relation(result: QueryResult) -> Relation:
    return Relation(result.columns, influences=result.influences)


def _whole_star(scope: Scope) -> list[OutColumn]:
    """``*``: all sources in order; a column that USING merged shows once."""
    spelling = {
        key: column.name
        for source in scope.sources.values()
        for key, column in source.columns.items()
    }
    columns = [OutColumn(spelling.get(key, key), flows) for key, flows in scope.merged.items()]
    stars: dict[Origin, Kind] = {}
    for source in scope.sources.values():
        for column in source.star():
            if column.name == STAR:
                stars |= column.flows
            elif column.name.casefold() not in scope.merged:
                columns.append(column)
    if stars:
        columns.append(OutColumn(STAR, stars))
    return columns


def _by_position(results: list[QueryResult]) -> list[OutColumn]:
    first = results[0].columns
    if len(results) == 1:
        return first
    if any(column.name == STAR for result in results for column in result.columns):
        return _by_name(results)
    return [
        OutColumn(
            column.name,
            joined(r.columns[at].flows for r in results if at < len(r.columns)),
            column.expression,
        )
        for at, column in enumerate(first)
    ]


def _by_name(results: list[QueryResult]) -> list[OutColumn]:
    found: dict[str, list[OutColumn]] = {}
    for result in results:
        for column in result.columns:
            found.setdefault(column.name.casefold(), []).append(column)
    return [
        OutColumn(same[0].name, joined(column.flows for column in same), same[0].expression)
        for same in found.values()
    ]


def output_name(projection: exp.Expr, at: int) -> str:
    """The name a projection's column gets: its alias, its own, its function's, or its place."""
    if isinstance(projection, exp.Window):  # what it calls its alias is the window's name
        return output_name(projection.this, at)
    name: str = projection.alias_or_name or projection.output_name
    if name and name != STAR:
        return name
    core = projection.unalias()
    while isinstance(core, exp.Window | exp.Filter | exp.Cast):
        core = core.this
    if isinstance(core, exp.Column):
        return core.name or f"${core.this.name}"
    if isinstance(core, exp.Anonymous):
        return core.name.lower()
    if isinstance(core, exp.Func):
        return core.sql_name().lower()
    return f"_col_{at}"
