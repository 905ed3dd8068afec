"""What a connector says of itself and of the source behind it. Light: no data-plane library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
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

    ``spec`` is the connector's own description (page range, files, row groups) and holds no value
    of the data and no secret. ``fraction`` of the asset's rows is read (1.0 unless sampled).
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
