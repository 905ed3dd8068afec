"""Runs: requested once, moved from state to state by fenced statements, read for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.scans import RunState
from muniment.kernel.errors import NotFound
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility
from muniment.scans.model import ACTIVE, AssetState, ChunkState, Stage
from muniment.scans.tables import Approval, Chunk, LogLine, Run, RunAsset


async def add(session: AsyncSession, values: dict[str, Any]) -> UUID | None:
    """Insert a run; None when its source has an active one already."""
    made = await session.execute(
        insert(Run)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["source"], index_where=sa.text(_active_states()))
        .returning(Run.id)
    )
    return made.scalar_one_or_none()


def _active_states() -> str:
    names = ", ".join(f"'{each.value}'" for each in ACTIVE)
    return f"state in ({names})"


async def get(session: AsyncSession, run_id: UUID, seen: Visibility | None = None) -> Run:
    """One run; NotFound when there is none, or none that the caller may see."""
    found = await session.get(Run, run_id)
    if found is None or (seen is not None and not seen.allows(found.domain)):
        raise NotFound("There is no such scan run.", run_id=str(run_id))
    return found


async def active_of(session: AsyncSession, source: str) -> Run | None:
    return (
        await session.scalars(sa.select(Run).where(Run.source == source, Run.state.in_(ACTIVE)))
    ).first()


async def move(
    session: AsyncSession,
    run_id: UUID,
    *,
    to: RunState,
    out_of: Sequence[RunState],
    **values: Any,
) -> bool:
    """Change a run's state only when it is in one of the expected ones; True when it did."""
    moved = await session.execute(
        sa.update(Run)
        .where(Run.id == run_id, Run.state.in_(out_of))
        .values(state=to, **values)
        .returning(Run.id)
    )
    return moved.scalar_one_or_none() is not None


async def set_values(session: AsyncSession, run_id: UUID, **values: Any) -> None:
    await session.execute(sa.update(Run).where(Run.id == run_id).values(**values))


async def enter(session: AsyncSession, run_id: UUID, stage: Stage) -> None:
    await set_values(session, run_id, stage=stage)


async def state_of(session: AsyncSession, run_id: UUID) -> RunState:
    found = await session.scalar(sa.select(Run.state).where(Run.id == run_id))
    if found is None:
        raise NotFound("There is no such scan run.", run_id=str(run_id))
    return RunState(found)


async def to_begin(session: AsyncSession, *, limit: int) -> Sequence[UUID]:
    """Requested runs that nobody has begun, the most urgent first."""
    rank = sa.case({"interactive": 0, "scheduled": 1}, value=Run.priority, else_=2)
    found = await session.scalars(
        sa.select(Run.id)
        .where(Run.state == RunState.QUEUED, Run.stage == Stage.QUEUED)
        .order_by(rank, Run.id)
        .limit(limit)
    )
    return found.all()


async def any_under_way(session: AsyncSession) -> bool:
    return bool(await session.scalar(sa.select(sa.exists().where(Run.state == RunState.RUNNING))))


async def unfinished(session: AsyncSession) -> Sequence[UUID]:
    """Runs that are under way; each has work pending somewhere."""
    states = [RunState.RUNNING, RunState.AWAITING_APPROVAL, RunState.CANCELLING]
    return (await session.scalars(sa.select(Run.id).where(Run.state.in_(states)))).all()


async def decided(session: AsyncSession) -> Sequence[UUID]:
    """Runs whose gate has news: an approval was decided, or they were cancelled while waiting."""
    news = sa.or_(
        sa.and_(Run.state == RunState.AWAITING_APPROVAL, Approval.approved.is_not(None)),
        sa.and_(Run.state == RunState.CANCELLING, Run.stage == Stage.APPROVAL),
    )
    found = await session.scalars(
        sa.select(Run.id).join(Approval, Approval.run_id == Run.id).where(news)
    )
    return found.all()


