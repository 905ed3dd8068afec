"""What is known of a column's values without the values: hashes, counts and marks that merge."""

import json
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.evaluate import GUARD, Marks, evaluate
from muniment.classification.engine.model.traits import TRAITS, WIDTH, Rows, none, traits_of
from muniment.classification.engine.model.traits import VERSION as TRAITS_VERSION
from muniment.classification.engine.rare import RareState
from muniment.classification.engine.sample import (
    CHECKED,
    Counts,
    Hashes,
    RawValues,
    as_text,
    hash_version,
)
from muniment.classification.model import Kind
from muniment.kernel.errors import Conflict
from muniment.kernel.masking import mask

SHAPES = 200
"""Values whose masked shape is kept, for finding look-alike columns."""
SHAPE_LENGTH = 16
EXAMPLES = 3

Signature = tuple[str, ...]


@dataclass(slots=True)
class MarkedValues:
    """Values as marks: ascending hashes, counts, and for each the detectors that said yes."""

    hashes: Hashes
    counts: Counts
    which: npt.NDArray[np.int32]
    """Place of each value's signature in ``signatures``."""
    signatures: list[Signature]
    shapes: list[str]
    """Masked shapes of the first values."""
    examples: dict[str, list[tuple[int, str]]]
    """Per detector, hash and masked form of its first values."""
    traits: Rows = field(default_factory=none)
    """What the first values are like, as the model sees them; one row for each."""

    @classmethod
    def empty(cls) -> "MarkedValues":
        return cls(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int32), [], [], {})

    @classmethod
    def of(
        cls, frame: pl.DataFrame, kind: Kind, detectors: Detectors, called: Sequence[str]
    ) -> "MarkedValues":
        """Look at distinct values (ascending by hash) once; what returns holds none of them."""
        values = frame["value"]
        marks = evaluate(values, kind, detectors, called)
        hashes = frame["hash"].to_numpy()
        signatures, which = _signatures(marks, len(values))
        head = as_text(values.head(CHECKED))
        return cls(
            hashes=hashes,
            counts=frame["count"].to_numpy().astype(np.int64),
            which=which,
            signatures=signatures,
            shapes=[shape_of(v) for v in head.head(SHAPES).to_list()],
            examples=_examples(marks, hashes, head),
            traits=traits_of(head.head(TRAITS), kind),
        )

    def flags(self, key: str) -> npt.NDArray[np.bool_]:
        """Which values carry a mark."""
        saying = np.array([key in signature for signature in self.signatures], dtype=np.bool_)
        if not len(saying):
            return np.zeros(len(self.hashes), dtype=np.bool_)
        return np.asarray(saying[self.which], dtype=np.bool_)

    def names(self) -> set[str]:
        """All marks that any value carries."""
        return {key for signature in self.signatures for key in signature}

    def merged(self, other: "MarkedValues", kept: int) -> "MarkedValues":
        """The same as if all rows had been seen at once."""
        if not len(self.hashes) or not len(other.hashes):
            return other if not len(self.hashes) else self
        hashes, first, back = np.unique(
            np.concatenate((self.hashes, other.hashes)), return_index=True, return_inverse=True
        )
        counts = np.zeros(len(hashes), dtype=np.int64)
        np.add.at(counts, back, np.concatenate((self.counts, other.counts)))
        signatures, which = self._joined_signatures(other, back, len(hashes))
        keep = slice(0, kept)
        shapes, traits = [*self.shapes, *other.shapes], np.vstack((self.traits, other.traits))
        # a value among the first of the whole is among the first of its side, so it has both
        at = _rows(first[:SHAPES], len(self.hashes), len(self.shapes), len(other.shapes))
        rows = _rows(first[:TRAITS], len(self.hashes), len(self.traits), len(other.traits))
        return MarkedValues(
            hashes=hashes[keep],
            counts=counts[keep],
            which=which[keep],
            signatures=signatures,
            shapes=[shapes[int(place)] for place in at],
            examples=_merged_examples(self.examples, other.examples),
            traits=traits[rows],
        )

    def _joined_signatures(
        self, other: "MarkedValues", back: npt.NDArray[np.intp], count: int
    ) -> tuple[list[Signature], npt.NDArray[np.int32]]:
        """One list of signatures for both; a value seen by both carries the marks of both."""
        places: dict[Signature, int] = {}
        for signature in (*self.signatures, *other.signatures):
            places.setdefault(signature, len(places))
        own = np.array([places[s] for s in self.signatures], dtype=np.int32)[self.which]
        its = np.array([places[s] for s in other.signatures], dtype=np.int32)[other.which]
        left = np.full(count, -1, dtype=np.int32)
        right = np.full(count, -1, dtype=np.int32)
        left[back[: len(own)]] = own
        right[back[len(own) :]] = its
        which = np.where(left < 0, right, left)
        names = list(places)
        for place in np.flatnonzero((left >= 0) & (right >= 0) & (left != right)):
            both = tuple(sorted({*names[left[place]], *names[right[place]]}))
            which[place] = places.setdefault(both, len(places))
        return list(places), which


