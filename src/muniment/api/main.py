"""Runs the API process: ``python -m muniment.api.main``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from muniment.api.app import create_app
from muniment.composition.product import Product
from muniment.platform.logs import configure
from muniment.platform.settings import Settings, load_settings
from muniment.platform.store import store_url


def serve(settings: Settings) -> None:
    """Answer on the configured address until told to stop."""
    configure(settings, process="api")

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
    serve(load_settings())
