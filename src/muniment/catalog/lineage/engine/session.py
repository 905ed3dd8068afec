"""What is known and found while one text of SQL is read, statement after statement."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field

from sqlglot import exp

from muniment.catalog.lineage.engine.flows import (
    Flows,
    Lineage,
    Relation,
    TableName,
)
from muniment.catalog.lineage.engine.names import Namespace

MAX_EXPRESSION = 500


@dataclass(slots=True)
class Session:
    """``transient`` tables exist only inside the text; what fed them is handed through.

    ``variables`` are those of a procedure. ``problems`` of the present statement make its outcome
    *partly*.
    """

    namespace: Namespace
    dialect: str
    lineage: Lineage = field(default_factory=Lineage)
    transient: dict[TableName, Relation] = field(default_factory=dict)
    doomed: set[TableName] = field(default_factory=set)
    """Tables that the text itself creates and drops again."""
    variables: MutableMapping[str, Relation | Flows] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def problem(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems.append(sentence)

    def relation(self, parts: TableName) -> Relation:
        """The table a name means, counted as read unless it is transient."""
        name = self.transient_name(parts)
        if name is not None:
            return self.transient[name]
        if parts[-1].startswith("@") and len(parts) == 1 and "/" not in parts[-1]:
            return Relation(rest={})  # a table in a variable that nobody declared
        resolved = self._file(parts) or self.namespace.resolve(parts)
        self.lineage.reads[resolved] = None
        return Relation.of_table(resolved, self.namespace.columns(resolved))

    def _file(self, parts: TableName) -> TableName | None:
        """A path in the place of a table: behind its format in Spark, or as it stands."""
        if "/" not in parts[-1]:
            return None
        formats = ("parquet", "json", "csv", "orc", "avro", "delta", "text", "binaryfile")
        spark = len(parts) == 2 and parts[0].casefold() in formats
        return parts[-1:] if spark or len(parts) == 1 else None

    def transient_name(self, parts: TableName) -> TableName | None:
        folded = tuple(part.casefold() for part in parts)
        for name in (folded, folded[-1:]):
            if name in self.transient:
                return name
        return None

    def text(self, expression: exp.Expr) -> str:
        return expression.sql(dialect=self.dialect)[:MAX_EXPRESSION]


def table_name(table: exp.Expr) -> TableName:
    """The parts of a table's name, outermost first, quotes removed."""
    if isinstance(table, exp.Table):
        return tuple(
            f"@{part.name}" if isinstance(part, exp.Parameter) else part.name
            for part in table.parts
            if part.name
        )
    return (table.name,)
