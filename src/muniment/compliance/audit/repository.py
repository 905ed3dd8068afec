"""All of the audit trail's SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.compliance.audit.model import AuditRecord, Checkpoint, EventFilter, Verification
from muniment.compliance.tables import (
    AuditEventRow,
    AuditKeyRow,
    CheckpointRow,
    VerificationRow,
)
from muniment.kernel.ids import new_id
from muniment.platform.paging import Page, PageQuery, page_by

SEAL_LOCK = 0x6D75_6E61_7564  # "munaud": any constant of our own


@dataclass(frozen=True, slots=True)
class TrailCounts:
    events: int
    unsealed: int
    oldest_unsealed_at: datetime | None
    checkpoints: int


@dataclass(frozen=True, slots=True)
class AuditRepository:
    session: AsyncSession

    async def lock(self) -> None:
        """One sealer at a time, over all processes."""
        await self.session.execute(sa.select(sa.func.pg_advisory_xact_lock(SEAL_LOCK)))

    async def unsealed(self, limit: int) -> Sequence[AuditRecord]:
        rows = await self.session.scalars(
            sa.select(AuditEventRow)
            .where(AuditEventRow.batch.is_(None))
            .order_by(AuditEventRow.seq)
            .limit(limit)
        )
        return [_record(row) for row in rows]

    async def add_checkpoint(self, checkpoint: Checkpoint, event_ids: Sequence[UUID]) -> None:
        """Store a checkpoint and give its events their places, in two statements."""
        await self.session.execute(
            sa.insert(CheckpointRow).values(
                number=checkpoint.number,
                size=checkpoint.size,
                total=checkpoint.total,
                root=checkpoint.root,
                previous=checkpoint.previous,
                sealed_at=checkpoint.sealed_at,
                key_id=checkpoint.key_id,
                signature=checkpoint.signature,
                hash=checkpoint.hash,
                event_ids=checkpoint.event_ids,
                leaves=checkpoint.leaves,
            )
        )
        given = (
            sa.func.unnest(sa.bindparam("ids", list(event_ids), type_=ARRAY(sa.Uuid())))
            .table_valued("id", with_ordinality="place")
            .render_derived(name="given")
        )
        await self.session.execute(
            sa.update(AuditEventRow)
            .where(AuditEventRow.id == given.c.id)
            .values(batch=checkpoint.number, leaf=sa.cast(given.c.place - 1, sa.Integer))
            .execution_options(synchronize_session=False)
        )

    async def last_checkpoint(self) -> Checkpoint | None:
        row = await self.session.scalar(
            sa.select(CheckpointRow).order_by(CheckpointRow.number.desc()).limit(1)
        )
        return _checkpoint(row) if row else None

    async def checkpoints_after(self, number: int, limit: int) -> Sequence[Checkpoint]:
        rows = await self.session.scalars(
            sa.select(CheckpointRow)
            .where(CheckpointRow.number > number)
            .order_by(CheckpointRow.number)
            .limit(limit)
        )
        return [_checkpoint(row) for row in rows]

    async def checkpoint(self, number: int) -> Checkpoint | None:
        row = await self.session.get(CheckpointRow, number)
        return _checkpoint(row) if row else None

    async def page_checkpoints(self, query: PageQuery) -> Page[Checkpoint]:
        page = await page_by(
            self.session,
            sa.select(CheckpointRow),
            CheckpointRow.number,
            query=query,
            descending=True,
        )
        return page.map(_checkpoint)

    async def batch(self, number: int) -> Sequence[AuditRecord]:
        """The events that claim to be of one batch, in the order of their places."""
        rows = await self.session.execute(
            sa.select(
                AuditEventRow.id,
                AuditEventRow.occurred_at,
                AuditEventRow.actor,
                AuditEventRow.topic,
                AuditEventRow.subject,
                AuditEventRow.payload,
                AuditEventRow.seq,
                AuditEventRow.batch,
                AuditEventRow.leaf,
            )
            .where(AuditEventRow.batch == number)
            .order_by(AuditEventRow.leaf.nulls_last(), AuditEventRow.seq)
        )
        return [AuditRecord(*row) for row in rows]

    async def first_of_unknown_batch(self) -> AuditRecord | None:
        """An event that claims a batch no checkpoint knows."""
        known = sa.select(CheckpointRow.number).where(CheckpointRow.number == AuditEventRow.batch)
        row = await self.session.scalar(
            sa.select(AuditEventRow)
            .where(AuditEventRow.batch.is_not(None), ~known.exists())
            .order_by(AuditEventRow.batch, AuditEventRow.leaf)
            .limit(1)
        )
        return _record(row) if row else None

    async def counts(self) -> TrailCounts:
        unsealed = AuditEventRow.batch.is_(None)
        waiting, oldest = (
            await self.session.execute(
                sa.select(sa.func.count(), sa.func.min(AuditEventRow.occurred_at)).where(unsealed)
            )
        ).one()
        last = (
            await self.session.execute(
                sa.select(CheckpointRow.number, CheckpointRow.total)
                .order_by(CheckpointRow.number.desc())
                .limit(1)
            )
        ).first()
        number, total = (last[0], last[1]) if last else (0, 0)
        return TrailCounts(total + waiting, waiting, oldest, number)

    async def page_events(self, wanted: EventFilter, query: PageQuery) -> Page[AuditRecord]:
        """Newest first."""
        statement = sa.select(AuditEventRow)
        if wanted.topic is not None:
            statement = statement.where(
                AuditEventRow.topic.startswith(wanted.topic, autoescape=True)
            )
        if wanted.subject is not None:
            statement = statement.where(AuditEventRow.subject == wanted.subject)
        if wanted.actor is not None:
            statement = statement.where(AuditEventRow.actor == wanted.actor)
        if wanted.since is not None:
            statement = statement.where(AuditEventRow.occurred_at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(AuditEventRow.occurred_at < wanted.until)
        page = await page_by(
            self.session, statement, AuditEventRow.seq, query=query, descending=True
        )
        return page.map(_record)

    async def event(self, event_id: UUID) -> AuditRecord | None:
        row = await self.session.scalar(
            sa.select(AuditEventRow).where(AuditEventRow.id == event_id)
        )
        return _record(row) if row else None

    async def key(self) -> Mapping[str, Any] | None:
        sealed: Mapping[str, Any] | None = await self.session.scalar(
            sa.select(AuditKeyRow.sealed).order_by(AuditKeyRow.created_at).limit(1)
        )
        return sealed

    async def add_key(self, key_id: str, public_key: bytes, sealed: Mapping[str, Any]) -> None:
        await self.session.execute(
            sa.insert(AuditKeyRow).values(key_id=key_id, public_key=public_key, sealed=dict(sealed))
        )

    async def add_verification(self, found: Verification, *, at: datetime, actor: str) -> None:
        await self.session.execute(
            sa.insert(VerificationRow).values(
                id=new_id(),
                verified_at=at,
                ok=found.ok,
                events=found.events,
                checkpoints=found.checkpoints,
                problem=found.broken.what if found.broken else None,
                actor=actor,
            )
        )

    async def last_verification(self) -> tuple[datetime, bool] | None:
        row = (
            await self.session.execute(
                sa.select(VerificationRow.verified_at, VerificationRow.ok)
                .order_by(VerificationRow.verified_at.desc())
                .limit(1)
            )
        ).first()
        return (row[0], row[1]) if row else None


def _record(row: AuditEventRow) -> AuditRecord:
    return AuditRecord(
        row.id,
        row.occurred_at,
        row.actor,
        row.topic,
        row.subject,
        row.payload,
        row.seq,
        row.batch,
        row.leaf,
    )


def _checkpoint(row: CheckpointRow) -> Checkpoint:
    return Checkpoint(
        number=row.number,
        size=row.size,
        total=row.total,
        root=row.root,
        previous=row.previous,
        sealed_at=row.sealed_at,
        key_id=row.key_id,
        signature=row.signature,
        event_ids=row.event_ids,
        leaves=row.leaves,
    )
