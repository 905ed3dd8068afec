"""TPC-H's eight tables in a PostgreSQL of their own, made by a generator from the package index."""

import io
from pathlib import Path

import polars as pl
import psycopg
import pyarrow.parquet as pq

from _measure import cost_of
from _peers import environment_of
from _servers import Server

TABLES = {
    "region": "r_regionkey int primary key, r_name char(25), r_comment varchar(152)",
    "nation": "n_nationkey int primary key, n_name char(25), n_regionkey int,"
    " n_comment varchar(152)",
    "part": "p_partkey int primary key, p_name varchar(55), p_mfgr char(25), p_brand char(10),"
    " p_type varchar(25), p_size int, p_container char(10), p_retailprice numeric(15,2),"
    " p_comment varchar(23)",
    "supplier": "s_suppkey int primary key, s_name char(25), s_address varchar(40),"
    " s_nationkey int, s_phone char(15), s_acctbal numeric(15,2), s_comment varchar(101)",
    "partsupp": "ps_partkey int, ps_suppkey int, ps_availqty int, ps_supplycost numeric(15,2),"
    " ps_comment varchar(199)",
    "customer": "c_custkey int primary key, c_name varchar(25), c_address varchar(40),"
    " c_nationkey int, c_phone char(15), c_acctbal numeric(15,2), c_mktsegment char(10),"
    " c_comment varchar(117)",
    "orders": "o_orderkey int primary key, o_custkey int, o_orderstatus char(1),"
    " o_totalprice numeric(15,2), o_orderdate date, o_orderpriority char(15), o_clerk char(15),"
    " o_shippriority int, o_comment varchar(79)",
    "lineitem": "l_orderkey int, l_partkey int, l_suppkey int, l_linenumber int,"
    " l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2),"
    " l_tax numeric(15,2), l_returnflag char(1), l_linestatus char(1), l_shipdate date,"
    " l_commitdate date, l_receiptdate date, l_shipinstruct char(25), l_shipmode char(10),"
    " l_comment varchar(44)",
}
ROWS_AT_ONCE = 100_000


def parquet_of(home: Path, scale: float) -> Path:
    """A folder with one Parquet file for each table."""
    made = home / f"tpch-{scale}"
    if not made.exists():
        tool = environment_of("tpchgen") / "tpchgen-cli"
        cost_of([str(tool), "parquet", "-s", str(scale), "-o", str(made)])
    return made


def load(server: Server, home: Path, scale: float) -> str:
    """A database with the tables, analysed; returns its URL."""
    name = f"tpch_{str(scale).replace('.', '_')}"
    url = server.ensure_database(name).url(name)
    files = parquet_of(home, scale)
    with psycopg.connect(url, autocommit=True) as connection:
        for table, columns in TABLES.items():
            connection.execute(f"drop table if exists {table}; create table {table} ({columns})")
            with connection.cursor().copy(f"copy {table} from stdin (format csv)") as copy:
                for batch in pq.ParquetFile(files / f"{table}.parquet").iter_batches(ROWS_AT_ONCE):
                    lines = io.BytesIO()
                    pl.DataFrame(pl.from_arrow(batch)).write_csv(lines, include_header=False)
                    copy.write(lines.getvalue())
        connection.execute("vacuum analyze")
    return url
