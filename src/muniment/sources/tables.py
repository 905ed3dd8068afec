"""How sources, their credentials, health and schemas are stored; private to the group."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from muniment.platform.db import metadata_for

MOMENT = sa.DateTime(timezone=True)


class Base(DeclarativeBase):
    metadata = metadata_for("sources")


def _source_id() -> Mapped[UUID]:
    return mapped_column(sa.ForeignKey("sources.source.id", ondelete="cascade"))


class Source(Base):
    """A registered source with the present state of its health."""

    __tablename__ = "source"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    title: Mapped[str]
    description: Mapped[str | None]
    domain: Mapped[str | None]
    owner: Mapped[str | None]
    sensitive: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    max_concurrency: Mapped[int]
    statement_timeout_seconds: Mapped[float]
    idle_timeout_seconds: Mapped[float] = mapped_column(server_default="60")
    rows_per_second: Mapped[int | None]
    megabytes_per_second: Mapped[float | None]
    statements_per_minute: Mapped[int | None]
    governed: Mapped[bool] = mapped_column(server_default=sa.true())
    blackouts: Mapped[list[str]] = mapped_column(ARRAY(sa.String), server_default="{}")
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    updated_at: Mapped[datetime] = mapped_column(MOMENT)
    created_by: Mapped[str]
    health: Mapped[str] = mapped_column(default="unknown")
    health_since: Mapped[datetime | None] = mapped_column(MOMENT)
    health_reason: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)
    successes: Mapped[int] = mapped_column(default=0)
    latency_ms: Mapped[float | None]
    probed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    next_probe_at: Mapped[datetime] = mapped_column(MOMENT, index=True)


class Credential(Base):
    """The sealed secrets of a source; the seal is bound to source and version."""

    __tablename__ = "credential"

    source_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("sources.source.id", ondelete="cascade"), primary_key=True
    )
    version: Mapped[int]
    sealed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fields: Mapped[list[str]] = mapped_column(ARRAY(sa.String))
    stored_at: Mapped[datetime] = mapped_column(MOMENT)
    stored_by: Mapped[str]


class ProbeRecord(Base):
    """One probe of a source, kept for its history."""

    __tablename__ = "probe"
    __table_args__ = (sa.Index("ix_probe_history", "source_id", "id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    source_id: Mapped[UUID] = _source_id()
    probed_at: Mapped[datetime] = mapped_column(MOMENT, index=True)
    milliseconds: Mapped[float]
    health: Mapped[str]
    error: Mapped[str | None]
    message: Mapped[str | None]


class Snapshot(Base):
    """One look at the whole schema of a source (or at a part of it), in numbers."""

    __tablename__ = "snapshot"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "number"),
        sa.UniqueConstraint("source_id", "run_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = _source_id()
    number: Mapped[int]
    run_id: Mapped[UUID | None]
    taken_at: Mapped[datetime] = mapped_column(MOMENT)
    complete: Mapped[bool]
    first: Mapped[bool]
    assets: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]


class SnapshotItem(Base):
    """The schema of one asset, valid from snapshot ``since`` until before ``until``.

    Only what changes is stored again, so a snapshot of an unchanged source costs one row.
    """

    __tablename__ = "snapshot_item"
    __table_args__ = (
        sa.Index(
            "ix_snapshot_item_current",
            "source_id",
            sa.text("md5(path)"),
            unique=True,
            postgresql_where=sa.text("until is null"),
        ),
        sa.Index("ix_snapshot_item_since", "source_id", "since"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = _source_id()
    path: Mapped[str]
    kind: Mapped[str]
    since: Mapped[int]
    until: Mapped[int | None]
    hash: Mapped[bytes]
    body: Mapped[bytes]


class SchemaChangeRecord(Base):
    """An asset that appeared, vanished or changed its schema between two snapshots."""

    __tablename__ = "schema_change"
    __table_args__ = (
        sa.Index("ix_schema_change_history", "source_id", "id"),
        sa.Index("ix_schema_change_asset", sa.text("md5(asset)"), "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = _source_id()
    snapshot_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("sources.snapshot.id", ondelete="cascade"), index=True
    )
    run_id: Mapped[UUID | None]
    asset: Mapped[str]
    kind: Mapped[str]
    breaking: Mapped[bool]
    aspects: Mapped[list[str]] = mapped_column(ARRAY(sa.String))
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    found_at: Mapped[datetime] = mapped_column(MOMENT)
