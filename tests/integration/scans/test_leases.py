"""Workers that are lost lose their leases, and with them what they held."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from tests.integration.scans.estate import REPEATED, Stage

from muniment.contracts.scans import RunState
from muniment.platform.processes import mark_of
from muniment.scans.repository import workers
from muniment.scans.repository.workers import Lease
from muniment.worker.lease import LeaseLost, new_lease


async def test_a_worker_whose_process_is_gone_is_taken_over_at_once(
    stage: Stage, journal: Path
) -> None:
    tables = {f"t{n}": {"rows": 200_000, "seconds": 0.2} for n in range(4)}
    await stage.add("shop", journal, tables)
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    here = new_lease(1)
    async with stage.unit() as unit:
        dead = Lease("dead", here.host, gone.pid, slots=2)
        await workers.register(unit.session, dead, unit.clock.now())
    run_id = await stage.request("shop")
    async with stage.worker():
        assert (await stage.ends(run_id)).state == RunState.SUCCEEDED
        [(state, recovered)] = await stage.rows(
            "select state, recovered from scans.worker where id = 'dead'"
        )
    assert (state, recovered) == ("lost", True)


async def test_a_frozen_worker_ends_itself_and_its_run_is_carried_on(
    stage: Stage, journal: Path
) -> None:
    tables = {f"t{n}": {"rows": 200_000, "seconds": 0.5} for n in range(8)}
    await stage.add("shop", journal, tables)
    run_id = await stage.request("shop")
    script = (
        "import asyncio, sys\n"
        "from muniment.platform.db import Database\n"
        "from tests.integration.scans.estate import Stage\n"
        "async def main():\n"
        "    host = Stage(Database(sys.argv[1])).host()\n"
        "    await host.start()\n"
        "    await host.wait()\n"
        "asyncio.run(main())\n"
    )
    frozen = subprocess.Popen(
        [sys.executable, "-c", script, stage.database.url],
        env={**os.environ, "PYTHONPATH": f"{os.environ['PYTHONPATH']}{os.pathsep}{Path.cwd()}"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not (await stage.run(run_id)).chunks_done:
            await asyncio.sleep(0.05)
        frozen.send_signal(signal.SIGSTOP)
        async with stage.worker():
            assert (await stage.ends(run_id, within=60)).state == RunState.SUCCEEDED
            frozen.send_signal(signal.SIGCONT)
            _, said = await asyncio.to_thread(frozen.communicate, timeout=30)
    finally:
        frozen.kill()
        frozen.communicate()
    assert LeaseLost.__name__ in said
    assert await stage.rows(REPEATED) == []
    published = await stage.rows("select count(*), count(distinct asset) from estate.published")
    assert published == [(8, 8)]


async def test_the_sessions_of_a_lost_worker_end_with_their_locks(stage: Stage) -> None:
    """A process that is stopped in a statement holds its locks, and no time-out ends that."""
    frozen, well = Lease("frozen", "elsewhere", 7, 1), Lease("well", "elsewhere", 8, 1)
    long_ago = timedelta(minutes=5)
    async with stage.unit() as unit:
        now = unit.clock.now()
        await workers.register(unit.session, frozen, now - long_ago)
        await workers.register(unit.session, well, now)
    opened = [
        await asyncpg.connect(
            stage.database.url,
            server_settings={
                "application_name": f"muniment-worker {mark_of(lease.host, lease.pid)}"
            },
        )
        for lease in (frozen, well)
    ]
    held, spared = opened
    try:
        await held.execute("begin; update scans.worker set busy = 1 where id = 'frozen'")
        async with asyncio.timeout(10):
            async with stage.unit() as unit:
                lost = await workers.reap(unit.session, now, timedelta(seconds=8))
        assert lost == ["frozen"]
        with pytest.raises((asyncpg.InterfaceError, asyncpg.AdminShutdownError)):
            await held.fetchval("select 1")
        assert await spared.fetchval("select 1") == 1
    finally:
        for connection in opened:
            connection.terminate()


async def test_of_several_workers_one_takes_the_turn(stage: Stage) -> None:
    async def take() -> bool:
        async with stage.unit() as unit:
            return await workers.take_turn(
                unit.session, "sweep", timedelta(minutes=1), unit.clock.now()
            )

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False] * 4 + [True]


@pytest.mark.parametrize("slots", [1, 3])
def test_every_start_of_a_process_has_an_id_of_its_own(slots: int) -> None:
    assert new_lease(slots).id != new_lease(slots).id
