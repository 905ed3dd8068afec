"""How sources answer, how much is asked of them, and when their rates allow the next bit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.scans import RunState
from muniment.scans.governor import SourcePace
from muniment.scans.jobs import Asks
from muniment.scans.limits import MEGABYTE, Limits
from muniment.scans.model import Stage
from muniment.scans.tables import PaceRecord, Run

STALE = timedelta(minutes=5)
"""What was asked of a source so long ago says nothing of it now; how it usually answers does."""
CATCH_UP = timedelta(seconds=1)
"""Who comes late by no more than this loses nothing: queues are not exact, and what they lose would
be missing from the rate. After a longer rest there is nothing to catch up with."""


@dataclass(frozen=True, slots=True)
class Due:
    """A source under way whose answers this worker is to measure now."""

    run_id: UUID
    source: str
    limits: Limits


async def claim_due(session: AsyncSession, now: datetime, *, every: float) -> Sequence[Due]:
    """Sources that are being read and whose last measurement is old; nobody else gets them."""
    active = (
        sa.select(Run.source, sa.literal(now))
        .where(
            Run.state == RunState.RUNNING,
            sa.not_(Run.paused),
            Run.stage.in_([Stage.DISCOVERING, Stage.READING]),
            Run.plan["limits"]["governed"].as_boolean(),
        )
        .order_by(Run.source)
    )
    added = insert(PaceRecord).from_select(["source", "sampled_at"], active)
    stale = PaceRecord.sampled_at < now - STALE
    claimed = added.on_conflict_do_update(
        index_elements=["source"],
        set_={
            "sampled_at": added.excluded.sampled_at,
            "recent": sa.case(
                (stale, sa.literal([], PaceRecord.recent.type)), else_=PaceRecord.recent
            ),
            "level": sa.case((stale, None), else_=PaceRecord.level),
            "paused_until": sa.case((stale, None), else_=PaceRecord.paused_until),
        },
        where=sa.or_(
            PaceRecord.sampled_at.is_(None),
            PaceRecord.sampled_at <= now - timedelta(seconds=every),
        ),
    ).returning(PaceRecord.source)
    sources = (await session.scalars(claimed)).all()
    if not sources:
        return []
    rows = await session.execute(
        sa.select(Run.id, Run.source, Run.plan).where(
            Run.source.in_(sources), Run.state == RunState.RUNNING
        )
    )
    return [Due(run_id, source, Limits.of_plan(plan)) for run_id, source, plan in rows]


async def of(session: AsyncSession, sources: Sequence[str]) -> Mapping[str, SourcePace]:
    """The pace of each source that has one."""
    found = await session.scalars(sa.select(PaceRecord).where(PaceRecord.source.in_(sources)))
    return {each.source: pace_of(each) for each in found}


async def every(session: AsyncSession, since: datetime) -> Mapping[str, SourcePace]:
    """The pace of every source that was measured lately."""
    found = await session.scalars(sa.select(PaceRecord).where(PaceRecord.sampled_at >= since))
    return {each.source: pace_of(each) for each in found}


async def held(session: AsyncSession, source: str) -> SourcePace:
    """The pace of one source, kept from others until the end of the transaction."""
    found = await session.scalar(
        sa.select(PaceRecord).where(PaceRecord.source == source).with_for_update()
    )
    return SourcePace() if found is None else pace_of(found)


def pace_of(record: PaceRecord) -> SourcePace:
    return SourcePace(
        record.usual_ms,
        tuple(record.recent),
        record.level,
        record.slowness,
        record.paused_until,
    )


async def store(session: AsyncSession, source: str, pace: SourcePace) -> None:
    await session.execute(
        sa.update(PaceRecord)
        .where(PaceRecord.source == source)
        .values(
            usual_ms=pace.usual_ms,
            recent=list(pace.recent),
            level=pace.level,
            slowness=pace.slowness,
            paused_until=pace.paused_until,
        )
    )


async def let_go(session: AsyncSession, source: str) -> None:
    """Ask as much of a source as its limits allow."""
    await session.execute(
        sa.update(PaceRecord)
        .where(PaceRecord.source == source)
        .values(level=None, paused_until=None, recent=[])
    )


async def reserve(session: AsyncSession, source: str, asks: Asks, limits: Limits) -> float:
    """Take a share of a source's rates; returns the seconds until it is used up, 0 when it is.

    The generic cell rate algorithm (ITU-T I.371) as virtual scheduling: one moment per rate, moved
    on by what is taken, in one row that all workers share, on the clock of the database.
    """
    taken = {
        "rows_at": _seconds(asks.rows, limits.rows_per_second),
        "bytes_at": _seconds(asks.bytes / MEGABYTE, limits.megabytes_per_second),
        "statements_at": _seconds(asks.statements * 60, limits.statements_per_minute),
    }
    costs = {name: timedelta(seconds=cost) for name, cost in taken.items() if cost is not None}
    if not costs:
        return 0.0
    clock = sa.func.clock_timestamp()
    known = {name: getattr(PaceRecord, name) for name in costs}
    first: dict[str, Any] = {name: clock + cost for name, cost in costs.items()}
    moved: dict[str, Any] = {
        name: sa.case((known[name] >= clock - CATCH_UP, known[name]), else_=clock) + cost
        for name, cost in costs.items()
    }
    statement = (
        insert(PaceRecord)
        .values(source=source, **first)
        .on_conflict_do_update(index_elements=["source"], set_=moved)
        .returning(sa.extract("epoch", sa.func.greatest(*known.values()) - clock))
    )
    return max(0.0, float(await session.scalar(statement) or 0.0))


def _seconds(amount: float, per_second: float | None) -> float | None:
    return None if per_second is None or not amount else amount / per_second
