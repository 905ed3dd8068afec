"""Hears every event inside the transaction that tells it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.compliance.audit.model import canonical
from muniment.compliance.tables import AuditEventRow
from muniment.kernel.events import Event
from muniment.kernel.ids import new_id
from muniment.platform.outbox import payload_of

LONGEST_LIST = 50
LONGEST_TEXT = 2_000
LONGEST_SUBJECT = 1_000
SECRET_FIELDS = frozenset({"password", "secret", "token", "secrets", "passphrase", "private_key"})
"""No event has such a field; should one ever get it, its value stays out of the trail."""


@dataclass(frozen=True, slots=True)
class AuditRecorder:
    """Implements ``kernel.events.Recorder``: one insert for all events of a publication."""

    session: AsyncSession
    actor: str

    async def record(self, events: Sequence[Event]) -> None:
        if not events:
            return
        rows = [
            {
                "id": new_id(),
                "actor": getattr(event, "actor", None) or self.actor,
                "topic": event.topic,
                "subject": event.subject[:LONGEST_SUBJECT],
                "payload": kept(payload_of(event)),
            }
            for event in events
        ]
        await self.session.execute(sa.insert(AuditEventRow), rows)


def kept(value: Any) -> Any:
    """A payload as the trail keeps it: no secrets, long lists cut with their hash, texts cut."""
    match value:
        case Mapping():
            return {
                str(name): "[left out]" if name in SECRET_FIELDS else kept(each)
                for name, each in value.items()
            }
        case list() | tuple() if len(value) > LONGEST_LIST:
            return {
                "count": len(value),
                "sha256": hashlib.sha256(canonical(list(value))).hexdigest(),
                "first": [kept(each) for each in value[:LONGEST_LIST]],
            }
        case list() | tuple():
            return [kept(each) for each in value]
        case str() if len(value) > LONGEST_TEXT:
            return value[:LONGEST_TEXT] + "…"
        case str():
            return value.replace("\x00", "�")
        case _:
            return value
