"""What lineage costs: statements a second beside sqlglot's own, and walks over a stored graph."""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import sqlglot
from sqlalchemy import text
from sqlglot.lineage import lineage as sqlglot_lineage

from muniment.catalog.lineage.engine.job import Job, read_job
from muniment.catalog.lineage.graph import Direction, LineageGraph
from muniment.catalog.lineage.model import Edge, EdgeKind
from muniment.catalog.lineage.store import EdgeStore
from muniment.kernel.clock import SystemClock
from muniment.platform.db import Database
from muniment.platform.embedded import EmbeddedPostgres
from muniment.platform.migrate import upgrade

SCHEMA = {
    "customer": ["c_custkey", "c_name", "c_nationkey", "c_acctbal", "c_mktsegment", "c_phone"],
    "orders": ["o_orderkey", "o_custkey", "o_orderdate", "o_shippriority", "o_totalprice"],
    "lineitem": [
        "l_orderkey", "l_suppkey", "l_partkey", "l_quantity", "l_extendedprice", "l_discount",
        "l_tax", "l_returnflag", "l_linestatus", "l_shipdate",
    ],
    "supplier": ["s_suppkey", "s_name", "s_nationkey", "s_acctbal"],
    "nation": ["n_nationkey", "n_name", "n_regionkey"],
    "region": ["r_regionkey", "r_name"],
    "part": ["p_partkey", "p_name", "p_type"],
}  # fmt: skip
QUERIES = (
    """select l_returnflag, l_linestatus, sum(l_quantity) as sum_qty,
       sum(l_extendedprice * (1 - l_discount)) as sum_disc_price,
       sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge,
       avg(l_quantity) as avg_qty, count(*) as count_order
       from lineitem where l_shipdate <= date '1998-12-01'
       group by l_returnflag, l_linestatus order by l_returnflag, l_linestatus""",
    """select l_orderkey, sum(l_extendedprice * (1 - l_discount)) as revenue, o_orderdate,
       o_shippriority from customer, orders, lineitem
       where c_mktsegment = 'BUILDING' and c_custkey = o_custkey and l_orderkey = o_orderkey
       group by l_orderkey, o_orderdate, o_shippriority order by revenue desc limit 10""",
    """select n_name, sum(l_extendedprice * (1 - l_discount)) as revenue
       from customer, orders, lineitem, supplier, nation, region
       where c_custkey = o_custkey and l_orderkey = o_orderkey and l_suppkey = s_suppkey
       and s_nationkey = n_nationkey and n_regionkey = r_regionkey and r_name = 'ASIA'
       group by n_name""",
    """select o_year, sum(case when nation = 'BRAZIL' then volume else 0 end) / sum(volume) as share
       from (select extract(year from o_orderdate) as o_year,
                    l_extendedprice * (1 - l_discount) as volume, n2.n_name as nation
             from part, supplier, lineitem, orders, customer, nation n1, nation n2, region
             where p_partkey = l_partkey and s_suppkey = l_suppkey and l_orderkey = o_orderkey
             and o_custkey = c_custkey and c_nationkey = n1.n_nationkey
             and n1.n_regionkey = r_regionkey and s_nationkey = n2.n_nationkey) as all_nations
       group by o_year order by o_year""",
    """with top as (select o_custkey, sum(o_totalprice) as spent,
                    rank() over (order by sum(o_totalprice) desc) as place
                    from orders group by o_custkey),
            named as (select c.c_name, t.spent, t.place from top t
                      join customer c on c.c_custkey = t.o_custkey)
       select c_name as who, spent, place from named where place <= 100
       union all select s_name, s_acctbal, 0 from supplier""",
    """select c_custkey, count(o_orderkey) as orders, max(o_totalprice) as dearest
       from customer left outer join orders on c_custkey = o_custkey
       group by c_custkey having count(o_orderkey) > 3""",
)
TABLES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("public", table): tuple(columns) for table, columns in SCHEMA.items()
}
TYPED = {table: dict.fromkeys(columns, "text") for table, columns in SCHEMA.items()}


def ours(query: str) -> int:
    sql = f"create table result as {query}"
    return len(read_job(Job("x", "script", sql, "postgres", (("public",),), TABLES)).edges)


def theirs(query: str) -> int:
    """Every column of the query, one after the other, as the library offers it."""
    tree = cast(sqlglot.exp.Query, sqlglot.parse_one(query, dialect="postgres"))
    names = tree.named_selects
    return sum(
        sum(1 for _ in sqlglot_lineage(name, query, schema=TYPED, dialect="postgres").walk())
        for name in names
    )


def rate(read: Callable[[str], int], rounds: int) -> float:
    """Statements a CPU second."""
    start = time.process_time()
    for _ in range(rounds):
        for query in QUERIES:
            read(query)
    return rounds * len(QUERIES) / (time.process_time() - start)


def graph(edges: int) -> list[Edge]:
    """Layers of tables, each fed by a few of the layer before."""
    chance, width = random.Random(7), max(edges // 24, 10)
    found = []
    for _ in range(edges):
        layer = chance.randrange(8)
        start, end = chance.randrange(width), chance.randrange(width)
        found.append(Edge(f"db/l{layer}/t{start}", f"db/l{layer + 1}/t{end}", EdgeKind.FLOW))
    return found


async def walks(url: str, edges: int) -> dict[str, object]:
    database = Database(url)
    made = graph(edges)
    start = time.perf_counter()
    async with database.writing() as session:
        await EdgeStore(session).put("db", made, SystemClock().now())
    stored = time.perf_counter() - start
    async with database.connection() as connection:
        await connection.execute(text("analyze catalog.lineage_edge"))
    took, sizes = [], []
    async with database.reading() as session:
        walker = LineageGraph(session)
        for edge in made[:: max(len(made) // 20, 1)]:
            start = time.perf_counter()
            found = await walker.closure([edge.from_ref], Direction.DOWNSTREAM)
            took.append((time.perf_counter() - start) * 1000)
            sizes.append(len(found))
    await database.close()
    return {
        "edges": edges,
        "edges_stored_per_second": round(edges / stored),
        "closure_ms_mean": round(sum(took) / len(took), 1),
        "closure_ms_longest": round(max(took), 1),
        "closure_nodes_mean": round(sum(sizes) / len(sizes)),
        "closure_nodes_most": max(sizes),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--edges", type=int, default=100_000)
    arguments = parser.parse_args()
    our_rate, their_rate = rate(ours, arguments.rounds), rate(theirs, max(arguments.rounds // 2, 1))
    with tempfile.TemporaryDirectory() as place:
        postgres = EmbeddedPostgres(Path(place), durable=False)
        server = postgres.ensure_running()
        try:
            upgrade(server.url("postgres"))
            stored = asyncio.run(walks(server.url("postgres"), arguments.edges))
        finally:
            postgres.stop()
    print(
        json.dumps(
            {
                "statements_per_cpu_second": round(our_rate),
                "to_sqlglot_lineage_by_column": round(our_rate / their_rate, 1),
                **stored,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
