"""The DuckDB connector passes the suite that third parties are given."""

from pathlib import Path

import duckdb
import pytest
from tests.contract.connectors import estates

from muniment.kernel.errors import SourceDataUnreadable, SourceUnreachable
from muniment.sources.conformance import ConnectorContract, Seeded
from muniment.sources.connectors.duck import DuckdbConnector

BIG = ("shop", "big")
ROWS = 100_000


def fill(path: Path) -> None:
    """Tables with rows that were deleted, a schema in a schema, views, macros, keys, comments."""
    columns = ", ".join(f"{estates.quoted(name)} int" for name in estates.AWKWARD_COLUMNS)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"""
            create schema shop;
            create schema shop.inner_;
            create type mood as enum ('good', 'bad');
            create table shop.customer (id int primary key, email varchar unique, note varchar);
            insert into shop.customer
                select i, 'c' || i || '@example.org', '{estates.LONG}' from range(500) t(i);
            create table shop.big (
                id bigint, customer int, amount decimal(10, 2), wide hugeint, moment timestamptz,
                day date, feels mood, place struct(city varchar, tags varchar[]), note varchar);
            insert into shop.big
                select i, i % 500, i * 1.25, i, timestamp '2024-01-01' + to_minutes(i),
                       date '2024-01-01' + (i % 300)::int, 'bad', {{'city': 'Bonn', 'tags': ['x']}},
                       'row ' || i
                from range({ROWS} * 2) t(i);
            delete from shop.big where id % 2 = 1;
            comment on table shop.big is 'Sales';
            create table shop.inner_.pair (a varchar, b int, primary key (a, b));
            insert into shop.inner_.pair values ('x', 1), ('x', 2);
            create table shop.{estates.quoted(estates.AWKWARD)} ({columns});
            insert into shop.{estates.quoted(estates.AWKWARD)} values (1, 2, 3, 4, 5);
            create table hidden (rowid varchar);
            insert into hidden values ('a');
            create table empty (a int, b varchar);
            create view shop.spent as select customer, sum(amount) from shop.big group by all;
            create macro shop.twice(n) as n * 2;
        """)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("duckdb") / "ware house#%41's.duckdb"
    fill(path)
    return path


class TestDuckdb(ConnectorContract):
    @pytest.fixture
    def seeded(self, file: Path) -> Seeded:
        text = file.with_name("text.duckdb")
        text.write_text("this is no database at all")
        return Seeded(
            factory=DuckdbConnector,
            connection=estates.connection_to(str(file)),
            rows={
                ("shop", "customer"): 500,
                BIG: ROWS,
                ("shop", "inner_", "pair"): 2,
                ("shop", estates.AWKWARD): 1,
                ("main", "hidden"): 1,
                ("main", "empty"): 0,
            },
            key={BIG: "id", ("shop", "customer"): "id"},
            big=BIG,
            awkward=("shop", estates.AWKWARD),
            text=(("shop", "customer"), "note"),
            failing=[
                (estates.connection_to(str(file), path="/no/such.duckdb"), SourceUnreachable),
                (estates.connection_to(str(file), path=str(file.parent)), SourceUnreachable),
                (estates.connection_to(str(file), path=str(text)), SourceDataUnreadable),
            ],
            state=lambda: estates.digest_of(file.parent),
        )
