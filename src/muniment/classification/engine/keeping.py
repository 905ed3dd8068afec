"""What is kept of settled columns after a scan: marks, counts and shapes; no value and no hash."""

import base64
import json
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.rare import RareState
from muniment.classification.engine.sample import CHECKED, Counts, hash_version
from muniment.classification.engine.state import ColumnState, dump, load
from muniment.kernel.values import JsonObject, JsonValue

MAGIC = b"muniment-kept-1\n"
EXACT_COUNTS = 1_000
"""Larger counts are kept to three digits, so that their number is bounded."""
FIRST = 200
"""Values whose shapes (and traits) are kept are kept one by one, in their order."""
LOOKS = 8

_Runs = list[tuple[int, int, int]]
"""Signature, rows, and how many values in a row have both."""


OF_PARAMS = ("classifiers", "min_confidence", "made_by", "headers", "tiers")
"""What a later verdict has to be asked the same way."""


def kept(
    columns: Sequence[ColumnState], rows: int, detectors: Detectors, params: JsonObject
) -> JsonObject:
    """The settled columns as JSON: the packed state, and by column what it looks like."""
    return {
        "params": {name: params[name] for name in OF_PARAMS if name in params},
        "state": base64.b64encode(pack(columns, rows)).decode(),
        "columns": [_looks(column, detectors) for column in columns],
    }


def pack(columns: Sequence[ColumnState], rows: int) -> bytes:
    """Columns with made-up hashes: of most values only how many have equal marks and counts.

    The first values stay one by one, because shapes and traits belong to them; those that slow
    checks looked at stay in front of the others, because verdicts depend on it.
    """
    parts = [_parted(column) for column in columns]
    told = json.dumps([told for told, _ in parts], separators=(",", ":")).encode()
    head = zlib.compress(told, level=9)
    first = dump([column for _, column in parts], rows)
    return MAGIC + struct.pack("<I", len(head)) + head + first


def _parted(column: ColumnState) -> tuple[JsonValue, ColumnState]:
    marked = column.marked
    count = len(marked.hashes)
    first, head = min(FIRST, count), min(CHECKED, count)
    last, checked = (int(marked.hashes[at - 1]) if count else 0 for at in (count, head))
    ranks = {each: n for n, each in enumerate(sorted(_example_hashes(column)))}
    examples = {
        key: [(ranks[each], shape) for each, shape in pairs if each <= checked]
        for key, pairs in marked.examples.items()
    }
    told: JsonValue = [
        count,
        last >> 40,
        _runs(marked.which[first:head], marked.counts[first:head]),
        _runs(marked.which[head:], marked.counts[head:]),
    ]
    few = replace(
        marked,
        hashes=np.arange(1, first + 1, dtype=np.uint64),
        counts=marked.counts[:first],
        which=marked.which[:first],
        examples={key: pairs for key, pairs in examples.items() if pairs},
    )
    return told, replace(column, marked=few, rare=_unhashed(column.rare))


def _unhashed(rare: RareState) -> RareState:
    """Single finds with their place in order for a hash."""
    return RareState(
        {
            name: replace(seen, kept=dict(enumerate(seen.kept[key] for key in sorted(seen.kept))))
            for name, seen in rare.seen.items()
        }
    )


def _example_hashes(column: ColumnState) -> set[int]:
    return {each for pairs in column.marked.examples.values() for each, _ in pairs}


def unpack(raw: bytes) -> tuple[list[ColumnState], int]:
    """Columns that can be judged, never merged; Conflict when another format was kept."""
    at = len(MAGIC)
    (size,) = struct.unpack_from("<I", raw, at)
    told = json.loads(zlib.decompress(raw[at + 4 : at + 4 + size]))
    columns, rows = load(_of_this_machine(raw[at + 4 + size :]))
    return [_filled(column, *each) for column, each in zip(columns, told, strict=True)], rows


def _of_this_machine(raw: bytes) -> bytes:
    """The same state under this machine's string hash: nothing in it was hashed by another one."""
    data = zlib.decompress(raw)
    (size,) = struct.unpack_from("<I", data)
    document = {**json.loads(data[4 : 4 + size]), "hash": hash_version()}
    head = json.dumps(document, separators=(",", ":")).encode()
    return zlib.compress(struct.pack("<I", len(head)) + head + data[4 + size :], level=0)


def _filled(column: ColumnState, count: int, last: int, head: _Runs, tail: _Runs) -> ColumnState:
    """Hashes are made up: evenly spread up to the last one, from which distinct is estimated."""
    marked, runs = column.marked, [*head, *tail]
    times = [n for _, _, n in runs]
    which = np.repeat(np.array([w for w, _, _ in runs], dtype=np.int32), times)
    counts = np.repeat(np.array([c for _, c, _ in runs], dtype=np.int64), times)
    step = max(((last + 1) << 40) // max(count, 1), 1)
    return replace(
        column,
        marked=replace(
            marked,
            hashes=np.arange(1, count + 1, dtype=np.uint64) * np.uint64(step) - np.uint64(1),
            counts=np.concatenate((marked.counts, counts)),
            which=np.concatenate((marked.which, which)),
        ),
    )


def _runs(which: npt.NDArray[np.int32], counts: Counts) -> list[JsonValue]:
    rounded = [_three_digits(int(count)) for count in counts]
    found = Counter(zip(which.tolist(), rounded, strict=True))
    return [[place, count, times] for (place, count), times in sorted(found.items())]


def _three_digits(count: int) -> int:
    if count < EXACT_COUNTS:
        return count
    scale = 10 ** (len(str(count)) - 3)
    return int(round(count / scale) * scale)


def _looks(column: ColumnState, detectors: Detectors) -> JsonObject:
    named = {mark.split("|", 1)[0] for mark in column.marked.names()}
    common = Counter(column.marked.shapes).most_common(LOOKS)
    return {
        "column": column.name,
        "kind": column.kind.value,
        "rows": column.rows,
        "distinct": column.distinct,
        "shapes": [shape for shape, _ in common],
        "marks": sorted(named & set(detectors.classifiers)),
    }
