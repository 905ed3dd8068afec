"""How the assistant's settings, tasks, calls and answers are stored; private to the group."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from muniment.classification.tables import Base, Moment

__all__ = ["AnswerRow", "AssistantRow", "Base", "CallRow", "TaskRow"]

THE_ONE = 1


class AssistantRow(Base):
    """The one set of settings, the sealed key, and how the endpoint has been doing."""

    __tablename__ = "assistant"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed_key: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    version: Mapped[int]
    updated_by: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Moment)
    failures: Mapped[int]
    """Calls that failed one after another; the endpoint is left alone after some."""
    rests_until: Mapped[datetime | None] = mapped_column(Moment)
    last_problem: Mapped[str | None]


class TaskRow(Base):
    """A run, or one asset, whose open columns are to be asked about."""

    __tablename__ = "assistant_task"
    __table_args__ = (
        sa.UniqueConstraint("run_id"),
        sa.Index(
            "ix_assistant_task_waiting", "created_at", postgresql_where=sa.text("ended_at is null")
        ),
        sa.CheckConstraint("(run_id is null) <> (asset is null)", name="about"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID | None]
    asset: Mapped[str | None]
    asked_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    taken_until: Mapped[datetime | None] = mapped_column(Moment)
    """Whoever took it is believed to work on it until then."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    said: Mapped[str | None]
    """How it ended, in a sentence."""
    columns: Mapped[int]
    labelled: Mapped[int]


class CallRow(Base):
    """One request to the endpoint: what it cost and how it ended, without what was said."""

    __tablename__ = "assistant_call"
    __table_args__ = (sa.Index(None, "at"), sa.Index(None, "task_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID | None]
    asset: Mapped[str]
    model: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    milliseconds: Mapped[int]
    tries: Mapped[int]
    columns: Mapped[int]
    labelled: Mapped[int]
    abstained: Mapped[int]
    refused: Mapped[int]
    """Answers outside of what was allowed, or against what is known of the values."""
    samples: Mapped[bool]
    """Whether raw values were sent."""
    outcome: Mapped[str]
    problem: Mapped[str | None]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    cost: Mapped[float]


class AnswerRow(Base):
    """What came of asking about a column; the same question is not asked again."""

    __tablename__ = "assistant_answer"

    asset: Mapped[str] = mapped_column(primary_key=True)
    column_name: Mapped[str] = mapped_column(primary_key=True)
    question: Mapped[str]
    """A digest of everything that was sent about the column, and to which model."""
    outcome: Mapped[str]
    label: Mapped[str | None]
    confidence: Mapped[float]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answered_at: Mapped[datetime] = mapped_column(Moment)
