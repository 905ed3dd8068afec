"""The live feed of runs: one question to the database for all who watch, however many they are."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from muniment.kernel.errors import Unavailable
from muniment.scans.model import Progress
from muniment.scans.service.runs import RunService

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.7
MOST_WAITING = 500

OpenRuns = Callable[[], AbstractAsyncContextManager[RunService]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a run's log."""

    id: int
    run_id: UUID
    at: datetime
    level: str
    asset: str | None
    message: str


News = Progress | Line


@dataclass(slots=True, eq=False)
class _Watcher:
    run_ids: frozenset[UUID]
    news: asyncio.Queue[News] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    seen: dict[UUID, Progress] = field(default_factory=dict)
    over: set[UUID] = field(default_factory=set)

    def hear(self, news: News) -> None:
        """A watcher too slow to take everything loses the oldest: the state follows anyway."""
        if self.news.full():
            self.news.get_nowait()
        self.news.put_nowait(news)


class LiveRuns:
    """Asks while somebody watches, and rests when nobody does."""

    def __init__(self, open_runs: OpenRuns) -> None:
        self._open = open_runs
        self._watchers: set[_Watcher] = set()
        self._looking: asyncio.Task[None] | None = None
        self._last_line: int | None = None

    async def watch(self, *run_ids: UUID, pause: float = 15.0) -> AsyncIterator[News | None]:
        """Progress at every change and log lines as they come; None after ``pause`` of silence.

        Ends after the progress that says that the last of the runs is over.
        """
        async with self._joined(frozenset(run_ids)) as watcher:
            while True:
                try:
                    news = await asyncio.wait_for(watcher.news.get(), pause)
                except TimeoutError:
                    yield None
                    continue
                yield news
                if isinstance(news, Progress) and news.state.over:
                    watcher.over.add(news.run_id)
                if watcher.over == watcher.run_ids and watcher.news.empty():
                    return

    @asynccontextmanager
    async def _joined(self, run_ids: frozenset[UUID]) -> AsyncIterator[_Watcher]:
        watcher = _Watcher(run_ids)
        self._watchers.add(watcher)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    async def _look(self) -> None:
        self._last_line = None
        while self._watchers:
            try:
                await self._tell()
            except Unavailable as error:
                log.info("live.waits", reason=error.slug)
            await asyncio.sleep(LOOK_SECONDS)

    async def _tell(self) -> None:
        wanted = frozenset[UUID]().union(*(each.run_ids for each in self._watchers))
        async with self._open() as runs:
            lines = await self._new_lines(runs, list(wanted))
            found = await runs.progress_of(list(wanted))
        for line in lines:
            for watcher in [each for each in self._watchers if line.run_id in each.run_ids]:
                watcher.hear(line)
        by_id = {each.run_id: each for each in found}
        for watcher in list(self._watchers):
            for run_id in watcher.run_ids & by_id.keys():
                news = by_id[run_id]
                if news != watcher.seen.get(run_id):
                    watcher.seen[run_id] = news
                    watcher.hear(news)

    async def _new_lines(self, runs: RunService, run_ids: Sequence[UUID]) -> Sequence[Line]:
        if self._last_line is None:
            self._last_line = await runs.last_line()
            return []
        rows = await runs.lines_after(run_ids, self._last_line)
        lines = [Line(r.id, r.run_id, r.at, r.level, r.asset, r.message) for r in rows]
        if lines:
            self._last_line = lines[-1].id
        return lines
