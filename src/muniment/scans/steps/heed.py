"""What a step heeds while it works or waits: a cancel, and the windows of the source."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from muniment.contracts.scans import RunState
from muniment.scans.bench import Bench, patiently
from muniment.scans.limits import Limits, clock
from muniment.scans.ports import ScanUnit
from muniment.scans.repository import runs
from muniment.scans.tables import Run

LOOK_SECONDS = 1.0
T = TypeVar("T")


async def opened(bench: Bench, run_id: UUID) -> bool:
    """Return when no window holds the source any more; False when the run was stopped."""
    while True:
        heard = bench.ring.strikes
        verdict = await patiently(lambda: _may_begin(bench, run_id), what="window")
        if verdict is not None:
            return verdict
        await bench.ring.wait(LOOK_SECONDS, since=heard)


async def _may_begin(bench: Bench, run_id: UUID) -> bool | None:
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.RUNNING:
            return False
        return True if await hold(unit, run, unit.clock.now()) is None else None


async def hold(unit: ScanUnit, run: Run, now: datetime) -> datetime | None:
    """Note that a run waits for a window, or waits no more; returns until when.

    The time a run waits is added to what it may take.
    """
    limits = Limits.of_plan(run.plan)
    until = limits.closed_until(now)
    if until == run.held_until:
        return until
    if until is None:
        await runs.set_values(unit.session, run.id, held_until=None)
        await runs.log(unit.session, run.id, now, f"The window of {run.source} is over: goes on.")
        return None
    since = max(now, run.held_until or now)
    deadline = None if run.deadline_at is None else run.deadline_at + (until - since)
    await runs.set_values(unit.session, run.id, held_until=until, deadline_at=deadline)
    told = f"Waits for the window of {run.source} until {clock(until, limits, now)}."
    await runs.log(unit.session, run.id, now, told)
    return until


async def unless_stopped(bench: Bench, run_id: UUID, work: Coroutine[None, None, T]) -> T | None:
    """Do some work; when the run is stopped meanwhile the work is cancelled, and None returned."""
    task = asyncio.ensure_future(work)
    try:
        heard = bench.ring.strikes
        while True:
            await bench.ring.wait_for(task, LOOK_SECONDS, since=heard)
            if task.done():
                return task.result()
            heard = bench.ring.strikes
            if not await patiently(lambda: _goes_on(bench, run_id), what="heed"):
                return None
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _goes_on(bench: Bench, run_id: UUID) -> bool:
    async with bench.open() as unit:
        return await runs.state_of(unit.session, run_id) is RunState.RUNNING
