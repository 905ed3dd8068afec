"""What the assistant listens to: a run that ended lets its open columns wait."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from muniment.classification.service.assistant import AssistantService
from muniment.contracts.scans import RunFinished, RunState
from muniment.platform.bus import Bus

NAME = "classification.assistant"
OpenAssistant = Callable[[], AbstractAsyncContextManager[AssistantService]]


def subscribe(bus: Bus, open_assistant: OpenAssistant) -> None:
    """Nothing is asked here: a worker takes what waits."""

    async def on_run_finished(event: RunFinished) -> None:
        if event.state in (RunState.SUCCEEDED, RunState.PARTIAL):
            async with open_assistant() as assistant:
                await assistant.on_run_finished(event.run_id, event.source)

    bus.on(RunFinished, on_run_finished, name=NAME)
