"""Peak memory of a scan as its table grows: the ratio says whether memory is bounded.

    python benchmarks/memory.py [small rows] [large rows]

Makes two tables in an embedded PostgreSQL of its own, scans each with ``muniment scan`` and
watches the memory of the processes that read and analyse (their private share, PSS).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg

from muniment.platform.embedded import EmbeddedPostgres

SMALL, LARGE = 1_000_000, 50_000_000
BAR_MB = 600
TABLE = """
create table t as
select i as id, (i::bigint * 7919) % 100003 as customer, (i % 9973)::float8 / 7 as amount,
       'note ' || (i % 500) as note
from generate_series(1, {rows}) i
"""


def peak_of(command: list[str], environment: dict[str, str]) -> tuple[float, dict[str, object]]:
    """Run a command; the largest memory of its descendants in MB, and the JSON it printed."""
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        me, peak = psutil.Process(process.pid), 0.0
        while process.poll() is None:
            peak = max(peak, sum(_pss(child) for child in _readers(me)))
            time.sleep(0.5)
        printed = process.stdout.read() if process.stdout else ""
    return peak, json.loads(printed)


def _readers(root: psutil.Process) -> list[psutil.Process]:
    """The worker and its children; PostgreSQL and the terminal are not counted."""
    try:
        return [each for each in root.children(recursive=True) if "postgres" not in each.name()]
    except psutil.NoSuchProcess:
        return []


def _pss(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [SMALL, LARGE]
    found = {}
    with tempfile.TemporaryDirectory() as home:
        source = EmbeddedPostgres(Path(home) / "source", durable=False)
        source.ensure_running()
        try:
            for rows in sizes:
                server = source.ensure_database(f"rows_{rows}")
                with psycopg.connect(server.url(f"rows_{rows}"), autocommit=True) as connection:
                    connection.execute(TABLE.format(rows=rows))
                    connection.execute("vacuum analyze t")
                url = server.url(f"rows_{rows}")
                peak, report = peak_of(
                    [str(Path(sys.executable).parent / "muniment"), "scan", url, "--json"],
                    {"MUNIMENT_STATE_DIR": str(Path(home) / f"state-{rows}")},
                )
                found[rows] = peak
                print(
                    f"{rows:>12,} rows: peak {peak:6.0f} MB, {report['seconds']} s, "
                    f"{report['rows']:,} rows read"
                )
        finally:
            source.stop()
    print(f"memory, largest over smallest table: {max(found.values()) / min(found.values()):.2f}x")
    print(f"bar: {BAR_MB} MB at {LARGE:,} rows")


if __name__ == "__main__":
    main()
