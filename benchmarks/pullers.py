"""What pulls the rows of TPC-H out of PostgreSQL into Arrow at the least cost.

    python benchmarks/pullers.py [scale]

Each in a process of its own, one connection, one thread, batches dropped as they come: ADBC as
Muniment reads (with types settled), ADBC bare, the DuckDB scanner, connectorx, and COPY as text
parsed by Polars. CPU seconds of client and source, memory of the client.
"""

import sys
import tempfile
from pathlib import Path

from _measure import Cost, cost_of
from _peers import environment_of, home
from _tpch import TABLES, load
from muniment.platform.embedded import EmbeddedPostgres

TIMES = 2
OURS = """
import sys
from uuid import UUID
from muniment.contracts.connectors import SourceConnection
from muniment.contracts.reading import Bounds, ReadPlan, Scope
from muniment.scans.engine import plugins
from muniment.sources import locators
at = locators.parse(sys.argv[1])
source = SourceConnection(UUID(int=0), at.name, at.kind, at.settings, at.secrets)
connector, plan, rows = plugins.connector(at.kind)(source, Bounds(3600)), ReadPlan(), 0
for asset in list(connector.discover(Scope())):
    if asset.columns:
        for part in connector.partitions(asset, plan):
            rows += sum(batch.num_rows for batch in connector.read(asset, part, plan))
print(rows)
"""
ADBC = """
import sys
import adbc_driver_postgresql.dbapi as adbc
rows = 0
with adbc.connect(sys.argv[1]) as connection:
    for table in sys.argv[2:]:
        hint = {"adbc.postgresql.batch_size_hint_bytes": str(12 << 20)}
        with connection.cursor(adbc_stmt_kwargs=hint) as cursor:
            cursor.execute(f"select * from {table}")
            rows += sum(batch.num_rows for batch in cursor.fetch_record_batch())
print(rows)
"""
DUCKDB = """
import sys
from pathlib import Path
import duckdb, duckdb_extension_postgres_scanner
rows = 0
duck = duckdb.connect()
duck.execute("set threads=1; set enable_progress_bar=false")
[file] = Path(duckdb_extension_postgres_scanner.__path__[0]).rglob("*.duckdb_extension")
duck.execute(f"load '{file}'")
duck.execute(f"attach '{sys.argv[1]}' as pg (type postgres, read_only)")
for table in sys.argv[2:]:
    reader = duck.execute(f"select * from pg.public.{table}").fetch_record_batch(131072)
    rows += sum(batch.num_rows for batch in reader)
print(rows)
"""
CONNECTORX = """
import sys
from urllib.parse import parse_qs, quote, urlsplit
import connectorx
rows = 0
at = urlsplit(sys.argv[1])
host = quote(parse_qs(at.query)["host"][0], safe="")  # a socket's folder
address = f"postgresql://{at.username}:{at.password}@{host}:5432{at.path}"
for table in sys.argv[2:]:
    reader = connectorx.read_sql(
        address, f"select * from {table}", return_type="arrow_stream", batch_size=131072
    )
    rows += sum(batch.num_rows for batch in reader)
print(rows)
"""
COPY = """
import io, sys
import polars as pl
import psycopg
rows = 0
def parsed(held):
    text = b"".join(held)
    return pl.read_csv(io.BytesIO(text), has_header=False, try_parse_dates=True).to_arrow().num_rows
with psycopg.connect(sys.argv[1]) as connection:
    for table in sys.argv[2:]:
        held, size = [], 0
        with connection.cursor().copy(f"copy {table} to stdout (format csv)") as copy:
            for line in copy:  # a row at a time, as the protocol has it
                held.append(bytes(line))
                size += len(line)
                if size > 12 << 20:
                    rows += parsed(held)
                    held, size = [], 0
        rows += parsed(held) if held else 0
print(rows)
"""


def main() -> None:
    scale = float(sys.argv[1] if len(sys.argv) > 1 else "1")
    python = str(environment_of("pullers") / "python")
    ways = {
        "Muniment (ADBC)": (sys.executable, OURS),
        "ADBC": (python, ADBC),
        "DuckDB scanner": (python, DUCKDB),
        "connectorx": (python, CONNECTORX),
        "COPY, Polars": (python, COPY),
    }
    told: dict[str, Cost | str] = {}
    with tempfile.TemporaryDirectory() as name:
        server = EmbeddedPostgres(Path(name), durable=False)
        server.ensure_running()
        try:
            url = load(server, home(), scale)
            data = Path(name) / "postgres" / "data"
            for way, (program, code) in ways.items():
                told[way] = _cheapest(program, code, url, data)
        finally:
            server.stop()
    rows = {cost.printed.split()[-1] for cost in told.values() if isinstance(cost, Cost)}
    if len(rows) != 1:
        raise RuntimeError(f"They did not pull the same rows: {rows}.")
    for way, cost in told.items():
        print(f"scale {scale}, {way:16} {cost}")


def _cheapest(program: str, code: str, url: str, data: Path) -> Cost | str:
    """The cheapest of a few runs; the reason where it cannot read this database."""
    try:
        runs = [
            cost_of(
                [program, "-c", code, url, *TABLES],
                server=data,
                environment={"POLARS_MAX_THREADS": "1"},
            )
            for _ in range(TIMES)
        ]
    except RuntimeError as error:
        return f"cannot: {str(error).splitlines()[-1][:200]}"
    return min(runs, key=lambda cost: cost.total)


if __name__ == "__main__":
    main()
