"""What an API process does beside answering: keeps its own disposable views fresh."""

import asyncio
from types import TracebackType
from typing import Self

from muniment.composition.product import Product


class Background:
    """Runs as long as the API does."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
