"""Runs the API process: ``python -m muniment.api.main``."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from muniment.api.app import create_app
from muniment.composition.product import Product
from muniment.kernel.errors import MunimentError, Unavailable
from muniment.platform.db import Database
from muniment.platform.logs import configure
from muniment.platform.settings import Settings, load_settings
from muniment.platform.store import store_url


async def _refused(url: str) -> None:
    """Raise when the database is there and refuses us; an outage is waited for while serving."""
    database = Database(url, pool_size=1)
    try:
        await database.wait_until_ready(seconds=0)
    except Unavailable as error:
        if error.context.get("refused"):
            raise
    finally:
        await database.close()


def main() -> None:
    """Serve; what stands in the way of that is told in one line."""
    try:
        settings = load_settings()
        configure(settings, process="api")
        asyncio.run(_refused(store_url(settings)))
    except MunimentError as error:
        sys.exit(f"Error: {error.message}")
    serve(settings)


def serve(settings: Settings) -> None:
    """Answer on the configured address until told to stop."""

    @asynccontextmanager
    async def product() -> AsyncIterator[Product]:
        opened = Product.on(settings, store_url(settings), application_name="muniment-api")
        try:
            yield opened
        finally:
            await opened.close()

    uvicorn.run(
        create_app(product),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,
    )


if __name__ == "__main__":
    main()
