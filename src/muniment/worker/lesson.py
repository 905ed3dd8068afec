"""Learns from its input and prints what came of it: ``python -m muniment.worker.lesson``."""

import json
import os
import sys

from muniment.classification.lessons import taught
from muniment.worker.child import NICENESS, limit_memory


def main() -> None:
    """Read lines until there are no more, and answer with one."""
    os.nice(NICENESS)
    limit_memory()
    sys.stdout.write(json.dumps(taught(sys.stdin.buffer)) + "\n")


if __name__ == "__main__":
    main()
