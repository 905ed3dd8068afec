"""What a connector says of itself and of the source behind it. Light: no data-plane library."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from muniment.kernel.values import AssetKind, JsonObject


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Said, not guessed: the planner asks for nothing a connector does not claim."""

    profile: bool = True
    partitions: bool = False
    row_estimates: bool = False
    sizes: bool = False
    keys: bool = False
    view_definitions: bool = False
    routines: bool = False
    grants: bool = False
    comments: bool = False
    cancel: bool = False


@dataclass(frozen=True, slots=True)
class ConnectorType:
    """One kind of source that can be registered.

    ``settings_schema`` is the JSON Schema the UI builds its form from; ``secret_fields`` are the
    settings that go to the vault and never come back. ``dialect`` is sqlglot's name for its SQL.
    """

    kind: str
    title: str
    description: str
    capabilities: Capabilities
    settings_schema: JsonObject
    secret_fields: tuple[str, ...] = ()
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMeta:
    """A column as the source declares it; ``type`` in the source's own words.

    Nested fields are columns with a dotted name (``customer.address.city``).
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    comment: str | None = None


class KeyKind(StrEnum):
    PRIMARY = "primary"
    UNIQUE = "unique"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class KeyMeta:
    kind: KeyKind
    columns: tuple[str, ...]
    name: str = ""
    references: tuple[str, ...] = ()
    """Path of the table a foreign key points to, inside the same source."""
    referenced_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A privilege somebody holds on an asset; the grantee ``PUBLIC`` is everyone."""

    grantee: str
    privilege: str


@dataclass(frozen=True, slots=True)
class AssetMeta:
    """Everything a source declares about one asset, read in bulk.

    ``path`` is the place inside the source; ``fingerprint`` of the same content is equal, so
    that snapshots are compared by hash. ``row_estimate`` and ``size_bytes`` are not part of it.
    """

    path: tuple[str, ...]
    kind: AssetKind
    columns: tuple[ColumnMeta, ...] = ()
    keys: tuple[KeyMeta, ...] = ()
    grants: tuple[Grant, ...] = ()
    comment: str | None = None
    definition: str | None = None
    """SQL text of a view or the source of a routine."""
    row_estimate: int | None = None
    size_bytes: int | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    """Facts special to the source: format, partition columns, language, encoding ..."""


class StepOutcome(StrEnum):
    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class TestStep:
    """One step of a connection test, with what to do when it failed."""

    __test__ = False

    name: str
    outcome: StepOutcome
    message: str
    remedy: str | None = None
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of an asset that is read once, by itself, in about the stated number of rows.

    ``spec`` is the connector's own description (page range, files, row groups) and holds no secret
    and no value of the data; but for a high-water mark (``contracts.markers.Water``), which is
    sealed where it is stored. ``fraction`` of the asset's rows is read (1.0 unless sampled).
    """

    index: int
    spec: JsonObject
    estimated_rows: int | None = None
    fraction: float = 1.0


@dataclass(frozen=True, slots=True)
class SourceConnection:
    """What opens a source: lives in memory only, never stored or logged."""

    source_id: UUID
    name: str
    kind: str
    settings: JsonObject
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which assets: glob patterns over the dotted path (``sales.*``); excludes win."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a scan may do to its source."""

    statement_timeout_seconds: float = 120.0
    connect_timeout_seconds: float = 10.0
    max_cell_bytes: int = 1_048_576
    """Longer text is cut to this before it reaches an analyzer."""


class MetadataConnector(Protocol):
    """The light half of a connector: all that needs no Arrow, so that an API node may run it.

    Sync; used by one thread, except ``cancel``, which any thread may call.
    """

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
        """Stream all assets in scope, in a constant number of statements.

        One that the account may not read, or that cannot be decoded, is told all the same, with
        the properties ``readable`` = ``false`` and ``problem`` (and ``grant``, what would help).
        """
        ...

    def grant_script(self) -> str:
        """Statements that give the account what a scan needs and no more; empty when nothing."""
        ...

    def cancel(self) -> None:
        """Stop the running statement on the source itself."""
        ...

    def close(self) -> None: ...
