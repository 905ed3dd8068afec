"""Lineage events of many requests in one transaction: each is answered once it is committed."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from muniment.catalog.lineage.openlineage.events import PipelineEvent
from muniment.composition.product import Product
from muniment.kernel.errors import Unavailable

TOGETHER = 500
MOST_WAITING = 20_000


@dataclass(slots=True)
class _Waiting:
    event: PipelineEvent
    by: str
    done: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class EventQueue:
    """While one transaction is committed the next batch gathers: the busier, the larger."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, event: PipelineEvent, by: str) -> None:
        """Return when the event is committed; raises what kept it from being so."""
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable("Too many lineage events are waiting. Send it again in a minute.")
        waiting = _Waiting(event, by)
        self._waiting.append(waiting)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        await waiting.done

    async def close(self) -> None:
        """Let those that wait be committed."""
        if self._task is not None:
            with suppress(Exception):
                await self._task

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            await self._take(batch)

    async def _take(self, batch: list[_Waiting]) -> None:
        """A batch that cannot be taken is taken one by one, so that one event costs only itself."""
        try:
            async with self._product.writing() as unit:
                await unit.catalog.intake.take([(each.event, each.by) for each in batch])
        except Exception as error:  # noqa: BLE001  whatever it is, those who wait are told
            if len(batch) > 1 and not isinstance(error, Unavailable):
                for each in batch:
                    await self._take([each])
                return
            for each in batch:
                if not each.done.done():
                    each.done.set_exception(error)
            return
        for each in batch:
            if not each.done.done():
                each.done.set_result(None)
