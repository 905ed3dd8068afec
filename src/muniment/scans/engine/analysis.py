"""Feeds an asset's batches to every analyzer, and finishes what they learned."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.reading import AnalysisContext, Analyzer, CountsSkipped, JudgesMetadata
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, JsonValue, Sensitivity

ENOUGH_ROWS = 16_384
BYTES_OF_COLUMN = 16 << 10
"""A batch of 1,000 columns is fed when it weighs 16 MB, or has rows enough."""


@dataclass(slots=True)
class Analysis:
    """The analyzers at work on one partition."""

    asset: AssetRef
    meta: AssetMeta
    params: Mapping[str, JsonObject]
    analyzers: Sequence[Analyzer[Any]]
    rows: int = 0
    _states: dict[str, Any] = field(default_factory=dict)

    def read(self, batches: Iterable[pa.RecordBatch], reached: Callable[[int], None]) -> None:
        """Feed every batch; ``reached`` hears the rows read so far and may raise to stop."""
        for batch in _gathered(batches):
            if not self._states:
                self._start(batch.schema)
            for analyzer in self.analyzers:
                self._states[analyzer.name] = analyzer.feed(self._states[analyzer.name], batch)
            self.rows += batch.num_rows
            reached(self.rows)
        if not self._states:
            self._start(pa.schema([(each.name, pa.null()) for each in self.meta.columns]))

    def declare(self) -> None:
        """Judge by metadata, in place of ``read``; who needs rows leaves."""
        self.analyzers = [each for each in self.analyzers if isinstance(each, JudgesMetadata)]
        self.read((), lambda _: None)
        for analyzer in self.analyzers:
            if isinstance(analyzer, JudgesMetadata):
                state = self._states[analyzer.name]
                self._states[analyzer.name] = analyzer.declare(state, self.meta)

    def skip(self, rows: int) -> None:
        """Tell those who count them of rows that the connector could not decode."""
        for analyzer in self.analyzers:
            if rows and isinstance(analyzer, CountsSkipped):
                self._states[analyzer.name] = analyzer.skip(self._states[analyzer.name], rows)

    def _start(self, schema: pa.Schema) -> None:
        for analyzer in self.analyzers:
            self._states[analyzer.name] = analyzer.start(self._context(analyzer), schema)

    def _context(self, analyzer: Analyzer[Any]) -> AnalysisContext:
        return AnalysisContext(self.asset, self.meta, self.params.get(analyzer.name, {}))

    def finish(self) -> Mapping[str, JsonObject]:
        """Results of all analyzers; what classification found is known to those after it."""
        labels: dict[str, Sensitivity] = {}
        results: dict[str, JsonObject] = {}
        for analyzer in self.analyzers:
            context = replace(self._context(analyzer), labels=dict(labels))
            result = analyzer.finish(self._states[analyzer.name], context)
            labels |= analyzer.labels(result)
            results[analyzer.name] = storable_object(result)
        return results

    def dump(self) -> Mapping[str, bytes]:
        return {each.name: each.dump(self._states[each.name]) for each in self.analyzers}

    def load(self, states: Mapping[str, bytes]) -> None:
        """Take up dumped states; analyzers that are not installed any more are left out."""
        self.analyzers = [each for each in self.analyzers if each.name in states]
        self._states = {each.name: each.load(states[each.name]) for each in self.analyzers}


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of wide tables joined: readers bound them by bytes, so they come with few rows, and
    what an analyzer does once for each column and batch would cost more than what it does by row.
    """
    held: list[pa.RecordBatch] = []
    rows = weight = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        weight += batch.nbytes
        if rows >= ENOUGH_ROWS or weight >= BYTES_OF_COLUMN * batch.num_columns:
            yield _joined(held)
            held, rows, weight = [], 0, 0
    if held:
        yield _joined(held)


def _joined(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    [joined, *_] = pa.Table.from_batches(batches).combine_chunks().to_batches() or batches
    return joined


def merge(analyzer: Analyzer[Any], dumped: Sequence[bytes]) -> bytes:
    """Fold dumped states into one, as a tree, because some states lose a little at each merge."""
    states = [analyzer.load(raw) for raw in dumped]
    while len(states) > 1:
        pairs = [states[at : at + 2] for at in range(0, len(states), 2)]
        states = [analyzer.merge(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return analyzer.dump(states[0])


def storable_object(result: JsonObject) -> JsonObject:
    """The same result with what PostgreSQL's JSON refuses (NaN, infinity, NUL) taken out."""
    return {_text(key): storable(value) for key, value in result.items()}


def storable(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return storable_object(value)
    if isinstance(value, Sequence):
        return [storable(each) for each in value]
    return value


def _text(text: str) -> str:
    clean = text.replace("\x00", "�") if "\x00" in text else text
    return clean.encode("utf-8", "replace").decode() if not clean.isascii() else clean
