"""What the words of Data Sources mean: a source, its health, a schema and how two differ."""

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from muniment.contracts.connectors import (
    AssetMeta,
    ColumnMeta,
    Grant,
    KeyKind,
    KeyMeta,
)
from muniment.contracts.sources import ChangeKind, ColumnChange, Health
from muniment.kernel.errors import Invalid
from muniment.kernel.values import AssetKind, JsonObject

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True)
class NewSource:
    """What is needed to register a source; ``secrets`` go to the vault and nowhere else."""

    name: str
    kind: str
    settings: JsonObject
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)
    title: str = ""
    description: str | None = None
    domain: str | None = None
    owner: str | None = None
    sensitive: bool = False
    max_concurrency: int = 2
    statement_timeout_seconds: float = 120.0
    idle_timeout_seconds: float = 60.0
    rows_per_second: int | None = None
    megabytes_per_second: float | None = None
    statements_per_minute: int | None = None
    governed: bool = True
    blackouts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A registered source, without its secrets."""

    id: UUID
    name: str
    kind: str
    title: str
    description: str | None
    domain: str | None
    owner: str | None
    sensitive: bool
    settings: JsonObject
    max_concurrency: int
    statement_timeout_seconds: float
    idle_timeout_seconds: float
    rows_per_second: int | None
    megabytes_per_second: float | None
    statements_per_minute: int | None
    governed: bool
    blackouts: tuple[str, ...]
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: str
    health: Health
    health_since: datetime | None
    health_reason: str | None
    latency_ms: float | None
    probed_at: datetime | None
    credential_fields: tuple[str, ...] = ()
    credential_version: int = 0
    credential_stored_at: datetime | None = None


def check_name(name: str) -> str:
    """A name that is easy to type, because it begins every path of the source's assets."""
    if not NAME.fullmatch(name):
        raise Invalid(
            "The name must begin with a letter or digit and hold only small letters, digits,"
            " dots, dashes and underscores, 63 at most.",
            problems=[{"field": "name", "problem": "does not fit"}],
        )
    return name


BUCKETS = frozenset({"s3", "azure", "gcs"})


def uses_tls(kind: str, settings: JsonObject) -> bool | None:
    """Whether the connection is encrypted for sure; None where nothing crosses a network."""
    if kind in BUCKETS:
        endpoint = settings.get("endpoint")
        plain = str(endpoint).startswith("http://") if endpoint else settings.get("allow_http")
        return not plain
    if kind != "postgresql":
        return None
    host = str(settings.get("host", "localhost"))
    if host.startswith("/") or host in ("localhost", "127.0.0.1", "::1"):
        return None
    return settings.get("sslmode", "prefer") in ("require", "verify-ca", "verify-full")


# ---------------------------------------------------------------------------------------- health

FAILURES_UNTIL_DOWN = 3
SUCCESSES_UNTIL_HEALTHY = 2
SLOW_MILLISECONDS = 5_000.0
EVERY = timedelta(seconds=60)
LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Probe:
    """What one probe found. ``error`` is the slug of the failure, ``lasting`` when trying again
    cannot help (a wrong password does not heal by itself)."""

    milliseconds: float
    error: str | None = None
    message: str | None = None
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Pulse:
    """The state of a source's health: streaks, so that one lost packet rings no bell."""

    health: Health = Health.UNKNOWN
    failures: int = 0
    successes: int = 0

    def after(self, probe: Probe) -> "Pulse":
        """The state after one more probe."""
        if probe.error is not None:
            failures = self.failures + 1
            down = probe.lasting or failures >= FAILURES_UNTIL_DOWN or self.health is Health.DOWN
            return Pulse(Health.DOWN if down else Health.DEGRADED, failures, 0)
        successes = self.successes + 1
        if probe.milliseconds > SLOW_MILLISECONDS:
            return Pulse(Health.DEGRADED, 0, 0)
        sound = self.health in (Health.UNKNOWN, Health.HEALTHY)
        if sound or successes >= SUCCESSES_UNTIL_HEALTHY:
            return Pulse(Health.HEALTHY, 0, successes)
        return Pulse(Health.DEGRADED, 0, successes)

    def wait(self, spread: float) -> timedelta:
        """Until the next probe: longer with each failure; ``spread`` in 0..1 parts the herd."""
        longer = EVERY * 2.0 ** min(8, max(0, self.failures - 1))
        return min(LONGEST, longer) * (0.9 + 0.2 * spread)


