"""News are not slept through, whenever they come."""

import asyncio
import time

from muniment.scans.bench import Ring


async def test_a_strike_while_somebody_looks_ends_the_wait_that_follows() -> None:
    ring = Ring()
    heard = ring.strikes
    await asyncio.sleep(0)  # the look, during which there are news
    ring.strike()
    began = time.monotonic()
    await ring.wait(30, since=heard)
    assert time.monotonic() - began < 10
    await ring.wait(0.01, since=ring.strikes)  # what was heard of is no news again


async def test_everyone_who_waits_is_woken_and_a_task_that_ends_wakes_its_own() -> None:
    ring = Ring()
    waiting = [asyncio.create_task(ring.wait(30, since=ring.strikes)) for _ in range(3)]
    await asyncio.sleep(0)
    ring.strike()
    async with asyncio.timeout(10):
        await asyncio.gather(*waiting)
        done = asyncio.create_task(asyncio.sleep(0))
        await ring.wait_for(done, 30, since=ring.strikes)
    assert done.done()
