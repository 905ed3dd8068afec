"""Durable work: steps are kept, signals wait, dead executors are recovered."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import psycopg

from muniment.kernel.values import JsonValue
from muniment.platform.durable.dbos import DbosWork
from muniment.platform.durable.port import Flow, WorkState


@asynccontextmanager
async def launched(work: DbosWork) -> AsyncIterator[DbosWork]:
    await work.launch()
    try:
        yield work
    finally:
        await work.stop()


async def reaches(work: DbosWork, work_id: str, state: WorkState, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = await work.status(work_id)
        if found is not None and found.state is state:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{work_id} did not become {state}: {await work.status(work_id)}")


async def test_work_survives_its_executor_and_repeats_no_finished_step(database_url: str) -> None:
    ran: list[str] = []

    async def errand(flow: Flow, argument: Mapping[str, JsonValue]) -> None:
        async def first() -> JsonValue:
            ran.append("first")
            return "kept"

        async def second() -> JsonValue:
            ran.append("second")
            return None

        assert await flow.step("first", first) == "kept"
        answer = await flow.receive("answer", timedelta(minutes=1))
        assert answer == {"yes": True}
        await flow.step("second", second)

    one = DbosWork(database_url, "executor-1")
    one.define("errand", errand)
    async with launched(one):
        await one.start("errand", "e-1", {"who": "me"})
        await one.start("errand", "e-1", {"who": "me"})
        while ran != ["first"]:
            await asyncio.sleep(0.02)
        assert [each.id for each in await one.pending()] == ["e-1"]

    two = DbosWork(database_url, "executor-2")
    two.define("errand", errand)
    async with launched(two):
        await two.signal("e-1", "answer", {"yes": True})
        assert await two.recover(["executor-1"]) == ["e-1"]
        await reaches(two, "e-1", WorkState.SUCCEEDED)
        assert ran == ["first", "second"]
        assert await two.forget(datetime.now(UTC) - timedelta(days=1)) == 0
        assert await two.forget(datetime.now(UTC) + timedelta(days=1)) == 1
        assert await two.status("e-1") is None


async def test_cancelled_work_runs_no_further_step(database_url: str) -> None:
    ran: list[str] = []

    async def errand(flow: Flow, argument: Mapping[str, JsonValue]) -> None:
        await flow.receive("never", timedelta(minutes=1))

        async def late() -> JsonValue:
            ran.append("late")
            return None

        await flow.step("late", late)

    work = DbosWork(database_url, "executor-1")
    work.define("errand", errand)
    async with launched(work):
        await work.start("errand", "e-2", {})
        await reaches(work, "e-2", WorkState.PENDING)
        await work.cancel("e-2")
        await work.signal("e-2", "never", 1)
        await reaches(work, "e-2", WorkState.CANCELLED)
        await asyncio.sleep(0.3)
    assert ran == []


async def test_work_whose_beginning_was_lost_is_begun_again(database_url: str) -> None:
    """By the books it runs on this executor, and it does not: an outage swallowed its beginning."""
    ran: list[str] = []

    async def errand(flow: Flow, argument: Mapping[str, JsonValue]) -> None:
        async def only() -> JsonValue:
            ran.append(flow.id)
            return None

        await flow.receive("go", timedelta(minutes=1))
        await flow.step("only", only)

    one = DbosWork(database_url, "executor-lost-1")
    one.define("errand", errand)
    async with launched(one):
        await one.start("errand", "e-lost", {})
        assert await one.resume_idle() == []  # what runs is left alone
        assert await one.resume_idle() == []

    two = DbosWork(database_url, "executor-lost-2")
    two.define("errand", errand)
    async with launched(two):
        await two.signal("e-lost", "go", True)
        with psycopg.connect(database_url) as books:
            books.execute(
                "update dbos.workflow_status set executor_id = 'executor-lost-2'"
                " where workflow_uuid = 'e-lost'"
            )
        assert await two.resume_idle() == []  # it may be about to run
        assert await two.resume_idle() == ["e-lost"]
        await reaches(two, "e-lost", WorkState.SUCCEEDED)
    assert ran == ["e-lost"]
