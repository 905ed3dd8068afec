"""An outbox that remembers what was told."""

from dataclasses import dataclass, field

from muniment.kernel.events import Event


@dataclass
class SpyOutbox:
    said: list[Event] = field(default_factory=list)

    async def publish(self, *events: Event) -> None:
        self.said.extend(events)

    def topics(self) -> list[str]:
        return [event.topic for event in self.said]
