"""Schedules fire by the clock, once, and never twice at the same source."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.integration.scans.estate import Stage

from muniment.contracts.scans import RunState
from muniment.kernel.clock import FixedClock
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from muniment.platform.db import Database
from muniment.platform.paging import PageQuery
from muniment.scans.service.schedules import Timing

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
async def timed(database: Database, clock: FixedClock, journal: Path) -> Stage:
    stage = Stage(database, clock)
    await stage.prepare()
    await stage.add("shop", journal, {"a": {"rows": 1}})
    return stage


async def fire(stage: Stage) -> int:
    async with stage.services() as scans:
        return await scans.schedules.fire_due()


async def test_missed_ticks_fire_once(timed: Stage, clock: FixedClock) -> None:
    async with timed.services() as scans:
        made = await scans.schedules.create("shop", Timing("0 * * * *"))
    assert made.next_at == NOON + timedelta(hours=1)
    assert await fire(timed) == 0
    clock.moment = NOON + timedelta(hours=9, minutes=20)
    assert await fire(timed) == 1
    assert await fire(timed) == 0
    async with timed.services() as scans:
        found = await scans.schedules.get(made.id)
        assert found.next_at == NOON + timedelta(hours=10)
        runs = await scans.runs.page(PageQuery(), source="shop")
        assert [run.schedule_id for run in runs.items] == [made.id]


async def test_a_source_that_is_still_scanned_is_passed_over(
    timed: Stage, clock: FixedClock
) -> None:
    async with timed.services() as scans:
        await scans.schedules.create("shop", Timing("0 * * * *"))
    run_id = await timed.request("shop")
    clock.moment = NOON + timedelta(hours=1)
    assert await fire(timed) == 0
    async with timed.services() as scans:
        await scans.runs.cancel(run_id)
    clock.moment = NOON + timedelta(hours=2)
    assert await fire(timed) == 1


async def test_a_paused_schedule_rests_and_a_stale_change_is_refused(
    timed: Stage, clock: FixedClock
) -> None:
    async with timed.services() as scans:
        made = await scans.schedules.create("shop", Timing("0 * * * *"))
        with pytest.raises(Conflict):
            await scans.schedules.create("shop", Timing("5 * * * *"))
    async with timed.services() as scans:
        await scans.schedules.change(made.id, Timing("0 * * * *", paused=True), version=1)
        with pytest.raises(StaleVersion):
            await scans.schedules.change(made.id, Timing("0 * * * *"), version=1)
    clock.moment = NOON + timedelta(days=1)
    assert await fire(timed) == 0
    async with timed.services() as scans:
        assert await scans.schedules.upcoming(made.id, 3) == []
        await scans.schedules.remove(made.id)
    async with timed.services() as scans:
        with pytest.raises(NotFound):
            await scans.schedules.get(made.id)


async def test_what_is_no_schedule_is_refused(timed: Stage) -> None:
    async with timed.services() as scans:
        with pytest.raises(Invalid):
            await scans.schedules.create("shop", Timing("at noon"))
        with pytest.raises(NotFound):
            await scans.schedules.create("nowhere", Timing("0 * * * *"))


async def test_compliance_is_told_how_well_each_source_is_scanned(
    timed: Stage, clock: FixedClock
) -> None:
    run_id = await timed.request("shop")
    async with timed.services() as scans:
        await scans.runs.cancel(run_id)
        await scans.schedules.create("shop", Timing("0 * * * *"))
    async with timed.services() as scans:
        [fact] = await scans.facts.scan_facts()
    assert (fact.source, fact.runs, fact.scheduled) == ("shop", 1, True)
    assert (fact.last_state, fact.last_success_at) == (RunState.CANCELLED, None)
