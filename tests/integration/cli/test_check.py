"""``muniment check``: what a source counts is what its rows would have told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import yaml
from typer.testing import CliRunner

from muniment.catalog.analysis import pushdown
from muniment.catalog.quality import checkfile
from muniment.cli.check import answered, app, read_answers
from muniment.contracts.connectors import SourceConnection
from muniment.contracts.figures import AnswersQuestions
from muniment.contracts.reading import Bounds, Connector, Scope
from muniment.kernel.clock import SystemClock
from muniment.platform.embedded import Server
from muniment.sources import locators
from muniment.sources.connectors.postgresql import PostgresConnector

EDGES = """
create domain share as numeric(4,2);
create table edges (
    id int primary key, n bigint, amount numeric(12,2), free numeric, real_ real, double_ float8,
    code char(5), word varchar(20), note text, day date, at timestamptz, part share, flag boolean
);
insert into edges
select i, case when i % 7 = 0 then null else i - 50 end, (i - 50) * 0.01, i, i * 0.1, i * 0.1,
       (array['ab', 'ab   ', 'cd'])[1 + i % 3], (array['ab', 'cd', 'ÄÖ'])[1 + i % 3], 'x' || i,
       date '2020-01-01' + i, timestamptz '2020-01-01 UTC' + i * interval '1 h', i * 0.01, i % 2 = 0
from generate_series(1, 100) i;
insert into edges values (101, 9007199254740993, 0.1, '1e400', 'nan', 'nan', 'ab', ' ab', '',
                          'infinity', '-infinity', null, null),
                         (102, null, null, 'nan', 'infinity', '-infinity', null, null, null,
                          null, null, null, null);
create table nothing (id int, word text);
"""
TYPES = ("n", "amount", "free", "real_", "double_", "code", "word", "note", "day", "at", "part")
ENDS = (
    {"min": -49, "max": 50},
    {"min": 0},
    {"max": 10.0},
    {"min": -0.5, "max": 9.95},
    {"min": -1e300},
)


def edge_checks() -> Iterator[dict[str, Any]]:
    yield {"type": "row_count_between", "params": {"min": 1, "max": 102}}
    yield {"type": "rows_readable"}
    yield {"type": "composite_unique", "columns": ["id", "word"]}
    for name in (*TYPES, "flag"):
        yield {"type": "not_null", "columns": [name]}
        yield {"type": "null_share", "columns": [name], "params": {"max": 0.1}}
    for name in TYPES:
        for ends in ENDS:
            yield {"type": "in_range", "columns": [name], "params": ends}
        yield {"type": "mean_between", "columns": [name], "params": {"min": 0, "max": 1e6}}
    for name in ("code", "word", "note"):
        for values in (["ab", "cd"], ["ab", "cd", "ÄÖ", " ab"], ["ab   ", "cd"]):
            yield {"type": "in_set", "columns": [name], "params": {"values": values}}


@pytest.fixture
def url(server: Server) -> str:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists checked with (force)")
        connection.execute("create database checked")
    with psycopg.connect(server.url("checked"), autocommit=True) as connection:
        connection.execute(EDGES)
    return server.url("checked")


def test_what_the_source_counts_is_what_its_rows_tell(
    url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    checks = list(edge_checks())
    file = tmp_path / "checks.yaml"
    file.write_text(yaml.safe_dump({"public.edges": checks, "public.nothing": checks[:2]}))
    plans = checkfile.read(file, SystemClock().now())
    connector = _connector(url)
    request.addfinalizer(connector.close)
    assert isinstance(connector, AnswersQuestions)
    assets = {asset.path[-1]: asset for asset in connector.discover(Scope(include=tuple(plans)))}
    asset, plan = assets["edges"], plans["public.edges"]
    counted = answered(connector, "s", asset, plan)
    told = read_answers(connector, "s", asset, plan)
    for spec in plan.checks:
        ours, theirs = counted[spec.key], told[spec.key]
        if spec.type == "mean_between" and theirs.status != "skipped":  # in another order
            assert ours.observed == pytest.approx(theirs.observed, rel=1e-12)
            ours = replace(ours, observed=theirs.observed)
        assert ours == theirs, (spec.type, spec.columns, spec.params)
    answers = connector.answer(asset, pushdown.questions(plan))
    assert answers is not None
    assert len(pushdown.settled(plan, answers)) >= 30
    empty = plans["public.nothing"]
    assert answered(connector, "s", assets["nothing"], empty) == read_answers(
        connector, "s", assets["nothing"], empty
    )


def test_the_command_tells_each_check_and_ends_by_the_worst(url: str, tmp_path: Path) -> None:
    file = tmp_path / "checks.yaml"
    good = {"type": "not_null", "columns": ["id"]}
    bad = {"type": "in_set", "columns": ["word"], "params": {"values": ["ab"]}}
    gone = {"type": "unique", "columns": ["gone"]}
    file.write_text(yaml.safe_dump({"public.edges": [good, bad, gone]}))
    result = CliRunner().invoke(app, [url, str(file), "--json"])
    assert result.exit_code == 1, result.output
    [asset] = json.loads(result.stdout)["assets"]
    assert [one["status"] for one in asset["checks"]] == ["passed", "failed", "error"]
    assert asset["checks"][1]["examples"]
    file.write_text(yaml.safe_dump({"public.edges": [good]}))
    assert CliRunner().invoke(app, [url, str(file)]).exit_code == 0


def test_files_are_checked_by_their_rows(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id,state\n1,open\n2,paid\n2,lost\n")
    file = tmp_path / "checks.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "orders.csv": [
                    {"type": "unique", "columns": ["id"]},
                    {"type": "in_set", "columns": ["state"], "params": {"values": ["open"]}},
                    {"type": "column_exists", "columns": ["state"]},
                ]
            }
        )
    )
    result = CliRunner().invoke(app, [str(tmp_path / "orders.csv"), str(file), "--json"])
    [asset] = json.loads(result.stdout)["assets"]
    assert [one["status"] for one in asset["checks"]] == ["failed", "failed", "passed"]


def _connector(url: str) -> Connector:
    at = locators.parse(url)
    source = SourceConnection(UUID(int=0), at.name, at.kind, at.settings, at.secrets)
    return PostgresConnector(source, Bounds())
