"""Builds the estate in a process of its own, one JSON line of progress after the other.

    python -m muniment.demo.estate --lake DIR --marketing FILE [--scale 1.0]

The database's address comes in the environment as MUNIMENT_DEMO_URL, not in the argument list
that every user of the machine can read; without it no database is built.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from muniment.demo.estate import build_database, build_lake, build_marketing
from muniment.kernel.errors import MunimentError

URL_VARIABLE = "MUNIMENT_DEMO_URL"


def main(arguments: list[str] | None = None) -> int:
    """Build what is asked for; 0 when all is whole, 1 with an error line when not."""
    parser = argparse.ArgumentParser(prog="python -m muniment.demo.estate")
    parser.add_argument("--lake", type=Path)
    parser.add_argument("--marketing", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    wanted = parser.parse_args(arguments)
    url = os.environ.get(URL_VARIABLE)
    try:
        if url:
            build_database(url, scale=wanted.scale, progress=_teller("database"))
        if wanted.lake:
            build_lake(wanted.lake, scale=wanted.scale, progress=_teller("lake"))
        if wanted.marketing:
            build_marketing(wanted.marketing, scale=wanted.scale, progress=_teller("marketing"))
    except (MunimentError, ValueError) as error:
        _write({"error": str(error)})
        return 1
    return 0


def _teller(part: str) -> Callable[[str, int, int], None]:
    def tell(name: str, done: int, total: int) -> None:
        _write({"part": part, "name": name, "done": done, "total": total})

    return tell


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
