"""What an API process does beside answering: its search index, and what many requests share."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

import structlog

from muniment.api.events import EventQueue
from muniment.catalog.search.index import SearchIndex
from muniment.composition.product import Product
from muniment.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 1.0


class Background:
    """Runs as long as the API does."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.search = SearchIndex()
        self.events = EventQueue(product)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_fresh())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.events.close()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep_fresh(self) -> None:
        while True:
            try:
                await self.search.refresh(self.product.database)
            except Unavailable as error:
                log.warning("search.waits", reason=error.slug)
            await asyncio.sleep(REFRESH_SECONDS)
