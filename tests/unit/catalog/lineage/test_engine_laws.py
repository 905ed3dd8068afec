"""Laws of the lineage engine: it never raises, and a temporary table changes nothing."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.catalog.lineage.golden import GOLDEN, SCHEMA, cases

from muniment.catalog.lineage.engine.job import Job, parse_job, read_job
from muniment.catalog.lineage.engine.names import Namespace
from muniment.catalog.lineage.engine.split import lexemes, rebuilt, statements
from muniment.kernel.values import JsonObject

CASES = list(cases(GOLDEN.read_text()))
dialects = st.sampled_from(["postgres", "snowflake", "tsql", "mysql", "bigquery", "sqlite", ""])
places = st.floats(0, 1, exclude_max=True)
projections = st.lists(
    st.sampled_from(["id", "total * 2", "customer_id", "max(created_at)", "total"]),
    min_size=1,
    max_size=4,
)


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """A golden text with pieces cut out, doubled, or replaced by noise."""
    sql = draw(st.sampled_from(CASES)).sql
    for _ in range(draw(st.integers(1, 3))):
        at = int(draw(places) * len(sql))
        to = min(len(sql), at + draw(st.integers(0, 20)))
        noise = draw(st.sampled_from(["", sql[at:to] * 2, "(", "'", "$$", ";", " select ", "\x00"]))
        sql = sql[:at] + noise + sql[to:]
    return sql


@settings(deadline=None, max_examples=300)
@given(mangled(), dialects, st.sampled_from(["script", "view", "procedure"]))
def test_whatever_the_text_the_answer_is_json(sql: str, dialect: str, kind: str) -> None:
    job: JsonObject = {
        "job": "x",
        "kind": kind,
        "sql": sql,
        "dialect": dialect,
        "search": [["public"]],
        "target": ["public", "x"],
        "schema": [{"path": list(name), "columns": list(c)} for name, c in SCHEMA.items()],
    }
    answer = parse_job(job)
    assert json.loads(json.dumps(answer)) == answer


def test_deep_nesting_fails_by_itself() -> None:
    deep = "select " + "(" * 5000 + "1" + ")" * 5000
    lineage = read_job(Job("x", "script", f"{deep}; select id from orders", "postgres", ((),), {}))
    assert [s.outcome.value for s in lineage.statements] == ["failed", "parsed"]


def test_a_text_that_is_too_long_says_so() -> None:
    lineage = read_job(Job("x", "script", "select 1;" * 200_000, "postgres", ((),), {}))
    assert [s.reason for s in lineage.statements] == [
        "The text is longer than 1,000,000 characters."
    ]


@given(projections)
def test_a_temporary_table_in_between_changes_no_edge(columns: list[str]) -> None:
    query = "select " + ", ".join(f"{c} as c{n}" for n, c in enumerate(columns)) + " from orders"
    direct = f"create table mart.t as {query}"
    detour = f"create temp table d as {query}; create table mart.t as select * from d"

    def edges(sql: str) -> set[tuple[object, ...]]:
        lineage = read_job(Job("x", "script", sql, "postgres", (("public",),), SCHEMA))
        return {(e.table, e.column, e.origin, e.kind) for e in lineage.edges}

    assert edges(direct) == edges(detour)


@given(st.text(max_size=200), dialects)
def test_lexing_loses_nothing_but_blanks_and_comments(text: str, dialect: str) -> None:
    lexed = lexemes(text, dialect)
    assert all(text[one.start : one.end] == one.text for one in lexed)
    assert [one.text for one in lexemes(rebuilt(lexed), dialect)] == [one.text for one in lexed]


@given(st.lists(st.sampled_from(["select 1", "select ';' as x", "insert into t values (2)"])))
def test_as_many_statements_come_out_as_were_joined(parts: list[str]) -> None:
    assert [f.text for f in statements(" ;\n".join(parts), "postgres")] == parts


names = st.tuples(st.sampled_from(["a", "B", "c d"]), st.sampled_from(["T", "t", "u"]))


@given(st.sets(names))
def test_a_stored_name_resolves_to_itself(tables: set[tuple[str, str]]) -> None:
    namespace = Namespace(dict.fromkeys(tables, ("x",)), [("a",)])
    assert all(namespace.resolve(name) == name for name in tables)
    assert all(namespace.resolve(namespace.resolve(n)) == namespace.resolve(n) for n in tables)
