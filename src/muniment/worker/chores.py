"""Periodic jobs of the product: each has a name, an interval and a last error, and one runner."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from muniment.kernel.errors import MunimentError, Unavailable
from muniment.scans.ports import OpenUnit
from muniment.scans.repository import workers

log = structlog.get_logger(__name__)

OFTEN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Chore:
    """``act`` is safe to repeat. Of several workers one runs it at each tick."""

    name: str
    every: timedelta
    act: Callable[[], Awaitable[object]]


async def keep_doing(chores: Sequence[Chore], open_unit: OpenUnit) -> None:
    """Run every chore at its interval until cancelled."""
    loop = asyncio.get_running_loop()
    due = {chore.name: loop.time() for chore in chores}
    while True:
        for chore in chores:
            if loop.time() >= due[chore.name]:
                await _take(chore, open_unit)
                due[chore.name] = loop.time() + chore.every.total_seconds()
        next_due = min(due.values(), default=loop.time() + 60.0)
        await asyncio.sleep(max(next_due - loop.time(), 0.05))


async def _take(chore: Chore, open_unit: OpenUnit) -> None:
    try:
        async with open_unit() as unit:
            now = unit.clock.now()
            if not await workers.take_turn(unit.session, chore.name, chore.every, now):
                return
        seconds, problem = await _do(chore)
        if problem is None and chore.every < OFTEN:
            # What runs every few seconds is told to have run by its next turn.
            return
        async with open_unit() as unit:
            await workers.end_turn(
                unit.session, chore.name, seconds=seconds, problem=problem, now=unit.clock.now()
            )
    except Unavailable as error:
        log.warning("chore.waits", chore=chore.name, reason=error.slug)


async def _do(chore: Chore) -> tuple[float, str | None]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    problem: str | None = None
    try:
        await chore.act()
    except Unavailable:
        raise
    except MunimentError as error:
        problem = error.message
        log.warning("chore.failed", chore=chore.name, error=error.message)
    except Exception as error:  # the worker's edge: a bug in one chore stops no other
        problem = f"Muniment failed in this job ({type(error).__name__})."
        log.exception("chore.failed", chore=chore.name)
    return loop.time() - began, problem
