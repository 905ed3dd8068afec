"""Every connector that comes with Muniment passes the suite that third parties are given."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from tests.contract.connectors import estates, mariadb, seaweed

from muniment.kernel.errors import (
    SourceAuthenticationFailed,
    SourceDataUnreadable,
    SourcePermissionMissing,
    SourceUnreachable,
)
from muniment.platform.embedded import Server
from muniment.sources.conformance import ConnectorContract, Seeded
from muniment.sources.connectors.files import FilesConnector
from muniment.sources.connectors.files.objects import S3Connector
from muniment.sources.connectors.mysql import MysqlConnector
from muniment.sources.connectors.postgresql import PostgresConnector
from muniment.sources.connectors.sqlite import SqliteConnector


@pytest.fixture(scope="module")
def filled_postgres(server: Server) -> Iterator[str]:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("create database conformance")
        url = server.url("conformance")
        estates.fill_postgres(url)
        yield url
        connection.execute("drop database conformance with (force)")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "marketing data?#%41.db"
    estates.fill_sqlite(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("files") / "lake"
    estates.fill_folder(root)
    return root


@pytest.fixture(scope="module")
def lake(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[seaweed.Seaweed]:
    with seaweed.seaweed(tmp_path_factory.mktemp("seaweed")) as server:
        server.upload(folder, "estate")
        yield server


class TestPostgres(ConnectorContract):
    @pytest.fixture
    def seeded(self, filled_postgres: str) -> Seeded:
        def state() -> object:
            with psycopg.connect(filled_postgres) as connection:
                return connection.execute(
                    "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables"
                ).fetchone()

        connection = estates.connection_to(filled_postgres)
        return Seeded(
            factory=PostgresConnector,
            connection=connection,
            rows=estates.rows_of_postgres(),
            key={("shop", "big"): "id", ("shop", "customer"): "id", ("shop", "event"): "id"},
            big=("shop", "big"),
            awkward=("shop", estates.AWKWARD),
            text=(("shop", "customer"), "note"),
            failing=[
                (
                    estates.connection_to(filled_postgres, password="wr0ng-passw0rd"),
                    SourceAuthenticationFailed,
                ),
                (
                    estates.connection_to(filled_postgres, host="127.0.0.1", port=1),
                    SourceUnreachable,
                ),
                (
                    estates.connection_to(filled_postgres, host="no-such-host.invalid"),
                    SourceUnreachable,
                ),
                (
                    estates.connection_to(filled_postgres, database="no_such_database"),
                    SourceUnreachable,
                ),
                (estates.connection_to(filled_postgres, host="/nowhere"), SourceUnreachable),
            ],
            state=state,
        )


@pytest.fixture(scope="module")
def filled_mariadb() -> Iterator[mariadb.MariaServer]:
    with mariadb.mariadb() as server:
        mariadb.fill(server, rows=estates.BIG_ROWS)
        yield server


class TestMysql(ConnectorContract):
    @pytest.fixture
    def seeded(self, filled_mariadb: mariadb.MariaServer) -> Seeded:
        def state() -> object:
            return filled_mariadb.run("checksum table shop.customer, shop.big, shop.event")

        url = filled_mariadb.url(mariadb.READER, mariadb.READER_PASSWORD, "shop")
        return Seeded(
            factory=MysqlConnector,
            connection=estates.connection_to(url),
            rows=mariadb.rows_of(estates.BIG_ROWS),
            key={("shop", "big"): "id", ("shop", "customer"): "id", ("shop", "event"): "id"},
            big=("shop", "big"),
            awkward=("shop", mariadb.AWKWARD),
            text=(("shop", "customer"), "note"),
            failing=[
                (
                    estates.connection_to(url, password="wr0ng-passw0rd"),
                    SourceAuthenticationFailed,
                ),
                (estates.connection_to(url, port=1), SourceUnreachable),
                (estates.connection_to(url, host="no-such-host.invalid"), SourceUnreachable),
                (estates.connection_to(url, database="no_such_database"), SourcePermissionMissing),
                (estates.connection_to(url, host="/nowhere"), SourceUnreachable),
                (
                    estates.connection_to(url, sslmode="verify-full", sslrootcert="/nowhere"),
                    SourceUnreachable,
                ),
            ],
            state=state,
        )


class TestSqlite(ConnectorContract):
    @pytest.fixture
    def seeded(self, file: Path) -> Seeded:
        text = file.with_name("text.db")
        text.write_text("this is no database at all")
        return Seeded(
            factory=SqliteConnector,
            connection=estates.connection_to(str(file)),
            rows={
                ("customer",): 500,
                ("big",): estates.BIG_ROWS,
                (estates.AWKWARD,): 1,
                ("pair",): 2,
                ("hidden",): 1,
                ("empty",): 0,
            },
            key={("big",): "id", ("customer",): "email"},
            big=("big",),
            awkward=(estates.AWKWARD,),
            text=(("customer",), "note"),
            failing=[
                (estates.connection_to(str(file), path="/no/such/file.db"), SourceUnreachable),
                (estates.connection_to(str(file), path=str(file.parent)), SourceUnreachable),
                (estates.connection_to(str(file), path=str(text)), SourceDataUnreadable),
            ],
            state=lambda: estates.digest_of(file),
        )


class TestFiles(ConnectorContract):
    @pytest.fixture
    def seeded(self, folder: Path) -> Seeded:
        return Seeded(
            factory=FilesConnector,
            connection=estates.connection_to(str(folder)),
            rows={
                ("big.csv",): estates.BIG_ROWS,
                (f"{estates.AWKWARD}.csv",): 2,
                ("packed.csv.gz",): 100,
                ("raw", "orders.ndjson"): 500,
                ("events",): 300_000,
            },
            key={("big.csv",): "id", ("raw", "orders.ndjson"): "id", ("events",): "id"},
            big=("events",),
            awkward=(f"{estates.AWKWARD}.csv",),
            text=(("raw", "orders.ndjson"), "note"),
            failing=[
                (estates.connection_to(str(folder), path="/no/such/folder"), SourceUnreachable),
            ],
            state=lambda: estates.digest_of(folder),
        )


class TestS3(ConnectorContract):
    @pytest.fixture
    def seeded(self, lake: seaweed.Seaweed) -> Seeded:
        def state() -> object:
            return [(each["path"], each["e_tag"]) for each in lake.bucket().list().collect()]

        wrong = {"access_key_id": "reader", "secret_access_key": "wr0ng-secret"}
        connection = lake.connection("estate")
        return Seeded(
            factory=S3Connector,
            connection=connection,
            rows={
                ("big.csv",): estates.BIG_ROWS,
                (f"{estates.AWKWARD}.csv",): 2,
                ("packed.csv.gz",): 100,
                ("raw", "orders.ndjson"): 500,
                ("events",): 300_000,
            },
            key={("big.csv",): "id", ("raw", "orders.ndjson"): "id", ("events",): "id"},
            big=("events",),
            awkward=(f"{estates.AWKWARD}.csv",),
            text=(("raw", "orders.ndjson"), "note"),
            failing=[
                (replace(connection, secrets=wrong), SourceAuthenticationFailed),
                (lake.connection("estate", account="blind"), SourcePermissionMissing),
                (lake.connection("no/such/folder"), SourceUnreachable),
                (lake.connection(bucket="nobucket", account="admin"), SourceUnreachable),
                (lake.connection(endpoint="http://127.0.0.1:1"), SourceUnreachable),
                (lake.connection(endpoint="https://no-such-host.invalid"), SourceUnreachable),
            ],
            state=state,
        )