def shape_of(text: str) -> str:
    """The masked form with runs of letters folded, as look-alike columns share it."""
    return re.sub(r"X+", "X", re.sub(r"x+", "x", mask(text)))[:SHAPE_LENGTH]


def _rows(
    first: npt.NDArray[np.intp], size: int, of_left: int, of_right: int
) -> npt.NDArray[np.intp]:
    """Where rows that go with the first values of two sides lie, once the sides are put together.

    ``first`` are places in both sides' values, ``size`` is the number of values on the left.
    """
    left = first < size
    rows = np.where(left, first, first - size + of_left)
    there = np.where(left, first < of_left, first - size < of_right)
    return np.asarray(rows[there], dtype=np.intp)


def _signatures(marks: Marks, count: int) -> tuple[list[Signature], npt.NDArray[np.int32]]:
    """The different sets of marks, and for each value which of them it carries."""
    if not marks:
        return [()], np.zeros(count, dtype=np.int32)
    keys = sorted(marks)
    rows = _coded([marks[key] for key in keys], count)
    _, first, which = np.unique(rows, return_index=True, return_inverse=True)
    table = np.column_stack([marks[key][first] for key in keys])
    signatures = [tuple(keys[i] for i in np.flatnonzero(row)) for row in table]
    return signatures, which.astype(np.int32)


def _coded(flags: Sequence[npt.NDArray[np.bool_]], count: int) -> npt.NDArray[np.int64]:
    """One number for each different row of flags; 40 of them at a time, and again as a whole."""
    codes = np.zeros(count, dtype=np.int64)
    for at in range(0, len(flags), 40):
        for place, each in enumerate(flags[at : at + 40]):
            codes |= each.astype(np.int64) << place
        if at + 40 < len(flags):
            # what was told apart so far becomes a small number above the next 40 flags
            codes = np.unique(codes, return_inverse=True)[1].astype(np.int64) << 40
    return codes


def _examples(marks: Marks, hashes: Hashes, head: pl.Series) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    shown: dict[int, tuple[int, str]] = {}
    for key, flags in marks.items():
        if key.startswith("f|") or key.endswith(f"|{GUARD}"):
            continue
        for place in np.flatnonzero(flags[: len(head)])[:EXAMPLES].tolist():
            if place not in shown:
                shown[place] = (int(hashes[place]), mask(str(head[place])))
            found.setdefault(key, []).append(shown[place])
    return found


def _merged_examples(
    left: dict[str, list[tuple[int, str]]], right: dict[str, list[tuple[int, str]]]
) -> dict[str, list[tuple[int, str]]]:
    return {
        key: sorted({*map(tuple, left.get(key, [])), *map(tuple, right.get(key, []))})[:EXAMPLES]  # type: ignore[misc]  # pairs stay pairs
        for key in sorted({*left, *right})
    }


