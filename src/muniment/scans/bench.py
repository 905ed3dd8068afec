"""What every step of a run works with."""

import asyncio
from asyncio import FIRST_COMPLETED
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from muniment.kernel.errors import Conflict, SourceError, Unavailable
from muniment.scans.jobs import Frame, Job, JobFailed
from muniment.scans.model import Failure
from muniment.scans.ports import Compute, ComputeLost, OpenUnit

log = structlog.get_logger(__name__)
T = TypeVar("T")

PATIENCE_SECONDS = 1800.0
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
MOST_CONFLICTS = 5


class Ring:
    """Wakes everyone in this process who waits for news of runs.

    ``strikes`` is read before one looks at what may have changed, and handed to the wait: news that
    come while somebody looks are then not slept through.
    """

    def __init__(self) -> None:
        self.strikes = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def strike(self) -> None:
        self.strikes += 1
        for each in self._waiting:
            if not each.done():
                each.set_result(None)

    async def wait(self, seconds: float, *, since: int) -> None:
        """Return at the next strike after those known, or after ``seconds``."""
        await self._first(seconds, since)

    async def wait_for(self, task: "asyncio.Future[T]", seconds: float, *, since: int) -> None:
        """The same, or when a task is done."""
        await self._first(seconds, since, task)

    async def _first(self, seconds: float, since: int, *others: "asyncio.Future[Any]") -> None:
        if self.strikes != since:
            await asyncio.sleep(0)
            return
        news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(news)
        try:
            await asyncio.wait({news, *others}, timeout=seconds, return_when=FIRST_COMPLETED)
        finally:
            self._waiting.discard(news)
            news.cancel()


class Broken(SourceError):
    """A job failed as a whole; what it said is in ``failure``."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure

    def __reduce__(self) -> tuple[object, ...]:
        return (Broken, (self.failure,))


@dataclass(frozen=True, slots=True)
class Bench:
    """The tools: units of work, the pool, the ring."""

    open: OpenUnit
    compute: Compute
    ring: Ring = field(default_factory=Ring)

    async def frames(self, job: Job, within: timedelta) -> list[Frame]:
        """Run a job and collect its frames; Broken when it failed as a whole."""
        collected: list[Frame] = []
        lost: ComputeLost | None = None
        try:
            await self.compute.run(job, on_frame=collected.append, within=within)
        except ComputeLost as error:
            lost = error
        for frame in collected:
            if isinstance(frame, JobFailed):
                raise Broken(frame.failure)
        if lost is not None:
            raise lost
        return collected


async def patiently(act: Callable[[], Awaitable[T]], *, what: str) -> T:
    """Do something that is safe to repeat, through restarts of the database.

    Unavailable is raised only after half an hour without one. A conflict may be a deadlock, which
    PostgreSQL resolves by asking us to try again: a few times, for it may be a real one.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_SECONDS
    wait = FIRST_WAIT_SECONDS
    conflicts = 0
    while True:
        try:
            return await act()
        except (Unavailable, Conflict) as error:
            conflicts += isinstance(error, Conflict)
            if loop.time() > deadline or conflicts > MOST_CONFLICTS:
                raise
            log.warning("step.waits", what=what, reason=error.slug, seconds=round(wait, 1))
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)
