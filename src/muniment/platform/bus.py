"""Who listens to what."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from muniment.kernel.events import Event

E = TypeVar("E", bound=Event)
Handler = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One listener: its name remembers how far it has read, so it must not change."""

    name: str
    handlers: Mapping[str, Handler]
    kinds: Mapping[str, type[Event]]


class Bus:
    """The register of subscriptions; the relay delivers, or a test does with ``deliver``."""

    def __init__(self) -> None:
        self._handlers: dict[str, dict[str, Handler]] = defaultdict(dict)
        self._kinds: dict[str, type[Event]] = {}

    def on(self, kind: type[E], handler: Callable[[E], Awaitable[None]], *, name: str) -> None:
        """Let ``name`` hear every event of one kind, at least once, in order per subject."""
        if kind.topic in self._handlers[name]:
            raise ValueError(f"{name} already listens to {kind.topic}")
        self._handlers[name][kind.topic] = handler
        self._kinds[kind.topic] = kind

    def subscribers(self) -> Sequence[Subscriber]:
        return [
            Subscriber(name, handlers, {topic: self._kinds[topic] for topic in handlers})
            for name, handlers in self._handlers.items()
        ]

    async def deliver(self, event: Event) -> None:
        """Hand one event to everyone who listens, at once."""
        for subscriber in self.subscribers():
            handler = subscriber.handlers.get(event.topic)
            if handler is not None:
                await handler(event)
