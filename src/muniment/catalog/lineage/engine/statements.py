"""What one statement does: which tables it reads and writes, which columns feed which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from muniment.catalog.lineage.engine.changes import ChangeReader
from muniment.catalog.lineage.engine.flows import (
    STAR,
    Origin,
    OutColumn,
    QueryResult,
    Relation,
    TableName,
)
from muniment.catalog.lineage.engine.moves import MoveReader
from muniment.catalog.lineage.engine.query import QueryReader
from muniment.catalog.lineage.engine.scope import Scope
from muniment.catalog.lineage.engine.session import Session, table_name
from muniment.catalog.lineage.engine.writing import Writer

_QUERIES = (exp.Query, exp.Values, exp.Subquery)
_STORED = ("TABLE", "VIEW")
QUIET = frozenset(
    [
        "SET",
        "USE",
        "BEGIN",
        "START",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT",
        "RELEASE",
        "GRANT",
        "REVOKE",
        "COMMENT",
        "ANALYZE",
        "VACUUM",
        "SHOW",
        "EXPLAIN",
        "DESCRIBE",
        "LOCK",
        "RESET",
        "REFRESH",
        "TRUNCATE",
        "DECLARE",
        "PRINT",
        "DEALLOCATE",
        "CLOSE",
        "REINDEX",
        "CLUSTER",
        "CHECKPOINT",
        "DISCARD",
        "FETCH",
        "MOVE",
        "LISTEN",
        "NOTIFY",
        "UNLISTEN",
        "GO",
    ]
)
"""Statements that the parser hands on unread and that change no lineage."""


@dataclass(slots=True)
class StatementReader:
    """Reads parsed statements into the session's lineage.

    ``result`` (a table name, or None) is what a bare query feeds: a view whose definition is a
    query, the output of a function, or just the caller. ``quiet``: a bare query feeds nothing
    (inside a procedure its rows go to variables, which the caller follows).
    """

    session: Session
    result: TableName | None = None
    result_columns: Sequence[str] = ()
    quiet: bool = False
    queries: QueryReader = field(init=False)
    _writer: Writer = field(init=False)
    _changes: ChangeReader = field(init=False)
    _moves: MoveReader = field(init=False)

    def __post_init__(self) -> None:
        self.queries = QueryReader(self.session, self._change_in_with)
        self._writer = Writer(self.session)
        self._changes = ChangeReader(self.session, self.queries, self._writer)
        self._moves = MoveReader(self.session, self.queries, self._writer)

    def read(self, statement: exp.Expr) -> QueryResult | None:
        """Take one statement in; gives the rows it yields, if it yields any."""
        if _into(statement) is not None:
            self._select_into(statement)
            return None
        if isinstance(statement, _QUERIES):
            return self.take(self.queries.read(statement))
        with self.queries.under(statement):
            if isinstance(statement, exp.Insert):
                return self._insert(statement)
            if isinstance(statement, exp.Update | exp.Delete | exp.Merge):
                return self._changes.read(statement)
            self._without_rows(statement)
        return None

    def _without_rows(self, statement: exp.Expr) -> None:
        """A statement that yields no rows to anybody."""
        if isinstance(statement, exp.Create):
            self._create(statement)
        elif isinstance(statement, exp.Drop):
            self._drop(statement)
        elif isinstance(statement, exp.MultitableInserts):
            self._multi_insert(statement)
        elif not self._moves.read(statement) and isinstance(statement, exp.Command):
            self._unknown(str(statement.this).upper())

    def _unknown(self, word: str) -> None:
        if word not in QUIET:
            self.session.problem(f"{word} is not followed.")

    def take(self, result: QueryResult) -> QueryResult:
        """The rows of a bare query: fed to ``result`` under its column names."""
        if self.quiet:
            return result
        columns = [
            OutColumn(self.result_columns[at], c.flows, c.expression)
            if at < len(self.result_columns) and c.name != STAR
            else c
            for at, c in enumerate(result.columns)
        ]
        self._writer.feed(self.result, columns, result.influences)
        return QueryResult(columns, result.influences)

    def _select_into(self, query: exp.Expr) -> None:
        plain = query.copy()
        select = _first_select(plain)
        into: exp.Into = select.args["into"]
        select.set("into", None)
        result = self.queries.read(plain)
        table = into.this
        if into.args.get("temporary") or table.name.startswith("#"):
            self._writer.define_transient(table, result)
        else:
            self._writer.store(table, result.columns, result.influences)

    def _create(self, create: exp.Create) -> None:
        kind = str(create.args.get("kind") or "").upper()
        if kind not in _STORED:
            return
        holder = create.this
        table = holder.this if isinstance(holder, exp.Schema) else holder
        names = [e.name for e in holder.expressions] if isinstance(holder, exp.Schema) else []
        body = create.expression
        if isinstance(body, exp.Expr) and isinstance(body.unnest(), _QUERIES):
            result = self.queries.read(body)
            columns = self._writer.named(names, result) if names else result.columns
        else:
            result, columns = self._empty_table(create, table, names)
        if self._writer.is_transient(create, table):
            self._writer.define_transient(table, QueryResult(columns))
        elif (to := create.find(exp.ToTableProperty)) is not None:  # ClickHouse: MV ... TO
            self._writer.write(to.this, columns, result.influences)
        elif body is not None or create.args.get("clone") is not None:
            self._writer.store(table, columns, result.influences)
        else:
            self._writer.store(table, columns, result.influences)

    def _empty_table(
        self, create: exp.Create, table: exp.Expr, names: Sequence[str]
    ) -> tuple[QueryResult, list[OutColumn]]:
        """A table made by its columns, by LIKE, or as a clone (which copies the rows as well)."""
        clone = create.args.get("clone")
        if clone is not None:
            columns = self.session.relation(table_name(clone.this)).star()
            return QueryResult(columns), columns
        like = create.find(exp.LikeProperty)
        if like is not None:
            self.session.relation(table_name(like.this))
            known = self._writer.columns_of(like.this) or ()
            return QueryResult([]), [OutColumn(name) for name in known]
        return QueryResult([]), [OutColumn(name) for name in names]

    def _drop(self, drop: exp.Drop) -> None:
        for table in (drop.this, *drop.expressions):
            if not isinstance(table, exp.Table):
                continue
            name = self.session.transient_name(table_name(table))
            if name is not None:
                del self.session.transient[name]

    def _insert(self, insert: exp.Insert) -> QueryResult | None:
        holder = insert.this
        table = holder.this if isinstance(holder, exp.Schema) else holder
        if isinstance(table, exp.Directory):
            self._moves.write_files(table.name, self.queries.read(insert.expression))
            return None
        if not isinstance(table, exp.Table):
            self.session.problem("The target of the INSERT is not a table.")
            return None
        body = insert.expression
        result = self.queries.read(body) if isinstance(body, exp.Expr) else QueryResult([])
        if isinstance(holder, exp.Schema):
            names: Sequence[str] | None = [e.name for e in holder.expressions]
        else:
            names = None if insert.args.get("by_name") else self._writer.columns_of(table)
        columns = self._writer.named(names, result)
        columns = self._with_partition(insert, columns)
        self._writer.write(table, columns, result.influences)
        conflict = insert.args.get("conflict")
        if isinstance(conflict, exp.OnConflict):
            self._on_conflict(insert, table, conflict, columns)
        return self._changes.returning(insert, table, columns)

    def _with_partition(self, insert: exp.Insert, columns: list[OutColumn]) -> list[OutColumn]:
        """Static partition columns are constants, so nothing feeds them."""
        partition = insert.args.get("partition")
        if not isinstance(partition, exp.Partition):
            return columns
        static = {e.this.name.casefold() for e in partition.expressions if isinstance(e, exp.EQ)}
        return [column for column in columns if column.name.casefold() not in static]

    def _on_conflict(
        self,
        insert: exp.Insert,
        table: exp.Expr,
        conflict: exp.OnConflict,
        columns: Sequence[OutColumn],
    ) -> None:
        own = self._writer.own(table)
        scope = Scope(
            sources={table.alias_or_name.casefold(): own},
            variables=self.session.variables,
        )
        scope.sources.setdefault(table.name.casefold(), own)
        scope.sources["excluded"] = Relation(columns)
        influences: dict[Origin, None] = {}
        self._writer.write(
            table, self._changes.assigned(conflict.expressions, scope, influences), influences
        )

    def _multi_insert(self, statement: exp.MultitableInserts) -> None:
        source = self.queries.read(statement.args["source"])
        scope = Scope(sources={"_source": Relation(source.columns)})
        for branch in statement.expressions:
            insert = branch.this
            holder = insert.this
            table = holder.this if isinstance(holder, exp.Schema) else holder
            names = (
                [e.name for e in holder.expressions]
                if isinstance(holder, exp.Schema)
                else self._writer.columns_of(table)
            )
            influences = dict(source.influences)
            if insert.expression is None:
                result = source
            else:
                values = self.queries.values(influences)
                [row] = insert.expression.expressions
                result = QueryResult(
                    [
                        OutColumn(str(at), values.flows(e, scope))
                        for at, e in enumerate(row.expressions)
                    ]
                )
            self._writer.write(table, self._writer.named(names, result), influences)

    def _change_in_with(self, statement: exp.Expr, ctes: Mapping[str, Relation]) -> Relation:
        """A data-changing statement inside WITH: done for its effect, read for what it returns."""
        result = self.read(statement)
        return Relation(() if result is None else result.columns)


def _first_select(query: exp.Expr) -> exp.Expr:
    """The select whose columns name those of a set operation."""
    while isinstance(query, exp.SetOperation):
        query = query.this
    return query


def _into(statement: exp.Expr) -> exp.Expr | None:
    """The table that SELECT ... INTO makes."""
    if not isinstance(statement, exp.Select | exp.SetOperation):
        return None
    into: exp.Expr | None = _first_select(statement).args.get("into")
    return into
