"""The generic connector on values, failures and limits of real databases."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from tests.contract.connectors import estates

from muniment.contracts.connectors import AssetMeta, Bounds, Scope, SourceConnection, StepOutcome
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import Cancelled, Invalid, SourceError, SourceTimeout, SourceUnreachable
from muniment.kernel.ids import new_id
from muniment.kernel.values import JsonValue
from muniment.platform.embedded import Server
from muniment.sources.connectors.generic import SqlalchemyConnector

ID = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
VALUES = (
    ("id", "bigint primary key", "1", 1),
    ("whole", "numeric(18, 0)", "999999999999999999", 999_999_999_999_999_999),
    ("money", "numeric(10, 2)", "1.25", 1.25),
    ("more", "double precision", "'infinity'", float("inf")),
    ("yes", "boolean", "true", True),
    ("day", "date", "'2024-02-29'", date(2024, 2, 29)),
    ("ever", "date", "'infinity'", None),
    ("moment", "timestamp", "'2024-01-01 10:00'", datetime(2024, 1, 1, 10)),  # noqa: DTZ001
    ("never", "timestamp", "'-infinity'", None),
    ("instant", "timestamptz", "'2024-01-01 10:00+02'", datetime(2024, 1, 1, 8, tzinfo=UTC)),
    ("uuid", "uuid", f"'{ID}'", ID),
    ("document", "jsonb", """'{"a": [1, "ü"]}'""", '{"a":[1,"ü"]}'),
    ("list", "int[]", "'{1,2}'", "[1,2]"),
    ("raw", "bytea", r"'\xff00'", "ff00"),
    ("clock", "time", "'10:00'", "10:00:00"),
    ("span", "interval", "'25 hours'", "1 day, 1:00:00"),
    ("address", "inet", "'10.0.0.1'", "10.0.0.1"),
    ("place", "point", "'(1,2)'", "(1,2)"),
    ("mood", "mood", "'good'", "good"),
    ("code", "varchar(5)", "'Straß'", "Straß"),
)  # fmt: skip


@contextmanager
def opened(
    url: str, bounds: Bounds | None = None, **changes: JsonValue
) -> Iterator[SqlalchemyConnector]:
    connection = estates.connection_to(url, **changes)
    with closing(SqlalchemyConnector(connection, bounds or Bounds())) as connector:
        yield connector


def asset_of(connector: SqlalchemyConnector, name: str) -> AssetMeta:
    return next(asset for asset in connector.discover(Scope()) if asset.path[-1] == name)


def table_of(connector: SqlalchemyConnector, name: str) -> pa.Table:
    asset = asset_of(connector, name)
    return pa.Table.from_batches(
        batch
        for part in connector.partitions(asset, ReadPlan())
        for batch in connector.read(asset, part, ReadPlan())
    )


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("create database generic_values")
        native = server.url("generic_values")
        estates.as_superuser(
            native,
            "create type mood as enum ('good', 'bad')",
            f"create table t ({', '.join(f'{name} {kind}' for name, kind, _, _ in VALUES)})",
            f"insert into t values ({', '.join(text for _, _, text, _ in VALUES)})",
            "insert into t (id) values (2)",
            "create table parent (a int primary key, b text default 'x')",
            "create table child (a int references parent, b int, c int, unique (b, c))",
            "create unique index one on child (c)",
            "comment on table child is 'Things'",
            "comment on column child.b is 'How many'",
            "create view v as select a from child",
            "create materialized view m as select 1 as one",
        )
        yield native.replace("postgresql://", "postgresql+psycopg://", 1)
        connection.execute("drop database generic_values with (force)")


def test_values_arrive_as_what_they_are(url: str) -> None:
    with opened(url) as connector:
        full, bare = table_of(connector, "t").to_pylist()
    assert full == {name: value for name, _, _, value in VALUES}
    assert bare == {**dict.fromkeys(full, None), "id": 2}


def test_metadata_is_read_in_bulk(url: str) -> None:
    with opened(url) as connector:
        found = {asset.path[-1]: asset for asset in connector.discover(Scope())}
    child = found["child"]
    assert child.comment == "Things"
    assert child.columns[1].comment == "How many"
    assert {(key.kind.value, key.columns, key.references) for key in child.keys} == {
        ("foreign", ("a",), ("public", "parent")),
        ("unique", ("b", "c"), ()),
        ("unique", ("c",), ()),
    }
    assert found["parent"].columns[1].default == "'x'::text"
    assert found["v"].definition == " SELECT a\n   FROM child;"
    assert found["m"].kind.value == "materialized_view"
    assert found["m"].definition is not None


def test_figures_are_those_of_the_values(url: str) -> None:
    with opened(url) as connector:
        counted = connector.summarise(asset_of(connector, "t"))
    known = {column.name: (column.nulls, column.low, column.high) for column in counted.columns}
    assert counted.rows == 2
    assert known["id"] == (0, 1, 2)
    assert known["money"] == (1, 1.25, 1.25)
    assert known["day"] == (1, "2024-02-29", "2024-02-29")
    assert known["code"] == (1, None, None)


def test_a_schema_may_be_named(url: str) -> None:
    with opened(url, schemas="public, nowhere") as connector:
        assert asset_of(connector, "t").path == ("public", "t")
        assert [step.outcome for step in connector.test()][-1] is StepOutcome.WARNED
    with opened(url, schemas="nowhere") as connector:
        assert list(connector.discover(Scope())) == []


def test_a_session_can_change_nothing_and_takes_no_longer_than_it_may(url: str) -> None:
    with opened(url, Bounds(statement_timeout_seconds=0.2)) as connector:
        with pytest.raises(SourceError), connector._sessions.lent() as connection:
            connection.exec_driver_sql("delete from t")
        with pytest.raises(SourceTimeout), connector._sessions.lent() as connection:
            connection.exec_driver_sql("select pg_sleep(5)")


def test_cancelling_reaches_the_server(url: str) -> None:
    with opened(url) as connector:
        started = time.monotonic()
        timer = threading.Timer(0.5, connector.cancel)
        timer.start()
        with pytest.raises(Cancelled), connector._sessions.lent() as connection:
            connection.exec_driver_sql("select pg_sleep(20)")
        timer.join()
    assert time.monotonic() - started < 2.5


def test_cells_of_sqlite_that_do_not_fit_are_missing_and_told(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table t (n integer, d date, s text, b boolean, broken blob)")
        connection.execute("create view gone as select * from nowhere")
        connection.executemany(
            "insert into t values (?, ?, ?, ?, ?)",
            [
                (1, "2024-01-02", 5, 1, b"\xff"),
                ("n/a", "soon", "x", 0, "text"),
                (2**40, None) + (None,) * 3,
            ],
        )
        connection.commit()
    with opened(f"sqlite+pysqlite:///{path}") as connector:
        read = table_of(connector, "t").to_pydict()
        remarks = connector.remarks
        broken = asset_of(connector, "gone")
    assert read == {
        "n": [1, None, 2**40],
        "d": [date(2024, 1, 2), None, None],
        "s": ["5", "x", None],
        "b": [True, False, None],
        "broken": ["ff", "text", None],
    }
    assert [remark.split(" of the")[0] for remark in remarks] == ["1 values", "1 values"]
    assert broken.properties["readable"] == "false"


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with (
        opened(f"sqlite+pysqlite:///{path}") as connector,
        pytest.raises(SourceUnreachable, match="no such file"),
    ):
        connector.probe()
    assert not path.exists()


@pytest.mark.parametrize(
    ("url", "package"),
    [
        ("snowflake://u@account/db", "pip install snowflake-sqlalchemy"),
        ("oracle://u@h/db", "pip install oracledb"),
        ("oracle+oracledb://u@h/db", "pip install oracledb"),
        ("mssql+pymssql://u@h/db", "pip install pymssql"),
        ("mysql+mysqldb://u@h/db", "pip install mysqlclient"),
        ("trino://u@h/db", "pip install trino[sqlalchemy]"),
    ],
)
def test_a_package_that_is_missing_is_named(url: str, package: str) -> None:
    with opened(url) as connector, pytest.raises(SourceError, match="not installed") as caught:
        connector.probe()
    assert caught.value.context["remedy"] == package


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "oracle://u:s3cret@h/db"},
        {"url": "snowflake://u@h/db?token=s3cret"},
        {"url": "mssql+pyodbc:///?odbc_connect=PWD%3Ds3cret"},
        {"url": "no url"},
        {"url": "oracle://u@h/db", "connect_args": "[s3cret]"},
    ],
)
def test_settings_that_would_show_a_secret_are_refused(settings: dict[str, JsonValue]) -> None:
    with pytest.raises(Invalid) as caught:
        SqlalchemyConnector(SourceConnection(new_id(), "x", "sqlalchemy", settings), Bounds())
    assert "s3cret" not in repr((caught.value.message, caught.value.context))
