"""What tells that a file is the one that was read: never content, and nothing in doubt."""

import hashlib
import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path

SETTLED_NS = 2_000_000_000
"""A file written to so lately may be written to again within one tick of its clock."""


def stamp(path: Path) -> str | None:
    """Size, times and identity of a file; None when it is too fresh, or cannot be looked at.

    The time of the last change of its entry (ctime) cannot be set back, unlike that of its content.
    """
    try:
        facts = path.stat()
    except OSError:
        return None
    latest = max(facts.st_mtime_ns, facts.st_ctime_ns)
    if not stat.S_ISREG(facts.st_mode) or latest > time.time_ns() - SETTLED_NS:
        return None
    told = (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino, facts.st_dev)
    return "-".join(map(str, told))


def together(stamps: Iterable[tuple[str, str | None]]) -> str | None:
    """One marker of named stamps; None when any of them is."""
    digest = hashlib.sha256()
    for name, told in stamps:
        if told is None:
            return None
        digest.update(os.fsencode(name) + b"\0" + told.encode() + b"\0")
    return digest.hexdigest()
