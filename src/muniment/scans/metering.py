"""Lets a job read on when the rates of its source allow it."""

import asyncio
from uuid import UUID

from muniment.scans.bench import Bench, patiently
from muniment.scans.jobs import Asks, MayGo
from muniment.scans.limits import Limits
from muniment.scans.ports import Reins
from muniment.scans.repository import pace, runs


async def keep_to_rates(
    bench: Bench, run_id: UUID, source: str, asked: "asyncio.Queue[Asks]", reins: Reins
) -> None:
    """Answer what one job asks, in order, until cancelled."""
    while True:
        await asyncio.sleep(await _turn(bench, run_id, source, await asked.get()))
        reins.tell(MayGo())


async def _turn(bench: Bench, run_id: UUID, source: str, asks: Asks) -> float:
    return await patiently(lambda: _reserve(bench, run_id, source, asks), what="rates")


async def _reserve(bench: Bench, run_id: UUID, source: str, asks: Asks) -> float:
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        return await pace.reserve(unit.session, source, asks, Limits.of_plan(run.plan))
