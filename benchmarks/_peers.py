"""Other tools, each in an environment of its own that is made when first asked for."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

PEERS = {
    "tpchgen": ["tpchgen-cli==4.0.0"],
    "datahub": ["acryl-datahub[postgres]==1.7.0.17"],
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
