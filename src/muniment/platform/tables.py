"""Tables of the platform: outbox, deliveries, dead letters, idempotency keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from muniment.platform.db import metadata_for


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, carried as an integer."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Base(DeclarativeBase):
    metadata = metadata_for("platform")


class OutboxEvent(Base):
    """An event that was told; ``seq`` orders them, ``xid`` says when it is safe to read on."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_order", "xid", "seq"),)

    seq: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    id: Mapped[UUID]
    xid: Mapped[int] = mapped_column(Xid8, server_default=sa.text("pg_current_xact_id()"))
    topic: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[str]
    told_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now()
    )


class Subscription(Base):
    """How far a subscriber has read."""

    __tablename__ = "subscription"

    name: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8)
    seq: Mapped[int] = mapped_column(sa.BigInteger)


class DeadLetter(Base):
    """A delivery that failed for good; it can be replayed."""

    __tablename__ = "dead_letter"
    __table_args__ = (sa.UniqueConstraint("event_id", "subscriber"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    subscriber: Mapped[str]
    topic: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    error: Mapped[str]
    failed_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now()
    )


class IdempotentAnswer(Base):
    """The answer a POST got, so that its repetition gets the same."""

    __tablename__ = "idempotent_answer"

    caller: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now()
    )
