"""How profiles, checks, their results, scores and incidents are stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from muniment.platform.db import metadata_for

MOMENT = sa.DateTime(timezone=True)
REF = sa.Text(collation="C")
"""The text form of an AssetRef, as the asset half stores it; no foreign key, it may come later."""
TEXTS = ARRAY(sa.Text())
NO_TEXTS = sa.text("'{}'")


class Base(DeclarativeBase):
    metadata = metadata_for("catalog")


class Profile(Base):
    """What one run learned of an asset's columns. ``sparks`` are the histograms alone, small."""

    __tablename__ = "profile"
    __table_args__ = (
        sa.UniqueConstraint("asset", "run_id"),
        sa.Index("ix_profile_asset_at", "asset", "at"),
        sa.Index("ix_profile_latest", "asset", unique=True, postgresql_where=sa.text("latest")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(REF)
    run_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(MOMENT)
    latest: Mapped[bool]
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    columns: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sparks: Mapped[dict[str, Any]] = mapped_column(JSONB)


class CheckDefinition(Base):
    """A check that a person declared; not ``enabled``, it switches an automatic one off."""

    __tablename__ = "check_definition"
    __table_args__ = (sa.Index("ix_check_definition_asset", "asset"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(REF)
    type: Mapped[str]
    columns: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    severity: Mapped[str]
    title: Mapped[str | None]
    enabled: Mapped[bool]
    version: Mapped[int]
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    updated_at: Mapped[datetime] = mapped_column(MOMENT)


class CheckResult(Base):
    """How one check of an asset came out in one run; examples are masked."""

    __tablename__ = "check_result"
    __table_args__ = (
        sa.Index("ix_check_result_latest", "asset", postgresql_where=sa.text("latest")),
    )

    asset: Mapped[str] = mapped_column(REF, primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(REF, primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT)
    latest: Mapped[bool]
    type: Mapped[str]
    title: Mapped[str]
    columns: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    dimension: Mapped[str]
    severity: Mapped[str]
    origin: Mapped[str]
    definition: Mapped[str | None]
    status: Mapped[str]
    ratio: Mapped[float | None]
    evaluated: Mapped[int] = mapped_column(sa.BigInteger)
    failed: Mapped[int] = mapped_column(sa.BigInteger)
    observed: Mapped[str | None]
    expected: Mapped[str]
    message: Mapped[str]
    examples: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    exact: Mapped[bool]
    error: Mapped[float]


class KeyValues(Base):
    """One side of a reference within a run, as hashes; gone when the run is over.

    ``check`` is the key of the referring asset's check, empty on the side that is referred to;
    ``bound`` is a number of up to 2^64 in words, see ``analysis.results.KeySketch``.
    """

    __tablename__ = "key_values"
    __table_args__ = (sa.Index("ix_key_values_other", "run_id", "other"),)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(REF, primary_key=True)
    columns: Mapped[list[str]] = mapped_column(TEXTS, primary_key=True)
    check: Mapped[str] = mapped_column(REF, primary_key=True)
    other: Mapped[str | None] = mapped_column(REF)
    other_columns: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    min_ratio: Mapped[float | None]
    assumed: Mapped[float | None]
    kinds: Mapped[str]
    bound: Mapped[str]
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    hashes: Mapped[bytes]
    counts: Mapped[bytes]


class QualityScore(Base):
    """The score of an asset after one run, with the version of the formula that gave it."""

    __tablename__ = "quality_score"
    __table_args__ = (
        sa.Index("ix_quality_score_asset_at", "asset", "at"),
        sa.Index(
            "ix_quality_score_latest", "asset", unique=True, postgresql_where=sa.text("latest")
        ),
        sa.CheckConstraint("score between 0 and 100", name="score"),
    )

    asset: Mapped[str] = mapped_column(REF, primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT)
    latest: Mapped[bool]
    score: Mapped[float | None]
    dimensions: Mapped[dict[str, float]] = mapped_column(JSONB)
    coverage: Mapped[float]
    passed: Mapped[int]
    failed: Mapped[int]
    unanswered: Mapped[int]
    capped: Mapped[bool]
    failed_keys: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    formula: Mapped[str]


class Incident(Base):
    """Something wrong that somebody should look at; one open one per asset and key."""

    __tablename__ = "incident"
    __table_args__ = (
        sa.Index(
            "ix_incident_open",
            "asset",
            "key",
            unique=True,
            postgresql_where=sa.text("state in ('new', 'acknowledged', 'root_cause')"),
        ),
        sa.Index("ix_incident_opened_at", "opened_at", "id"),
        sa.Index("ix_incident_asset", "asset"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(REF)
    key: Mapped[str] = mapped_column(REF)
    kind: Mapped[str]
    title: Mapped[str]
    detail: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str]
    columns: Mapped[list[str]] = mapped_column(TEXTS, server_default=NO_TEXTS)
    check_type: Mapped[str | None]
    ratio: Mapped[float | None]
    occurrences: Mapped[int]
    run_id: Mapped[UUID | None]
    opened_at: Mapped[datetime] = mapped_column(MOMENT)
    last_seen_at: Mapped[datetime] = mapped_column(MOMENT)
    acknowledged_at: Mapped[datetime | None] = mapped_column(MOMENT)
    acknowledged_by: Mapped[str | None]
    root_cause: Mapped[str | None]
    resolved_at: Mapped[datetime | None] = mapped_column(MOMENT)
    resolved_by: Mapped[str | None]
    resolution: Mapped[str | None]
    version: Mapped[int]
