"""What Data Sources tells the other groups, and what they may ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from muniment.contracts.connectors import AssetMeta, SourceConnection
from muniment.kernel.events import Event
from muniment.kernel.refs import AssetRef


class Health(StrEnum):
    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A registered source without its secrets. ``name`` is the first part of every AssetRef."""

    id: UUID
    name: str
    kind: str
    title: str
    domain: str | None
    owner: str | None
    sensitive: bool
    """Scans of it wait for an approval."""
    dialect: str | None
    max_concurrency: int = 2
    statement_timeout_seconds: float = 120.0
    idle_timeout_seconds: float = 60.0
    rows_per_second: int | None = None
    megabytes_per_second: float | None = None
    statements_per_minute: int | None = None
    governed: bool = True
    """Scans ask less of it while its answers are slow."""
    blackouts: tuple[str, ...] = ()
    """Windows (``kernel.windows``) in which no reading of it begins."""
    address: str | None = None
    """``host:port`` of a server, by which other tools name it too."""
    database: str | None = None


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """``breaking`` when readers of the column would fail: removed, or its type changed."""

    column: str
    kind: ChangeKind
    before: str | None = None
    after: str | None = None
    breaking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRegistered(Event):
    topic: ClassVar[str] = "sources.source-registered.v1"
    source_id: UUID
    name: str
    kind: str

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChanged(Event):
    topic: ClassVar[str] = "sources.source-changed.v1"
    source_id: UUID
    name: str
    fields: tuple[str, ...]

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRemoved(Event):
    topic: ClassVar[str] = "sources.source-removed.v1"
    source_id: UUID
    name: str

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialStored(Event):
    """A source's secrets were stored or rotated; the secrets themselves are told to nobody."""

    topic: ClassVar[str] = "sources.credential-stored.v1"
    source_id: UUID
    name: str
    fields: tuple[str, ...]

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChanged(Event):
    topic: ClassVar[str] = "sources.health-changed.v1"
    source_id: UUID
    name: str
    before: Health
    after: Health
    reason: str | None = None

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChanged(Event):
    """An asset appeared, vanished or changed its schema between two snapshots.

    Not told for the first snapshot of a source.
    """

    topic: ClassVar[str] = "sources.schema-changed.v1"
    asset: AssetRef
    kind: ChangeKind
    columns: tuple[ColumnChange, ...] = ()
    run_id: UUID | None = None

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True)
class SnapshotDiff:
    """What a new snapshot changed, counted; and which assets a scan must look at."""

    snapshot_id: UUID
    first: bool
    added: tuple[AssetRef, ...]
    changed: tuple[AssetRef, ...]
    removed: tuple[AssetRef, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class SourceFact:
    """One source, as compliance checks see it."""

    source: str
    kind: str
    domain: str | None
    owner: str | None
    sensitive: bool
    health: Health
    credential_age_days: float | None
    has_secret: bool
    uses_tls: bool | None
    created_at: datetime


class SourceReader(Protocol):
    async def source(self, name: str) -> SourceInfo:
        """One source by its name; NotFound when there is none."""
        ...

    async def sources(self) -> Sequence[SourceInfo]: ...

    async def source_facts(self) -> Sequence[SourceFact]: ...


class ConnectionResolver(Protocol):
    async def connection(self, name: str) -> SourceConnection:
        """Settings and decrypted secrets; asked by workers only, kept in memory only."""
        ...


class SnapshotKeeper(Protocol):
    async def record(
        self, name: str, assets: Sequence[AssetMeta], *, run_id: UUID | None, complete: bool
    ) -> SnapshotDiff:
        """Store what was discovered, compare with the last snapshot by hash, tell the changes.

        ``complete`` False (a partial scope) never declares an asset outside it as removed.
        Safe to repeat for one run.
        """
        ...
