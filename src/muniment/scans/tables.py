"""How runs, their backlog, approvals, schedules and workers are stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from muniment.platform.db import metadata_for

MOMENT = sa.DateTime(timezone=True)
ACTIVE_STATES = "state in ('queued', 'awaiting_approval', 'running', 'cancelling')"


class Base(DeclarativeBase):
    metadata = metadata_for("scans")


class Run(Base):
    """One scan of one source, from request to end. At most one is active per source."""

    __tablename__ = "run"
    __table_args__ = (
        sa.Index("uq_run_active", "source", unique=True, postgresql_where=sa.text(ACTIVE_STATES)),
        sa.Index("ix_run_source", "source", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    domain: Mapped[str | None]
    state: Mapped[str]
    stage: Mapped[str]
    trigger: Mapped[str]
    priority: Mapped[str]
    requested_by: Mapped[str]
    requested_by_id: Mapped[UUID]
    schedule_id: Mapped[UUID | None]
    retry_of: Mapped[UUID | None]
    only: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    requested_at: Mapped[datetime] = mapped_column(MOMENT)
    started_at: Mapped[datetime | None] = mapped_column(MOMENT)
    ended_at: Mapped[datetime | None] = mapped_column(MOMENT)
    deadline_at: Mapped[datetime | None] = mapped_column(MOMENT)
    held_until: Mapped[datetime | None] = mapped_column(MOMENT)
    served_at: Mapped[datetime | None] = mapped_column(MOMENT)
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    max_concurrency: Mapped[int] = mapped_column(server_default="2")
    paused: Mapped[bool] = mapped_column(server_default=sa.false())
    assets_total: Mapped[int] = mapped_column(server_default="0")
    assets_done: Mapped[int] = mapped_column(server_default="0")
    assets_failed: Mapped[int] = mapped_column(server_default="0")
    chunks_total: Mapped[int] = mapped_column(server_default="0")
    chunks_done: Mapped[int] = mapped_column(server_default="0")
    rows_expected: Mapped[int | None] = mapped_column(sa.BigInteger)
    rows_done: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    unreachable: Mapped[int] = mapped_column(server_default="0")
    usual_seconds: Mapped[float | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    changes: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    cancelled_by: Mapped[str | None]
    full: Mapped[bool] = mapped_column(server_default=sa.false())
    verify: Mapped[float | None]
    partitions_total: Mapped[int] = mapped_column(server_default="0")
    partitions_carried: Mapped[int] = mapped_column(server_default="0")
    rows_carried: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    assets_unchanged: Mapped[int] = mapped_column(server_default="0")


class RunAsset(Base):
    """What one run did to one asset."""

    __tablename__ = "run_asset"
    __table_args__ = (sa.Index("ix_run_asset_state", "run_id", "state"),)

    run_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey(Run.id, ondelete="cascade"), primary_key=True
    )
    asset: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    change: Mapped[str | None]
    columns: Mapped[dict[str, str]] = mapped_column(JSONB)
    meta: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    params: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reading: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    results: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    rows_expected: Mapped[int | None] = mapped_column(sa.BigInteger)
    rows: Mapped[int | None] = mapped_column(sa.BigInteger)
    partitions: Mapped[int] = mapped_column(server_default="0")
    partitions_left: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    labels: Mapped[int | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    seconds: Mapped[float] = mapped_column(server_default="0")
    finished_at: Mapped[datetime | None] = mapped_column(MOMENT)
    partitions_carried: Mapped[int] = mapped_column(server_default="0")
    rows_carried: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    reason: Mapped[str | None]
    keep: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Chunk(Base):
    """Tasks that are leased, run and finished together; ``attempt`` fences late writers."""

    __tablename__ = "chunk"
    __table_args__ = (
        sa.Index("ix_chunk_run_id_state", "run_id", "state", "seq"),
        sa.Index("ix_chunk_running", "worker_id", postgresql_where=sa.text("state = 'running'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Run.id, ondelete="cascade"))
    source: Mapped[str]
    state: Mapped[str]
    seq: Mapped[int]
    weight: Mapped[int] = mapped_column(sa.BigInteger)
    attempt: Mapped[int] = mapped_column(server_default="0")
    worker_id: Mapped[str | None]
    ready_at: Mapped[datetime] = mapped_column(MOMENT)
    started_at: Mapped[datetime | None] = mapped_column(MOMENT)
    finished_at: Mapped[datetime | None] = mapped_column(MOMENT)
    rows_read: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    current: Mapped[str | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Task(Base):
    """One partition of one asset, to be read once."""

    __tablename__ = "task"
    __table_args__ = (sa.Index("ix_task_chunk_id", "chunk_id"),)

    run_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey(Run.id, ondelete="cascade"), primary_key=True
    )
    asset: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[int] = mapped_column(primary_key=True)
    chunk_id: Mapped[UUID]
    spec: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rows_expected: Mapped[int | None] = mapped_column(sa.BigInteger)
    fraction: Mapped[float]
    weight: Mapped[int] = mapped_column(sa.BigInteger)
    done: Mapped[bool] = mapped_column(server_default=sa.false())
    rows: Mapped[int | None] = mapped_column(sa.BigInteger)
    attempts: Mapped[int] = mapped_column(server_default="0")
    key: Mapped[str] = mapped_column(server_default="")
    marker: Mapped[str | None]
    carried: Mapped[bool] = mapped_column(server_default=sa.false())
    verify: Mapped[bool] = mapped_column(server_default=sa.false())


class TaskState(Base):
    """An analyzer's state of one partition, sealed: it may hold values of the data."""

    __tablename__ = "task_state"

    run_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey(Run.id, ondelete="cascade"), primary_key=True
    )
    asset: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[int] = mapped_column(primary_key=True)
    analyzer: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class KeptAsset(Base):
    """What the published version of an asset was made of, so that the next scan may carry it."""

    __tablename__ = "kept_asset"
    __table_args__ = (sa.Index("ix_kept_asset_source", "source"),)

    asset: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    marker: Mapped[str | None]
    fingerprint: Mapped[str]
    engine: Mapped[str]
    quality: Mapped[dict[str, Any]] = mapped_column(JSONB)
    labels: Mapped[int]
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    read_at: Mapped[datetime] = mapped_column(MOMENT)
    whole_at: Mapped[datetime] = mapped_column(MOMENT)


