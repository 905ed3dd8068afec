"""How rule sets are stored; private to the group."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from muniment.platform.db import metadata_for

Moment = sa.DateTime(timezone=True)


class Base(DeclarativeBase):
    metadata = metadata_for("rulesets")


class RuleSetRow(Base):
    """A named rule set; which of its versions is in force."""

    __tablename__ = "rule_set"

    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str]
    layer: Mapped[str]
    position: Mapped[int]
    applies_to: Mapped[dict[str, Any]] = mapped_column(JSONB)
    managed_by: Mapped[str | None]
    retired: Mapped[bool]
    published: Mapped[int | None]
    draft: Mapped[int | None]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class VersionRow(Base):
    """One version; a published one never changes."""

    __tablename__ = "rule_set_version"

    name: Mapped[str] = mapped_column(sa.ForeignKey(RuleSetRow.name), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str]
    note: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
