"""A full profile of TPC-H in PostgreSQL: against DataHub's profiler, and against the bare pull.

    python benchmarks/profile_sources.py [--peer-scale 0.1] [--scale 1] [--binaries DIRECTORY]

CPU seconds are those of the client and of the source server together. Both profilers of DataHub
are measured: SQL of its own, and Great Expectations, which it has removed since 1.7.0.
``--binaries`` are those of an installed PostgreSQL, measured instead of the embedded one.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from _measure import Cost, cost_of
from _peers import environment_of, home
from _servers import server
from _tpch import load

DATAHUBS = (("datahub", "1.7.0.17", "sqlalchemy"), ("datahub-ge", "1.7.0", "ge"))
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-scale", type=float, default=0.1)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--binaries", type=Path)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder), asked.binaries) as (postgres, data),
    ):
        url = load(postgres, home(), asked.peer_scale)
        ours = profile(url, data)
        print(f"scale {asked.peer_scale}, Muniment: {ours}")
        for name, version, method in DATAHUBS:
            peer = datahub(name, method, url, data, Path(folder))
            print(f"scale {asked.peer_scale}, DataHub {version} ({method}): {peer}")
            print(f"DataHub over Muniment: source {peer.source / ours.source:.1f}x (bar 40x), "
                  f"total {peer.total / ours.total:.1f}x (bar 12x)")  # fmt: skip
        url = load(postgres, home(), asked.scale)
        bare = cost_of([sys.executable, "-c", BARE, url], server=data)
        full = profile(url, data)
        print(f"scale {asked.scale}, bare pull: {bare}")
        print(f"scale {asked.scale}, Muniment:  {full}")
        print(f"full profile over bare pull: {full.total / bare.total:.2f}x (bar 1.25x)")
        growth = full.peak_mb / ours.peak_mb
        print(f"peak memory: {full.peak_mb:.0f} MB (bar 512), "
              f"{growth:.2f}x of scale {asked.peer_scale} (bar 1.3x)")  # fmt: skip


def profile(url: str, data: Path) -> Cost:
    found = cost_of([MUNIMENT, "profile", url, "--no-classify", "--json"], server=data)
    tables = [each for each in json.loads(found.printed)["assets"] if each["columns"]]
    if len(tables) != 8 or any("problem" in each for each in tables):
        raise RuntimeError("Not every table was profiled.")
    return found


def datahub(peer: str, method: str, url: str, data: Path, folder: Path) -> Cost:
    """The peer with every figure it can give, no limits and as many workers as we have."""
    wanted: dict[str, object] = {
        "enabled": True,
        "max_workers": 2,
        "profile_table_row_limit": None,
        "profile_table_size_limit": None,
        "include_field_quantiles": True,
        "include_field_distinct_value_frequencies": True,
        "include_field_histogram": True,
    }
    if method == "ge":
        wanted["method"] = method
    recipe = folder / "datahub.json"
    source = {
        "sqlalchemy_uri": url.replace("postgresql://", "postgresql+psycopg2://"),
        "host_port": "localhost:5432",
        "include_views": False,
        "profiling": wanted,
    }
    sink = {"type": "file", "config": {"filename": str(folder / "datahub-out.json")}}
    recipe.write_text(json.dumps({"source": {"type": "postgres", "config": source}, "sink": sink}))
    tool = str(environment_of(peer) / "datahub")
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