class KeptPart(Base):
    """One partition of it. ``run_id`` is the run that read it, which its states are bound to."""

    __tablename__ = "kept_part"

    asset: Mapped[str] = mapped_column(
        sa.ForeignKey(KeptAsset.asset, ondelete="cascade"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    spec: Mapped[dict[str, Any]] = mapped_column(JSONB)
    marker: Mapped[str | None]
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    fraction: Mapped[float]
    run_id: Mapped[UUID]


class KeptState(Base):
    """An analyzer's state of a kept partition, sealed: it may hold values of the data."""

    __tablename__ = "kept_state"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["asset", "key"], [KeptPart.asset, KeptPart.key], ondelete="cascade"
        ),
    )

    asset: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    analyzer: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class KeptFold(Base):
    """States of several kept partitions merged, sealed; kept for as long as all of them are."""

    __tablename__ = "kept_fold"
    __table_args__ = (sa.Index("ix_kept_fold_source", "source"),)

    asset: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    analyzer: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    sealed: Mapped[bytes]


class ChunkAttempt(Base):
    """A record of every time a chunk's body ran: the proof that none was repeated in vain."""

    __tablename__ = "chunk_attempt"
    __table_args__ = (sa.Index("ix_chunk_attempt_run_id", "run_id"),)

    chunk_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey(Chunk.id, ondelete="cascade"), primary_key=True
    )
    attempt: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[UUID]
    worker_id: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(MOMENT)
    finished_at: Mapped[datetime | None] = mapped_column(MOMENT)
    outcome: Mapped[str | None]


