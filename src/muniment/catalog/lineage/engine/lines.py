"""Lineage as a filter: one JSON object with SQL in, one with tables and columns out."""

from collections.abc import Mapping, Sequence

from muniment.catalog.lineage.engine.flows import Outcome, TableName
from muniment.catalog.lineage.engine.job import Job, as_json, read_job
from muniment.catalog.lineage.engine.net import net
from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject, JsonValue


def answer(question: JsonObject) -> JsonObject:
    """Tables and columns of one text of SQL.

    The question holds ``sql`` and may hold ``id``, ``dialect``, ``schema`` (dotted table name to
    column names), ``default_db`` and ``default_schema``. Names come out dotted with the defaults
    put in; the result of a bare SELECT has the downstream table null. With ``script`` true the
    answer is the net effect: what was read of a table that the text itself made is traced to what
    that was made of.
    """
    lineage = read_job(_job(question))
    if question.get("script") is True:
        lineage = net(lineage)
    upstreams: dict[tuple[str | None, str], dict[tuple[str, str], None]] = {}
    for edge in lineage.edges:
        fed = upstreams.setdefault((_dotted(edge.table), edge.column), {})
        fed[(".".join(edge.origin.table), edge.origin.column)] = None
    columns: list[JsonValue] = [
        {
            "downstream": {"table": table, "column": column},
            "upstreams": [{"table": t, "column": c} for t, c in fed],
        }
        for (table, column), fed in upstreams.items()
    ]
    return {
        "id": question.get("id"),
        "in_tables": [".".join(name) for name in lineage.reads],
        "out_tables": [".".join(name) for name in lineage.writes],
        "column_lineage": columns,
        "statements": as_json(lineage)["statements"],
    }


def nothing_of(question: JsonObject, why: str) -> JsonObject:
    """The answer to a question that could not be read at all."""
    statement: JsonValue = {
        "index": 0,
        "line": 1,
        "kind": "unknown",
        "outcome": Outcome.FAILED.value,
        "reason": why,
    }
    return {
        "id": question.get("id"),
        "in_tables": [],
        "out_tables": [],
        "column_lineage": [],
        "statements": [statement],
    }


def _job(question: JsonObject) -> Job:
    sql, schema = question.get("sql"), question.get("schema") or {}
    if not isinstance(sql, str):
        raise Invalid("A line needs the text of the SQL under the key sql.")
    if not isinstance(schema, Mapping):
        raise Invalid("The schema is an object of table names to columns.")
    place = tuple(
        str(question[key]) for key in ("default_db", "default_schema") if question.get(key)
    )
    tables: dict[TableName, tuple[str, ...]] = {
        tuple(name.split(".")): _column_names(columns) for name, columns in schema.items()
    }
    return Job(
        id=str(question.get("id", "")),
        kind="script",
        sql=sql,
        dialect=str(question.get("dialect") or ""),
        search=(place,),
        tables=tables,
    )


def _column_names(columns: JsonValue) -> tuple[str, ...]:
    """Names to types, or a list of names."""
    if isinstance(columns, Mapping) or (
        isinstance(columns, Sequence) and not isinstance(columns, str)
    ):
        return tuple(str(name) for name in columns)
    return ()


def _dotted(name: TableName | None) -> str | None:
    return None if name is None else ".".join(name)
