"""Measures how sources under way answer, and lowers or raises what is asked of them."""

import asyncio
from dataclasses import dataclass

import structlog

from muniment.kernel.errors import MunimentError, NotFound, Unavailable
from muniment.scans.bench import Bench
from muniment.scans.governor import EVERY_SECONDS, SourcePace, measured
from muniment.scans.ports import AnswerTimer
from muniment.scans.repository import pace, runs
from muniment.scans.repository.pace import Due
from muniment.scans.repository.signals import wake

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
IDLE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Watcher:
    """One per worker; the sources are shared out among all of them."""

    bench: Bench
    timer: AnswerTimer
    every: float = EVERY_SECONDS

    async def run(self) -> None:
        """Look until cancelled; rest while nothing is read."""
        while True:
            heard = self.bench.ring.strikes
            try:
                busy = await self._look()
            except Unavailable as error:
                log.info("governor.waits", reason=error.slug)
                busy = True
            if busy:
                await asyncio.sleep(min(LOOK_SECONDS, self.every))
            else:
                await self.bench.ring.wait(IDLE_SECONDS, since=heard)

    async def _look(self) -> bool:
        async with self.bench.open() as unit:
            now = unit.clock.now()
            busy = await runs.any_under_way(unit.session)
            due = await pace.claim_due(unit.session, now, every=self.every) if busy else []
        async with asyncio.TaskGroup() as group:
            for each in due:
                # In a window the source is left alone, by this as well.
                if each.limits.closed_until(now) is None:
                    group.create_task(self._measure(each))
        return busy

    async def _measure(self, due: Due) -> None:
        try:
            async with self.bench.open() as unit:
                connection = await unit.connections.connection(due.source)
            milliseconds = await self.timer(connection)
            if milliseconds is not None:
                await self._note(due, milliseconds)
        except NotFound:
            return  # the source was removed meanwhile
        except MunimentError as error:
            # What does not answer at all is not slow: reading it will say so.
            log.info("governor.unanswered", source=due.source, reason=error.slug)

    async def _note(self, due: Due, milliseconds: float) -> None:
        cap = due.limits.max_concurrency
        async with self.bench.open() as unit:
            now = unit.clock.now()
            before = await pace.held(unit.session, due.source)
            after = measured(before, milliseconds, cap=cap, now=now)
            await pace.store(unit.session, due.source, after)
            sentence = _told(due.source, before, after, cap)
            if sentence is not None:
                await runs.log(unit.session, due.run_id, now, sentence)
                log.info(
                    "governor.changed",
                    source=due.source,
                    slowness=round(after.slowness, 2),
                    level=after.level,
                )
            if after.level != before.level or after.paused_until != before.paused_until:
                await wake(unit.session)


def _told(source: str, before: SourcePace, after: SourcePace, cap: int) -> str | None:
    """What changed for people: a slow-down, a pause, and the end of both."""
    slower = f"the answers of {source} take {after.slowness:.0f}x as long as usual"
    if after.paused_until is not None and after.paused_until != before.paused_until:
        return f"Pauses for a moment: {slower}."
    if after.slowed(cap) and not before.slowed(cap):
        return f"Slows down: {slower}."
    if before.slowed(cap) and not after.slowed(cap):
        return f"Reads at full speed again: {source} answers as quickly as usual."
    return None
