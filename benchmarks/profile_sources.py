"""A full profile of TPC-H in PostgreSQL: against DataHub's profiler, and against the bare pull.

    python benchmarks/profile_sources.py [scale for the peer] [scale for the pull]

CPU seconds are those of the client and of the source server together.
"""

import json
import sys
import tempfile
from pathlib import Path

from _measure import Cost, cost_of
from _peers import environment_of, home
from _tpch import load
from muniment.platform.embedded import EmbeddedPostgres

MUNIMENT = str(Path(sys.executable).parent / "muniment")
BARE = """
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


def main() -> None:
    small, large = (float(each) for each in (sys.argv[1:] or ("0.1", "1")))
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder), durable=False)
        server.ensure_running()
        data = Path(folder) / "postgres" / "data"
        try:
            url = load(server, home(), small)
            peer = datahub(url, data, Path(folder))
            ours = profile(url, data)
            print(f"scale {small}, DataHub:  {peer}")
            print(f"scale {small}, Muniment: {ours}")
            print(f"DataHub over Muniment: source {peer.source / ours.source:.1f}x (bar 40x), "
                  f"total {peer.total / ours.total:.1f}x (bar 12x)")  # fmt: skip
            url = load(server, home(), large)
            bare = cost_of([sys.executable, "-c", BARE, url], server=data)
            full = profile(url, data)
            print(f"scale {large}, bare pull: {bare}")
            print(f"scale {large}, Muniment:  {full}")
            print(f"full profile over bare pull: {full.total / bare.total:.2f}x (bar 1.25x)")
            print(f"peak memory: {full.peak_mb:.0f} MB (bar 512), "
                  f"{full.peak_mb / ours.peak_mb:.2f}x of scale {small} (bar 1.3x)")  # fmt: skip
        finally:
            server.stop()


def profile(url: str, data: Path) -> Cost:
    found = cost_of([MUNIMENT, "profile", url, "--no-classify", "--json"], server=data)
    tables = [each for each in json.loads(found.printed)["assets"] if each["columns"]]
    if len(tables) != 8 or any("problem" in each for each in tables):
        raise RuntimeError("Not every table was profiled.")
    return found


def datahub(url: str, data: Path, folder: Path) -> Cost:
    """The peer with every figure it can give, no limits and as many workers as we have."""
    wanted = {
        "enabled": True,
        "max_workers": 2,
        "profile_table_row_limit": None,
        "profile_table_size_limit": None,
        "include_field_quantiles": True,
        "include_field_distinct_value_frequencies": True,
        "include_field_histogram": True,
    }
    recipe = folder / "datahub.json"
    source = {
        "sqlalchemy_uri": url.replace("postgresql://", "postgresql+psycopg2://"),
        "host_port": "localhost:5432",
        "include_views": False,
        "profiling": wanted,
    }
    sink = {"type": "file", "config": {"filename": str(folder / "datahub-out.json")}}
    recipe.write_text(json.dumps({"source": {"type": "postgres", "config": source}, "sink": sink}))
    tool = str(environment_of("datahub") / "datahub")
    found = cost_of(
        [tool, "ingest", "run", "-c", str(recipe), "--no-default-report"],
        server=data,
        environment={"DATAHUB_TELEMETRY_ENABLED": "false"},
    )
    told = json.loads((folder / "datahub-out.json").read_text())
    if sum(each.get("aspectName") == "datasetProfile" for each in told) != 8:
        raise RuntimeError("DataHub did not profile every table.")
    return found


if __name__ == "__main__":
    main()
