"""The sockets of the data plane: a connector yields batches, an analyzer eats them.

Third parties import this module and ``contracts.connectors`` and nothing else. It is loaded in
workers only, because it needs Arrow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeVar

import pyarrow as pa

from muniment.contracts.connectors import (
    AssetMeta,
    ConnectorType,
    Partition,
    SourceConnection,
    TestStep,
)
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, Sensitivity


@dataclass(frozen=True, slots=True)
class Scope:
    """Which assets: glob patterns over the dotted path (``sales.*``); excludes win."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """How an asset is to be read. ``sample_rows`` None reads everything."""

    rows_per_partition: int = 500_000
    rows_per_batch: int = 65_536
    sample_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a scan may do to its source."""

    statement_timeout_seconds: float = 120.0
    connect_timeout_seconds: float = 10.0
    max_cell_bytes: int = 1_048_576
    """Longer text is cut to this before it reaches an analyzer."""


class Connector(Protocol):
    """An open source. Sync; used by one thread, except ``cancel``, which any thread may call."""

    type: ClassVar[ConnectorType]

    def test(self) -> Iterator[TestStep]:
        """Resolve, connect, authenticate, each permission: one step at a time, remedies named."""
        ...

    def probe(self) -> None:
        """A cheap round trip; raises a SourceError when the source does not serve."""
        ...

    def catalogue_statements(self) -> Sequence[str]:
        """The statements ``discover`` runs; their number does not depend on the source's size."""
        ...

    def discover(self, scope: Scope) -> Iterator[AssetMeta]:
        """Stream all readable assets in scope, in a constant number of statements."""
        ...

    def partitions(self, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        """Cut an asset into parts that can be read alone and together make the whole."""
        ...

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        """Stream a partition, column names as in the asset's metadata, with bounded memory."""
        ...

    def cancel(self) -> None:
        """Stop the running statement on the source itself."""
        ...

    def close(self) -> None: ...


class ConnectorFactory(Protocol):
    """What the entry point group ``muniment.connectors`` names."""

    type: ClassVar[ConnectorType]

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


class Analyzer(Protocol[State]):
    """Learns something about an asset from its batches, in a state that merges.

    ``merge`` is associative and commutative. Found by the entry point group
    ``muniment.analyzers``; ``order`` decides who finishes first (classification before those who
    mask by it). States never hold more than a bounded number of values and never leave the
    worker; results are JSON and hold no raw value of a sensitive column.
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
