"""Makes the metadata database ready and prints nothing: ``python -m muniment.cli.prepare``."""

import asyncio
import json
import sys

from muniment.composition.product import Product
from muniment.kernel.errors import MunimentError
from muniment.platform.migrate import prepared_store
from muniment.platform.settings import Settings, load_settings


async def first_administrator(product: Product) -> None:
    """Make the account `admin` where nobody may manage Muniment yet."""
    async with product.writing() as unit:
        await unit.identity.ensure_administrator()


async def _make(settings: Settings, url: str) -> None:
    product = Product.on(settings, url, pool_size=1)
    try:
        await first_administrator(product)
    finally:
        await product.close()


def main() -> int:
    """Start the database, migrate it, make the first administrator."""
    try:
        settings = load_settings()
        url = prepared_store(settings)
        asyncio.run(_make(settings, url))
    except MunimentError as error:
        print(json.dumps({"error": error.message}), file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
