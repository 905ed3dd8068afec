"""The ``groups`` analyzer: how many rows share a birth date, a postcode and a gender."""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pyarrow as pa

from muniment.classification.analyzer import detectors_for
from muniment.classification.engine.groups import Groups, count, hashes_of, sets_of
from muniment.classification.engine.sample import hash_version, seed_of
from muniment.classification.risk import MOST, rank
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.errors import Conflict
from muniment.kernel.values import JsonObject, Sensitivity

_Sets = dict[tuple[str, ...], Groups]


@dataclass(slots=True)
class GroupsState:
    """Of one asset, or a part of it: the combinations that are counted."""

    seed: int
    sets: _Sets = field(default_factory=dict)
    rows: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        return max(self.sets, key=len, default=())


class GroupsAnalyzer:
    """Counts rows by keyless hashes that live in the state only; results hold figures."""

    name: ClassVar[str] = "groups"
    version: ClassVar[int] = 1
    order: ClassVar[int] = 12

    def start(self, context: AnalysisContext, schema: pa.Schema) -> GroupsState:
        """Columns whose names say that they tell of a person what others may know."""
        chosen = quasi_identifiers(schema.names)
        sets = {each: Groups() for each in sets_of(chosen)} if len(chosen) > 1 else {}
        return GroupsState(seed_of(str(context.asset)), sets)

    def feed(self, state: GroupsState, batch: pa.RecordBatch) -> GroupsState:
        """Count a batch."""
        state.rows += batch.num_rows
        cells = {}
        for name in state.columns:
            array: Any = batch.column(name)
            if pa.types.is_nested(array.type) or pa.types.is_binary(array.type):
                continue
            if pa.types.is_dictionary(array.type):
                array = array.dictionary_decode()
            values = pl.from_arrow(array)
            if isinstance(values, pl.Series):
                cells[name] = hashes_of(values, state.seed)
        count(state.sets, cells)
        return state

    def merge(self, left: GroupsState, right: GroupsState) -> GroupsState:
        """Both together, as if one pass had seen all rows."""
        for columns, groups in right.sets.items():
            own = left.sets.setdefault(columns, Groups())
            own.add(groups.hashes, groups.counts, groups.rows, groups.ceiling)
        left.rows += right.rows
        return left

    def finish(self, state: GroupsState, context: AnalysisContext) -> JsonObject:
        """Figures of every combination. ``of`` is how many rows there are, where that is known."""
        return {
            "rows": state.rows,
            "of": context.meta.row_estimate,
            "sets": [
                {"columns": list(columns), **groups.told()}
                for columns, groups in state.sets.items()
                if groups.rows
            ],
        }

    def labels(self, result: JsonObject) -> Mapping[str, Sensitivity]:
        """None: what columns hold is said by others."""
        return {}

    def dump(self, state: GroupsState) -> bytes:
        """The state as bytes; hashes are in it, no value."""
        heads = [
            [list(columns), each.rows, each.ceiling, len(each.hashes)]
            for columns, each in state.sets.items()
        ]
        head = json.dumps([hash_version(), state.seed, state.rows, heads]).encode()
        arrays = [each.hashes.tobytes() + each.counts.tobytes() for each in state.sets.values()]
        return zlib.compress(struct.pack("<I", len(head)) + head + b"".join(arrays), level=1)

    def load(self, raw: bytes) -> GroupsState:
        """The inverse of ``dump``."""
        data = zlib.decompress(raw)
        (size,) = struct.unpack_from("<I", data)
        version, seed, rows, heads = json.loads(data[4 : 4 + size])
        if version != hash_version():
            raise Conflict(
                "A part of the scan was made by another version of Muniment; scan the asset again."
            )
        at, sets = 4 + size, {}
        for columns, counted, ceiling, length in heads:
            hashes = np.frombuffer(data, np.uint64, length, at)
            counts = np.frombuffer(data, np.int64, length, at + 8 * length)
            sets[tuple(columns)] = Groups(counted, hashes, counts, ceiling)
            at += 16 * length
        return GroupsState(seed, sets, rows)


def quasi_identifiers(names: list[str]) -> tuple[str, ...]:
    """The most telling columns by their names, in the order of the table."""
    detectors = detectors_for({})
    ranked = []
    for name in names:
        found = [
            place
            for label, header in detectors.headers(name).items()
            if header.strong and (place := rank(label)) is not None
        ]
        if found:
            ranked.append((min(found), name))
    chosen = {name for _, name in sorted(ranked)[:MOST]}
    return tuple(name for name in names if name in chosen)