class Share(Base):
    """How much work each source was given, as virtual time of the fair queue."""

    __tablename__ = "share"

    source: Mapped[str] = mapped_column(primary_key=True)
    virtual_time: Mapped[float]


class PaceRecord(Base):
    """How a source answers and how much is asked of it; when its rates allow the next bit."""

    __tablename__ = "pace"

    source: Mapped[str] = mapped_column(primary_key=True)
    usual_ms: Mapped[float | None]
    recent: Mapped[list[float]] = mapped_column(ARRAY(sa.Double()), server_default="{}")
    level: Mapped[float | None]
    slowness: Mapped[float] = mapped_column(server_default="1")
    paused_until: Mapped[datetime | None] = mapped_column(MOMENT)
    sampled_at: Mapped[datetime | None] = mapped_column(MOMENT)
    rows_at: Mapped[datetime | None] = mapped_column(MOMENT)
    bytes_at: Mapped[datetime | None] = mapped_column(MOMENT)
    statements_at: Mapped[datetime | None] = mapped_column(MOMENT)


class Approval(Base):
    """A run that waits, or waited, for somebody to say yes."""

    __tablename__ = "approval"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id is distinct from requested_by_id", name="four_eyes"),
    )

    run_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey(Run.id, ondelete="cascade"), primary_key=True
    )
    source: Mapped[str]
    domain: Mapped[str | None]
    requested_by: Mapped[str]
    requested_by_id: Mapped[UUID]
    requested_at: Mapped[datetime] = mapped_column(MOMENT)
    reasons: Mapped[list[str]] = mapped_column(JSONB)
    quote: Mapped[dict[str, Any]] = mapped_column(JSONB)
    approved: Mapped[bool | None]
    decided_by: Mapped[str | None]
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None] = mapped_column(MOMENT)
    reason: Mapped[str | None]


class Schedule(Base):
    """When a source is scanned by itself."""

    __tablename__ = "schedule"
    __table_args__ = (
        sa.Index("ix_schedule_next_at", "next_at", postgresql_where=sa.text("not paused")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(unique=True)
    domain: Mapped[str | None]
    cron: Mapped[str]
    time_zone: Mapped[str]
    priority: Mapped[str]
    paused: Mapped[bool] = mapped_column(server_default=sa.false())
    next_at: Mapped[datetime] = mapped_column(MOMENT)
    last_fired_at: Mapped[datetime | None] = mapped_column(MOMENT)
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    version: Mapped[int] = mapped_column(server_default="1")


class Worker(Base):
    """A worker process and its lease; one that stops beating is declared lost."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    state: Mapped[str]
    recovered: Mapped[bool] = mapped_column(server_default=sa.false())
    slots: Mapped[int]
    busy: Mapped[int] = mapped_column(server_default="0")
    memory_mb: Mapped[int | None]
    started_at: Mapped[datetime] = mapped_column(MOMENT)
    beat_at: Mapped[datetime] = mapped_column(MOMENT)


class Chore(Base):
    """The last time each periodic job ran, whoever ran it."""

    __tablename__ = "chore"

    name: Mapped[str] = mapped_column(primary_key=True)
    every_seconds: Mapped[float]
    started_at: Mapped[datetime] = mapped_column(MOMENT)
    finished_at: Mapped[datetime | None] = mapped_column(MOMENT)
    seconds: Mapped[float | None]
    problem: Mapped[str | None]
    runs: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")


class LogLine(Base):
    """What a run did, in the order it did it."""

    __tablename__ = "log_line"
    __table_args__ = (sa.Index("ix_log_line_run_id", "run_id", "id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    run_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Run.id, ondelete="cascade"))
    at: Mapped[datetime] = mapped_column(MOMENT)
    level: Mapped[str]
    asset: Mapped[str | None]
    message: Mapped[str]
