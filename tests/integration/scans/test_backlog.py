"""The backlog: claimed by one worker at a time, settled by the attempt that holds it."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from muniment.contracts.scans import RunState
from muniment.kernel.ids import new_id
from muniment.platform.db import Database
from muniment.scans.model import ChunkState, Stage
from muniment.scans.repository import backlog
from muniment.scans.tables import Chunk, Run

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


async def given_chunks(database: Database, count: int, *, cap: int = 100) -> UUID:
    run_id = new_id()
    async with database.writing() as session:
        session.add(
            Run(
                id=run_id,
                source=f"source {run_id}",
                state=RunState.RUNNING,
                stage=Stage.READING,
                trigger="manual",
                priority="interactive",
                requested_by="anna",
                requested_by_id=UUID(int=1),
                requested_at=NOW,
                max_concurrency=cap,
            )
        )
        await session.flush()
        session.add_all(
            Chunk(
                id=new_id(),
                run_id=run_id,
                source=f"source {run_id}",
                state=ChunkState.READY,
                seq=seq,
                weight=1,
                ready_at=NOW,
            )
            for seq in range(count)
        )
    return run_id


async def claim(database: Database, worker: str, slots: int) -> list[backlog.Claim]:
    async with database.writing() as session:
        return list(await backlog.claim(session, worker_id=worker, slots=slots, now=NOW))


async def test_workers_that_claim_at_once_never_get_the_same_chunk(database: Database) -> None:
    await given_chunks(database, 40)
    claimed = await asyncio.gather(*(claim(database, f"w{n}", 7) for n in range(8)))
    ids = [each.chunk_id for claims in claimed for each in claims]
    assert len(ids) == len(set(ids)) == 40


async def test_the_cap_of_a_source_holds_over_all_workers(database: Database) -> None:
    await given_chunks(database, 20, cap=3)
    claimed = await asyncio.gather(*(claim(database, f"w{n}", 4) for n in range(4)))
    assert sum(len(claims) for claims in claimed) == 3


async def test_a_worker_that_was_declared_lost_cannot_settle(database: Database) -> None:
    await given_chunks(database, 1)
    [late] = await claim(database, "slow", 1)
    async with database.writing() as session:
        assert await backlog.release(session, ["slow"], NOW) == 1
    [again] = await claim(database, "quick", 1)
    assert again.attempt == late.attempt + 1
    async with database.writing() as session:
        assert not await backlog.finish_chunk(session, late, rows=1, failure=None, now=NOW)
        assert await backlog.finish_chunk(session, again, rows=1, failure=None, now=NOW)
        assert not await backlog.finish_chunk(session, again, rows=1, failure=None, now=NOW)
