"""Read once: waits while workers drain the backlog, publishing each asset as soon as it is read."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from muniment.contracts.scans import RunState
from muniment.scans.bench import Bench, patiently
from muniment.scans.model import Failure
from muniment.scans.repository import backlog, plans, runs
from muniment.scans.retry import UNREACHABLE_IN_A_ROW, breaker_opens, refused
from muniment.scans.steps.heed import hold
from muniment.scans.steps.plan import GO, OVER
from muniment.scans.steps.publish import publish
from muniment.scans.tables import Run, RunAsset

LOOK_SECONDS = 1.0
PUBLISH_AT_ONCE = 2

TOO_LONG = Failure(
    slug="limit-exceeded",
    sentence="The run reached the time its rule set allows and was ended.",
    remedy="Raise max_run_minutes in the rule set, or narrow the scope; then replay what is left.",
)
GAVE_UP = Failure(
    slug="source-unreachable",
    sentence=f"The source did not answer {UNREACHABLE_IN_A_ROW} times in a row.",
    remedy="Check that the source is up, then replay what is left.",
    retryable=True,
)

REFUSED = Failure(
    slug="source-authentication-failed",
    sentence="The source refuses the account now, so it was asked no further: that could lock it.",
    remedy="Store the right user and password for the source, then replay what is left.",
)


async def read(bench: Bench, run_id: UUID) -> str:
    """GO when every asset is settled; OVER when the run was cancelled or its source given up."""
    while True:
        heard = bench.ring.strikes
        ready = await patiently(lambda: _ready(bench, run_id), what="read")
        if ready:
            await asyncio.gather(*(publish(bench, each) for each in ready))
            continue
        verdict = await patiently(lambda: _look(bench, run_id), what="read")
        if verdict is not None:
            return verdict
        await bench.ring.wait(LOOK_SECONDS, since=heard)


async def _ready(bench: Bench, run_id: UUID) -> Sequence[RunAsset]:
    async with bench.open() as unit:
        return await plans.next_read(unit.session, run_id, limit=PUBLISH_AT_ONCE)


async def _look(bench: Bench, run_id: UUID) -> str | None:
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        now = unit.clock.now()
        if run.state != RunState.RUNNING:
            await backlog.cancel_waiting(unit.session, run_id, now)
            return OVER if not await backlog.running_in(unit.session, run_id) else None
        held = await hold(unit, run, now) is not None
        late = not held and run.deadline_at is not None and now > run.deadline_at
        # Decided once: what was cancelled is not brought back by a chunk that succeeds meanwhile.
        decided = None if run.problem is None else Failure.from_json(run.problem)
        stop = decided or _reason_to_stop(run, late=late)
        if stop is not None:
            if decided is None:
                await runs.set_values(unit.session, run_id, problem=stop.as_json())
            await backlog.cancel_waiting(unit.session, run_id, now)
            if await backlog.running_in(unit.session, run_id):
                return None
            # What was read whole meanwhile is published before the rest is given up.
            if (await plans.count_open(unit.session, run_id))[1]:
                return None
            await plans.skip_open(unit.session, run_id, stop.as_json(), now)
            return GO
        pending, unpublished = await plans.count_open(unit.session, run_id)
        return GO if pending + unpublished == 0 else None


def _reason_to_stop(run: Run, *, late: bool) -> Failure | None:
    if late:
        return TOO_LONG
    if refused(run.unreachable):
        return REFUSED
    return GAVE_UP if breaker_opens(run.unreachable) else None
