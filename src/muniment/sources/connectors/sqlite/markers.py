"""Whether a SQLite file changed: its stamps and its change counter, for all tables at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from muniment.contracts.connectors import AssetMeta, Partition
from muniment.contracts.markers import MarkedPart
from muniment.sources.connectors import stamps

COUNTER = slice(24, 28)
HEADER_BYTES = 32


def markers(path: Path, assets: Sequence[AssetMeta]) -> Mapping[tuple[str, ...], str]:
    """The same marker for every table; none while a transaction is being rolled back or written."""
    told = _marker(path)
    return {} if told is None else {asset.path: told for asset in assets}


def settle(partitions: Sequence[Partition]) -> Sequence[MarkedPart]:
    """A file tells only of all its tables, so no single partition is known to be the same."""
    return [MarkedPart(partition) for partition in partitions]


def _marker(path: Path) -> str | None:
    log, journal = (path.with_name(path.name + end) for end in ("-wal", "-journal"))
    try:
        if journal.exists() and journal.stat().st_size:
            return None
        counter = _head(path)[COUNTER].hex()
        parts = [("file", stamps.stamp(path)), ("counter", counter)]
        if log.exists() and log.stat().st_size:
            parts += [("log", stamps.stamp(log)), ("salt", _head(log).hex())]
    except OSError:
        return None
    return stamps.together(parts)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER_BYTES)
