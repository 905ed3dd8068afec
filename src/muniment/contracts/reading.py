"""The sockets of the data plane: a connector yields batches, an analyzer eats them.

Third parties import this module and ``contracts.connectors`` and nothing else. It is loaded in
workers only, because it needs Arrow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol, TypeVar, runtime_checkable

import pyarrow as pa

from muniment.contracts.connectors import (
    AssetMeta,
    Bounds,
    ConnectorType,
    MetadataConnector,
    Partition,
    Scope,
    SourceConnection,
)
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, Sensitivity

__all__ = [
    "AnalysisContext",
    "Analyzer",
    "Bounds",
    "Connector",
    "ConnectorFactory",
    "ReadPlan",
    "Remarks",
    "Scope",
]


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """How an asset is to be read. ``sample_rows`` None reads everything.

    ``columns`` None wants all. A source that must read whole rows anyway may yield others as well.
    """

    rows_per_partition: int = 500_000
    rows_per_batch: int = 131_072
    sample_rows: int | None = None
    columns: frozenset[str] | None = None

    def narrowed(self, asset: AssetMeta) -> AssetMeta:
        """The asset with the wanted columns only; with its first one when none is wanted."""
        if self.columns is None:
            return asset
        kept = tuple(column for column in asset.columns if column.name in self.columns)
        return replace(asset, columns=kept or asset.columns[:1])


class Connector(MetadataConnector, Protocol):
    """An open source. Sync; used by one thread, except ``cancel``, which any thread may call.

    ``read`` yields these Arrow types only, whatever the source has: bool, int16, int32, int64,
    float32, float64, string, date32, timestamp[us] (without zone, or in UTC).
    """

    @property
    def skipped_rows(self) -> int:
        """Rows of the last ``read`` that could not be decoded and were left out."""
        ...

    def partitions(self, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        """Cut an asset into parts that can be read alone and together make the whole."""
        ...

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        """Stream a partition, column names as in the asset's metadata, with bounded memory."""
        ...


@runtime_checkable
class Remarks(Protocol):
    """A connector that says what of its last ``read`` is not as it is in the source."""

    @property
    def remarks(self) -> Sequence[str]:
        """A few sentences without values of the data: what was left out or changed, and where."""
        ...


class ConnectorFactory(Protocol):
    """What the entry point group ``muniment.connectors`` names; usually the class itself."""

    @property
    def type(self) -> ConnectorType: ...

    def __call__(self, connection: SourceConnection, bounds: Bounds) -> Connector:
        """Check the settings (Invalid when they do not fit); connect lazily."""
        ...


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """What an analyzer may know of the asset before it reads a row.

    ``params`` are the analyzer's own, planned by its group. ``labels`` are filled for ``finish``
    only: column name to sensitivity of what was found in it by the analyzers finished before.
    """

    asset: AssetRef
    meta: AssetMeta
    params: JsonObject = field(default_factory=dict)
    labels: Mapping[str, Sensitivity] = field(default_factory=dict)


State = TypeVar("State")


@runtime_checkable
class CountsSkipped(Protocol[State]):
    """An analyzer that also wants to know of rows which the connector could not decode."""

    def skip(self, state: State, rows: int) -> State: ...


@runtime_checkable
class JudgesMetadata(Protocol[State]):
    """An analyzer that can tell something of an asset of which no row may be read."""

    def declare(self, state: State, meta: AssetMeta) -> State:
        """Take up what the source declares of its columns, in place of any batch."""
        ...


class Analyzer(Protocol[State]):
    """Learns something about an asset from its batches, in a state that merges.

    ``merge`` is associative and commutative. Found by the entry point group
    ``muniment.analyzers``, under its ``name``; ``order`` decides who finishes first
    (classification before those who mask by it). States never hold more than a bounded number of
    values and never leave the worker; results are JSON and hold no raw value of a sensitive column.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    order: ClassVar[int]

    def start(self, context: AnalysisContext, schema: pa.Schema) -> State: ...

    def feed(self, state: State, batch: pa.RecordBatch) -> State: ...

    def merge(self, left: State, right: State) -> State: ...

    def finish(self, state: State, context: AnalysisContext) -> JsonObject: ...

    def labels(self, result: JsonObject) -> Mapping[str, Sensitivity]:
        """What the result says of columns' sensitivity; empty for all but classifiers."""
        ...

    def dump(self, state: State) -> bytes: ...

    def load(self, raw: bytes) -> State: ...
