"""What scans do about themselves: orphans are ended, old details dropped."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.integration.scans.estate import Stage

from muniment.contracts.scans import RunState
from muniment.kernel.clock import FixedClock, SystemClock
from muniment.platform.durable.dbos import DbosWork
from muniment.scans.bench import Bench
from muniment.scans.model import Stage as RunStage
from muniment.scans.repository import runs
from muniment.worker.intake import KEEP_DETAIL, Intake
from muniment.worker.pool import Pool, PoolLimits

UNENDED = "select 1 from dbos.workflow_status where workflow_uuid = :id and status <> 'SUCCESS'"


async def test_a_run_without_work_behind_it_is_ended_with_a_sentence(
    stage: Stage, journal: Path
) -> None:
    await stage.add("shop", journal, {"a": {"rows": 1}})
    run_id = await stage.request("shop")
    async with stage.unit() as unit:
        await runs.set_values(unit.session, run_id, state=RunState.RUNNING, stage=RunStage.READING)
    work = DbosWork(stage.database.url, "w")
    await work.launch()
    try:
        intake = Intake(Bench(stage.unit, Pool(PoolLimits(1))), work)
        for chore in intake.chores():
            await chore.act()
    finally:
        await work.stop()
    run = await stage.run(run_id)
    assert run.state == RunState.FAILED
    assert run.problem is not None
    assert run.problem["remedy"]


async def test_details_of_old_runs_go_and_their_outcomes_stay(stage: Stage, journal: Path) -> None:
    await stage.add("shop", journal, {"a": {"rows": 1}})
    async with stage.worker():
        run_id = await stage.request("shop")
        await stage.ends(run_id)
        # The run is told as ended a moment before the work behind it is.
        while await stage.rows(UNENDED, id=str(run_id)):
            await asyncio.sleep(0.05)
    later = Stage(stage.database, FixedClock(SystemClock().now() + KEEP_DETAIL + timedelta(days=1)))
    work = DbosWork(stage.database.url, "w")
    await work.launch()
    try:
        intake = Intake(Bench(later.unit, Pool(PoolLimits(1))), work)
        await next(each for each in intake.chores() if each.name == "scans.retention").act()
        assert await work.status(str(run_id)) is None
    finally:
        await work.stop()
    assert await stage.rows("select 1 from scans.chunk") == []
    assert await stage.rows("select 1 from scans.log_line") == []
    assert (await stage.run(run_id)).state == RunState.SUCCEEDED
    assert set(await stage.outcomes(run_id)) == {"a"}
