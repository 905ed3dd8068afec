"""What the Data Catalogue tells the other groups, and what they may ask of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.rulesets import QualityRule
from muniment.kernel.events import Event
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPublished(Event):
    """A new version of an asset is in the catalogue. ``changed`` names what differs."""

    topic: ClassVar[str] = "catalog.asset-published.v1"
    asset_id: UUID
    asset: AssetRef
    kind: AssetKind
    version: int
    changed: tuple[str, ...] = ()
    run_id: UUID | None = None

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetVanished(Event):
    topic: ClassVar[str] = "catalog.asset-vanished.v1"
    asset: AssetRef
    run_id: UUID | None = None

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetAnnotated(Event):
    """A person changed owner, domain, description, tags or certification."""

    topic: ClassVar[str] = "catalog.asset-annotated.v1"
    asset: AssetRef
    fields: tuple[str, ...]
    actor: str

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageChanged(Event):
    topic: ClassVar[str] = "catalog.lineage-changed.v1"
    source: str
    edges_added: int
    edges_removed: int
    run_id: UUID | None = None

    @property
    def subject(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageBroken(Event):
    """A column that others are made from is gone; ``downstream`` are the assets that read it."""

    topic: ClassVar[str] = "catalog.lineage-broken.v1"
    asset: AssetRef
    column: str
    downstream: tuple[AssetRef, ...]

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityEvaluated(Event):
    topic: ClassVar[str] = "catalog.quality-evaluated.v1"
    asset: AssetRef
    score: float | None
    failed: tuple[str, ...]
    run_id: UUID | None = None

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOpened(Event):
    topic: ClassVar[str] = "catalog.incident-opened.v1"
    incident_id: UUID
    asset: AssetRef
    title: str
    severity: Severity

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentResolved(Event):
    topic: ClassVar[str] = "catalog.incident-resolved.v1"
    incident_id: UUID
    asset: AssetRef
    actor: str

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True)
class AssetFact:
    """One asset, as compliance checks and the scan planner see it."""

    asset: AssetRef
    kind: AssetKind
    domain: str | None
    owner: str | None
    description: str | None
    certified: bool
    tags: tuple[str, ...]
    rows: int | None
    size_bytes: int | None
    columns: int
    public_grants: tuple[str, ...]
    """Privileges that everybody holds on it at the source."""
    retention_days: int | None
    purpose: str | None
    quality_score: float | None
    failed_checks: tuple[str, ...]
    open_incidents: int
    upstream: int
    downstream: int
    lineage_complete: bool | None
    """None where nothing is derived from code; False when a statement could not be read."""
    first_seen_at: datetime
    last_scanned_at: datetime | None
    copy_of: AssetRef | None = None
    """Another asset with the same columns that this one looks like an abandoned copy of."""


class AssetReader(Protocol):
    async def asset_facts(self, assets: Sequence[AssetRef] | None) -> Sequence[AssetFact]:
        """Facts of the named assets, or of the whole estate; vanished ones are left out."""
        ...


class LineageReader(Protocol):
    async def downstream(self, assets: Sequence[AssetRef]) -> Sequence[AssetRef]:
        """All assets made, directly or not, from the given ones (themselves left out)."""
        ...


@dataclass(frozen=True, slots=True)
class ColumnCopy:
    """A column that holds the values of another one, unchanged unless there is an expression.

    ``by_key`` is a foreign key: it holds values of the column that it leads to.
    """

    from_asset: AssetRef
    from_column: str
    to_asset: AssetRef
    to_column: str
    by_key: bool = False
    expression: str | None = None
    """The SQL that makes the values of this one out of the other's."""


class CopyReader(Protocol):
    async def column_copies(
        self, source: str | None, assets: Sequence[AssetRef]
    ) -> Sequence[ColumnCopy]:
        """What comes into a source, into named assets, and into all that is made from them.

        However far they reach, in one statement. Copies of columns that are gone are left out.
        """
        ...


class ProfileReader(Protocol):
    async def profile_of(self, ref: str) -> JsonObject | None:
        """The latest profile of an asset as the analyzer gave it; None where there is none."""
        ...


class CatalogRegistrar(Protocol):
    async def register(
        self,
        source: str,
        domain: str | None,
        owner: str | None,
        assets: Sequence[AssetMeta],
        vanished: Sequence[AssetRef],
        *,
        run_id: UUID,
    ) -> None:
        """Bring discovered metadata into the catalogue; a new version where it differs."""
        ...


class QualityPlanner(Protocol):
    async def quality_params(
        self,
        source: str,
        assets: Sequence[AssetMeta],
        rules: Sequence[QualityRule],
        *,
        suggest: bool,
        sampled: bool = False,
    ) -> Mapping[tuple[str, ...], JsonObject]:
        """By asset path: parameters of the ``quality`` analyzer (the checks to be answered).

        ``sampled`` says that tables are not read whole, so that nothing may be concluded from
        what is missing in them.
        """
        ...


class AssetPublisher(Protocol):
    async def publish_analysis(
        self, asset: AssetRef, results: Mapping[str, JsonObject], *, run_id: UUID
    ) -> None:
        """Store profile and quality results of one asset (analyzer name to result).

        A new version, metrics, scores, incidents and events, in the caller's transaction. Safe to
        repeat for one run.
        """
        ...


class LineageDeriver(Protocol):
    async def statements(self, source: str) -> Sequence[JsonObject]:
        """Jobs for the lineage engine: each holds a definition and the schemas it needs."""
        ...

    async def publish_lineage(
        self, source: str, results: Sequence[JsonObject], *, run_id: UUID
    ) -> int:
        """Replace the edges derived from the source's code; returns how many there are now."""
        ...


@dataclass(frozen=True, slots=True)
class RelationBlocks:
    """Assets whose columns are compared with those of others, each by their refs."""

    block: tuple[str, ...]
    others: tuple[str, ...]


class RelationFinder(Protocol):
    """Finds how columns and tables of the whole estate relate to what a run brought."""

    async def relation_blocks(self, *, run_id: UUID) -> Sequence[RelationBlocks]:
        """Which blocks are to be compared; none where the run brought nothing new."""
        ...

    async def relation_job(self, blocks: RelationBlocks) -> JsonObject:
        """A job for the engine that compares; it holds no value of the data."""
        ...

    async def publish_relations(self, results: Sequence[JsonObject], *, run_id: UUID) -> int:
        """Replace what was known of the run's assets; returns how many references are likely."""
        ...


class AccessPolicy(Protocol):
    """Asked before a sample or a raw profile value is shown."""

    async def may_see_values(self, asset: AssetRef, domain: str | None) -> bool: ...
