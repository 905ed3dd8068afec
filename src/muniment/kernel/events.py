"""What an event is, and where one is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, in the past tense; a subclass fixes a versioned topic."""

    topic: ClassVar[str]

    @property
    def subject(self) -> str:
        """What it is about, as text: events with one subject are delivered in order."""
        return ""


class Outbox(Protocol):
    async def publish(self, *events: Event) -> None:
        """Tell events in the transaction that made them true."""
        ...


class Recorder(Protocol):
    """Hears every event inside the transaction that tells it (the audit trail does)."""

    async def record(self, events: Sequence[Event]) -> None: ...
