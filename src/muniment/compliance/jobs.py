"""What compliance does in the background, and how often."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from muniment.compliance.audit.service import AuditTrail
from muniment.compliance.service.frameworks import FrameworkService
from muniment.compliance.service.judging import JudgeService
from muniment.compliance.service.waivers import WaiverService

log = structlog.get_logger(__name__)

OpenTrail = Callable[[], AbstractAsyncContextManager[AuditTrail]]
OpenWaivers = Callable[[], AbstractAsyncContextManager[WaiverService]]
OpenJudge = Callable[[], AbstractAsyncContextManager[JudgeService]]
OpenFrameworks = Callable[[], AbstractAsyncContextManager[FrameworkService]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be run again and again; safe to run twice, in any process."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[None]]


async def seal_trail(open_trail: OpenTrail) -> int:
    """Seal all that waits, one checkpoint a transaction; returns the events sealed."""
    sealed = 0
    while True:
        async with open_trail() as trail:
            checkpoint = await trail.seal()
        if checkpoint is None:
            return sealed
        # The transaction is over: only what is committed is noted as the head.
        trail.remember(checkpoint)
        sealed += checkpoint.size


async def verify_trail(open_trail: OpenTrail) -> bool:
    """Verify the whole trail and note the outcome; True when it is intact."""
    async with open_trail() as trail:
        found = await trail.verify_and_note()
    if found.broken is not None:
        log.error("audit.broken", what=found.broken.what, checkpoint=found.broken.checkpoint)
    return found.ok


async def end_waivers(open_waivers: OpenWaivers) -> int:
    """End waivers whose time is over; their findings are open again."""
    async with open_waivers() as waivers:
        return await waivers.end_expired()


async def judge_everything(open_judge: OpenJudge) -> int:
    """Judge the whole estate: ages grow without any event."""
    async with open_judge() as judge:
        return await judge.judge(None, run_id=None)


async def settle_frameworks(open_frameworks: OpenFrameworks) -> None:
    """At start: put the default frameworks in force and publish their rule sets."""
    async with open_frameworks() as frameworks:
        await frameworks.settle()


def background_jobs(
    *, open_trail: OpenTrail, open_waivers: OpenWaivers, open_judge: OpenJudge
) -> Sequence[Job]:
    """All of them, for the worker."""

    async def seal() -> None:
        await seal_trail(open_trail)

    async def verify() -> None:
        await verify_trail(open_trail)

    async def expire() -> None:
        await end_waivers(open_waivers)

    async def judge() -> None:
        await judge_everything(open_judge)

    return (
        Job("compliance.seal-trail", timedelta(seconds=5), seal),
        Job("compliance.end-waivers", timedelta(minutes=5), expire),
        Job("compliance.judge", timedelta(hours=6), judge),
        Job("compliance.verify-trail", timedelta(hours=24), verify),
    )
