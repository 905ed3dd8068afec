"""The life of a run, as durable steps: plan, gate, discover, read, derive, judge, close."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

import structlog

from muniment.kernel.errors import MunimentError, Unavailable
from muniment.kernel.values import JsonValue
from muniment.platform.durable.port import DurableFunction, Flow
from muniment.scans.bench import Bench, Broken, patiently
from muniment.scans.model import Failure
from muniment.scans.steps.close import close, close_plainly, fail
from muniment.scans.steps.derive import derive, judge
from muniment.scans.steps.discover import discover
from muniment.scans.steps.plan import ASK, GO, OVER, gate, plan
from muniment.scans.steps.read import read

log = structlog.get_logger(__name__)

NAME = "scan"
DECISION = "decision"
ASK_AGAIN = timedelta(hours=6)
"""A signal wakes the gate at once; this is for one that got lost."""

StepBody = Callable[[Bench, UUID], Awaitable[str]]


def scan_on(bench: Bench) -> DurableFunction:
    """The durable function that carries one run."""

    async def scan(flow: Flow, argument: Mapping[str, JsonValue]) -> None:
        run_id = UUID(str(argument["run_id"]))

        async def step(name: str, body: StepBody) -> str:
            return str(await flow.step(name, lambda: _guarded(bench, run_id, name, body)))

        verdict = await step("plan", plan)
        while verdict == ASK:
            await flow.receive(DECISION, ASK_AGAIN)
            verdict = await step("gate", gate)
        for name, body in (
            ("discover", discover),
            ("read", read),
            ("derive", derive),
            ("judge", judge),
        ):
            if verdict == GO:
                verdict = await step(name, body)
        if await step("close", close) == OVER:
            await step("close plainly", close_plainly)

    return scan


async def _guarded(bench: Bench, run_id: UUID, name: str, body: StepBody) -> str:
    """Run one step through outages; any other failure ends the run with a sentence."""
    try:
        return await patiently(lambda: body(bench, run_id), what=name)
    except Unavailable:
        raise
    except Exception as error:  # the worker's edge: told as the run's problem
        if not isinstance(error, MunimentError):
            log.exception("step.failed", step=name, run_id=str(run_id))
        failure = error.failure if isinstance(error, Broken) else None
        told = failure or Failure.of(error, doing=f"running the step {name}")
        await patiently(lambda: fail(bench, run_id, told), what=name)
        return OVER
