"""Whether the files of a data set changed, file by file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from muniment.contracts.connectors import Partition
from muniment.contracts.markers import KnownPart, MarkedPart
from muniment.kernel.values import JsonObject, JsonValue
from muniment.sources.connectors import stamps
from muniment.sources.connectors.files.layout import Dataset
from muniment.sources.connectors.files.stores import Store

PIECES = "pieces"


def marker(store: Store, dataset: Dataset) -> str | None:
    """One text for all files of a data set; None when one of them cannot be told."""
    if dataset.table is not None:
        return dataset.table.version or None
    if dataset.barred is not None or not dataset.files:
        return None
    return stamps.together((file.path, store.stamp(file.path)) for file in dataset.files)


def settle(
    store: Store, partitions: Sequence[Partition], known: Sequence[KnownPart]
) -> Sequence[MarkedPart]:
    """Known partitions whose files are all unchanged stay as they are; the rest is cut anew."""
    memo: dict[str, str | None] = {}

    def marked(spec: JsonObject) -> str | None:
        paths = list(dict.fromkeys(str(piece["path"]) for piece in _pieces(spec)))
        for path in paths:
            if path not in memo:
                memo[path] = store.stamp(path)
        return stamps.together((path, memo[path]) for path in paths)

    fresh = {_name(p.spec, piece) for p in partitions for piece in _pieces(p.spec)}
    taken: set[str] = set()
    found: list[MarkedPart] = []
    for part in known:
        names = {_name(part.spec, piece) for piece in _pieces(part.spec)}
        if names and names <= fresh and not names & taken and marked(part.spec) == part.marker:
            taken |= names
            found.append(MarkedPart(Partition(0, part.spec, part.rows), part.marker, True))
    for partition in partitions:
        pieces = list(_pieces(partition.spec))
        left = [piece for piece in pieces if _name(partition.spec, piece) not in taken]
        if not left:
            continue
        spec = {**partition.spec, PIECES: left}
        rows = partition.estimated_rows
        part_rows = None if rows is None else rows * len(left) // len(pieces)
        cut = Partition(0, spec, part_rows, partition.fraction)
        found.append(MarkedPart(cut, marked(spec) if partition.fraction == 1.0 else None))
    return [
        replace(each, partition=replace(each.partition, index=index))
        for index, each in enumerate(found)
    ]


def _pieces(spec: JsonObject) -> Iterator[Mapping[str, JsonValue]]:
    given = spec.get(PIECES)
    for piece in given if isinstance(given, Sequence) else ():
        if isinstance(piece, Mapping):
            yield piece


def _name(spec: JsonObject, piece: Mapping[str, JsonValue]) -> str:
    """A piece with all that decides how it is read."""
    return json.dumps([spec.get("format"), spec.get("types"), piece], sort_keys=True)
