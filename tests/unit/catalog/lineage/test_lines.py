"""Lineage as a filter: a JSON question a line, a JSON answer a line."""

import json

from typer.testing import CliRunner

from muniment.catalog.lineage.engine.lines import answer
from muniment.cli.lineage import app


def test_names_come_out_in_full_and_positions_by_the_target() -> None:
    told = answer(
        {
            "id": 7,
            "sql": "insert into t select a.x, upper(b.name) from s a, db2.other.b",
            "dialect": "snowflake",
            "schema": {
                "db.main.t": {"p": "int", "q": "text"},
                "db.main.s": {"x": "int", "id": "int"},
            },
            "default_db": "db",
            "default_schema": "main",
        }
    )
    assert (told["in_tables"], told["out_tables"]) == (["db.main.s", "db2.other.b"], ["db.main.t"])
    assert told["column_lineage"] == [
        {
            "downstream": {"table": "db.main.t", "column": "p"},
            "upstreams": [{"table": "db.main.s", "column": "x"}],
        },
        {
            "downstream": {"table": "db.main.t", "column": "q"},
            "upstreams": [{"table": "db2.other.b", "column": "name"}],
        },
    ]


def test_a_broken_line_costs_only_itself() -> None:
    lines = '{"id": 1, "sql": "select a from b"}\n{broken\n\n{"id": 2}\n[1]\n'
    result = CliRunner().invoke(app, ["parse", "--jsonl"], input=lines)
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert [sorted(told)[0] for told in answers] == ["column_lineage", "line", "line", "line"]
    assert answers[0]["column_lineage"][0]["downstream"]["table"] is None
