"""Stories of scans that are kind to their source, and of sources that are not kind to scans."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from tests.contract.connectors.estates import as_superuser, connection_to
from tests.integration.scans.estate import Estate, Stage
from tests.integration.sources.hostile import Manners, Proxy, proxy

from muniment.contracts.scans import RunState
from muniment.scans.model import Progress
from muniment.worker.wiring import answer_time

ROWS = 60_000
OURS = """
    select count(*) from pg_stat_activity
    where application_name = 'muniment' and state <> 'idle' and datname = current_database()
"""


@pytest.fixture
def shop(empty_database_url: str) -> Iterator[tuple[Proxy, str, str]]:
    """A database behind a proxy: the proxy, the URL through it, and the one past it."""
    as_superuser(
        empty_database_url,
        "create table sale as select n as id, repeat(md5(n::text), 16) as note"
        f" from generate_series(1, {ROWS}) n",
        "analyze sale",
    )
    with proxy(empty_database_url) as (made, url):
        yield made, url, empty_database_url


async def add(stage: Stage, url: str, **limits: Any) -> None:
    """Register the database as a source, or change its limits."""
    given = connection_to(url)
    await stage.add("shop", Path("none"), {}, kind="postgresql", secrets=given.secrets, **limits)
    async with stage.database.writing() as session:
        await session.execute(
            sa.text(
                "update estate.source set body = jsonb_set(body, '{settings}', cast(:s as jsonb))"
            ),
            {"s": json.dumps(dict(given.settings))},
        )


async def progress(stage: Stage, run_id: UUID) -> Progress:
    async with stage.services() as scans:
        return await scans.runs.progress(run_id)


async def held(stage: Stage, run_id: UUID, words: str, within: float = 30.0) -> str:
    """Wait until the run says why it reads less than it could."""
    deadline = time.monotonic() + within
    said: str | None = None
    while time.monotonic() < deadline:
        said = (await progress(stage, run_id)).held
        if words in (said or "nothing"):
            return said or ""
        await asyncio.sleep(0.05)
    raise AssertionError(f"it says {said!r}")


async def reads(stage: Stage, run_id: UUID, rows: int, within: float = 30.0) -> None:
    deadline = time.monotonic() + within
    while (await progress(stage, run_id)).rows_read < rows:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def at_work(url: str) -> int:
    """How many backends work for us at the source."""
    with psycopg.connect(url) as connection:
        found = connection.execute(OURS).fetchone()
    return int(found[0]) if found else 0


async def cancelled(stage: Stage, run_id: UUID) -> float:
    """Cancel a run; how long it took to end."""
    began = time.monotonic()
    async with stage.services() as scans:
        await scans.runs.cancel(run_id)
    await stage.reaches(run_id, RunState.CANCELLED)
    return time.monotonic() - began


async def test_a_bad_network_costs_time_and_no_row(
    stage: Stage, shop: tuple[Proxy, str, str]
) -> None:
    way, url, straight = shop
    await add(stage, url, statement_timeout_seconds=1, idle_timeout_seconds=1)
    async with stage.worker():
        for manners in (
            Manners(drop_every=3),
            Manners(cut_after=500_000, times=1),
            Manners(stall_after=500_000, times=1),
            Manners(drip_after=500_000, times=1),
        ):
            way.manners = manners
            run_id = await stage.request("shop", full=True)
            run = await stage.ends(run_id, within=60)
            assert (run.state, run.problem) == (RunState.SUCCEEDED, None), manners
            assert run.rows_done == ROWS
            [(results,)] = await stage.rows(
                "select results from estate.published where run_id = :run", run=run_id
            )
            assert results["count"]["rows"] == ROWS
            assert at_work(straight) == 0


async def test_a_silent_source_is_given_up_in_a_sentence_and_cancelled_at_once(
    stage: Stage, shop: tuple[Proxy, str, str]
) -> None:
    way, url, straight = shop
    await add(stage, url, statement_timeout_seconds=1, idle_timeout_seconds=1)
    way.manners = Manners(stall_after=500_000)
    async with stage.worker():
        run_id = await stage.request("shop")
        while not (
            failed := await stage.rows("select failure from scans.chunk where failure is not null")
        ):
            await asyncio.sleep(0.1)
        await reads_again(stage)
        assert await cancelled(stage, run_id) < 2
    assert failed[0][0]["slug"] == "source-unreachable"
    assert "stopped answering" in failed[0][0]["sentence"]
    assert at_work(straight) == 0


async def reads_again(stage: Stage) -> None:
    while not await stage.rows("select 1 from scans.chunk where state = 'running'"):
        await asyncio.sleep(0.1)


async def test_a_limited_rate_is_kept_and_a_cancel_is_heard_while_waiting(
    stage: Stage, shop: tuple[Proxy, str, str]
) -> None:
    _, url, straight = shop
    rate = 10_000
    await add(stage, url, rows_per_second=rate, rows_per_partition=10_000)
    async with stage.worker():
        run_id = await stage.request("shop")
        await reads(stage, run_id, rate)
        began, first = time.monotonic(), (await progress(stage, run_id)).rows_read
        await asyncio.sleep(3)
        rows, seconds = (await progress(stage, run_id)).rows_read - first, time.monotonic() - began
        # Told twice a second, in batches of a quarter of a second: so exact is the look.
        assert 0 < rows < rate * (seconds + 0.8)
        run = await stage.ends(run_id)
        assert run.started_at is not None
        assert run.ended_at is not None
        assert (run.ended_at - run.started_at).total_seconds() > ROWS / rate * 0.95
        assert run.rows_done == ROWS

        # A statement that stays open: its rows fit into no buffer on the way.
        await add(stage, url, rows_per_second=3000)
        run_id = await stage.request("shop", full=True)
        await reads(stage, run_id, 250)
        assert at_work(straight) > 0
        assert await cancelled(stage, run_id) < 2
        assert at_work(straight) == 0


def window_around(now: datetime) -> str:
    """Two hours in UTC, one of them over."""
    begins, ends = now - timedelta(hours=1), now + timedelta(hours=1)
    return f"daily {begins:%H:%M}-{ends:%H:%M}"


async def test_nothing_begins_in_a_window_and_people_see_until_when(
    stage: Stage, journal: Path
) -> None:
    tables = {f"t{n}": {"rows": 2000, "seconds": 1.0} for n in range(30)}
    await stage.add("shop", journal, tables, max_concurrency=1)
    async with stage.worker():
        run_id = await stage.request("shop")
        await reads(stage, run_id, 1000)
        window = window_around(datetime.now(UTC))
        await stage.add("shop", journal, tables, max_concurrency=1, blackouts=[window])
        await heed(stage)
        said = await held(stage, run_id, "waits for the window of shop until")
        until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%H:")
        assert until in said or "00:" in said
        assert await cancelled(stage, run_id) < 2

        run_id = await stage.request("shop")
        await held(stage, run_id, "waits for the window of shop until")
        before = journal.read_text()
        await asyncio.sleep(1.5)
        assert journal.read_text() == before
        await stage.add("shop", journal, {"t0": {"rows": 10}})
        await heed(stage)
        assert (await stage.ends(run_id)).state == RunState.SUCCEEDED


async def heed(stage: Stage) -> None:
    """What the listener does when the limits of a source were changed."""
    async with stage.unit() as unit, stage.services() as scans:
        await scans.runs.keep_limits(await Estate(unit.session).source("shop"))


async def test_slower_answers_slow_a_scan_down_until_they_are_quick_again(
    stage: Stage, shop: tuple[Proxy, str, str]
) -> None:
    way, url, straight = shop
    await add(stage, url, rows_per_second=2000, rows_per_partition=5000)
    async with governed(stage):
        run_id = await stage.request("shop")
        await reads(stage, run_id, 1000)
        way.manners.delay = 0.1
        said = await held(stage, run_id, "slowed down: answers of shop take")
        assert "x as long as usual" in said
        assert (await caps(stage))[0] in (1.0, 0.5)
        way.manners.delay = 0.0
        await held(stage, run_id, "nothing", within=60)
        assert await caps(stage) == [None]
        way.manners.delay = 0.1
        await held(stage, run_id, "slowed down")
        assert await cancelled(stage, run_id) < 2
        assert at_work(straight) == 0
    told = [each.message for each in await stage.rows("select message from scans.log_line")]
    assert any(line.startswith("Slows down: the answers of shop take") for line in told)
    assert any(line.startswith("Reads at full speed again") for line in told)


@asynccontextmanager
async def governed(stage: Stage) -> AsyncIterator[None]:
    host = stage.host(timer=answer_time)
    await host.start()
    try:
        yield
    finally:
        await host.stop()


async def caps(stage: Stage) -> list[float | None]:
    return [level for (level,) in await stage.rows("select level from scans.pace")]


async def test_an_account_that_is_refused_in_the_middle_is_not_tried_again_and_again(
    stage: Stage, shop: tuple[Proxy, str, str]
) -> None:
    way, url, straight = shop
    numbers = ", ".join(f"n + {n} as c{n}" for n in range(100))
    as_superuser(
        straight,
        "drop role if exists reader_in_between",
        "create role reader_in_between login password 'first'",
        "drop table sale",
        *(
            f"create table wide_{n} as select {numbers} from generate_series(1, 20000) n"
            for n in range(3)
        ),
        *(f"grant select on wide_{n} to reader_in_between" for n in range(3)),
        "analyze",
    )
    parts = urlsplit(url)
    way_in = (
        f"{parts.scheme}://reader_in_between:first@{parts.netloc.rpartition('@')[2]}{parts.path}"
    )
    await add(stage, way_in, rows_per_second=20_000)
    async with stage.worker():
        run_id = await stage.request("shop")
        await reads(stage, run_id, 5000)
        as_superuser(straight, "alter role reader_in_between password 'second'")
        run = await stage.ends(run_id)
    tries = way.connections
    as_superuser(straight, "drop owned by reader_in_between", "drop role reader_in_between")
    assert run.problem is not None
    assert run.problem["slug"] == "source-authentication-failed"
    assert "user and password" in run.problem["remedy"]
    assert run.state in (RunState.PARTIAL, RunState.FAILED)
    assert tries < 20