# ------------------------------------------------------------------------------------- snapshots

VOLATILE = frozenset({"files", "partitions", "readable", "problem", "grant", "remedy", "usable"})
"""Properties that change without the schema changing."""


def schema_of(asset: AssetMeta) -> JsonObject:
    """The part of an asset's metadata that makes its schema, as JSON."""
    body: dict[str, object] = asdict(asset)
    del body["row_estimate"], body["size_bytes"]
    body["properties"] = {k: v for k, v in asset.properties.items() if k not in VOLATILE}
    return body  # type: ignore[return-value]  # asdict of a dataclass of JSON values


def packed(schema: JsonObject) -> tuple[bytes, bytes]:
    """The fingerprint of a schema, and its compressed text; equal content, equal fingerprint."""
    plain = json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return blake2b(plain, digest_size=16).digest(), zlib.compress(plain, 6)


def unpacked(body: bytes) -> AssetMeta:
    """The metadata again, from its compressed text."""
    raw = json.loads(zlib.decompress(body))
    return AssetMeta(
        path=tuple(raw["path"]),
        kind=AssetKind(raw["kind"]),
        columns=tuple(ColumnMeta(**column) for column in raw["columns"]),
        keys=tuple(
            KeyMeta(
                KeyKind(key["kind"]),
                tuple(key["columns"]),
                key["name"],
                tuple(key["references"]),
                tuple(key["referenced_columns"]),
            )
            for key in raw["keys"]
        ),
        grants=tuple(Grant(**grant) for grant in raw["grants"]),
        comment=raw["comment"],
        definition=raw["definition"],
        properties=raw["properties"],
    )


def is_blind(asset: AssetMeta) -> bool:
    """It is there and could not be looked into: that says nothing about its schema."""
    return asset.properties.get("readable") == "false" and not asset.columns


def column_changes(before: AssetMeta, after: AssetMeta) -> tuple[ColumnChange, ...]:
    """How the columns differ, in the order of the new schema, what vanished at the end."""
    old = {column.name: column for column in before.columns}
    new = {column.name: column for column in after.columns}
    found = [
        change for name, column in new.items() for change in _column_change(old.get(name), column)
    ]
    gone = [
        ColumnChange(name, ChangeKind.REMOVED, before=_described(column), breaking=True)
        for name, column in old.items()
        if name not in new
    ]
    return (*found, *gone)


def _column_change(before: ColumnMeta | None, after: ColumnMeta) -> Sequence[ColumnChange]:
    if before is None:
        return [ColumnChange(after.name, ChangeKind.ADDED, after=_described(after))]
    if _described(before) == _described(after):
        return []
    return [
        ColumnChange(
            after.name,
            ChangeKind.CHANGED,
            before=_described(before),
            after=_described(after),
            breaking=before.type != after.type,
        )
    ]


def _described(column: ColumnMeta) -> str:
    return column.type if column.nullable else f"{column.type} not null"


def aspects_changed(before: AssetMeta, after: AssetMeta) -> tuple[str, ...]:
    """What of an asset differs, named as people would."""
    pairs = (
        ("kind", before.kind, after.kind),
        ("columns", before.columns, after.columns),
        ("keys", before.keys, after.keys),
        ("grants", before.grants, after.grants),
        ("comment", before.comment, after.comment),
        ("definition", before.definition, after.definition),
        ("properties", dict(before.properties), dict(after.properties)),
    )
    return tuple(name for name, old, new in pairs if old != new)