@dataclass(slots=True)
class ColumnState:
    """One column: rows and nulls, raw values of this worker, marked values of everybody."""

    name: str
    kind: Kind
    raw: RawValues
    rows: int = 0
    nulls: int = 0
    marked: MarkedValues = field(default_factory=MarkedValues.empty)
    rare: RareState = field(default_factory=RareState)

    def settle(self, detectors: Detectors, called: Sequence[str]) -> None:
        """Turn raw values into marks."""
        frame = self.raw.take()
        if frame is not None and frame.height:
            fresh = MarkedValues.of(frame, self.kind, detectors, called)
            self.marked = self.marked.merged(fresh, self.raw.kept)

    @property
    def distinct(self) -> int:
        """Different values: exact while all are kept, then estimated from the largest hash kept."""
        count = len(self.marked.hashes)
        if count < self.raw.kept:
            return count
        return round((count - 1) / ((int(self.marked.hashes[-1]) + 1) / 2**64))


FORMAT = 3


def dump(columns: Sequence[ColumnState], rows: int) -> bytes:
    """The settled state as bytes: a JSON head and the arrays. No value is in it."""
    heads, arrays = [], []
    for column in columns:
        marked = column.marked
        heads.append(
            {
                "name": column.name,
                "kind": column.kind.value,
                "rows": column.rows,
                "nulls": column.nulls,
                "seed": column.raw.seed,
                "kept": column.raw.kept,
                "size": len(marked.hashes),
                "signatures": marked.signatures,
                "shapes": marked.shapes,
                "examples": marked.examples,
                "traits": len(marked.traits),
                "rare": column.rare.to_json(),
            }
        )
        arrays += [marked.hashes.tobytes(), marked.counts.tobytes(), marked.which.tobytes()]
        arrays.append(marked.traits.tobytes())
    document = {
        "format": FORMAT,
        "hash": hash_version(),
        "traits": [TRAITS_VERSION, WIDTH],
        "rows": rows,
        "columns": heads,
    }
    head = json.dumps(document, separators=(",", ":")).encode()
    return zlib.compress(struct.pack("<I", len(head)) + head + b"".join(arrays), level=1)


def load(raw: bytes, *, alone: bool = False) -> tuple[list[ColumnState], int]:
    """The inverse of ``dump``; Conflict when another version of the hash made it.

    A state ``alone`` is judged and never merged, so it may come from any version of the hash.
    """
    data = zlib.decompress(raw)
    (size,) = struct.unpack_from("<I", data)
    document = json.loads(data[4 : 4 + size])
    if document["format"] != FORMAT or not (alone or document["hash"] == hash_version()):
        raise Conflict(
            "A part of the scan was made by another version of Muniment; scan the asset again."
        )
    at = 4 + size
    version, width = document["traits"]
    columns = []
    for head in document["columns"]:
        count = head["size"]
        hashes = np.frombuffer(data, np.uint64, count, at)
        counts = np.frombuffer(data, np.int64, count, at + 8 * count)
        which = np.frombuffer(data, np.int32, count, at + 16 * count)
        at += 20 * count
        traits = np.frombuffer(data, np.uint8, head["traits"] * width, at).reshape(-1, width)
        at += head["traits"] * width
        ceiling = int(hashes[-1]) if count >= head["kept"] else 2**64 - 1
        examples = {k: [(int(h), m) for h, m in v] for k, v in head["examples"].items()}
        marked = MarkedValues(
            hashes,
            counts,
            which,
            [tuple(s) for s in head["signatures"]],
            head["shapes"],
            examples,
            traits if [version, width] == [TRAITS_VERSION, WIDTH] else none(),
        )
        columns.append(
            ColumnState(
                head["name"],
                Kind(head["kind"]),
                RawValues(head["seed"], head["kept"], ceiling=ceiling),
                head["rows"],
                head["nulls"],
                marked,
                RareState.of_json(head["rare"]),
            )
        )
    return columns, document["rows"]
