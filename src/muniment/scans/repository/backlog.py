"""The backlog of chunks: filled by a plan, claimed fairly, settled once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.scans import RunState
from muniment.scans.admission import Admission, Candidate, choose
from muniment.scans.limits import Limits
from muniment.scans.model import AssetState, ChunkState, Priority
from muniment.scans.repository.given import UNSYNCHRONISED, given
from muniment.scans.repository.pace import pace_of
from muniment.scans.tables import (
    Chunk,
    ChunkAttempt,
    PaceRecord,
    Run,
    RunAsset,
    Share,
    Task,
)

ADMISSION_LOCK = 0x5343414E
"""Admissions of all workers are decided one after the other; each takes some milliseconds."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A chunk this worker may run. Its attempt is what a late writer is refused by."""

    chunk_id: UUID
    run_id: UUID
    source: str
    attempt: int


async def claim(
    session: AsyncSession, *, worker_id: str, slots: int, now: datetime
) -> Sequence[Claim]:
    """Take up to ``slots`` chunks by priority and fair share. A constant number of statements."""
    if not await _anything_ready(session, now):
        return []
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(ADMISSION_LOCK)))
    candidates, times = await _candidates(session, slots, now)
    if not candidates:
        return []
    admission = choose(candidates, times, slots=slots, now=now)
    return await _start(session, admission, worker_id, now) if admission.chunks else []


def _ready(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Chunk.state == ChunkState.READY, Chunk.ready_at <= now)


def _served() -> sa.ColumnElement[bool]:
    return sa.and_(Run.state == RunState.RUNNING, sa.not_(Run.paused))


async def _anything_ready(session: AsyncSession, now: datetime) -> bool:
    ready = sa.exists().where(Chunk.run_id == Run.id, _ready(now))
    return bool(await session.scalar(sa.select(sa.exists().where(_served(), ready))))


async def _candidates(
    session: AsyncSession, slots: int, now: datetime
) -> tuple[Sequence[Candidate], Mapping[str, float]]:
    """Runs with ready chunks, and the virtual times of their sources."""
    ready = (
        sa.select(Chunk.id, Chunk.weight, Chunk.seq)
        .where(Chunk.run_id == Run.id, _ready(now))
        .order_by(Chunk.seq)
        .limit(slots)
        .lateral("ready")
    )
    running = (
        sa.select(sa.func.count())
        .where(Chunk.run_id == Run.id, Chunk.state == ChunkState.RUNNING)
        .scalar_subquery()
    )
    rows = await session.execute(
        sa.select(
            Run.id,
            Run.source,
            Run.priority,
            sa.func.coalesce(Run.served_at, Run.started_at, Run.requested_at),
            running,
            Run.max_concurrency,
            Run.plan,
            PaceRecord,
            ready.c.id,
            ready.c.weight,
            Share.virtual_time,
        )
        .select_from(Run)
        .join(ready, sa.true())
        .outerjoin(Share, Share.source == Run.source)
        .outerjoin(PaceRecord, PaceRecord.source == Run.source)
        .where(_served())
        .order_by(Run.id, ready.c.seq)
    )
    found: dict[UUID, Candidate] = {}
    times: dict[str, float] = {}
    for run_id, source, priority, since, busy, cap, plan, record, chunk, weight, time in rows:
        if time is not None:
            times[source] = time
        known = found.get(run_id)
        if known is not None:
            found[run_id] = replace(known, ready=(*known.ready, (chunk, weight)))
            continue
        allowed = _allowed(cap, Limits.of_plan(plan), record, now)
        found[run_id] = Candidate(
            run_id, source, Priority(priority), since, busy, allowed, ((chunk, weight),)
        )
    return list(found.values()), times


def _allowed(cap: int, limits: Limits, record: PaceRecord | None, now: datetime) -> int:
    """How many chunks of a source may run at this moment."""
    if limits.closed_until(now) is not None:
        return 0
    if record is None or not limits.governed:
        return cap
    return pace_of(record).allowed(cap, now)


