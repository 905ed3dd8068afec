"""Takes in what people ask for: begins requested runs, hands on decisions, ends orphans."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from muniment.kernel.errors import Unavailable
from muniment.platform.durable.port import DurableWork, WorkState
from muniment.scans.bench import Bench
from muniment.scans.model import Failure
from muniment.scans.repository import retention, runs, workers
from muniment.scans.steps.close import close_plainly, fail
from muniment.scans.workflow import DECISION, NAME
from muniment.worker.chores import Chore

log = structlog.get_logger(__name__)

LOOK_SECONDS = 5.0
AT_ONCE = 20
KEEP_WORK = timedelta(days=7)
KEEP_DETAIL = timedelta(days=90)
KEEP_WORKERS = timedelta(days=1)

ORPHANED = Failure(
    "run-lost",
    "Muniment lost track of the run and ended it.",
    remedy="Run the scan again; what was published is kept.",
)


@dataclass(slots=True)
class Intake:
    """The border between what services write and what durable work does."""

    bench: Bench
    durable: DurableWork
    _signalled: set[UUID] = field(default_factory=set)

    async def run(self) -> None:
        """Look at every strike of the ring, until cancelled."""
        while True:
            heard = self.bench.ring.strikes
            try:
                await self._look()
            except Unavailable as error:
                log.warning("intake.waits", reason=error.slug)
            await self.bench.ring.wait(LOOK_SECONDS, since=heard)

    async def _look(self) -> None:
        async with self.bench.open() as unit:
            begin = await runs.to_begin(unit.session, limit=AT_ONCE)
            decided = await runs.decided(unit.session)
        for run_id in begin:
            # Idempotent by id: another worker may begin it at the same moment.
            await self.durable.start(NAME, str(run_id), {"run_id": str(run_id)})
        for run_id in set(decided) - self._signalled:
            await self.durable.signal(str(run_id), DECISION, True)
        self._signalled = set(decided)

    def chores(self) -> Sequence[Chore]:
        """What scans themselves have to be done now and then."""
        return [
            Chore("scans.orphans", timedelta(minutes=1), self._end_orphans),
            Chore("scans.retention", timedelta(hours=6), self._forget),
        ]

    async def _end_orphans(self) -> None:
        """End runs that are under way with no work behind them."""
        async with self.bench.open() as unit:
            going = await runs.unfinished(unit.session)
        for run_id in going:
            work = await self.durable.status(str(run_id))
            if work is not None and work.state in (WorkState.PENDING, WorkState.WAITING):
                continue
            log.warning("run.orphaned", run_id=str(run_id))
            await fail(self.bench, run_id, ORPHANED)
            await close_plainly(self.bench, run_id)

    async def _forget(self) -> None:
        """Drop what nobody needs any more: ended work, old details, dead workers."""
        async with self.bench.open() as unit:
            now = unit.clock.now()
            await retention.drop_details(unit.session, now - KEEP_DETAIL)
            await workers.forget(unit.session, now - KEEP_WORKERS)
        while await self.durable.forget(now - KEEP_WORK):
            pass
