"""How mined classifiers are stored; private to the group."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from muniment.classification.tables import Base, Moment

__all__ = ["Base", "MinedRow"]


class MinedRow(Base):
    """A classifier that could be, with how it does in the estate; no value of the data."""

    __tablename__ = "mined_classifier"
    __table_args__ = (
        sa.UniqueConstraint("form"),
        sa.CheckConstraint("state in ('proposed', 'accepted', 'rejected')", name="state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[str]
    """Pattern and check: the same form is proposed once."""
    entry: Mapped[dict[str, Any]] = mapped_column(JSONB)
    columns: Mapped[list[list[str]]] = mapped_column(JSONB)
    """Asset and column of where it was found."""
    found_in: Mapped[int]
    taken: Mapped[int]
    wrong: Mapped[int]
    looked: Mapped[int]
    precision: Mapped[float]
    other_labels: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[str]
    classifier: Mapped[str | None]
    """The classifier that it became."""
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    mined_at: Mapped[datetime] = mapped_column(Moment)
