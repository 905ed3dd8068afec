"""Whether a DuckDB file changed: its headers and its log, for all tables at once."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from muniment.contracts.connectors import AssetMeta, Partition
from muniment.contracts.markers import MarkedPart
from muniment.sources.connectors import stamps

HEADER_BYTES = 3 * 4096
"""One block that names the format, and two that count the checkpoints in turns."""


def markers(path: Path, assets: Sequence[AssetMeta]) -> Mapping[tuple[str, ...], str]:
    """The same marker for every table; none while the file, or its log, is too fresh to tell."""
    log = _log(path)
    try:
        parts = [("file", stamps.stamp(path)), ("headers", _headers(path))]
        if log.exists():
            parts.append(("log", stamps.stamp(log)))
    except OSError:
        return {}
    told = stamps.together(parts)
    return {} if told is None else {asset.path: told for asset in assets}


def settle(partitions: Sequence[Partition]) -> Sequence[MarkedPart]:
    """A file tells only of all its tables, so no single partition is known to be the same."""
    return [MarkedPart(partition) for partition in partitions]


def state(path: Path) -> str:
    """What differs once a writer was there; to be asked while a connection keeps writers out."""
    log = _log(path)
    try:
        found = log.stat()
        return f"{_headers(path)}-{found.st_size}-{found.st_mtime_ns}"
    except FileNotFoundError:
        return _headers(path)


def _headers(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.sha256(file.read(HEADER_BYTES)).hexdigest()


def _log(path: Path) -> Path:
    return path.with_name(path.name + ".wal")
