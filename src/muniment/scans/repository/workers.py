"""Leases: who is alive, who was lost, and which periodic job is whose turn."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.platform.processes import machine, mark_of
from muniment.scans.tables import Chore, Worker

_END_SESSIONS = sa.text(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
    " and usename = current_user and application_name like any (cast(:names as text[]))"
)

ALIVE = "alive"
STOPPED = "stopped"
LOST = "lost"


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker process as it registers."""

    id: str
    host: str
    pid: int
    slots: int


async def register(session: AsyncSession, lease: Lease, now: datetime) -> None:
    await session.execute(
        sa.insert(Worker).values(
            id=lease.id,
            host=lease.host,
            pid=lease.pid,
            slots=lease.slots,
            state=ALIVE,
            started_at=now,
            beat_at=now,
        )
    )


async def beat(
    session: AsyncSession, worker_id: str, *, busy: int, memory_mb: int, now: datetime
) -> bool:
    """Renew the lease; False when this worker was declared lost meanwhile, and must end."""
    renewed = await session.execute(
        sa.update(Worker)
        .where(Worker.id == worker_id, Worker.state == ALIVE)
        .values(beat_at=now, busy=busy, memory_mb=memory_mb)
        .returning(Worker.id)
    )
    return renewed.first() is not None


async def leave(session: AsyncSession, worker_id: str) -> None:
    await session.execute(
        sa.update(Worker).where(Worker.id == worker_id).values(state=STOPPED, busy=0)
    )


async def reap(session: AsyncSession, now: datetime, lease: timedelta) -> Sequence[str]:
    """Declare workers lost that did not beat in time; returns their ids.

    Their database sessions are ended first. One that was stopped in the middle of a statement would
    keep its locks for as long as it is stopped, its own line here among them; if it comes to again,
    it can only find that its lease is gone.
    """
    overdue = sa.and_(Worker.state == ALIVE, Worker.beat_at < now - lease)
    marks = {
        mark_of(*row)
        for row in await session.execute(sa.select(Worker.host, Worker.pid).where(overdue))
    }
    marks.discard(mark_of(machine(), os.getpid()))
    if marks:
        await session.execute(_END_SESSIONS, {"names": [f"muniment% {mark}" for mark in marks]})
    lost = await session.scalars(
        sa.update(Worker).where(overdue).values(state=LOST, busy=0).returning(Worker.id)
    )
    return lost.all()


async def alive_on(session: AsyncSession, host: str) -> Sequence[tuple[str, int]]:
    """Id and process of every worker that is taken for alive on one machine."""
    rows = await session.execute(
        sa.select(Worker.id, Worker.pid).where(Worker.host == host, Worker.state == ALIVE)
    )
    return [(worker, pid) for worker, pid in rows]


async def declare_lost(session: AsyncSession, worker_ids: Sequence[str]) -> None:
    await session.execute(
        sa.update(Worker).where(Worker.id.in_(worker_ids)).values(state=LOST, busy=0)
    )


async def not_recovered(session: AsyncSession) -> Sequence[str]:
    """Workers that ended, whose work still waits to be taken over."""
    found = await session.scalars(
        sa.select(Worker.id).where(Worker.state.in_([LOST, STOPPED]), sa.not_(Worker.recovered))
    )
    return found.all()


async def recovered(session: AsyncSession, worker_ids: Sequence[str]) -> None:
    """Nothing of these workers is left to be taken over."""
    await session.execute(sa.update(Worker).where(Worker.id.in_(worker_ids)).values(recovered=True))


async def forget(session: AsyncSession, before: datetime) -> None:
    await session.execute(sa.delete(Worker).where(Worker.state != ALIVE, Worker.beat_at < before))


async def take_turn(session: AsyncSession, name: str, every: timedelta, now: datetime) -> bool:
    """True when a periodic job is due and this worker is the one to run it."""
    taken = await session.execute(
        insert(Chore)
        .values(name=name, every_seconds=every.total_seconds(), started_at=now, runs=1)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={
                "started_at": now,
                "every_seconds": every.total_seconds(),
                "problem": None,
                "runs": Chore.runs + 1,
            },
            # A little early is on time: several workers tick on clocks of their own.
            where=Chore.started_at <= now - every * 0.9,
        )
        .returning(Chore.name)
    )
    return taken.first() is not None


async def end_turn(
    session: AsyncSession, name: str, *, seconds: float, problem: str | None, now: datetime
) -> None:
    await session.execute(
        sa.update(Chore)
        .where(Chore.name == name)
        .values(finished_at=now, seconds=seconds, problem=problem)
    )
