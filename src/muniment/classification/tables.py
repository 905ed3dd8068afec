"""How labels, decisions and custom classifiers are stored; private to the group."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from muniment.platform.db import metadata_for

Moment = sa.DateTime(timezone=True)


class Base(DeclarativeBase):
    metadata = metadata_for("classification")


class AssetRow(Base):
    """An asset that was classified, or whose domain was set: what a caller may see hangs on it."""

    __tablename__ = "classified_asset"
    __table_args__ = (sa.Index(None, "source"), sa.Index(None, "domain"))

    asset: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    domain: Mapped[str | None]
    columns: Mapped[int]
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    present: Mapped[bool]
    run_id: Mapped[UUID | None]
    classified_at: Mapped[datetime | None] = mapped_column(Moment)


class LabelRow(Base):
    """A label on a column, with what speaks for it and what people said of it."""

    __tablename__ = "label"
    __table_args__ = (
        sa.UniqueConstraint("asset", "column_name", "label"),
        sa.Index(None, "label"),
        sa.Index("ix_label_look_alike", "look_alike", postgresql_where=sa.text("present")),
        sa.CheckConstraint("state in ('suggested', 'confirmed', 'rejected')", name="state"),
        sa.CheckConstraint(
            "tier in ('rule', 'model', 'assistant', 'manual', 'lineage')", name="tier"
        ),
        sa.CheckConstraint("confidence between 0 and 1", name="confidence"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(sa.ForeignKey("classification.classified_asset.asset"))
    column_name: Mapped[str]
    label: Mapped[str]
    title: Mapped[str]
    category: Mapped[str]
    sensitivity: Mapped[int] = mapped_column(sa.SmallInteger)
    personal: Mapped[bool]
    special: Mapped[bool]
    tier: Mapped[str]
    state: Mapped[str]
    confidence: Mapped[float]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    classifier_version: Mapped[int]
    header: Mapped[str]
    signature: Mapped[str]
    look_alike: Mapped[str]
    """Equal for columns that look the same and carry the same label."""
    weight: Mapped[float]
    """How much a decision is worth: uncertainty times sensitivity."""
    present: Mapped[bool]
    """False when its column, or its asset, is gone."""
    note: Mapped[str | None]
    reason: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_confidence: Mapped[float | None]
    run_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int]
    missing_since: Mapped[datetime | None] = mapped_column(Moment)
    """When a scan first did not find any more what a person had confirmed."""


class DecisionRow(Base):
    """What somebody decided about a label, with what was before so that it can be undone."""

    __tablename__ = "decision"
    __table_args__ = (sa.Index(None, "label_id", "decided_at"), sa.Index(None, "batch_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    label_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("classification.label.id", ondelete="CASCADE")
    )
    batch_id: Mapped[UUID | None]
    action: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """State, note, reason and decider before; null where the label did not exist."""
    after: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime] = mapped_column(Moment)
    undone: Mapped[bool]


class AskingRow(Base):
    """Whether the review queue may stop asking, and from which agreement on; one row at most."""

    __tablename__ = "asking"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    enabled: Mapped[bool]
    bar: Mapped[float]
    updated_by: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Moment)


class ClassifierRow(Base):
    """A classifier of the organisation; its present version."""

    __tablename__ = "classifier"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    current: Mapped[int]
    retired: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class ClassifierVersionRow(Base):
    """One version of a classifier; it never changes."""

    __tablename__ = "classifier_version"

    classifier: Mapped[str] = mapped_column(
        sa.ForeignKey("classification.classifier.id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    author: Mapped[str]
    note: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)


class DetectorSetRow(Base):
    """Which classifiers values were marked with: by id, a digest of what is asked of values."""

    __tablename__ = "detector_set"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    digests: Mapped[dict[str, str]] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(Moment)


class KeptAssetRow(Base):
    """What a scan learned of an asset's values, without values or hashes: it can be judged anew."""

    __tablename__ = "kept_values"

    asset: Mapped[str] = mapped_column(
        sa.ForeignKey("classification.classified_asset.asset"), primary_key=True
    )
    marked_with: Mapped[str]
    state: Mapped[bytes]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Which classifiers took part, and from which confidence on."""
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    run_id: Mapped[UUID]
    kept_at: Mapped[datetime] = mapped_column(Moment)


class KeptColumnRow(Base):
    """What a column looks like, to tell which ones a new pattern could concern."""

    __tablename__ = "kept_column"

    asset: Mapped[str] = mapped_column(
        sa.ForeignKey("classification.kept_values.asset", ondelete="CASCADE"), primary_key=True
    )
    column_name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    distinct: Mapped[int] = mapped_column(sa.BigInteger)
    shapes: Mapped[list[str]] = mapped_column(ARRAY(sa.String))
    """The commonest masked shapes, at most eight."""
    marks: Mapped[list[str]] = mapped_column(ARRAY(sa.String))
    """Classifiers that took some of its values for theirs."""


class LabelEventRow(Base):
    """What happened to a label, and why; what was before where it can be undone."""

    __tablename__ = "label_event"
    __table_args__ = (
        sa.Index(None, "asset", "column_name", "id"),
        sa.Index(None, "label", "id"),
        sa.Index(None, "revaluation_id"),
        sa.Index(
            "ix_label_event_alert",
            "id",
            postgresql_where=sa.text("alert and acknowledged_at is null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(
        sa.ForeignKey("classification.classified_asset.asset", ondelete="CASCADE")
    )
    column_name: Mapped[str]
    label: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    cause: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str | None]
    said: Mapped[str]
    """The change in a sentence."""
    state_before: Mapped[str | None]
    state_after: Mapped[str | None]
    confidence_before: Mapped[float | None]
    confidence_after: Mapped[float | None]
    share_before: Mapped[float | None]
    share_after: Mapped[float | None]
    classifier_version: Mapped[int]
    run_id: Mapped[UUID | None]
    revaluation_id: Mapped[UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    alert: Mapped[bool]
    """Whether somebody should look: what the column holds is not what it held."""
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)


class RevaluationRow(Base):
    """Kept values judged anew: to see what a draft would change, or to change it."""

    __tablename__ = "revaluation"
    __table_args__ = (
        sa.Index(
            "ix_revaluation_waiting",
            "requested_at",
            postgresql_where=sa.text("state in ('queued', 'running')"),
        ),
        sa.Index(None, "classifier"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    applies: Mapped[bool]
    """Whether labels are written, or only the differences are noted."""
    classifier: Mapped[str | None]
    version: Mapped[int | None]
    """Of the classifier: the one applied, or the one that a draft is based on."""
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reads: Mapped[bool]
    """Whether what is asked of values changed, so that kept marks cannot tell."""
    note: Mapped[str]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    taken_until: Mapped[datetime | None] = mapped_column(Moment)
    reached: Mapped[str | None]
    """The last asset that was judged."""
    assets_total: Mapped[int]
    assets_done: Mapped[int]
    assets_failed: Mapped[int]
    gate: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    problem: Mapped[str | None]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None] = mapped_column(Moment)


class RevaluationColumnRow(Base):
    """A column whose labels a revaluation changes, or that would have to be read again."""

    __tablename__ = "revaluation_column"

    revaluation_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("classification.revaluation.id", ondelete="CASCADE"), primary_key=True
    )
    asset: Mapped[str] = mapped_column(primary_key=True)
    column_name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    change: Mapped[str]
    confidence_before: Mapped[float | None]
    confidence_after: Mapped[float | None]
    state: Mapped[str | None]
    """Of the label now, so that what people decided can be told apart."""
    why: Mapped[str | None]


class RiskRow(Base):
    """How far the rows of an asset can be told apart by what others may know of a person."""

    __tablename__ = "reidentification"

    asset: Mapped[str] = mapped_column(
        sa.ForeignKey("classification.classified_asset.asset"), primary_key=True
    )
    level: Mapped[str]
    smallest: Mapped[int]
    unique_share: Mapped[float]
    columns: Mapped[list[str]] = mapped_column(ARRAY(sa.String))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    run_id: Mapped[UUID]
    measured_at: Mapped[datetime] = mapped_column(Moment)


class ModelVersionRow(Base):
    """What the model learned from the decisions up to a moment; at most one is in force."""

    __tablename__ = "model_version"
    __table_args__ = (
        sa.CheckConstraint("state in ('queued', 'ready', 'failed')", name="state"),
        sa.Index(
            "ix_model_version_active", "active", unique=True, postgresql_where=sa.text("active")
        ),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    active: Mapped[bool]
    head: Mapped[str | None] = mapped_column(deferred=True)
    """The learned weights as text; none where there was too little to learn."""
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """How it compares with the shipped model, and whether it may take over."""
    problem: Mapped[str | None]
    note: Mapped[str]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(Moment)
    taken_until: Mapped[datetime | None] = mapped_column(Moment)
    decided_until: Mapped[datetime | None] = mapped_column(Moment)
    """The moment of the last decision it learned from."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    promoted_by: Mapped[str | None]
    promoted_at: Mapped[datetime | None] = mapped_column(Moment)
