"""What a real PostgreSQL does to a connector, and how it answers."""

import time
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pyarrow as pa
import pytest
from tests.contract.connectors import estates
from tests.integration.sources.wire import counted

from muniment.contracts.connectors import AssetMeta, Bounds, KeyKind, StepOutcome
from muniment.contracts.reading import ReadPlan, Scope
from muniment.kernel.errors import SourceObjectGone, SourcePermissionMissing, SourceTimeout
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.postgresql import PostgresConnector

MIB = 1 << 20


def connect(url: str, bounds: Bounds | None = None) -> "closing[PostgresConnector]":
    return closing(PostgresConnector(estates.connection_to(url), bounds or Bounds()))


def found(url: str) -> dict[tuple[str, ...], AssetMeta]:
    with connect(url) as connector:
        return {asset.path: asset for asset in connector.discover(Scope())}


def read(connector: PostgresConnector, asset: AssetMeta) -> Iterator[pa.RecordBatch]:
    plan = ReadPlan()
    for part in connector.partitions(asset, plan):
        yield from connector.read(asset, part, plan)


def test_everything_a_database_declares_is_read(empty_database_url: str) -> None:
    estates.fill_postgres(empty_database_url, rows=20_000)
    assets = found(empty_database_url)

    assert assets["shop",].kind is AssetKind.SCHEMA
    assert assets["shop",].comment == "What is sold"
    big = assets["shop", "big"]
    assert big.comment == "Sales"
    assert big.row_estimate == pytest.approx(20_000, rel=0.05)
    assert big.size_bytes is not None
    assert big.size_bytes > MIB
    columns = {column.name: column for column in big.columns}
    assert columns["id"].default == "generated as identity"
    assert columns["amount"].type == "numeric(10,2)"
    assert not columns["amount"].nullable
    assert columns["customer"].comment == "Who bought"
    assert columns["mood"].type == "shop.mood"
    keys = {key.kind: key for key in big.keys}
    assert keys[KeyKind.PRIMARY].columns == ("id",)
    assert keys[KeyKind.FOREIGN].references == ("shop", "customer")
    assert keys[KeyKind.FOREIGN].referenced_columns == ("id",)
    customer = assets["shop", "customer"]
    assert [(g.grantee, g.privilege) for g in customer.grants] == [("PUBLIC", "SELECT")]
    assert KeyKind.UNIQUE in {key.kind for key in customer.keys}
    assert assets["shop", "event"].properties["partitions"] == "2"
    assert ("shop", "event_1") not in assets
    view = assets["shop", "spent"]
    assert view.kind is AssetKind.VIEW
    assert [column.name for column in view.columns] == ["who", "sum"]
    assert "shop.big" in (view.definition or "")
    assert assets["shop", "daily"].kind is AssetKind.MATERIALIZED_VIEW
    assert assets["shop", "twice(integer)"].kind is AssetKind.FUNCTION
    assert assets["shop", "clean()"].kind is AssetKind.PROCEDURE
    assert "delete from shop.empty" in (assets["shop", "clean()"].definition or "")
    awkward = assets["shop", estates.AWKWARD]
    assert tuple(column.name for column in awkward.columns) == estates.AWKWARD_COLUMNS


def test_values_arrive_as_they_are(empty_database_url: str) -> None:
    estates.fill_postgres(empty_database_url, rows=20_000)
    big = found(empty_database_url)["shop", "big"]
    with connect(empty_database_url) as connector:
        batch = next(read(connector, big))
        [row] = batch.slice(0, 1).to_pylist()
        empty_spent = connector.partitions(found(empty_database_url)["shop", "spent"], ReadPlan())
    assert row["amount"] == 1.25
    assert row["document"] == '{"a": [1]}'
    assert row["list"] == "{1,2}"
    assert row["ip"] == "10.0.0.1"
    assert row["raw"] == "deadbeef"
    assert row["pieces"] == 5
    assert row["at"].isoformat() == "2024-01-01T00:01:00+00:00"
    odd = batch.slice(6, 3).to_pylist()
    assert odd[0]["free"] is None  # not a number
    assert odd[1]["free"] is None  # beyond a float
    assert odd[2]["at"] is None  # infinity
    assert empty_spent == ()


