"""Reads the outbox in order and hands each event to every subscriber."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.kernel.errors import MunimentError, Unavailable
from muniment.kernel.ids import new_id
from muniment.platform.bus import Bus, Subscriber
from muniment.platform.db import Database
from muniment.platform.outbox import adapter
from muniment.platform.tables import DeadLetter, OutboxEvent, Subscription, Xid8

log = structlog.get_logger(__name__)

BATCH = 200
LOCK = 0x4D55
START = 0
TRIES = 4
FIRST_WAIT_SECONDS = 0.2
_PATIENT = sa.text("set local idle_in_transaction_session_timeout = '10min'")
"""The transaction that holds a subscriber's place is idle while its handlers work."""


@dataclass(slots=True)
class Relay:
    """At least once, in order. One relay works at a time, held by an advisory lock per subscriber.

    A subscriber's place is stored after each batch, so a killed relay repeats at most one batch;
    subscribers are safe to repeat. An event that fails every try goes to the dead letters and the
    next is read: one bad fact does not stop its neighbours.
    """

    database: Database
    bus: Bus
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Something was told: look now. To be called for every notice on ``outbox.CHANNEL``."""
        self._told.set()

    async def run(self, *, idle_seconds: float = 5.0) -> None:
        """Deliver until cancelled; looks when woken, and every ``idle_seconds`` all the same."""
        while True:
            self._told.clear()
            try:
                busy = await self.drain_once()
            except Unavailable:
                busy = False
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._told.wait(), idle_seconds)

    async def drain(self) -> None:
        """Deliver until nothing is left; for tests and for commands that end."""
        while await self.drain_once():
            pass

    async def drain_once(self) -> bool:
        """One batch for each subscriber that is behind; True when anything was delivered."""
        behind = await self.behind()
        delivered = False
        for subscriber in self.bus.subscribers():
            if subscriber.name in behind:
                delivered = await self._serve(subscriber, behind[subscriber.name]) or delivered
        return delivered

    async def behind(self) -> dict[str, tuple[int, int]]:
        """Place of each subscriber with something to read; one statement when there is nothing."""
        names = sa.func.unnest(
            sa.cast([each.name for each in self.bus.subscribers()], ARRAY(sa.Text))
        ).table_valued("name", name="listener")
        xid = sa.func.coalesce(Subscription.xid, sa.literal(START, Xid8))
        seq = sa.func.coalesce(Subscription.seq, 0)
        waiting = sa.exists().where(
            sa.tuple_(OutboxEvent.xid, OutboxEvent.seq) > sa.tuple_(xid, seq)
        )
        async with self.database.reading() as session:
            rows = await session.execute(
                sa.select(names.c.name, xid, seq)
                .select_from(names.outerjoin(Subscription, Subscription.name == names.c.name))
                .where(waiting)
            )
            return {name: (xid, seq) for name, xid, seq in rows}

    async def _serve(self, subscriber: Subscriber, place: tuple[int, int]) -> bool:
        # The lock is an advisory one because a row lock would take a transaction id, and every
        # event told while it is held would then wait for this batch to end.
        lock = sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(subscriber.name, LOCK))
        async with self.database.writing() as session:
            await session.execute(_PATIENT)
            if not await session.scalar(sa.select(lock)):
                return False
            batch = await self._batch(session, place)
            for event in batch:
                await self._hand_over(subscriber, event)
            if batch:
                await self._remember(session, subscriber.name, batch[-1])
        return bool(batch)

    async def _remember(self, session: AsyncSession, name: str, last: Any) -> None:
        values = {"xid": last.xid, "seq": last.seq}
        await session.execute(
            insert(Subscription)
            .values(name=name, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values)
        )

    async def _batch(self, session: AsyncSession, place: tuple[int, int]) -> Sequence[Any]:
        # In the order of transaction ids, and only below the oldest one still running: with the
        # sequence alone, an event of a slow transaction would be passed over for ever.
        xid, seq = place
        settled = OutboxEvent.xid < sa.func.pg_snapshot_xmin(sa.func.pg_current_snapshot())
        rows = await session.execute(
            sa.select(
                OutboxEvent.xid,
                OutboxEvent.seq,
                OutboxEvent.id,
                OutboxEvent.topic,
                OutboxEvent.subject,
                OutboxEvent.payload,
            )
            .where(
                sa.tuple_(OutboxEvent.xid, OutboxEvent.seq)
                > sa.tuple_(sa.literal(xid, Xid8), sa.literal(seq)),
                settled,
            )
            .order_by(OutboxEvent.xid, OutboxEvent.seq)
            .limit(BATCH)
        )
        return rows.all()

    async def _hand_over(self, subscriber: Subscriber, row: Any) -> None:
        handler = subscriber.handlers.get(row.topic)
        if handler is None:
            return
        event = adapter(subscriber.kinds[row.topic]).validate_python(row.payload)
        for attempt in range(1, TRIES + 1):
            try:
                await handler(event)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001  # the plug-in boundary: counted and kept
                log.warning(
                    "delivery.failed",
                    subscriber=subscriber.name,
                    topic=row.topic,
                    attempt=attempt,
                    error=_name_of(error),
                )
                if attempt == TRIES:
                    await self._bury(subscriber, row, error)
                    return
                await asyncio.sleep(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            else:
                return

    async def _bury(self, subscriber: Subscriber, row: Any, error: Exception) -> None:
        async with self.database.writing() as session:
            await session.execute(
                insert(DeadLetter)
                .values(
                    id=new_id(),
                    event_id=row.id,
                    seq=row.seq,
                    subscriber=subscriber.name,
                    topic=row.topic,
                    subject=row.subject,
                    payload=row.payload,
                    error=_name_of(error),
                )
                .on_conflict_do_nothing()
            )


def _name_of(error: Exception) -> str:
    """What may be stored of an error: our own sentence, or the class of a foreign one.

    A foreign message may quote the data it failed on.
    """
    return error.message if isinstance(error, MunimentError) else type(error).__name__


async def forget_old_events(database: Database, *, days: int = 14) -> None:
    """Delete events that everyone has read; the audit trail keeps its own record of them."""
    read_by_all = sa.select(
        sa.func.coalesce(sa.func.min(Subscription.xid), sa.literal(START, Xid8))
    ).scalar_subquery()
    async with database.writing() as session:
        await session.execute(
            sa.delete(OutboxEvent).where(
                OutboxEvent.told_at < sa.func.now() - sa.func.make_interval(0, 0, 0, days),
                OutboxEvent.xid < read_by_all,
            )
        )
