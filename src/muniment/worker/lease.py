"""A worker's lease: it beats while it lives, and takes over the work of those that do not."""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import structlog

from muniment.kernel.errors import Unavailable
from muniment.kernel.ids import new_id
from muniment.platform.durable.port import DurableWork
from muniment.platform.processes import machine
from muniment.scans.ports import OpenUnit
from muniment.scans.repository import backlog, workers
from muniment.scans.repository.signals import wake
from muniment.scans.repository.workers import Lease
from muniment.scans.service.workers import LEASE

log = structlog.get_logger(__name__)

BEAT_SECONDS = 2.5
BEATS_PER_LOOK = 3
"""How often this worker looks whether all that is its own runs."""


class LeaseLost(Exception):  # what happened, as all our errors are named
    """Others took this worker for dead and took over its work: it must end."""


def new_lease(slots: int) -> Lease:
    """A lease of this process; every start of a process has an id of its own."""
    return Lease(id=str(new_id()), host=machine(), pid=os.getpid(), slots=slots)


@dataclass(slots=True)
class Keeper:
    """Registers, beats, reaps."""

    open: OpenUnit
    durable: DurableWork
    lease: Lease
    busy: Callable[[], int]
    _beaten_at: float = field(init=False, default=0.0)

    async def begin(self) -> None:
        """Register, and take over at once from workers of this machine whose process is gone."""
        async with self.open() as unit:
            known = await workers.alive_on(unit.session, self.lease.host)
            dead = [worker for worker, pid in known if not _lives(pid)]
            await workers.declare_lost(unit.session, dead)
            await workers.register(unit.session, self.lease, unit.clock.now())

    async def keep(self) -> None:
        """Beat and reap until cancelled; LeaseLost when others took this worker for dead."""
        for beats in count():
            try:
                if await self._beat():
                    await self.take_over()
                if beats % BEATS_PER_LOOK == 0:
                    await self._resume()
            except Unavailable as error:
                log.warning("lease.waits", reason=error.slug)
            await asyncio.sleep(BEAT_SECONDS)

    async def _resume(self) -> None:
        if resumed := await self.durable.resume_idle():
            log.warning("work.resumed", work=list(resumed))

    async def _beat(self) -> bool:
        """Renew the lease; True when somebody ended whose work waits to be taken over."""
        async with self.open() as unit:
            now = unit.clock.now()
            kept = await workers.beat(
                unit.session,
                self.lease.id,
                busy=self.busy(),
                memory_mb=_resident_mb(),
                now=now,
            )
            if not kept:
                raise LeaseLost
            # After an outage everybody's beat is old: who was deaf too lets the others beat first.
            moment = asyncio.get_running_loop().time()
            awake = moment - self._beaten_at < LEASE.total_seconds() / 2
            self._beaten_at = moment
            if awake:
                await workers.reap(unit.session, now, LEASE)
            return bool(await workers.not_recovered(unit.session))

    async def take_over(self) -> Sequence[str]:
        """Recover what ended workers left behind; safe to repeat, by any worker."""
        async with self.open() as unit:
            now = unit.clock.now()
            ended = await workers.not_recovered(unit.session)
            if not ended:
                return []
            released = await backlog.release(unit.session, ended, now)
            if released:
                log.info("chunks.released", chunks=released)
                await wake(unit.session)
        recovered = await self.durable.recover(ended)
        async with self.open() as unit:
            await workers.recovered(unit.session, ended)
        return recovered

    async def end(self) -> None:
        async with self.open() as unit:
            await workers.leave(unit.session, self.lease.id)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _resident_mb() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // (1024 * 1024)
