"""What the machinery of a scan costs beside the work itself: backlog, durable work, pool."""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from dbos import DBOS

from muniment.contracts.scans import RunState
from muniment.kernel.ids import new_id
from muniment.kernel.values import JsonValue
from muniment.platform.db import Database
from muniment.platform.durable.dbos import DbosWork
from muniment.platform.durable.port import Flow
from muniment.platform.embedded import EmbeddedPostgres
from muniment.platform.migrate import upgrade
from muniment.scans.jobs import Frame, MergeJob
from muniment.scans.model import ChunkState, Stage
from muniment.scans.repository import backlog
from muniment.scans.tables import Chunk, Run
from muniment.worker.pool import Pool, PoolLimits

NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUEUE = "bench"
Chunks = Callable[[int], Awaitable[None]]


async def timed(work: Chunks, number: int) -> float:
    """Seconds for each of ``number`` chunks, after a few to warm up."""
    await work(5)
    start = time.perf_counter()
    await work(number)
    return (time.perf_counter() - start) / number


def through_our_backlog(database: Database) -> Chunks:
    """Claim with priority and fair share, and settle: two transactions for each chunk."""

    async def work(number: int) -> None:
        await _fill(database, number)
        while True:
            async with database.writing() as session:
                claims = await backlog.claim(session, worker_id="w", slots=1, now=NOW)
            if not claims:
                return
            for claim in claims:
                async with database.writing() as session:
                    await backlog.finish_chunk(session, claim, rows=0, failure=None, now=NOW)

    return work


async def _fill(database: Database, number: int) -> None:
    run_id = new_id()
    async with database.writing() as session:
        session.add(
            Run(
                id=run_id,
                source=str(run_id),
                state=RunState.RUNNING,
                stage=Stage.READING,
                trigger="manual",
                priority="interactive",
                requested_by="bench",
                requested_by_id=UUID(int=1),
                requested_at=NOW,
                max_concurrency=100,
            )
        )
        await session.flush()
        session.add_all(
            Chunk(
                id=new_id(),
                run_id=run_id,
                source=str(run_id),
                state=ChunkState.READY,
                seq=seq,
                weight=1,
                ready_at=NOW,
            )
            for seq in range(number)
        )


def as_durable_work(work: DbosWork, done: asyncio.Queue[str]) -> Chunks:
    """One durable function call for each chunk, started here, one after the other."""

    async def start(number: int) -> None:
        for _ in range(number):
            await work.start("chunk", str(new_id()), {})
            await done.get()

    return start


def through_a_durable_queue(done: asyncio.Queue[str]) -> Chunks:
    """The same through DBOS's queue, polled ten times a second, twenty at once."""

    async def start(number: int) -> None:
        for _ in range(number):
            await DBOS.enqueue_workflow_with_options_async(
                {"workflow_name": "chunk", "queue_name": QUEUE, "workflow_id": str(new_id())}, {}
            )
        for _ in range(number):
            await done.get()

    return start


async def pool_round_trip(number: int) -> float:
    """Seconds to hand an empty job to a warm child and hear its end."""
    pool = Pool(PoolLimits(children=1, recycle_jobs=10**9))
    heard: list[Frame] = []

    async def hand_over(count: int) -> None:
        for _ in range(count):
            await pool.run(MergeJob({}), on_frame=heard.append, within=timedelta(seconds=30))

    try:
        return await timed(hand_over, number)
    finally:
        await pool.close()


async def measure(url: str, number: int) -> dict[str, float]:
    database = Database(url)
    ours = await timed(through_our_backlog(database), number)
    await database.close()
    done: asyncio.Queue[str] = asyncio.Queue()

    async def chunk(flow: Flow, argument: Mapping[str, JsonValue]) -> None:
        done.put_nowait(f"{flow.id}{len(argument)}")

    work = DbosWork(url, "bench")
    work.define("chunk", chunk)
    await work.launch()
    await DBOS.register_queue_async(QUEUE, worker_concurrency=20, polling_interval_sec=0.1)
    try:
        started = await timed(as_durable_work(work, done), number)
        queued = await timed(through_a_durable_queue(done), number)
    finally:
        await work.stop()
    trip = await pool_round_trip(number)
    return {
        "backlog_ms": ours * 1000,
        "durable_start_ms": started * 1000,
        "durable_queue_ms": queued * 1000,
        "pool_round_trip_ms": trip * 1000,
        "durable_start_to_backlog": started / ours,
        "durable_queue_to_backlog": queued / ours,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        postgres = EmbeddedPostgres(Path(place))
        postgres.ensure_running()
        url = postgres.ensure_database("bench").url("bench")
        try:
            upgrade(url)
            found = asyncio.run(measure(url, wanted.number))
        finally:
            postgres.stop()
    if wanted.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:28} {value:8.2f}")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
