"""A full profile of TPC-H in a bucket, over the same files in a folder of this machine.

python benchmarks/buckets.py [scale]
"""

import json
import sys
import tempfile
from pathlib import Path

from _measure import Cost, cost_of
from _peers import home
from _tpch import TABLES, parquet_of
from files import csv_of

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.contract.connectors.seaweed import Seaweed, seaweed, secret_of

MUNIMENT = str(Path(sys.executable).parent / "muniment")


def main() -> None:
    scale = float(sys.argv[1] if len(sys.argv) > 1 else "0.1")
    parquet = parquet_of(home(), scale)
    with tempfile.TemporaryDirectory() as folder, seaweed(Path(folder)) as server:
        for kind, root in (("parquet", parquet), ("csv", csv_of(parquet, scale))):
            server.upload(root, kind)
            near, far = profile(str(root)), profile(url_of(server, kind))
            if near.printed != far.printed:
                raise RuntimeError("The bucket does not hold what the folder holds.")
            print(f"scale {scale}, {kind}, folder: {near}")
            print(f"scale {scale}, {kind}, bucket: {far}")
            print(f"bucket over folder, CPU of the client: {far.client / near.client:.2f}x")


def url_of(server: Seaweed, prefix: str) -> str:
    secret = secret_of("reader").replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")
    return f"s3://reader:{secret}@lake/{prefix}?endpoint={server.endpoint}&allow_http=true"


def profile(target: str) -> Cost:
    """What it costs; printed are the assets with their rows."""
    found = cost_of([MUNIMENT, "profile", target, "--no-classify", "--json"])
    told = json.loads(found.printed)
    if len(told["assets"]) != len(TABLES):
        raise RuntimeError("Not every table was profiled.")
    rows = sorted((each["asset"], each["rows"]) for each in told["assets"])
    return Cost(found.client, found.source, found.wall, found.peak_mb, str(rows))


if __name__ == "__main__":
    main()