async def page(
    session: AsyncSession,
    query: PageQuery,
    seen: Visibility,
    *,
    source: str | None = None,
    states: Sequence[str] = (),
) -> Page[Run]:
    """Runs, the latest first."""
    wanted = sa.select(Run).where(seen.clause(Run.domain))
    if source is not None:
        wanted = wanted.where(Run.source == source)
    if states:
        wanted = wanted.where(Run.state.in_(states))
    return await page_by(session, wanted, Run.id, query=query, descending=True)


async def page_assets(
    session: AsyncSession, run_id: UUID, query: PageQuery, *, state: str | None = None
) -> Page[RunAsset]:
    """What the run did to each asset."""
    wanted = sa.select(RunAsset).where(RunAsset.run_id == run_id)
    if state is not None:
        wanted = wanted.where(RunAsset.state == state)
    return await page_by(session, wanted, RunAsset.asset, query=query)


async def page_chunks(session: AsyncSession, run_id: UUID, query: PageQuery) -> Page[Chunk]:
    wanted = sa.select(Chunk).where(Chunk.run_id == run_id)
    return await page_by(session, wanted, Chunk.id, query=query)


async def page_log(session: AsyncSession, run_id: UUID, query: PageQuery) -> Page[LogLine]:
    wanted = sa.select(LogLine).where(LogLine.run_id == run_id)
    return await page_by(session, wanted, LogLine.id, query=query)


async def log(
    session: AsyncSession,
    run_id: UUID,
    now: datetime,
    message: str,
    *,
    level: str = "info",
    asset: str | None = None,
) -> None:
    """Add a line to the run's log: a sentence without values of the data."""
    await session.execute(
        sa.insert(LogLine).values(
            run_id=run_id, at=now, level=level, asset=asset, message=message[:4000]
        )
    )


async def last_line(session: AsyncSession) -> int:
    """The newest line of any log."""
    return int(await session.scalar(sa.select(sa.func.max(LogLine.id))) or 0)


async def lines_after(
    session: AsyncSession, run_ids: Sequence[UUID], line_id: int
) -> Sequence[LogLine]:
    """Lines of these runs that are newer, in order."""
    found = await session.scalars(
        sa.select(LogLine)
        .where(LogLine.run_id.in_(run_ids), LogLine.id > line_id)
        .order_by(LogLine.id)
        .limit(1000)
    )
    return found.all()


async def live_rows(
    session: AsyncSession, run_ids: Sequence[UUID]
) -> dict[UUID, tuple[int, list[str]]]:
    """Rows read by running chunks, and the assets they are at."""
    rows = await session.execute(
        sa.select(
            Chunk.run_id,
            sa.func.coalesce(sa.func.sum(Chunk.rows_read), 0),
            sa.func.array_remove(sa.func.array_agg(Chunk.current), None),
        )
        .where(Chunk.run_id.in_(run_ids), Chunk.state == ChunkState.RUNNING)
        .group_by(Chunk.run_id)
    )
    return {run_id: (int(count), sorted(current or [])) for run_id, count, current in rows}


async def many(session: AsyncSession, run_ids: Sequence[UUID]) -> Sequence[Run]:
    found = await session.scalars(
        sa.select(Run).where(Run.id.in_(run_ids)).execution_options(populate_existing=True)
    )
    return found.all()


async def previous_ended(session: AsyncSession, run: Run) -> Run | None:
    """The last run of the same source whose assets were published before this one."""
    ended = [RunState.SUCCEEDED, RunState.PARTIAL]
    return (
        await session.scalars(
            sa.select(Run)
            .where(
                Run.source == run.source,
                Run.id < run.id,
                Run.state.in_(ended),
                Run.only.is_(None),
            )
            .order_by(Run.id.desc())
            .limit(1)
        )
    ).first()


async def assets_of(session: AsyncSession, run_id: UUID) -> Sequence[RunAsset]:
    return (await session.scalars(sa.select(RunAsset).where(RunAsset.run_id == run_id))).all()


async def failed_assets(session: AsyncSession, run_id: UUID) -> Sequence[str]:
    """What can be replayed: assets that failed, or whose turn never came."""
    left = [AssetState.FAILED, AssetState.SKIPPED]
    return (
        await session.scalars(
            sa.select(RunAsset.asset).where(RunAsset.run_id == run_id, RunAsset.state.in_(left))
        )
    ).all()
