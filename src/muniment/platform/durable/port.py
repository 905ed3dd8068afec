"""What the product asks of durable work: a dozen operations, whoever carries them out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from muniment.kernel.values import JsonValue


class WorkState(StrEnum):
    PENDING = "pending"
    """Begun and not ended: it runs, or waits for its executor to be recovered."""
    WAITING = "waiting"
    """Handed back to the queue of recovered work, not yet begun again."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Work:
    """One durable function call, as it stands."""

    id: str
    name: str
    state: WorkState
    executor: str | None
    started_at: datetime


Step = Callable[[], Awaitable[JsonValue]]


class Flow(Protocol):
    """What a durable function may do. Between these calls it must be deterministic."""

    @property
    def id(self) -> str: ...

    async def step(self, name: str, body: Step) -> JsonValue:
        """Run ``body`` and keep its result; after a restart the kept result is returned.

        A body that was running when the process died runs again, so it must be safe to repeat.
        """
        ...

    async def receive(self, topic: str, within: timedelta) -> JsonValue:
        """Wait for a signal, across restarts; None when none came in time."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Wait, across restarts: time that passed while nothing ran counts."""
        ...


DurableFunction = Callable[[Flow, Mapping[str, JsonValue]], Awaitable[None]]


class DurableWork(Protocol):
    """Carries durable functions on one executor (this process)."""

    def define(self, name: str, function: DurableFunction) -> None:
        """Make a function known under a name that never changes; before ``launch``."""
        ...

    async def launch(self) -> None:
        """Begin to carry work, and take up again what this executor id left behind."""
        ...

    async def stop(self) -> None:
        """End without ending the work: it stays pending, to be recovered."""
        ...

    async def start(self, name: str, work_id: str, argument: Mapping[str, JsonValue]) -> None:
        """Begin a function once: a second start with the same id changes nothing."""
        ...

    async def signal(self, work_id: str, topic: str, message: JsonValue) -> None:
        """Wake a function that receives; a signal sent early waits for it."""
        ...

    async def cancel(self, work_id: str) -> None:
        """Stop a function at its next step; nothing of it runs after that."""
        ...

    async def status(self, work_id: str) -> Work | None: ...

    async def pending(self) -> Sequence[Work]: ...

    async def recover(self, executors: Sequence[str]) -> Sequence[str]:
        """Take over the pending work of executors that are dead; returns its ids.

        Unavailable unless all of it is taken over.
        """
        ...

    async def resume_idle(self) -> Sequence[str]:
        """Begin again what is pending on this executor and does not run here; returns its ids.

        The beginning of taken work can fall into an outage of the database. To be called every few
        seconds: it acts on what two calls in a row found.
        """
        ...

    async def forget(self, ended_before: datetime, *, at_most: int = 500) -> int:
        """Remove ended work older than a moment; returns how much."""
        ...
