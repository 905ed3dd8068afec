"""What is sent to a pool child and what comes back: light, so that the coordinator stays small."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from muniment.contracts.connectors import AssetMeta, Partition, SourceConnection
from muniment.contracts.figures import TableFigures
from muniment.contracts.markers import KnownPart, MarkedPart
from muniment.contracts.sampling import Strategy
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.scans.model import Failure


@dataclass(frozen=True, slots=True)
class Reading:
    """How an asset is read; the child turns it into the connector's ``ReadPlan``."""

    rows_per_partition: int = 500_000
    sample_rows: int | None = None
    metadata_only: bool = False
    """Nothing is read; only who can do without rows looks at the asset."""


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """What the scan may do to its source."""

    statement_timeout_seconds: float = 120.0
    idle_timeout_seconds: float = 60.0
    """So long it may send nothing, once it has begun to answer."""
    metered: bool = False
    """Whether the job asks before it goes on reading."""
    rows_per_batch: int | None = None
    """At most so many rows between two questions; None leaves it to the connector."""


@dataclass(frozen=True, slots=True)
class StatementsJob:
    """Ask a connector which statements its discovery runs; nothing is connected."""

    connection: SourceConnection
    limits: SourceLimits


@dataclass(frozen=True, slots=True)
class KnownAsset:
    """An asset as it was read before: its marker, and its parts with theirs."""

    marker: str | None
    parts: tuple[KnownPart, ...] = ()


@dataclass(frozen=True, slots=True)
class DiscoverJob:
    """List the assets in scope and cut those that hold data into partitions."""

    connection: SourceConnection
    limits: SourceLimits
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    reading: Reading
    view_sample_rows: int
    only: frozenset[tuple[str, ...]] | None = None
    """Cut only these into partitions; None cuts all."""
    known: Mapping[tuple[str, ...], KnownAsset] = field(default_factory=dict)
    """What was read before; an asset with an equal marker is not even cut."""
    mark: bool = False
    """Ask the source for markers at all."""
    high_water: tuple[tuple[str, str], ...] = ()
    """Globs over paths, and the column above whose last value rows are new; the last one wins."""


@dataclass(frozen=True, slots=True)
class Thinning:
    """A choice of the rows that come, for samples which the source does not choose itself."""

    strategy: Strategy
    rows: int
    """Of a reservoir."""
    share: float
    """Of rows chosen one by one."""


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One partition of one asset. ``alone``: it is the whole asset, so its results are finished."""

    asset: AssetRef
    meta: AssetMeta
    partition: Partition
    reading: Reading
    params: Mapping[str, JsonObject]
    alone: bool
    keep: bool = False
    """Tell its states as well, although it is alone."""
    thinning: Thinning | None = None


@dataclass(frozen=True, slots=True)
class ReadJob:
    """A chunk: partitions read one after the other over one connection."""

    connection: SourceConnection
    limits: SourceLimits
    tasks: tuple[ReadTask, ...]
    analyzers: frozenset[str] | None = None
    """Only these look at the rows; None lets all."""


class Tier(StrEnum):
    """How much of a source is touched for its figures."""

    METADATA = "metadata"
    """What the source knows anyway; no row is read."""
    CHEAP = "cheap"
    """One pass that counts inside the source, or the rows read once where it cannot."""


@dataclass(frozen=True, slots=True)
class FiguresJob:
    """Gather what is known of some assets without profiling them."""

    connection: SourceConnection
    limits: SourceLimits
    assets: tuple[AssetMeta, ...]
    tier: Tier


@dataclass(frozen=True, slots=True)
class MergeJob:
    """Fold states of partitions into one for each analyzer."""

    states: Mapping[str, Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class FinishJob:
    """Turn the merged states of an asset into results."""

    asset: AssetRef
    meta: AssetMeta
    params: Mapping[str, JsonObject]
    states: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class LineageJob:
    """Parse definitions for lineage."""

    jobs: Sequence[JsonObject]


@dataclass(frozen=True, slots=True)
class RelateJob:
    """Compare sketches of columns; ``job`` is made and understood by the catalogue."""

    job: JsonObject


Job: TypeAlias = (
    StatementsJob
    | DiscoverJob
    | ReadJob
    | FiguresJob
    | MergeJob
    | FinishJob
    | LineageJob
    | RelateJob
)


@dataclass(frozen=True, slots=True)
class Listed:
    """An asset that was discovered; ``failure`` when it could not be cut into partitions."""

    meta: AssetMeta
    partitions: tuple[Partition, ...] = ()
    reading: Reading = field(default_factory=Reading)
    failure: Failure | None = None
    marks: tuple[MarkedPart, ...] = ()
    """The partitions with their markers, where the source can tell."""
    marker: str | None = None
    unchanged: bool = False
    """Its marker is the known one; it was not cut."""
    high_water: str | None = None
    """The column by which new rows are told."""
    note: str | None = None
    """Why a high-water column that was declared is not used."""

    @property
    def parts(self) -> Sequence[MarkedPart]:
        """The partitions, with markers where there are any."""
        return self.marks or [MarkedPart(each) for each in self.partitions]

    @property
    def holds_rows(self) -> bool:
        return self.unchanged or bool(self.partitions)


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the answer to a ``DiscoverJob``; ``engine`` is what its states depend on."""

    assets: Sequence[Listed]
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """Rows read so far by this job, and the asset being read."""

    rows: int
    current: str


@dataclass(frozen=True, slots=True)
class Asks:
    """So much was read, or will be sent, since the job asked last: may it go on?"""

    rows: int = 0
    bytes: int = 0
    statements: int = 0


@dataclass(frozen=True, slots=True)
class TaskDone:
    """One task of a ``ReadJob`` by its place; results when it was alone, dumped states else."""

    index: int
    rows: int
    seconds: float
    results: Mapping[str, JsonObject] | None = None
    states: Mapping[str, bytes] | None = None
    skipped: int = 0
    """Rows that could not be decoded and were left out."""
    remarks: tuple[str, ...] = ()
    """What else is not as it is in the source, in sentences."""


@dataclass(frozen=True, slots=True)
class TaskFailed:
    index: int
    failure: Failure
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The answer to a ``FiguresJob`` for one asset; ``failure`` when there is none."""

    path: tuple[str, ...]
    table: TableFigures | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    states: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Finished:
    results: Mapping[str, JsonObject]


@dataclass(frozen=True, slots=True)
class Statements:
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Parsed:
    results: Sequence[JsonObject]


@dataclass(frozen=True, slots=True)
class Related:
    result: JsonObject


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The job as a whole did not work."""

    failure: Failure


Frame: TypeAlias = (
    Found
    | Reached
    | Asks
    | TaskDone
    | TaskFailed
    | Figures
    | Merged
    | Finished
    | Statements
    | Parsed
    | Related
    | JobFailed
)


@dataclass(frozen=True, slots=True)
class MayGo:
    """The answer to ``Asks``, when its time has come."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Rest for ``share`` seconds after each second of work, until told otherwise."""

    share: float


Word: TypeAlias = MayGo | Rest
"""What is said to a job while it runs."""
