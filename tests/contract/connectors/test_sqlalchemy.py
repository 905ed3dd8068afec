"""The generic connector passes the suite with three dialects, against real servers."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from tests.contract.connectors import estates, mariadb

from muniment.kernel.errors import (
    SourceAuthenticationFailed,
    SourceError,
    SourceUnreachable,
)
from muniment.platform.embedded import Server
from muniment.sources.conformance import ConnectorContract, Seeded
from muniment.sources.connectors.generic import SqlalchemyConnector

ROWS = {"postgresql": 75_000, "mysql": 55_000, "sqlite": 55_000}
"""As few as still make parts."""
AWKWARD = mariadb.AWKWARD
SERIES = {
    "postgresql": "select i from generate_series(1, {rows}) i",
    "mysql": "select seq as i from seq_1_to_{rows}",
    "sqlite": "with recursive s(i) as (select 1 union all select i + 1 from s where i < {rows})"
    " select i from s",
}


def tables(schema: str) -> sa.MetaData:
    made = sa.MetaData(schema=schema)
    sa.Table(
        "customer",
        made,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("email", sa.String(200), unique=True),
        sa.Column("note", sa.Text, comment="What was said"),
        comment="Who buys",
    )
    sa.Table(
        "big",
        made,
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("customer", sa.ForeignKey(f"{schema}.customer.id")),
        sa.Column("amount", sa.Numeric(10, 2), nullable=False),
    )
    sa.Table("empty", made, sa.Column("a", sa.Integer), sa.Column("b", sa.String(10)))
    sa.Table(
        AWKWARD,
        made,
        *(sa.Column(name, sa.Integer, quote=True) for name in mariadb.AWKWARD_COLUMNS),
    )
    sa.Table(
        "pair",
        made,
        sa.Column("a", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("b", sa.Integer, primary_key=True, autoincrement=False),
    )
    return made


def fill(url: sa.URL, schema: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    made = tables(schema)
    quoted = engine.dialect.identifier_preparer.quote(schema)
    with engine.begin() as connection:
        made.create_all(connection)
        connection.execute(
            made.tables[f"{schema}.customer"].insert(),
            [{"id": i, "email": f"c{i}@example.org", "note": estates.LONG} for i in range(500)],
        )
        connection.exec_driver_sql(
            f"insert into {quoted}.big select i, mod(i, 500), i * 1.25"
            f" from ({SERIES[engine.dialect.name].format(rows=ROWS[engine.dialect.name])}) s"
        )
        connection.execute(made.tables[f"{schema}.{AWKWARD}"].insert().values([1, 2, 3, 4, 5]))
        connection.execute(
            made.tables[f"{schema}.pair"].insert(), [{"a": 1, "b": 1}, {"a": 1, "b": 2}]
        )
        connection.exec_driver_sql(
            f"create view {quoted}.spent as select customer, count(*) as n from {quoted}.big"
            " group by customer"
        )
    engine.dispose()


def seeded_of(
    url: str,
    schema: str,
    state: Callable[[], object],
    failing: Sequence[tuple[str, type[SourceError]]],
) -> Seeded:
    return Seeded(
        factory=SqlalchemyConnector,
        connection=estates.connection_to(url),
        rows={
            (schema, "customer"): 500,
            (schema, "big"): ROWS[url.partition("+")[0]],
            (schema, "empty"): 0,
            (schema, AWKWARD): 1,
            (schema, "pair"): 2,
        },
        key={(schema, "big"): "id", (schema, "customer"): "email"},
        big=(schema, "big"),
        awkward=(schema, AWKWARD),
        text=((schema, "customer"), "note"),
        failing=[(estates.connection_to(wrong), kind) for wrong, kind in failing],
        state=state,
    )


@pytest.fixture(scope="module")
def postgres(server: Server) -> Iterator[str]:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("create database generic")
        url = server.url("generic")
        estates.as_superuser(url, "create schema shop")
        fill(sa.make_url(url).set(drivername="postgresql+psycopg"), "shop")
        yield url
        connection.execute("drop database generic with (force)")


class TestPostgres(ConnectorContract):
    @pytest.fixture
    def seeded(self, postgres: str) -> Seeded:
        def state() -> object:
            with psycopg.connect(postgres) as connection:
                return connection.execute(
                    "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables"
                ).fetchone()

        url = sa.make_url(postgres).set(drivername="postgresql+psycopg")
        wrong: Sequence[tuple[sa.URL, type[SourceError]]] = (
            (url.set(password="wr0ng-passw0rd"), SourceAuthenticationFailed),
            (url.set(database="no_such_database"), SourceUnreachable),
            (url.update_query_dict({"host": "no-such-host.invalid"}), SourceUnreachable),
        )
        failing = [(each.render_as_string(hide_password=False), kind) for each, kind in wrong]
        failing.append(("snowflake://reader:s3cret@account/db", SourceError))
        failing.append(("postgresql+psycopg2://reader:s3cret@h/db", SourceError))
        failing.append(("postgresql+asyncpg://reader:s3cret@h/db", SourceError))
        return seeded_of(url.render_as_string(hide_password=False), "shop", state, failing)


@pytest.fixture(scope="module")
def maria() -> Iterator[mariadb.MariaServer]:
    with mariadb.mariadb() as server:
        server.run("create database shop character set utf8mb4")
        fill(
            sa.URL.create(
                "mysql+pymysql",
                username=mariadb.ADMIN,
                database="shop",
                query={"unix_socket": str(server.socket)},
            ),
            "shop",
        )
        server.run(
            f"create user {mariadb.READER}@'%' identified by '{mariadb.READER_PASSWORD}'",
            f"grant select, show view on shop.* to {mariadb.READER}@'%'",
        )
        yield server


class TestMariadb(ConnectorContract):
    @pytest.fixture
    def seeded(self, maria: mariadb.MariaServer) -> Seeded:
        url = maria.url(mariadb.READER, mariadb.READER_PASSWORD, "shop")
        url = url.replace("mysql://", "mysql+pymysql://")
        return seeded_of(
            url,
            "shop",
            lambda: maria.run("checksum table shop.customer, shop.big"),
            [
                (
                    maria.url(mariadb.READER, "wr0ng", "shop").replace("mysql:", "mysql+pymysql:"),
                    SourceAuthenticationFailed,
                ),
                (url.replace(f":{maria.port}/", ":1/"), SourceUnreachable),
            ],
        )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("generic") / "shop.db"
    fill(sa.URL.create("sqlite+pysqlite", database=str(path)), "main")
    return path


class TestSqlite(ConnectorContract):
    @pytest.fixture
    def seeded(self, file: Path) -> Seeded:
        return seeded_of(
            f"sqlite+pysqlite:///file:{file}?mode=ro&uri=true",
            "main",
            lambda: estates.digest_of(file),
            [("sqlite+pysqlite:///file:/no/such/file.db?mode=ro&uri=true", SourceUnreachable)],
        )
