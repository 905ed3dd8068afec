"""Reads the golden file: cases in plain text, each with what must come out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from muniment.catalog.lineage.engine.flows import Lineage, TableName
from muniment.catalog.lineage.engine.job import Job, read_job

GOLDEN = Path(__file__).with_name("golden.txt")
SCHEMA: dict[TableName, tuple[str, ...]] = {
    ("public", "orders"): ("id", "customer_id", "total", "created_at"),
    ("public", "customers"): ("id", "name"),
    ("public", "staff"): ("id", "name", "manager_id"),
    ("public", "documents"): ("id", "body", "n"),
    ("public", "orders_view"): ("id", "customer_id", "total", "created_at"),
    ("public", "People2"): ("ID", "fullName"),
    ("mart", "report"): ("id", "who"),
    ("public", "rate"): (),
}


@dataclass
class Case:
    title: str
    kind: str = "script"
    dialect: str = "postgres"
    target: TableName | None = None
    columns: tuple[str, ...] = ()
    sql: str = ""
    expected: list[str] = field(default_factory=list)

    def read(self) -> Lineage:
        return read_job(
            Job(
                self.title,
                self.kind,
                self.sql,
                self.dialect,
                (("public",),),
                SCHEMA,
                self.target,
                self.columns,
            )
        )


def cases(text: str) -> Iterator[Case]:
    for block in text.split("\n== ")[1:]:
        body, _, expected = block.partition("\n--\n")
        title, *lines = body.split("\n")
        case = Case(title, expected=[line for line in expected.split("\n") if line])
        while lines and lines[0].split(" ")[0] in ("kind:", "dialect:"):
            key, _, value = lines.pop(0).partition(": ")
            if key == "dialect":
                case.dialect = value
            else:
                case.kind, name, columns = value.split(" ", 2)
                case.target = tuple(name.split("."))
                case.columns = tuple(c.strip() for c in columns[1:-1].split(",") if c.strip())
        case.sql = "\n".join(lines)
        yield case


def shown(lineage: Lineage) -> list[str]:
    """What came out, a line a fact: reads, writes, edges, influences, troubled statements."""
    lines = [f"reads {_dotted(name)}" for name in lineage.reads]
    lines += [f"writes {_dotted(name)}" for name in lineage.writes]
    lines += [f"calls {_dotted(name)}" for name in lineage.calls]
    lines += [
        f"{_dotted(e.table)}.{e.column} <- {_dotted(o.table)}.{o.column} {e.kind.word}"
        for e in lineage.edges
        for o in [e.origin]
    ]
    lines += [
        f"{_dotted(i.table)} ~ {_dotted(i.origin.table)}.{i.origin.column}"
        for i in lineage.influences
    ]
    lines += [
        f"{s.outcome.value} line {s.line}: {s.reason}"
        for s in lineage.statements
        if s.outcome != "parsed"
    ]
    return lines


def _dotted(name: TableName | None) -> str:
    return ".".join(name) if name is not None else "result"
