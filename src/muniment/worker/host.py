"""A worker in this process: durable runs, chunks, leases, chores, deliveries."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import structlog

from muniment.kernel.errors import Unavailable
from muniment.platform.durable.dbos import DbosWork
from muniment.platform.durable.port import DurableWork
from muniment.scans.bench import Bench, Ring, patiently
from muniment.scans.dispatch import Dispatcher
from muniment.scans.governor import EVERY_SECONDS
from muniment.scans.ports import AnswerTimer, OpenUnit
from muniment.scans.repository.signals import CHANNEL
from muniment.scans.watching import Watcher
from muniment.scans.workflow import NAME, scan_on
from muniment.worker.chores import Chore, keep_doing
from muniment.worker.intake import Intake
from muniment.worker.lease import Keeper, new_lease
from muniment.worker.listener import listen
from muniment.worker.pool import Pool, PoolLimits

log = structlog.get_logger(__name__)

STOP_WITHIN = timedelta(seconds=5)
Background = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Host:
    """Everything one worker does, over any composition of the groups.

    ``background`` are endless jobs that run beside it (the relay of the outbox).
    """

    url: str
    open_unit: OpenUnit
    slots: int
    chores: Sequence[Chore] = ()
    background: Sequence[Background] = ()
    pool_limits: PoolLimits | None = None
    chance: Random = field(default_factory=Random)
    timer: AnswerTimer | None = None
    """How sources are asked how quickly they answer; without it nothing is slowed down."""
    measure_every: float = EVERY_SECONDS
    _pool: Pool | None = field(init=False, default=None)
    _durable: DurableWork | None = field(init=False, default=None)
    _keeper: Keeper | None = field(init=False, default=None)
    _work: asyncio.Task[None] | None = field(init=False, default=None)

    async def start(self) -> None:
        """Begin to work; returns when runs are taken."""
        lease = new_lease(self.slots)
        ring = Ring()
        self._pool = Pool(self.pool_limits or PoolLimits(children=self.slots))
        bench = Bench(self.open_unit, self._pool, ring)
        self._durable = DbosWork(self.url, lease.id)
        self._durable.define(NAME, scan_on(bench))
        dispatcher = Dispatcher(bench, lease.id, self.slots, self.chance)
        self._keeper = Keeper(self.open_unit, self._durable, lease, lambda: dispatcher.busy)
        # The lease comes first: work that is taken up at once must have an owner that can be lost.
        await patiently(self._keeper.begin, what="worker.begin")
        await self._durable.launch()
        intake = Intake(bench, self._durable)
        jobs: list[Background] = [
            lambda: listen(self.url, [CHANNEL], ring.strike),
            self._keeper.keep,
            intake.run,
            dispatcher.run,
            lambda: keep_doing([*self.chores, *intake.chores()], self.open_unit),
            *self.background,
        ]
        if self.timer is not None:
            jobs.append(Watcher(bench, self.timer, self.measure_every).run)
        self._work = asyncio.create_task(_together(jobs))
        log.info("worker.started", worker=lease.id, slots=self.slots)

    async def wait(self) -> None:
        """Return never, or raise what ended the worker."""
        if self._work is not None:
            await asyncio.shield(self._work)

    async def stop(self) -> None:
        """End in good order: what is unfinished is given back, to be taken up by any worker."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait({self._work}, timeout=STOP_WITHIN.total_seconds())
            self._work = None
        if self._durable is not None:
            await self._durable.stop()
            self._durable = None
        if self._pool is not None:
            await self._pool.close()
        if self._keeper is not None:
            # Without a database the lease runs out by itself.
            with contextlib.suppress(Unavailable):
                await self._keeper.end()
            self._keeper = None
        log.info("worker.stopped")


async def _together(jobs: Sequence[Background]) -> None:
    """Run endless jobs until one fails or all are cancelled."""
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(_run(job))


async def _run(job: Background) -> None:
    await job()
