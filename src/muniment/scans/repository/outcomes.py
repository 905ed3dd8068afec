"""What reading an asset came to: stored with the chunk that brought it, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.kernel.ids import new_id
from muniment.scans.model import AssetState, ChunkState
from muniment.scans.repository.given import UNSYNCHRONISED, given
from muniment.scans.retry import REFUSED_AT_ONCE
from muniment.scans.tables import Chunk, Run, RunAsset, Task, TaskState


@dataclass(frozen=True, slots=True)
class DoneTask:
    asset: str
    partition: int
    rows: int
    seconds: float
    results: Mapping[str, Any] | None
    sealed: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Again:
    """Tasks to be tried again after a wait, in a chunk of their own."""

    tasks: tuple[tuple[str, int], ...]
    weight: int
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """An asset that has failed for good."""

    asset: str
    failure: Mapping[str, Any]
    seconds: float = 0.0


async def store_done(session: AsyncSession, run_id: UUID, done: Sequence[DoneTask]) -> None:
    """Tasks become done and their assets come nearer to being read whole; four statements."""
    if not done:
        return
    read = given(
        asset=(sa.Text(), [each.asset for each in done]),
        partition=(sa.Integer(), [each.partition for each in done]),
        rows=(sa.BigInteger(), [each.rows for each in done]),
    )
    await session.execute(
        sa.update(Task)
        .where(
            Task.run_id == run_id,
            Task.asset == read.c.asset,
            Task.partition == read.c.partition,
        )
        .values(done=True, rows=read.c.rows, attempts=Task.attempts + 1),
        execution_options=UNSYNCHRONISED,
    )
    await _advance_assets(session, run_id, done)
    states = [
        {
            "run_id": run_id,
            "asset": each.asset,
            "partition": each.partition,
            "analyzer": analyzer,
            "sealed": sealed,
        }
        for each in done
        for analyzer, sealed in each.sealed.items()
    ]
    if states:
        await session.execute(insert(TaskState).on_conflict_do_nothing(), states)


async def _advance_assets(session: AsyncSession, run_id: UUID, done: Sequence[DoneTask]) -> None:
    by_asset: dict[str, list[DoneTask]] = {}
    for each in done:
        by_asset.setdefault(each.asset, []).append(each)
    read = given(
        asset=(sa.Text(), list(by_asset)),
        parts=(sa.Integer(), [len(parts) for parts in by_asset.values()]),
        rows=(sa.BigInteger(), [sum(p.rows for p in parts) for parts in by_asset.values()]),
        seconds=(sa.Float(), [sum(p.seconds for p in parts) for parts in by_asset.values()]),
        results=(JSONB(none_as_null=True), [parts[0].results for parts in by_asset.values()]),
    )
    left = RunAsset.partitions_left - read.c.parts
    await session.execute(
        sa.update(RunAsset)
        .where(
            RunAsset.run_id == run_id,
            RunAsset.asset == read.c.asset,
            RunAsset.state == AssetState.PENDING,
        )
        .values(
            partitions_left=left,
            rows=sa.func.coalesce(RunAsset.rows, 0) + read.c.rows,
            seconds=RunAsset.seconds + read.c.seconds,
            attempts=sa.func.greatest(RunAsset.attempts, 1),
            results=sa.func.coalesce(read.c.results, RunAsset.results),
            state=sa.case((left <= 0, AssetState.READ.value), else_=RunAsset.state),
        ),
        execution_options=UNSYNCHRONISED,
    )


async def try_again(
    session: AsyncSession, run_id: UUID, source: str, again: Sequence[Again]
) -> None:
    """Make new chunks of tasks that deserve another attempt."""
    for each in again:
        chunk_id = new_id()
        await session.execute(
            sa.insert(Chunk).values(
                id=chunk_id,
                run_id=run_id,
                source=source,
                state=ChunkState.READY,
                seq=0,
                weight=each.weight,
                ready_at=each.ready_at,
            )
        )
        await session.execute(
            sa.update(Task)
            .where(
                Task.run_id == run_id,
                sa.tuple_(Task.asset, Task.partition).in_(each.tasks),
            )
            .values(chunk_id=chunk_id, attempts=Task.attempts + 1)
        )
        await session.execute(
            sa.update(RunAsset)
            .where(RunAsset.run_id == run_id, RunAsset.asset.in_({a for a, _ in each.tasks}))
            .values(attempts=RunAsset.attempts + 1)
        )


async def read_carried(session: AsyncSession, run_id: UUID, asset: str, now: datetime) -> int:
    """What was to be carried over is to be read after all; returns how many partitions."""
    chunk_id = new_id()
    rows = (
        (
            await session.execute(
                sa.update(Task)
                .where(Task.run_id == run_id, Task.asset == asset, Task.carried)
                .values(carried=False, done=False, chunk_id=chunk_id)
                .returning(Task.weight)
            )
        )
        .scalars()
        .all()
    )
    if not rows:
        return 0
    source = sa.select(Run.source).where(Run.id == run_id).scalar_subquery()
    await session.execute(
        sa.insert(Chunk).values(
            id=chunk_id,
            run_id=run_id,
            source=source,
            state=ChunkState.READY,
            seq=0,
            weight=sum(rows),
            ready_at=now,
        )
    )
    kept = RunAsset.rows_carried
    await session.execute(
        sa.update(Run)
        .where(Run.id == run_id)
        .values(
            chunks_total=Run.chunks_total + 1,
            partitions_carried=Run.partitions_carried - len(rows),
            rows_carried=Run.rows_carried
            - sa.select(kept)
            .where(RunAsset.run_id == run_id, RunAsset.asset == asset)
            .scalar_subquery(),
        )
    )
    await session.execute(
        sa.update(RunAsset)
        .where(RunAsset.run_id == run_id, RunAsset.asset == asset)
        .values(
            state=AssetState.PENDING,
            partitions_left=len(rows),
            partitions_carried=0,
            rows=sa.func.coalesce(RunAsset.rows, 0) - kept,
            rows_carried=0,
            reason="Read whole: a part that was compared had changed.",
        )
    )
    return len(rows)


async def fail_assets(
    session: AsyncSession, run_id: UUID, lost: Sequence[Lost], now: datetime
) -> int:
    """Assets that are still open become failed; returns how many did."""
    if not lost:
        return 0
    gone = given(
        asset=(sa.Text(), [each.asset for each in lost]),
        failure=(JSONB(), [each.failure for each in lost]),
        seconds=(sa.Float(), [each.seconds for each in lost]),
    )
    failed = await session.execute(
        sa.update(RunAsset)
        .where(
            RunAsset.run_id == run_id,
            RunAsset.asset == gone.c.asset,
            RunAsset.state.in_([AssetState.PENDING, AssetState.READ]),
        )
        .values(
            state=AssetState.FAILED,
            failure=gone.c.failure,
            seconds=RunAsset.seconds + gone.c.seconds,
            attempts=RunAsset.attempts + 1,
            results=None,
            finished_at=now,
        )
        .returning(RunAsset.asset),
        execution_options=UNSYNCHRONISED,
    )
    names = failed.scalars().all()
    if names:
        await session.execute(
            sa.delete(TaskState).where(TaskState.run_id == run_id, TaskState.asset.in_(names))
        )
    return len(names)


async def count_up(
    session: AsyncSession,
    run_id: UUID,
    *,
    chunks_done: int = 0,
    chunks_added: int = 0,
    rows: int = 0,
    assets_failed: int = 0,
    reached: bool | None = None,
    refused: bool = False,
) -> int:
    """Add to a run's counters; returns how often in a row its source was not reached."""
    streak = Run.unreachable
    if reached is not None:
        streak = sa.literal(0) if reached else Run.unreachable + 1  # type: ignore[assignment]
    # Once refused, what others were still allowed to read does not count.
    streak = sa.case((Run.unreachable >= REFUSED_AT_ONCE, Run.unreachable), else_=streak)  # type: ignore[assignment]
    if refused:
        streak = sa.literal(REFUSED_AT_ONCE)  # type: ignore[assignment]
    counted = await session.execute(
        sa.update(Run)
        .where(Run.id == run_id)
        .values(
            chunks_done=Run.chunks_done + chunks_done,
            chunks_total=Run.chunks_total + chunks_added,
            rows_done=Run.rows_done + rows,
            assets_done=Run.assets_done + assets_failed,
            assets_failed=Run.assets_failed + assets_failed,
            unreachable=streak,
        )
        .returning(Run.unreachable)
    )
    return int(counted.scalar_one_or_none() or 0)
