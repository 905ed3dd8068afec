"""Statements that move data without a query of their own: files, swaps, renames, partitions."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp, parse_one

from muniment.catalog.lineage.engine.flows import (
    Edge,
    Influence,
    Kind,
    Origin,
    OutColumn,
    QueryResult,
    TableName,
)
from muniment.catalog.lineage.engine.query import QueryReader
from muniment.catalog.lineage.engine.session import Session, table_name
from muniment.catalog.lineage.engine.split import Lexeme, lexemes, name_at
from muniment.catalog.lineage.engine.writing import Writer

_PATH = ("/", "@", "~", ".")


@dataclass(frozen=True, slots=True)
class MoveReader:
    """A place in files is a table of one part, its path; no default is put before it."""

    session: Session
    queries: QueryReader
    writer: Writer

    def read(self, statement: exp.Expr) -> bool:
        """Take a statement in; False when it is none of these."""
        if isinstance(statement, exp.Copy):
            self._copy(statement)
        elif isinstance(statement, exp.LoadData):
            self._load(statement)
        elif isinstance(statement, exp.Alter):
            self._alter(statement)
        elif isinstance(statement, exp.Export):
            result = self.queries.read(statement.this)
            for path in _paths(statement.args.get("options")):
                self.writer.feed((path,), result.columns, result.influences)
        elif isinstance(statement, exp.Command):
            return self._command(statement)
        else:
            return False
        return True

    def write_files(self, path: str, result: QueryResult) -> None:
        """Rows that go to a place in files."""
        self.writer.feed((path,), result.columns, result.influences)

    def _copy(self, copy: exp.Copy) -> None:
        one, others = copy.this, copy.args.get("files") or []
        if not copy.args.get("kind"):  # COPY ... TO a file
            paths = [path for other in others if (path := _path(other))]
            self._unload(one, paths)
            return
        target = _path(one)
        if target is not None:
            for other in others:
                self._unload(other, [target])
            return
        holder = one.this if isinstance(one, exp.Schema) else one
        self._fill(holder, [path for other in others if (path := _path(other))])
        for query in (o for o in others if isinstance(o, exp.Subquery)):
            self._fill(holder, [p for t in query.find_all(exp.Table) if (p := _path(t))])

    def _unload(self, source: exp.Expr, paths: list[str]) -> None:
        query = exp.select("*").from_(source) if isinstance(source, exp.Table) else source
        result = self.queries.read(query)
        for path in paths:
            self.write_files(path, result)

    def _fill(self, table: exp.Expr, paths: list[str]) -> None:
        for path in paths:
            self.session.lineage.reads[path,] = None
        self.writer.write(table, [], {})

    def _load(self, load: exp.LoadData) -> None:
        path = load.args.get("inpath")
        paths = [path.name] if path is not None else list(_paths(load.args.get("files")))
        self._fill(load.this, paths)

    # -- tables that take one another's place -------------------------------------------------

    def _alter(self, alter: exp.Alter) -> None:
        for action in alter.args.get("actions") or ():
            if isinstance(action, exp.SwapTable):
                self._take_place(table_name(alter.this), table_name(action.this))
            elif isinstance(action, exp.AlterRename):
                self.rename(table_name(alter.this), table_name(action.this))

    def _take_place(self, target: TableName, source: TableName) -> None:
        """What was the source's is the target's: its columns by name, where they are known."""
        if self.session.transient_name(source) is not None:
            name = self.session.transient_name(source) or source
            relation = self.session.transient[name]
            self.writer.feed(self.session.namespace.resolve(target), relation.star(), {})
            return
        read = self.session.namespace.resolve(source)
        self.session.lineage.reads[read] = None
        columns = self.session.namespace.columns(read) or ("*",)
        fed = [OutColumn(name, {Origin(read, name): Kind.IDENTITY}) for name in columns]
        self.writer.feed(self.session.namespace.resolve(target), fed, {})

    def rename(self, before: TableName, after: TableName) -> None:
        """What the text wrote under the old name, it wrote under the new one."""
        session, lineage = self.session, self.session.lineage
        held = session.transient_name(before)
        if held is not None:
            relation = session.transient.pop(held)
            session.doomed.discard(held)
            self.writer.feed(session.namespace.resolve(after), relation.star(), {})
            return
        old, new = session.namespace.resolve(before), session.namespace.resolve(after)
        columns = session.namespace.columns(old)
        if columns is not None:
            session.namespace.define(new, columns)
            session.namespace.forget(old)
        if old not in lineage.writes:
            return
        if old in lineage.made:
            lineage.made[new] = None
            del lineage.made[old]
        lineage.writes = {new if name == old else name: None for name in lineage.writes}
        lineage.edges = {
            Edge(new if e.table == old else e.table, e.column, e.origin, e.kind, e.expression): None
            for e in lineage.edges
        }
        lineage.influences = {
            Influence(new if i.table == old else i.table, i.origin): None
            for i in lineage.influences
        }

    # -- texts that the parser does not read ---------------------------------------------------

    def _command(self, command: exp.Command) -> bool:
        rest = command.expression
        text = f"{command.this} {rest.name if isinstance(rest, exp.Expr) else rest}"
        lexed = lexemes(text, self.session.dialect)
        words = [lexeme.word for lexeme in lexed]
        if words[:1] == ["UNLOAD"]:
            return self._unload_text(lexed)
        if words[:2] == ["RENAME", "TABLE"]:
            for at in (n for n, word in enumerate(words) if word == "TO"):
                self.rename(_before(lexed, at), name_at(lexed, at + 1))
            return True
        if words[:2] == ["EXCHANGE", "TABLES"] and "AND" in words:
            self._take_place(name_at(lexed, 2), name_at(lexed, words.index("AND") + 1))
            return True
        if words[:2] == ["ALTER", "TABLE"] and "EXCHANGE" in words and "TABLE" in words[3:]:
            at = len(words) - 1 - words[::-1].index("TABLE")
            self._take_place(name_at(lexed, 2), name_at(lexed, at + 1))
            return True
        if words[:2] == ["ALTER", "TABLE"] and "SWITCH" in words and "TO" in words:
            self._take_place(name_at(lexed, words.index("TO") + 1), name_at(lexed, 2))
            return True
        return False

    def _unload_text(self, lexed: list[Lexeme]) -> bool:
        strings = [lexeme.text for lexeme in lexed if lexeme.text[:1] == "'"]
        if len(strings) < 2:
            return False
        text = strings[0][1:-1].replace("''", "'").replace("\\'", "'")
        query = parse_one(text, dialect=self.session.dialect)
        self.write_files(strings[1].strip("'"), self.queries.read(query))
        return True


def _path(place: exp.Expr) -> str | None:
    """The path that a place in a COPY is; None for a table or a query."""
    inner = place.this if isinstance(place, exp.Table) else place
    if isinstance(inner, exp.Literal) and inner.is_string:
        return inner.name
    if isinstance(inner, exp.Var) and inner.name.startswith(_PATH):
        return inner.name
    return None


def _paths(options: exp.Expr | None) -> Iterator[str]:
    """The texts among options that name places."""
    if options is not None:
        for literal in options.find_all(exp.Literal):
            if literal.is_string and "://" in literal.name:
                yield literal.name


def _before(lexed: list[Lexeme], at: int) -> TableName:
    parts: list[str] = []
    at -= 1
    while at >= 0 and lexed[at].is_name:
        parts.insert(0, lexed[at].name)
        if at < 2 or lexed[at - 1].word != ".":
            break
        at -= 2
    return tuple(parts)
