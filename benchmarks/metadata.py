"""Metadata of thousands of tables in PostgreSQL: against DataHub, and how many statements it takes.

    python benchmarks/metadata.py [few tables] [tables for the peer] [many tables]

Both write one document for each table to a file: columns with types, nullability, defaults and
comments, keys, size and row estimate. CPU seconds are those of client and source together.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

import psycopg

from _measure import Cost, cost_of
from _peers import environment_of
from muniment.platform.embedded import EmbeddedPostgres

MUNIMENT = str(Path(sys.executable).parent / "muniment")
SMALL, TABLES, MANY = 50, 5_000, 50_000
FRAME = re.compile(r"(statement|execute [^:]*): *(begin|commit|rollback|alter)\b", re.IGNORECASE)
"""What opens and closes a transaction reads nothing."""
COLUMNS = 20
PER_TRANSACTION = 50
TIMES = 3
LIST = """
import sys
from uuid import UUID
from pydantic import TypeAdapter
from muniment.contracts.connectors import AssetMeta, Bounds, Scope, SourceConnection
from muniment.sources import locators
from muniment.sources.connectors.postgresql import PostgresConnector
at = locators.parse(sys.argv[1])
connector = PostgresConnector(
    SourceConnection(UUID(int=0), at.name, at.kind, at.settings, at.secrets), Bounds(600)
)
written = TypeAdapter(AssetMeta).dump_json
with open(sys.argv[2], "wb") as file:
    for asset in connector.discover(Scope()):
        file.write(written(asset) + b"\\n")
"""


def main() -> None:
    small, tables, many = (int(each) for each in (sys.argv[1:] or (SMALL, TABLES, MANY)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder, durable=False)
        server.ensure_running()
        data, log = folder / "postgres" / "data", folder / "postgres" / "postgres.log"
        told: dict[int, int] = {}
        try:
            for count in (small, many, tables):
                url = server.ensure_database(f"of_{count}").url(f"of_{count}")
                create(url, count)
                told[count] = statements(url, log, folder, count)
                if count == many:
                    streamed = muniment(url, data, folder, count)
                    profile = cost_of([MUNIMENT, "profile", url, "--tier", "metadata", "--json"])
            runs = [muniment(url, data, folder, tables) for _ in range(TIMES)]
            ours = min(runs, key=lambda cost: cost.total)
            peer = datahub(url, data, folder, tables)
        finally:
            server.stop()
    print(f"{tables:,} tables, DataHub:  {peer}")
    print(f"{tables:,} tables, Muniment: {ours}")
    print(f"DataHub over Muniment, total CPU: {peer.total / ours.total:.1f}x (bar 60x)")
    for count, number in told.items():
        print(f"{count:,} tables: {number} statements (bar 6)")
    print(f"{many:,} tables listed: {streamed}")
    print(f"{many:,} tables, muniment profile --tier metadata: {profile}")


def statements(url: str, log: Path, folder: Path, tables: int) -> int:
    """How many statements the listing sends, as the server's log counts them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"alter database of_{tables} set log_statement = 'all'")
        before = len(log.read_text())
        cost_of([sys.executable, "-c", LIST, url, str(folder / "counted.ndjson")])
        lines = log.read_text()[before:].splitlines()
        connection.execute(f"alter database of_{tables} reset log_statement")
    sent = [each for each in lines if "LOG:  statement:" in each or "LOG:  execute" in each]
    return sum(not FRAME.search(each) for each in sent)


def create(url: str, tables: int) -> None:
    columns = ", ".join(
        f"c{n} {('int', 'text', 'numeric(12,2)', 'timestamptz')[n % 4]}"
        f"{' not null' if n % 3 == 0 else ''}"
        for n in range(1, COLUMNS)
    )
    with psycopg.connect(url, autocommit=True) as connection:
        for first in range(0, tables, PER_TRANSACTION):
            with connection.transaction():
                for n in range(first, min(first + PER_TRANSACTION, tables)):
                    connection.execute(
                        f"create table t{n} (id int primary key, {columns});"
                        f"comment on table t{n} is 'table {n}';"
                        f"comment on column t{n}.c1 is 'what c1 of {n} means'"
                    )
        connection.execute("analyze")


def muniment(url: str, data: Path, folder: Path, tables: int) -> Cost:
    out = folder / "muniment.ndjson"
    found = cost_of([sys.executable, "-c", LIST, url, str(out)], server=data)
    documents = [json.loads(line) for line in out.read_text().splitlines()]
    told = [each for each in documents if each["kind"] == "table"]
    if len(told) != tables or any(len(each["columns"]) != COLUMNS for each in told):
        raise RuntimeError("Not every table was told.")
    return found


def datahub(url: str, data: Path, folder: Path, tables: int) -> Cost:
    out = folder / "datahub.json"
    recipe = {
        "source": {
            "type": "postgres",
            "config": {
                "sqlalchemy_uri": url.replace("postgresql://", "postgresql+psycopg2://"),
                "host_port": "localhost:5432",
                "include_views": True,
                "profiling": {"enabled": False},
            },
        },
        "sink": {"type": "file", "config": {"filename": str(out)}},
    }
    (folder / "recipe.json").write_text(json.dumps(recipe))
    found = cost_of(
        [
            str(environment_of("datahub") / "datahub"),
            *("ingest", "run", "-c", str(folder / "recipe.json"), "--no-default-report"),
        ],
        server=data,
        environment={"DATAHUB_TELEMETRY_ENABLED": "false"},
    )
    # Tables come as snapshots, which hold the schema; everything else as single aspects.
    told = sum("proposedSnapshot" in each for each in json.loads(out.read_text()))
    if told != tables:
        raise RuntimeError(f"DataHub told {told} tables.")
    return found


if __name__ == "__main__":
    main()
