"""The backlog: claimed by one worker at a time, settled by the attempt that holds it."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from muniment.contracts.scans import RunState
from muniment.kernel.ids import new_id
from muniment.platform.db import Database
from muniment.scans.jobs import Asks
from muniment.scans.limits import Limits
from muniment.scans.model import ChunkState, Stage
from muniment.scans.repository import backlog, pace, runs
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


async def test_in_a_window_nothing_is_claimed(database: Database) -> None:
    run_id = await given_chunks(database, 5, cap=3)
    limits = Limits(max_concurrency=3, blackouts=("daily 12:30-13:00 UTC",))
    async with database.writing() as session:
        await runs.set_values(session, run_id, plan={"limits": limits.as_json()})
    assert len(await claim(database, "w", 1)) == 1
    async with database.writing() as session:
        later = NOW + timedelta(minutes=30)
        assert not await backlog.claim(session, worker_id="w", slots=4, now=later)
    async with database.writing() as session:
        later = NOW + timedelta(minutes=60)
        assert len(await backlog.claim(session, worker_id="w", slots=4, now=later)) == 2


async def test_a_rate_is_shared_by_all_who_ask(database: Database) -> None:
    limits = Limits(rows_per_second=1000, statements_per_minute=600)

    async def ask(rows: int) -> float:
        async with database.writing() as session:
            return await pace.reserve(session, "shop", Asks(rows=rows), limits)

    began = time.monotonic()
    waits = sorted(await asyncio.gather(*(ask(500) for _ in range(10))))
    spent = time.monotonic() - began
    # Ten halves of a second, one after the other, whoever asks.
    assert waits[-1] == pytest.approx(5.0, abs=spent + 0.01)
    assert len({round(each, 1) for each in waits}) >= 9
    async with database.writing() as session:
        assert await pace.reserve(session, "idle", Asks(), limits) == 0.0
        assert await pace.reserve(session, "idle", Asks(statements=2), limits) == pytest.approx(
            0.2, abs=0.05
        )


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
