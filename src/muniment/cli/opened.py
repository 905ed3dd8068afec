"""The product for the length of one command."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from muniment.composition.product import Product
from muniment.platform.migrate import prepared_store
from muniment.platform.settings import load_settings

T = TypeVar("T")


def with_product(work: Callable[[Product], Awaitable[T]]) -> T:
    """What ``work`` says; the store is prepared first, and closed however it ends."""

    async def run() -> T:
        settings = load_settings()
        product = Product.on(settings, prepared_store(settings), pool_size=1)
        try:
            return await work(product)
        finally:
            await product.close()

    return asyncio.run(run())
