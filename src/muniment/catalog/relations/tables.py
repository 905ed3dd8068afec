"""How sketches of columns, joins and near-duplicates are stored."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from muniment.platform.db import metadata_for

MOMENT = sa.DateTime(timezone=True)
REF = sa.Text(collation="C")
"""The text form of an AssetRef, as the asset half stores it; no foreign key, it may come later."""


class Base(DeclarativeBase):
    metadata = metadata_for("catalog")


class Sketch(Base):
    """A uniform choice of a column's values as keyed numbers, see ``model.ColumnSketch``."""

    __tablename__ = "column_sketch"

    asset: Mapped[str] = mapped_column(REF, primary_key=True)
    column: Mapped[str] = mapped_column(REF, primary_key=True)
    kind: Mapped[str]
    level: Mapped[int] = mapped_column(sa.SmallInteger)
    at: Mapped[list[int]] = mapped_column(ARRAY(sa.Integer()))
    repeated: Mapped[int]
    nulls: Mapped[int] = mapped_column(sa.BigInteger)
    whole: Mapped[bool]
    hash: Mapped[str]
    values: Mapped[bytes]
    run_id: Mapped[UUID]


class ColumnJoin(Base):
    """Values of a column that are in the key of another table, see ``model.Join``."""

    __tablename__ = "column_join"
    __table_args__ = (sa.Index("ix_column_join_other", "other"),)

    asset: Mapped[str] = mapped_column(REF, primary_key=True)
    column: Mapped[str] = mapped_column(REF, primary_key=True)
    other: Mapped[str] = mapped_column(REF, primary_key=True)
    key: Mapped[str] = mapped_column(REF, primary_key=True)
    containment: Mapped[float]
    containment_error: Mapped[float]
    coverage: Mapped[float]
    name: Mapped[float]
    confidence: Mapped[float]
    reasons: Mapped[list[str]] = mapped_column(ARRAY(sa.Text()))
    declared: Mapped[bool]
    at: Mapped[datetime] = mapped_column(MOMENT)


class TableTwins(Base):
    """Two tables that hold much of the same, see ``model.Twins``; ``left`` sorts first."""

    __tablename__ = "table_twins"
    __table_args__ = (sa.Index("ix_table_twins_right", "right"),)

    left: Mapped[str] = mapped_column(REF, primary_key=True)
    right: Mapped[str] = mapped_column(REF, primary_key=True)
    similarity: Mapped[float]
    columns: Mapped[int]
    left_in_right: Mapped[float]
    right_in_left: Mapped[float]
    at: Mapped[datetime] = mapped_column(MOMENT)
