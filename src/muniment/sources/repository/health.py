"""Probes: which sources are due, what was found, and the history of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.sources import Health
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.sources.model import Probe, Pulse
from muniment.sources.tables import ProbeRecord, Source


@dataclass(frozen=True, slots=True)
class Availability:
    """The probes of one period, counted."""

    probes: int
    failed: int
    median_milliseconds: float | None
    slowest_milliseconds: float | None


class HealthRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim_due(self, now: datetime, lease: timedelta, limit: int) -> Sequence[str]:
        """Names of sources to be probed now; nobody else gets them before the lease is over."""
        due = (
            sa.select(Source.id)
            .where(Source.next_probe_at <= now)
            .order_by(Source.next_probe_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = await self._session.scalars(
            sa.update(Source)
            .where(Source.id.in_(due))
            .values(next_probe_at=now + lease)
            .returning(Source.name)
        )
        return claimed.all()

    async def pulse(self, source_id: UUID) -> Pulse:
        """The present state, locked until the end of the transaction."""
        found = await self._session.execute(
            sa.select(Source.health, Source.failures, Source.successes)
            .where(Source.id == source_id)
            .with_for_update()
        )
        health, failures, successes = found.one()
        return Pulse(Health(health), failures, successes)

    async def record(
        self, source_id: UUID, probe: Probe, pulse: Pulse, *, now: datetime, next_at: datetime
    ) -> None:
        """Write one probe to the history and the state it led to to the source."""
        changed = Source.health != pulse.health.value
        await self._session.execute(
            sa.update(Source)
            .where(Source.id == source_id)
            .values(
                health=pulse.health.value,
                health_since=sa.case((changed, now), else_=Source.health_since),
                health_reason=probe.message,
                failures=pulse.failures,
                successes=pulse.successes,
                latency_ms=probe.milliseconds,
                probed_at=now,
                next_probe_at=next_at,
            )
        )
        await self._session.execute(
            sa.insert(ProbeRecord).values(
                source_id=source_id,
                probed_at=now,
                milliseconds=probe.milliseconds,
                health=pulse.health.value,
                error=probe.error,
                message=probe.message,
            )
        )

    async def history(self, source_id: UUID, query: PageQuery) -> Page[ProbeRecord]:
        """Probes, the newest first."""
        statement = sa.select(ProbeRecord).where(ProbeRecord.source_id == source_id)
        return await page_by(self._session, statement, ProbeRecord.id, query=query, descending=True)

    async def availability(self, source_id: UUID, since: datetime) -> Availability:
        median = sa.func.percentile_cont(0.5).within_group(ProbeRecord.milliseconds)
        failed = sa.func.count().filter(ProbeRecord.error.is_not(None))
        found = await self._session.execute(
            sa.select(sa.func.count(), failed, median, sa.func.max(ProbeRecord.milliseconds)).where(
                ProbeRecord.source_id == source_id, ProbeRecord.probed_at >= since
            )
        )
        return Availability(*found.one())

    async def forget_before(self, moment: datetime, limit: int) -> int:
        """Drop the oldest history, a bounded number of rows at a time."""
        old = (
            sa.select(ProbeRecord.id)
            .where(ProbeRecord.probed_at < moment)
            .order_by(ProbeRecord.probed_at)
            .limit(limit)
        )
        found = await self._session.scalars(
            sa.delete(ProbeRecord).where(ProbeRecord.id.in_(old)).returning(ProbeRecord.id)
        )
        return len(found.all())
