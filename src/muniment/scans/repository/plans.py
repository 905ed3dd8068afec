"""Writes what a run is going to do, and what it did to each asset in the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.scans import RunState
from muniment.scans.model import AssetState, ChunkState
from muniment.scans.tables import Chunk, Run, RunAsset, Task, TaskState

ROWS_PER_STATEMENT = 2_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows of a plan, ready to be inserted."""

    assets: Sequence[dict[str, Any]]
    chunks: Sequence[dict[str, Any]]
    tasks: Sequence[dict[str, Any]]


async def write(session: AsyncSession, backlog: Backlog) -> None:
    """Insert a plan in bulk."""
    for table, rows in (
        (RunAsset, backlog.assets),
        (Chunk, backlog.chunks),
        (Task, backlog.tasks),
    ):
        for at in range(0, len(rows), ROWS_PER_STATEMENT):
            await session.execute(
                insert(table).on_conflict_do_nothing(), rows[at : at + ROWS_PER_STATEMENT]
            )


async def next_read(session: AsyncSession, run_id: UUID, *, limit: int) -> Sequence[RunAsset]:
    """Assets that were read whole and are not published."""
    found = await session.scalars(
        sa.select(RunAsset)
        .where(RunAsset.run_id == run_id, RunAsset.state == AssetState.READ)
        .order_by(RunAsset.asset)
        .limit(limit)
    )
    return found.all()


async def count_open(session: AsyncSession, run_id: UUID) -> tuple[int, int]:
    """Assets still to be read, and assets read but not published."""
    row = (
        await session.execute(
            sa.select(
                sa.func.count().filter(RunAsset.state == AssetState.PENDING),
                sa.func.count().filter(RunAsset.state == AssetState.READ),
            ).where(RunAsset.run_id == run_id)
        )
    ).one()
    return int(row[0]), int(row[1])


async def states_of(
    session: AsyncSession, run_id: UUID, asset: str, partitions: Sequence[int]
) -> Sequence[tuple[int, str, bytes]]:
    """Partition, analyzer and sealed state."""
    found = await session.execute(
        sa.select(TaskState.partition, TaskState.analyzer, TaskState.sealed)
        .where(
            TaskState.run_id == run_id,
            TaskState.asset == asset,
            TaskState.partition.in_(partitions),
        )
        .order_by(TaskState.partition, TaskState.analyzer)
    )
    return [(partition, analyzer, sealed) for partition, analyzer, sealed in found]


async def begin_publish(session: AsyncSession, run_id: UUID, asset: str, now: datetime) -> bool:
    """Claim the one right to publish an asset; False when it was published, or the run stopped.

    A cancel that comes while this transaction runs finds the asset published whole.
    """
    running = await session.scalar(
        sa.select(Run.id).where(Run.id == run_id, Run.state == RunState.RUNNING)
    )
    if running is None:
        return False
    moved = await session.execute(
        sa.update(RunAsset)
        .where(
            RunAsset.run_id == run_id,
            RunAsset.asset == asset,
            RunAsset.state == AssetState.READ,
        )
        .values(state=AssetState.PUBLISHED, finished_at=now)
        .returning(RunAsset.asset)
    )
    return moved.scalar_one_or_none() is not None


async def end_publish(session: AsyncSession, run_id: UUID, asset: str, labels: int) -> None:
    """Keep the outcome, drop what was only needed to get there."""
    await session.execute(
        sa.update(RunAsset)
        .where(RunAsset.run_id == run_id, RunAsset.asset == asset)
        .values(labels=labels, results=None, meta=None, params=None, reading=None, keep=None)
    )
    await session.execute(
        sa.delete(TaskState).where(TaskState.run_id == run_id, TaskState.asset == asset)
    )
    await session.execute(
        sa.update(Run).where(Run.id == run_id).values(assets_done=Run.assets_done + 1)
    )


async def skip_open(
    session: AsyncSession, run_id: UUID, failure: dict[str, Any], now: datetime
) -> int:
    """The run ends: what is still open is skipped with the reason; returns how many."""
    skipped = await session.execute(
        sa.update(RunAsset)
        .where(
            RunAsset.run_id == run_id,
            RunAsset.state.in_([AssetState.PENDING, AssetState.READ]),
        )
        .values(state=AssetState.SKIPPED, failure=failure, finished_at=now, results=None)
        .returning(RunAsset.asset)
    )
    return len(skipped.all())


async def drop_scaffold(session: AsyncSession, run_id: UUID, now: datetime) -> None:
    """After the end of a run nothing of its plan, states or tasks is kept but the outcomes."""
    await session.execute(sa.delete(TaskState).where(TaskState.run_id == run_id))
    await session.execute(sa.delete(Task).where(Task.run_id == run_id))
    await session.execute(
        sa.update(Chunk)
        .where(Chunk.run_id == run_id, Chunk.state == ChunkState.READY)
        .values(state=ChunkState.CANCELLED, finished_at=now)
    )
    await session.execute(
        sa.update(RunAsset)
        .where(RunAsset.run_id == run_id)
        .values(meta=None, params=None, reading=None, results=None, keep=None)
    )
