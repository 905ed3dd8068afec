"""How labels, decisions and custom classifiers are stored; private to the group."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
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
