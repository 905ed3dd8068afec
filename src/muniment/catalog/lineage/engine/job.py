"""One job for a worker process: a definition in, its lineage out, both as JSON; never raises."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muniment.catalog.lineage.engine.flows import (
    Lineage,
    Outcome,
    StatementOutcome,
    TableName,
)
from muniment.catalog.lineage.engine.names import Namespace, dialect_of
from muniment.catalog.lineage.engine.routine import read_routine, read_script
from muniment.catalog.lineage.engine.script import read_text
from muniment.catalog.lineage.engine.session import Session
from muniment.kernel.values import JsonObject, JsonValue

MAX_SQL = 1_000_000
_ROUTINES = ("function", "procedure")
_VIEWS = ("view", "materialized_view")

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of each unknown statement


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be read. ``target`` is the view or routine that the text defines, if any."""

    id: str
    kind: str
    sql: str
    dialect: str
    search: tuple[TableName, ...]
    tables: Mapping[TableName, Sequence[str]]
    target: TableName | None = None
    columns: tuple[str, ...] = ()
    language: str = ""


def parse_job(job: JsonObject) -> JsonObject:
    """Lineage of one definition.

    The job holds ``job`` (any id, handed back), ``kind`` (view, materialized_view, function,
    procedure or script), ``sql``, ``dialect``, ``search`` (list of places), ``schema`` (list of
    ``{path, columns}``) and, for views and routines, ``target`` and ``columns``. The answer holds
    ``job``, ``target``, ``reads``, ``writes``, ``calls``, ``edges``, ``influences`` and
    ``statements``; tables are lists of name parts.
    """
    lineage = read_job(as_job(job))
    return {"job": job.get("job"), "target": job.get("target"), **as_json(lineage)}


def as_job(job: JsonObject) -> Job:
    tables = {_parts(entry["path"]): _parts(entry["columns"]) for entry in _objects(job["schema"])}
    target = job.get("target")
    return Job(
        id=str(job.get("job", "")),
        kind=str(job.get("kind", "script")),
        sql=str(job["sql"]),
        dialect=str(job.get("dialect") or ""),
        search=tuple(_parts(place) for place in _list(job.get("search"))) or ((),),
        tables=tables,
        target=_parts(target) if target is not None else None,
        columns=_parts(job.get("columns") or ()),
        language=str(job.get("language") or "").lower(),
    )


def read_job(job: Job) -> Lineage:
    """The lineage of a job; a text that cannot be read yields a failed statement."""
    session = Session(Namespace(job.tables, job.search), dialect_of(job.dialect))
    if len(job.sql) > MAX_SQL:
        reason = f"The text is longer than {MAX_SQL:,} characters."
        session.lineage.statements.append(StatementOutcome(0, 1, job.kind, Outcome.FAILED, reason))
        return session.lineage
    if job.kind in _ROUTINES and job.target is not None:
        read_routine(job.sql, session, name=job.target, language=job.language, outputs=job.columns)
    elif job.kind in _VIEWS:
        read_text(job.sql, session, result=job.target, result_columns=job.columns)
    else:
        read_script(job.sql, session)
    if not session.lineage.statements and session.problems:
        session.lineage.statements.append(
            StatementOutcome(0, 1, job.kind, Outcome.FAILED, session.problems[0])
        )
    return session.lineage


def as_json(lineage: Lineage) -> dict[str, JsonValue]:
    return {
        "reads": [list(name) for name in lineage.reads],
        "writes": [list(name) for name in lineage.writes],
        "calls": [list(name) for name in lineage.calls],
        "edges": [
            {
                "from": list(edge.origin.table),
                "from_column": edge.origin.column,
                "to": list(edge.table) if edge.table is not None else None,
                "to_column": edge.column,
                "kind": edge.kind.word,
                "expression": edge.expression,
            }
            for edge in lineage.edges
        ],
        "influences": [
            {
                "from": list(influence.origin.table),
                "from_column": influence.origin.column,
                "to": list(influence.table) if influence.table is not None else None,
            }
            for influence in lineage.influences
        ],
        "statements": [
            {
                "index": statement.index,
                "line": statement.line,
                "kind": statement.kind,
                "outcome": statement.outcome.value,
                "reason": statement.reason,
            }
            for statement in lineage.statements
        ],
    }


def _parts(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(part) for part in _list(value))


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _objects(value: JsonValue) -> Sequence[JsonObject]:
    return [entry for entry in _list(value) if isinstance(entry, Mapping)]
