"""A worker that starts while the database is down waits for it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from muniment.kernel.errors import Unavailable
from muniment.platform.durable.dbos import DbosWork
from muniment.platform.embedded import EmbeddedPostgres


async def test_durable_work_launches_when_the_database_comes(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path, durable=False)
    postgres.ensure_running()
    url = postgres.ensure_database("late").url("late")
    postgres.stop()
    work = DbosWork(url, "early")
    launching = asyncio.create_task(work.launch())
    await asyncio.sleep(1.5)
    assert not launching.done()
    await asyncio.to_thread(postgres.ensure_running)
    try:
        await asyncio.wait_for(launching, 30)
        assert await work.pending() == []
    finally:
        await work.stop()
        postgres.stop()


async def test_a_database_that_does_not_come_is_told_in_a_sentence(tmp_path: Path) -> None:
    nowhere = f"postgresql://nobody@/nothing?host={tmp_path}"
    work = DbosWork(nowhere, "early", patience=timedelta(seconds=0.5))
    with pytest.raises(Unavailable, match="did not answer"):
        await work.launch()