async def _start(
    session: AsyncSession, admission: Admission, worker_id: str, now: datetime
) -> Sequence[Claim]:
    """Mark the chosen chunks as running, note the attempts, charge the shares: one statement."""
    started = (
        sa.update(Chunk)
        .where(Chunk.id.in_(admission.chunks), Chunk.state == ChunkState.READY)
        .values(
            state=ChunkState.RUNNING,
            attempt=Chunk.attempt + 1,
            worker_id=worker_id,
            started_at=now,
            rows_read=0,
            current=None,
        )
        .returning(Chunk.id, Chunk.run_id, Chunk.source, Chunk.attempt)
        .cte("started")
    )
    noted = (
        sa.insert(ChunkAttempt)
        .from_select(
            ["chunk_id", "attempt", "run_id", "worker_id", "started_at"],
            sa.select(
                started.c.id,
                started.c.attempt,
                started.c.run_id,
                sa.literal(worker_id),
                sa.literal(now),
            ),
        )
        .cte("noted")
    )
    served = (
        sa.update(Run)
        .where(Run.id.in_(sa.select(started.c.run_id)))
        .values(served_at=now)
        .cte("served")
    )
    upsert = insert(Share).values(
        [{"source": name, "virtual_time": time} for name, time in admission.virtual_times.items()]
    )
    charged = upsert.on_conflict_do_update(
        index_elements=["source"], set_={"virtual_time": upsert.excluded.virtual_time}
    ).cte("charged")
    rows = await session.execute(
        sa.select(started.c.id, started.c.run_id, started.c.source, started.c.attempt).add_cte(
            noted, served, charged
        )
    )
    return [Claim(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    """A task of a claimed chunk with what is needed to read it."""

    asset: str
    partition: int
    spec: Mapping[str, Any]
    rows_expected: int | None
    fraction: float
    attempts: int
    weight: int
    meta: Mapping[str, Any]
    reading: Mapping[str, Any]
    params: Mapping[str, Any]
    alone: bool
    keep: bool


async def tasks_of(session: AsyncSession, chunk_id: UUID) -> Sequence[ClaimedTask]:
    """What of a chunk is still to be read; assets that failed meanwhile are left out."""
    rows = await session.execute(
        sa.select(
            Task.asset,
            Task.partition,
            Task.spec,
            Task.rows_expected,
            Task.fraction,
            Task.attempts,
            Task.weight,
            RunAsset.meta,
            RunAsset.reading,
            RunAsset.params,
            RunAsset.partitions,
            RunAsset.keep,
        )
        .join(RunAsset, sa.and_(RunAsset.run_id == Task.run_id, RunAsset.asset == Task.asset))
        .where(
            Task.chunk_id == chunk_id,
            sa.not_(Task.done),
            RunAsset.state == AssetState.PENDING,
        )
        .order_by(Task.weight.desc(), Task.asset, Task.partition)
    )
    return [
        ClaimedTask(
            asset=row.asset,
            partition=row.partition,
            spec=row.spec,
            rows_expected=row.rows_expected,
            fraction=row.fraction,
            attempts=row.attempts,
            weight=row.weight,
            meta=row.meta or {},
            reading=row.reading or {},
            params=row.params or {},
            alone=row.partitions == 1,
            keep=row.keep is not None,
        )
        for row in rows
    ]


async def release(session: AsyncSession, worker_ids: Sequence[str], now: datetime) -> int:
    """Give back what workers that ended were running; returns how many chunks."""
    lost = (
        sa.update(Chunk)
        .where(Chunk.worker_id.in_(worker_ids), Chunk.state == ChunkState.RUNNING)
        .values(state=ChunkState.READY, ready_at=now, worker_id=None, current=None, rows_read=0)
        .returning(Chunk.id, Chunk.attempt)
        .cte("lost")
    )
    noted = _closed(lost, "lost", now).cte("noted")
    found = await session.execute(sa.select(lost.c.id).add_cte(noted))
    return len(found.all())


async def give_back(session: AsyncSession, claim: Claim, outcome: str, now: datetime) -> None:
    """Return one chunk unfinished, to be run again at once (this worker is stopping)."""
    again = {"state": ChunkState.READY, "ready_at": now, "worker_id": None, "rows_read": 0}
    await _end(session, claim, outcome, now, {**again, "current": None})


async def cancel_chunk(session: AsyncSession, claim: Claim, now: datetime) -> None:
    over = {"state": ChunkState.CANCELLED, "finished_at": now, "worker_id": None}
    await _end(session, claim, "cancelled", now, {**over, "current": None})


async def finish_chunk(
    session: AsyncSession,
    claim: Claim,
    *,
    rows: int,
    failure: Mapping[str, Any] | None,
    now: datetime,
) -> bool:
    """Mark a chunk done once; False when another attempt took over, and nothing may be stored."""
    state = ChunkState.DONE if failure is None else ChunkState.FAILED
    over = {"state": state, "finished_at": now, "rows_read": rows, "failure": failure}
    return await _end(session, claim, state.value, now, {**over, "current": None})


async def _end(
    session: AsyncSession, claim: Claim, outcome: str, now: datetime, values: Mapping[str, Any]
) -> bool:
    """End the attempt that holds a chunk, in one statement; False when it holds it no more."""
    held = (
        sa.update(Chunk)
        .where(
            Chunk.id == claim.chunk_id,
            Chunk.attempt == claim.attempt,
            Chunk.state == ChunkState.RUNNING,
        )
        .values(**values)
        .returning(Chunk.id, Chunk.attempt)
        .cte("held")
    )
    noted = _closed(held, outcome, now).cte("noted")
    found = await session.execute(sa.select(held.c.id).add_cte(noted))
    return found.first() is not None


def _closed(ended: sa.CTE, outcome: str, now: datetime) -> Any:
    """Note how attempts ended, in the statement that ended them."""
    return (
        sa.update(ChunkAttempt)
        .where(ChunkAttempt.chunk_id == ended.c.id, ChunkAttempt.attempt == ended.c.attempt)
        .values(finished_at=now, outcome=outcome)
    )


async def cancel_waiting(session: AsyncSession, run_id: UUID, now: datetime) -> None:
    """Nothing more of a run is started."""
    await session.execute(
        sa.update(Chunk)
        .where(Chunk.run_id == run_id, Chunk.state == ChunkState.READY)
        .values(state=ChunkState.CANCELLED, finished_at=now)
    )


async def running_in(session: AsyncSession, run_id: UUID) -> int:
    found = await session.scalar(
        sa.select(sa.func.count()).where(Chunk.run_id == run_id, Chunk.state == ChunkState.RUNNING)
    )
    return int(found or 0)


async def next_ready_at(session: AsyncSession) -> datetime | None:
    """When the next chunk that waits out a back-off is ready."""
    return await session.scalar(
        sa.select(sa.func.min(Chunk.ready_at))
        .join(Run, Run.id == Chunk.run_id)
        .where(Chunk.state == ChunkState.READY, _served())
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a running chunk is."""

    chunk_id: UUID
    attempt: int
    rows: int
    current: str


async def record_reach(session: AsyncSession, reaches: Sequence[Reach]) -> None:
    """Store how far running chunks are, in one statement."""
    read = given(
        id=(sa.Uuid(), [each.chunk_id for each in reaches]),
        attempt=(sa.Integer(), [each.attempt for each in reaches]),
        rows=(sa.BigInteger(), [each.rows for each in reaches]),
        current=(sa.Text(), [each.current for each in reaches]),
    )
    await session.execute(
        sa.update(Chunk)
        .where(
            Chunk.id == read.c.id,
            Chunk.attempt == read.c.attempt,
            Chunk.state == ChunkState.RUNNING,
        )
        .values(rows_read=read.c.rows, current=read.c.current),
        execution_options=UNSYNCHRONISED,
    )


async def cancelling_runs(session: AsyncSession, run_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Which of these runs are to stop at once."""
    found = await session.scalars(
        sa.select(Run.id).where(
            Run.id.in_(run_ids), Run.state.not_in([RunState.RUNNING, RunState.QUEUED])
        )
    )
    return found.all()