def test_the_number_of_statements_does_not_depend_on_the_number_of_tables(
    empty_database_url: str,
) -> None:
    def statements() -> int:
        with (
            counted(empty_database_url) as wire,
            connect_through(empty_database_url, wire.port) as connector,
        ):
            assets = list(connector.discover(Scope()))
            for asset in assets:
                connector.partitions(asset, ReadPlan())
            assert len(connector.catalogue_statements()) <= 8
        return len([s for s in wire.statements if not s.lower().startswith(("begin", "commit"))])

    table = "create table t{0} (id int primary key, b text default 'x', c int references t{0});"
    fill = "insert into t{0} select i, 'x', i from generate_series(1, 10) i;"
    estates.as_superuser(
        empty_database_url, *(table.format(n) + fill.format(n) for n in range(5)), "analyze"
    )
    few = statements()
    estates.as_superuser(
        empty_database_url, *(table.format(n) + fill.format(n) for n in range(5, 200)), "analyze"
    )
    assert statements() == few <= 8


def connect_through(url: str, port: int) -> "closing[PostgresConnector]":
    connection = estates.connection_to(url, host="127.0.0.1", port=port, sslmode="disable")
    return closing(PostgresConnector(connection, Bounds()))


def test_a_missing_permission_is_named_with_its_grant(empty_database_url: str) -> None:
    estates.as_superuser(
        empty_database_url,
        "create schema open", "create schema shut",
        "create table open.readable (a int)", 'create table open."not mine" (a int, b text)',
        "create table shut.away (a int)",
    )  # fmt: skip
    mine = estates.role(empty_database_url, "reader one", "s3cret-enough")
    estates.as_superuser(
        empty_database_url,
        'grant usage on schema open to "reader one"',
        'grant select on open.readable to "reader one"',
    )
    assets = found(mine)
    assert "readable" not in assets["open", "readable"].properties
    refused = assets["open", "not mine"]
    assert [column.name for column in refused.columns] == ["a", "b"]
    assert refused.properties["readable"] == "false"
    assert refused.properties["grant"] == 'grant select on "open"."not mine" to "reader one";'
    assert 'grant usage on schema "shut"' in assets["shut", "away"].properties["grant"]
    with connect(mine) as connector:
        with pytest.raises(SourcePermissionMissing) as caught:
            connector.partitions(refused, ReadPlan())
        steps = {step.name: step for step in connector.test()}
        script = connector.grant_script()
    assert "grant select" in str(caught.value.context["grant"])
    assert steps["Schemas"].outcome is StepOutcome.WARNED
    assert steps["Tables"].message == "1 of 3 tables and views can be read."
    assert steps["Least privilege"].outcome is StepOutcome.PASSED
    assert "s3cret-enough" not in repr(steps)

    estates.as_superuser(empty_database_url, *script.splitlines()[1:])
    assert all("readable" not in asset.properties for asset in found(mine).values())
    with connect(mine) as connector:
        assert {step.outcome for step in connector.test()} == {StepOutcome.PASSED}


def test_a_table_dropped_in_the_middle_is_gone_and_not_a_crash(empty_database_url: str) -> None:
    estates.as_superuser(
        empty_database_url,
        "create table a as select i, repeat('x', 100) t from generate_series(1, 50000) i",
        "create table b (x int, y int)",
        "analyze",
    )
    assets = found(empty_database_url)
    plan = ReadPlan(rows_per_partition=10_000)
    with connect(empty_database_url) as connector:
        first, second, *_ = connector.partitions(assets["public", "a"], plan)
        assert sum(b.num_rows for b in connector.read(assets["public", "a"], first, plan)) > 0
        [only] = connector.partitions(assets["public", "b"], plan)
        estates.as_superuser(empty_database_url, "drop table a", "alter table b drop column y")
        with pytest.raises(SourceObjectGone, match="table is not there"):
            list(connector.read(assets["public", "a"], second, plan))
        with pytest.raises(SourceObjectGone, match="Columns of the table"):
            list(connector.read(assets["public", "b"], only, plan))
        with pytest.raises(SourceObjectGone):
            connector.partitions(assets["public", "a"], plan)


