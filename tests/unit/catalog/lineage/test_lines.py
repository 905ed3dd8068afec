"""Lineage as a filter: a JSON question a line, a JSON answer a line."""

import gc
import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from muniment.catalog.lineage.engine.lines import answer
from muniment.cli.lineage import _TooLongError, _within, app
from muniment.kernel.errors import Invalid


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


def test_a_script_is_answered_by_its_net_effect() -> None:
    sql = """
        create table stage as select id, upper(name) as who from people;
        create table copied as select * from stage;
        insert into report (id, who) select id, who from copied;
    """
    schema = {"db.s.people": {"id": "int", "name": "text"}}
    asked: dict[str, Any] = {
        "sql": sql,
        "schema": schema,
        "default_db": "db",
        "default_schema": "s",
    }
    told: Any = answer({**asked, "script": True})
    assert told["in_tables"] == ["db.s.people"]
    assert told["out_tables"] == ["db.s.stage", "db.s.copied", "db.s.report"]
    fed = {
        (each["downstream"]["table"], each["downstream"]["column"]): each["upstreams"]
        for each in told["column_lineage"]
    }
    assert fed["db.s.report", "who"] == [{"table": "db.s.people", "column": "name"}]
    assert fed["db.s.copied", "id"] == [{"table": "db.s.people", "column": "id"}]
    whole: Any = answer(asked)
    assert "db.s.copied" in whole["in_tables"]


def test_a_star_over_an_unknown_table_is_seen_through_by_name() -> None:
    sql = "create table stage as select * from lake; insert into out_t select stage.x from stage"
    told: Any = answer({"sql": sql, "script": True})
    assert {"table": "lake", "column": "x"} in [
        up for each in told["column_lineage"] for up in each["upstreams"]
    ]


@pytest.mark.parametrize("dialect", ["vertica", "GreenPlum", "no such thing", "ANSI", "sqlserver"])
def test_a_dialect_that_nobody_has_is_read_by_its_nearest(dialect: str) -> None:
    told: Any = answer({"sql": "select a from t", "dialect": dialect})
    assert told["in_tables"] == ["t"]
    assert [each["outcome"] for each in told["statements"]] == ["parsed"]


def test_one_line_that_takes_too_long_or_is_odd_costs_only_itself(tmp_path: Path) -> None:
    deep = "select " + "(select a from t where a in " * 200 + "(1)" + ")" * 200
    asked = [
        {"id": 1, "sql": f"{deep}; " * 100},
        {"id": 2, "sql": "select a from t where b = '\u2028\x0c'", "schema": {"t": ["a", "b"]}},
        {"id": 3, "sql": "select a from t", "schema": {"t": 7}, "default_schema": {"x": 1}},
    ]
    file = tmp_path / "questions.jsonl"
    lines = (json.dumps(each, ensure_ascii=False) for each in asked)
    file.write_text("\n".join(lines), encoding="utf-8")
    said = CliRunner().invoke(app, ["parse", str(file), "--jsonl", "--seconds", "0.05"])
    assert said.exit_code == 0, said.output
    slow, odd, other = map(json.loads, said.stdout.split("\n")[:-1])
    assert slow["statements"][0]["outcome"] == "failed"
    assert "within 0.05 seconds" in slow["statements"][0]["reason"]
    assert (odd["id"], odd["in_tables"]) == (2, ["t"])
    assert other["id"] == 3


def test_a_limit_that_ends_while_garbage_is_collected_still_ends_the_line() -> None:
    def slow(_phase: str, _info: object) -> None:
        time.sleep(0.03)

    def work() -> None:
        with _within(0.01):
            gc.collect()
            time.sleep(1)

    gc.callbacks.append(slow)
    try:
        with pytest.raises(_TooLongError):
            work()
    finally:
        gc.callbacks.remove(slow)


def test_a_file_that_is_not_there_is_said() -> None:
    said = CliRunner().invoke(app, ["parse", "/nowhere/x.sql"])
    assert isinstance(said.exception, Invalid)
