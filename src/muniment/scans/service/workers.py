"""Workers: who is alive, what the queue holds, what runs in the background."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.scans import RunState
from muniment.kernel.clock import Clock
from muniment.scans.model import ACTIVE, ChunkState
from muniment.scans.tables import Chore, Chunk, Run, Share, Worker

LEASE = timedelta(seconds=8)
"""A worker that has not beaten for this long is lost."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """The queue of one source."""

    source: str
    runs: int
    ready: int
    waiting: int
    """Chunks that wait out a back-off."""
    running: int
    oldest_ready_at: datetime | None
    virtual_time: float


@dataclass(frozen=True, slots=True)
class Orchestrator:
    """Everything about scanning at a glance."""

    workers: int
    slots: int
    busy: int
    runs_queued: int
    runs_running: int
    runs_awaiting_approval: int
    chunks_ready: int
    chunks_running: int


@dataclass(frozen=True, slots=True)
class WorkerService:
    """Reads about the machinery of scans."""

    session: AsyncSession
    clock: Clock

    async def workers(self) -> Sequence[Worker]:
        """Workers that are alive, and those lost within the last hour."""
        since = self.clock.now() - timedelta(hours=1)
        found = await self.session.scalars(
            sa.select(Worker).where(Worker.beat_at > since).order_by(Worker.started_at.desc())
        )
        return found.all()

    async def chores(self) -> Sequence[Chore]:
        return (await self.session.scalars(sa.select(Chore).order_by(Chore.name))).all()

    async def queue(self) -> Sequence[QueueLine]:
        """The backlog of each source with active runs."""
        now = self.clock.now()
        ready = sa.and_(Chunk.state == ChunkState.READY, Chunk.ready_at <= now)
        later = sa.and_(Chunk.state == ChunkState.READY, Chunk.ready_at > now)
        rows = await self.session.execute(
            sa.select(
                Run.source,
                sa.func.count(sa.distinct(Run.id)),
                sa.func.count().filter(ready),
                sa.func.count().filter(later),
                sa.func.count().filter(Chunk.state == ChunkState.RUNNING),
                sa.func.min(Chunk.ready_at).filter(ready),
                sa.func.coalesce(sa.func.max(Share.virtual_time), 0.0),
            )
            .outerjoin(Chunk, Chunk.run_id == Run.id)
            .outerjoin(Share, Share.source == Run.source)
            .where(Run.state.in_(ACTIVE))
            .group_by(Run.source)
            .order_by(Run.source)
        )
        return [QueueLine(*row) for row in rows]

    async def status(self) -> Orchestrator:
        alive = Worker.beat_at > self.clock.now() - LEASE
        machines = (
            await self.session.execute(
                sa.select(
                    sa.func.count(),
                    sa.func.coalesce(sa.func.sum(Worker.slots), 0),
                    sa.func.coalesce(sa.func.sum(Worker.busy), 0),
                ).where(alive, Worker.state == "alive")
            )
        ).one()
        states = await self.session.execute(
            sa.select(Run.state, sa.func.count()).where(Run.state.in_(ACTIVE)).group_by(Run.state)
        )
        by_state: dict[str, int] = {row[0]: row[1] for row in states}
        chunks = await self.session.execute(
            sa.select(Chunk.state, sa.func.count())
            .join(Run, Run.id == Chunk.run_id)
            .where(Run.state.in_(ACTIVE))
            .group_by(Chunk.state)
        )
        by_chunk: dict[str, int] = {row[0]: row[1] for row in chunks}
        return Orchestrator(
            workers=machines[0],
            slots=machines[1],
            busy=machines[2],
            runs_queued=by_state.get(RunState.QUEUED, 0),
            runs_running=by_state.get(RunState.RUNNING, 0) + by_state.get(RunState.CANCELLING, 0),
            runs_awaiting_approval=by_state.get(RunState.AWAITING_APPROVAL, 0),
            chunks_ready=by_chunk.get(ChunkState.READY, 0),
            chunks_running=by_chunk.get(ChunkState.RUNNING, 0),
        )
