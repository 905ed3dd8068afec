"""Events are told in the transaction that makes them true."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.kernel.events import Event, Recorder
from muniment.kernel.ids import new_id
from muniment.platform.tables import OutboxEvent

CHANNEL = "muniment_outbox"


_adapters: dict[str, TypeAdapter[Any]] = {}


def adapter(kind: type[Event]) -> TypeAdapter[Any]:
    """Reads and writes one kind of event as JSON; built once a topic."""
    if kind.topic not in _adapters:
        _adapters[kind.topic] = TypeAdapter(kind)
    return _adapters[kind.topic]


def payload_of(event: Event) -> dict[str, Any]:
    """The event's fields as JSON values."""
    dumped: dict[str, Any] = adapter(type(event)).dump_python(event, mode="json")
    return dumped


@dataclass(slots=True)
class TransactionalOutbox:
    """Implements ``kernel.events.Outbox`` on one session."""

    session: AsyncSession
    actor: str
    recorders: Sequence[Recorder] = field(default_factory=tuple)

    async def publish(self, *events: Event) -> None:
        """Insert all events in one statement, wake the relay at commit, let the audit hear them."""
        if not events:
            return
        rows = [
            {
                "id": new_id(),
                "topic": event.topic,
                "subject": event.subject,
                "payload": payload_of(event),
                "actor": self.actor,
            }
            for event in events
        ]
        await self.session.execute(sa.insert(OutboxEvent), rows)
        await self.session.execute(sa.text(f"notify {CHANNEL}"))
        for recorder in self.recorders:
            await recorder.record(events)
