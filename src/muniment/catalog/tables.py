"""How assets, their versions and their lineage are stored."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from muniment.platform.db import metadata_for
from muniment.platform.tables import Xid8

MOMENT = sa.DateTime(timezone=True)
REF = sa.Text(collation="C")
"""The text form of an AssetRef: compared byte by byte, which is quick and the same everywhere."""
TEXTS = ARRAY(sa.Text())
NO_TEXTS = sa.text("'{}'")


class Base(DeclarativeBase):
    metadata = metadata_for("catalog")


class Asset(Base):
    """The present state of one asset.

    ``annotated`` names the fields that a person set; a scan leaves those alone. ``revision``
    counts every change a person makes (the ETag), ``version`` every change worth a history.
    ``labels``, ``sensitivity`` and the quality figures are a read model filled by events.
    ``changed_xid`` is the transaction of the last change: what follows the search index reads on
    from there.
    """

    __tablename__ = "asset"
    __table_args__ = (
        sa.Index("ix_asset_source", "source"),
        sa.Index("ix_asset_parent_ref", "parent_ref"),
        sa.Index("ix_asset_changed_xid", "changed_xid"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(REF, unique=True)
    source: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    path: Mapped[list[str]] = mapped_column(TEXTS)
    parent_ref: Mapped[str] = mapped_column(REF)
    domain: Mapped[str | None]
    owner: Mapped[str | None]
    description: Mapped[str | None]
    comment: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    certification: Mapped[str] = mapped_column(server_default="none")
    purpose: Mapped[str | None]
    retention_days: Mapped[int | None]
    annotated: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    rows: Mapped[int | None] = mapped_column(sa.BigInteger)
    size_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    columns: Mapped[int] = mapped_column(server_default="0")
    definition: Mapped[str | None]
    properties: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=sa.text("'{}'"))
    keys: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=sa.text("'[]'"))
    public_grants: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    labels: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    sensitivity: Mapped[int | None] = mapped_column(sa.SmallInteger)
    quality_score: Mapped[float | None]
    failed_checks: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    open_incidents: Mapped[int] = mapped_column(server_default="0")
    copy_of: Mapped[str | None] = mapped_column(REF)
    fingerprint: Mapped[str]
    version: Mapped[int]
    revision: Mapped[int] = mapped_column(server_default="1")
    first_seen_at: Mapped[datetime] = mapped_column(MOMENT)
    last_seen_at: Mapped[datetime] = mapped_column(MOMENT)
    last_scanned_at: Mapped[datetime | None] = mapped_column(MOMENT)
    last_run_id: Mapped[UUID | None]
    vanished_at: Mapped[datetime | None] = mapped_column(MOMENT)
    updated_at: Mapped[datetime] = mapped_column(MOMENT)
    changed_xid: Mapped[int] = mapped_column(Xid8, server_default=sa.text("pg_current_xact_id()"))


class AssetColumn(Base):
    """A column of an asset. ``labels`` is the present set as the classification group told it."""

    __tablename__ = "asset_column"

    asset_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("catalog.asset.id", ondelete="cascade"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    type: Mapped[str]
    nullable: Mapped[bool]
    default: Mapped[str | None]
    comment: Mapped[str | None]
    description: Mapped[str | None]
    is_primary: Mapped[bool] = mapped_column(server_default=sa.false())
    is_unique: Mapped[bool] = mapped_column(server_default=sa.false())
    references: Mapped[str | None] = mapped_column(REF)
    labels: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=sa.text("'[]'"))
    sensitivity: Mapped[int | None] = mapped_column(sa.SmallInteger)


sa.Index("ix_asset_column_name", sa.func.lower(AssetColumn.name))
KEY_TARGET = sa.func.regexp_replace(
    AssetColumn.references, sa.literal_column("'/[^/]*$'"), sa.literal_column("''")
)
"""The asset that a foreign key leads to."""
sa.Index(
    "ix_asset_column_key_target",
    KEY_TARGET,
    postgresql_where=AssetColumn.references.is_not(None),
)


class AssetVersion(Base):
    """What an asset was from ``at`` on: the whole document, and what differs from before."""

    __tablename__ = "asset_version"

    asset_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("catalog.asset.id", ondelete="cascade"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT)
    changed: Mapped[list[str]] = mapped_column(TEXTS)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[str]
    run_id: Mapped[UUID | None]


class LineageEdge(Base):
    """One thing feeding another. Without columns: an asset feeding an asset.

    ``id`` is made from what the edge says, so that the same edge found twice is one row. ``job``
    is the view or routine whose code says so. ``source`` is whose code it came from.
    """

    __tablename__ = "lineage_edge"
    __table_args__ = (
        sa.Index("ix_lineage_edge_from_ref", "from_ref", "kind"),
        sa.Index("ix_lineage_edge_to_ref", "to_ref", "kind"),
        sa.Index("ix_lineage_edge_source", "source", "origin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    from_ref: Mapped[str] = mapped_column(REF)
    from_column: Mapped[str | None]
    to_ref: Mapped[str] = mapped_column(REF)
    to_column: Mapped[str | None]
    kind: Mapped[str]
    expression: Mapped[str | None]
    origin: Mapped[str]
    job_ref: Mapped[str | None] = mapped_column(REF)
    note: Mapped[str | None]
    actor: Mapped[str | None]
    run_id: Mapped[UUID | None]
    first_seen_at: Mapped[datetime] = mapped_column(MOMENT)
    last_seen_at: Mapped[datetime] = mapped_column(MOMENT)
    broken_at: Mapped[datetime | None] = mapped_column(MOMENT)


class LineageStatement(Base):
    """What became of one statement in the code of a view or routine."""

    __tablename__ = "lineage_statement"
    __table_args__ = (sa.Index("ix_lineage_statement_source", "source", "outcome"),)

    job_ref: Mapped[str] = mapped_column(REF, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    line: Mapped[int]
    kind: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(MOMENT)


class PipelineEventRow(Base):
    """An OpenLineage event as it was sent; ``id`` is made from the text: repeats are one."""

    __tablename__ = "pipeline_event"
    __table_args__ = (
        sa.Index("ix_pipeline_event_at", "at", "id"),
        sa.Index("ix_pipeline_event_received_at", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(MOMENT)
    type: Mapped[str | None]
    run_id: Mapped[UUID | None]
    body: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(MOMENT)
    received_by: Mapped[str]


class PipelineJob(Base):
    """A job that producers told of. ``inputs`` and ``outputs`` are pairs of namespace and name,
    of the latest run. ``told_at`` is the moment of the latest event that tells of it.
    """

    __tablename__ = "pipeline_job"
    __table_args__ = (
        sa.Index("ix_pipeline_job_inputs", "inputs", postgresql_using="gin"),
        sa.Index("ix_pipeline_job_outputs", "outputs", postgresql_using="gin"),
    )

    namespace: Mapped[str] = mapped_column(REF, primary_key=True)
    name: Mapped[str] = mapped_column(REF, primary_key=True)
    facets: Mapped[dict[str, Any]] = mapped_column(JSONB)
    inputs: Mapped[list[list[str]]] = mapped_column(JSONB)
    outputs: Mapped[list[list[str]]] = mapped_column(JSONB)
    latest_run_id: Mapped[UUID | None]
    told_at: Mapped[datetime] = mapped_column(MOMENT)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    updated_at: Mapped[datetime] = mapped_column(MOMENT)


class PipelineRun(Base):
    """A run of a job: what all its events told, in whatever order they came."""

    __tablename__ = "pipeline_run"
    __table_args__ = (
        sa.Index("ix_pipeline_run_job", "job_namespace", "job_name", "told_at"),
        sa.Index("ix_pipeline_run_updated_at", "updated_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job_namespace: Mapped[str] = mapped_column(REF)
    job_name: Mapped[str] = mapped_column(REF)
    state: Mapped[str]
    started_at: Mapped[datetime | None] = mapped_column(MOMENT)
    ended_at: Mapped[datetime | None] = mapped_column(MOMENT)
    facets: Mapped[dict[str, Any]] = mapped_column(JSONB)
    inputs: Mapped[list[list[str]]] = mapped_column(JSONB)
    outputs: Mapped[list[list[str]]] = mapped_column(JSONB)
    told_at: Mapped[datetime] = mapped_column(MOMENT)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    updated_at: Mapped[datetime] = mapped_column(MOMENT)


class PipelineDataset(Base):
    """A dataset that producers told of; ``ref`` is the asset that its name means here."""

    __tablename__ = "pipeline_dataset"
    __table_args__ = (sa.Index("ix_pipeline_dataset_ref", "ref"),)

    namespace: Mapped[str] = mapped_column(REF, primary_key=True)
    name: Mapped[str] = mapped_column(REF, primary_key=True)
    ref: Mapped[str] = mapped_column(REF)
    facets: Mapped[dict[str, Any]] = mapped_column(JSONB)
    told_at: Mapped[datetime] = mapped_column(MOMENT)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    updated_at: Mapped[datetime] = mapped_column(MOMENT)


ASSET = cast(sa.Table, Asset.__table__)
COLUMN = cast(sa.Table, AssetColumn.__table__)
VERSION = cast(sa.Table, AssetVersion.__table__)
EDGE = cast(sa.Table, LineageEdge.__table__)
STATEMENT = cast(sa.Table, LineageStatement.__table__)
PIPELINE_EVENT = cast(sa.Table, PipelineEventRow.__table__)
PIPELINE_JOB = cast(sa.Table, PipelineJob.__table__)
PIPELINE_RUN = cast(sa.Table, PipelineRun.__table__)
PIPELINE_DATASET = cast(sa.Table, PipelineDataset.__table__)
NOW_XID = sa.func.pg_current_xact_id(type_=Xid8())
