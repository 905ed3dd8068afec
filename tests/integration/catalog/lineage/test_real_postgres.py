"""A real PostgreSQL: what its catalogue says of views and routines, read into edges."""

from urllib.parse import parse_qsl, urlsplit

import psycopg
import sqlalchemy as sa
from tests.integration.catalog.assets.spy import SpyOutbox
from tests.integration.catalog.lineage.estate import Estate

from muniment.catalog.tables import EDGE, STATEMENT
from muniment.contracts.connectors import SourceConnection
from muniment.contracts.reading import Bounds, Scope
from muniment.kernel.ids import new_id
from muniment.kernel.values import JsonObject
from muniment.platform.db import Database
from muniment.sources.connectors.postgresql.connector import PostgresConnector

ESTATE = """
create schema mart;
create table customers (id int primary key, name text, "E-Mail" text);
create table orders (id int primary key, customer_id int, total numeric, placed_at timestamptz);
create table mart.daily (day date primary key, revenue numeric);
create view mart.enriched (order_id, who, mail) as
    select o.id, upper(c.name), "E-Mail" from orders o join customers c on c.id = o.customer_id
    left join mart.daily d on d.day = o.placed_at::date;
create materialized view mart.top as select who, count(*) as n from mart.enriched group by who;
create function mart.total(who int) returns numeric stable
    begin atomic select sum(o.total) from orders o where o.customer_id = who; end;
create function mart.total(who text) returns numeric language sql as
    $$ select sum(e.order_id) from mart.enriched e where e.who = $1 $$;
create procedure mart.refresh(since date) language plpgsql as $$
begin
    create temporary table fresh on commit drop as
        select placed_at::date as day, total from orders where placed_at >= since;
    insert into mart.daily (day, revenue) select day, sum(total) from fresh group by day
        on conflict (day) do update set revenue = excluded.revenue;
end $$;
"""


async def test_what_postgresql_writes_out_is_read_whole(
    database: Database, empty_database_url: str
) -> None:
    with psycopg.connect(empty_database_url) as connection:
        connection.execute(ESTATE)
    url = urlsplit(empty_database_url)
    settings: JsonObject = {
        "host": dict(parse_qsl(url.query)).get("host") or url.hostname or "localhost",
        "port": url.port or 5432,
        "database": url.path[1:],
        "user": url.username or "",
    }
    source = SourceConnection(
        new_id(), "db", "postgresql", settings, {"password": url.password or ""}
    )
    connector = PostgresConnector(source, Bounds())
    metas = list(connector.discover(Scope()))
    connector.close()
    await Estate(database, SpyOutbox()).scan(*metas)

    async with database.reading() as session:
        troubled = sa.select(STATEMENT.c.job_ref).where(STATEMENT.c.outcome != "parsed")
        assert (await session.scalars(troubled)).all() == []
        rows = await session.execute(sa.select(EDGE))
        edges = {
            f"{r.from_ref}.{r.from_column} {r.kind} {r.to_ref}.{r.to_column}".replace("db/", "")
            for r in rows
        }
    assert {
        "public/customers.name transform mart/enriched.who",
        "public/customers.E-Mail identity mart/enriched.mail",
        "public/orders.customer_id influence mart/enriched.None",
        "mart/daily.day influence mart/enriched.None",
        "mart/enriched.who identity mart/top.who",
        "public/orders.total aggregate mart/total%28integer%29.total",
        "mart/enriched.order_id aggregate mart/total%28text%29.total",
        "public/orders.total aggregate mart/daily.revenue",
        "public/orders.placed_at transform mart/daily.day",
        "public/orders.None flow mart/refresh%28date%29.None",
        "mart/refresh%28date%29.None flow mart/daily.None",
    } <= edges
    assert not [edge for edge in edges if "fresh." in edge]
