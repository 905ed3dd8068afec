"""Events are told once they are true, in order, at least once."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from muniment.kernel.events import Event
from muniment.platform.bus import Bus
from muniment.platform.db import Database
from muniment.platform.outbox import TransactionalOutbox
from muniment.platform.relay import Relay
from muniment.platform.tables import DeadLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    topic: ClassVar[str] = "test.said.v1"
    number: int


async def tell(database: Database, *numbers: int) -> None:
    async with database.writing() as session:
        await TransactionalOutbox(session, "tester").publish(*(Said(number=n) for n in numbers))


async def test_what_is_told_arrives_in_order_and_only_once_when_nothing_fails(
    database: Database,
) -> None:
    heard: list[int] = []

    async def hear(event: Said) -> None:
        heard.append(event.number)

    bus = Bus()
    bus.on(Said, hear, name="listener")
    relay = Relay(database, bus)
    await tell(database, 1, 2, 3)
    await relay.drain()
    await tell(database, 4)
    await relay.drain()
    assert heard == [1, 2, 3, 4]


async def test_an_event_that_is_rolled_back_was_never_told(database: Database) -> None:
    heard: list[int] = []

    async def hear(event: Said) -> None:
        heard.append(event.number)

    bus = Bus()
    bus.on(Said, hear, name="listener")
    try:
        async with database.writing() as session:
            await TransactionalOutbox(session, "tester").publish(Said(number=1))
            raise RuntimeError("changed my mind")
    except RuntimeError:
        pass
    await Relay(database, bus).drain()
    assert heard == []


async def test_a_slow_transaction_loses_no_event(database: Database) -> None:
    heard: list[int] = []

    async def hear(event: Said) -> None:
        heard.append(event.number)

    bus = Bus()
    bus.on(Said, hear, name="listener")
    relay = Relay(database, bus)
    told, may_commit = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with database.writing() as session:
            await TransactionalOutbox(session, "tester").publish(Said(number=1))
            told.set()
            await may_commit.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(slow())
        await told.wait()
        await tell(database, 2)
        await relay.drain()
        may_commit.set()
    await relay.drain()
    assert sorted(heard) == [1, 2]


async def test_a_failing_delivery_goes_to_the_dead_letters_and_the_next_is_delivered(
    database: Database,
) -> None:
    heard: list[int] = []

    async def hear(event: Said) -> None:
        if event.number == 1:
            raise ValueError("a secret value")
        heard.append(event.number)

    bus = Bus()
    bus.on(Said, hear, name="listener")
    await tell(database, 1, 2)
    await Relay(database, bus).drain()
    assert heard == [2]
    async with database.reading() as session:
        errors = (await session.scalars(sa.select(DeadLetter.error))).all()
    assert errors == ["ValueError"]
