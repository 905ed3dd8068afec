"""How compliance is stored; private to the group."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from muniment.platform.db import metadata_for

Moment = sa.DateTime(timezone=True)


class Base(DeclarativeBase):
    metadata = metadata_for("compliance")


class FrameworkRow(Base):
    """Whether a framework of the packs is in force here; no row means that nobody decided yet."""

    __tablename__ = "framework"

    id: Mapped[str] = mapped_column(primary_key=True)
    active: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)


class ScoreRow(Base):
    """A framework's score whenever it changed: its trend."""

    __tablename__ = "score"
    __table_args__ = (sa.Index(None, "framework", "measured_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    framework: Mapped[str]
    measured_at: Mapped[datetime] = mapped_column(Moment)
    score: Mapped[float | None]
    coverage: Mapped[float]
    met: Mapped[int]
    failing: Mapped[int]
    no_evidence: Mapped[int]
    manual: Mapped[int]
    open_findings: Mapped[int]
    formula: Mapped[str]


class ResultRow(Base):
    """The present verdict of one check on one subject."""

    __tablename__ = "result"
    __table_args__ = (sa.Index(None, "asset"), sa.Index(None, "check_id", "verdict"))

    check_id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    entity: Mapped[str]
    verdict: Mapped[str]
    asset: Mapped[str | None]
    source: Mapped[str | None]
    domain: Mapped[str | None]
    owner: Mapped[str | None]
    why: Mapped[str | None]
    judged_at: Mapped[datetime] = mapped_column(Moment)


class FindingRow(Base):
    """One check broken by one subject, over its whole life."""

    __tablename__ = "finding"
    __table_args__ = (
        sa.UniqueConstraint("check_id", "subject"),
        sa.Index(None, "asset"),
        sa.Index(None, "state", "severity_rank"),
        sa.Index(None, "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    check_id: Mapped[str]
    subject: Mapped[str]
    entity: Mapped[str]
    asset: Mapped[str | None]
    source: Mapped[str | None]
    domain: Mapped[str | None]
    owner: Mapped[str | None]
    assigned: Mapped[bool] = mapped_column(default=False)
    """A person chose the owner; judging leaves it alone."""
    severity: Mapped[str]
    severity_rank: Mapped[int] = mapped_column(sa.SmallInteger)
    state: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    evidence_hash: Mapped[str]
    evidence_at: Mapped[datetime] = mapped_column(Moment)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)
    resolution: Mapped[str | None]
    times_opened: Mapped[int] = mapped_column(default=1)
    run_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)


class WaiverRow(Base):
    """An accepted exception to one check on one subject, with its end."""

    __tablename__ = "waiver"
    __table_args__ = (
        sa.Index(
            "uq_waiver_in_force",
            "check_id",
            "subject",
            unique=True,
            postgresql_where=sa.text("state = 'active'"),
        ),
        sa.Index(None, "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    check_id: Mapped[str]
    subject: Mapped[str]
    domain: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str]
    owner: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_why: Mapped[str | None]


class AuditEventRow(Base):
    """One event of the trail. Append-only: a trigger lets the seal be set once and nothing else."""

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("batch", "leaf"),
        sa.Index("ix_audit_event_unsealed", "seq", postgresql_where=sa.text("batch is null")),
        sa.Index(None, "topic", "seq"),
        sa.Index(None, "subject", "seq"),
        sa.Index(None, "actor", "seq"),
    )

    seq: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    id: Mapped[UUID]
    occurred_at: Mapped[datetime] = mapped_column(Moment, server_default=sa.func.now())
    actor: Mapped[str]
    topic: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    batch: Mapped[int | None] = mapped_column(sa.BigInteger)
    leaf: Mapped[int | None]


class CheckpointRow(Base):
    """A signed checkpoint, with what names the first broken event when something does not fit."""

    __tablename__ = "audit_checkpoint"

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int]
    total: Mapped[int] = mapped_column(sa.BigInteger)
    root: Mapped[bytes]
    previous: Mapped[bytes]
    sealed_at: Mapped[datetime] = mapped_column(Moment)
    key_id: Mapped[str]
    signature: Mapped[bytes]
    hash: Mapped[bytes]
    event_ids: Mapped[bytes]
    leaves: Mapped[bytes]


class AuditKeyRow(Base):
    """The signing key, sealed by the vault: who reads the database cannot sign."""

    __tablename__ = "audit_key"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[bytes]
    sealed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=sa.func.now())


class VerificationRow(Base):
    """When the trail was verified, and what came of it."""

    __tablename__ = "audit_verification"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    verified_at: Mapped[datetime] = mapped_column(Moment)
    ok: Mapped[bool]
    events: Mapped[int] = mapped_column(sa.BigInteger)
    checkpoints: Mapped[int]
    problem: Mapped[str | None]
    actor: Mapped[str]