def test_a_cell_of_100_megabytes_never_reaches_us(empty_database_url: str) -> None:
    estates.as_superuser(
        empty_database_url,
        "create table huge (id int, t text, b bytea, j jsonb)",
        "insert into huge values (1, repeat('ü', 50000000), null, null)",
        f"insert into huge values (2, null, repeat('x', {100 * MIB})::bytea, null)",
        "insert into huge values (3, null, null, to_jsonb(repeat('y', 30000000)))",
    )
    asset = found(empty_database_url)["public", "huge"]
    with connect(empty_database_url, Bounds(max_cell_bytes=MIB)) as connector:
        batches = list(read(connector, asset))
    table = pa.Table.from_batches(batches)
    assert table.num_rows == 3
    assert table.nbytes < 4 * MIB
    assert len(str(table.column("t")[0].as_py()).encode()) <= MIB


def test_a_table_of_1600_columns_is_read_whole(empty_database_url: str) -> None:
    columns = ", ".join(f"column_number_{n} smallint default 1" for n in range(1600))
    estates.as_superuser(
        empty_database_url,
        f"create table wide ({columns})",
        "insert into wide default values",
    )
    asset = found(empty_database_url)["public", "wide"]
    assert len(asset.columns) == 1600
    with connect(empty_database_url) as connector:
        [batch] = list(read(connector, asset))
    assert batch.num_columns == 1600
    assert batch.num_rows == 1


def test_a_slow_statement_and_a_locked_table_run_out_of_time(empty_database_url: str) -> None:
    estates.as_superuser(
        empty_database_url, "create table t as select i from generate_series(1, 1000) i"
    )
    asset = found(empty_database_url)["public", "t"]
    with (
        psycopg.connect(empty_database_url) as other,
        connect(empty_database_url, Bounds(statement_timeout_seconds=0.5)) as connector,
    ):
        [part] = connector.partitions(asset, ReadPlan())
        other.execute("lock table t in access exclusive mode")
        begun = time.monotonic()
        with pytest.raises(SourceTimeout):
            list(connector.read(asset, part, ReadPlan()))
        assert time.monotonic() - begun < 5


def test_the_session_can_only_read_and_bears_our_name(empty_database_url: str) -> None:
    connector = PostgresConnector(estates.connection_to(empty_database_url), Bounds())
    with closing(connector._sessions.open()) as connection:
        [shown] = connection.execute("show application_name").fetchall()
        assert shown == ("muniment",)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("create table t (a int)")


def test_a_reading_that_is_left_early_leaves_nothing_running(empty_database_url: str) -> None:
    estates.as_superuser(
        empty_database_url,
        "create table t as select i, repeat('x', 200) from generate_series(1, 200000) i",
    )
    asset = found(empty_database_url)["public", "t"]
    with connect(empty_database_url) as connector:
        batches = read(connector, asset)
        assert isinstance(batches, Iterator)
        assert next(batches).num_rows > 0
        batches.close()  # type: ignore[attr-defined]  # it is a generator
        assert sum(batch.num_rows for batch in read(connector, asset)) == 200_000
    with psycopg.connect(empty_database_url) as connection:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            running = connection.execute(
                "select count(*) from pg_stat_activity where application_name = 'muniment'"
                " and datname = current_database()"
            ).fetchone()
            connection.rollback()
            if running == (0,):
                return
            time.sleep(0.1)
    raise AssertionError("a backend of ours is still there")
