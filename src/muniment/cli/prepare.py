"""Makes the metadata database ready and prints nothing: ``python -m muniment.cli.prepare``."""

import asyncio
import json
import sys

from muniment.composition.product import Product
from muniment.kernel.errors import MunimentError
from muniment.platform.migrate import prepared_store
from muniment.platform.settings import load_settings


async def _first_administrator(product: Product) -> None:
    async with product.writing() as unit:
        await unit.identity.ensure_administrator()
    await product.close()


def main() -> int:
    """Start the database, migrate it, make the first administrator."""
    try:
        settings = load_settings()
        url = prepared_store(settings)
        asyncio.run(_first_administrator(Product.on(settings, url, pool_size=1)))
    except MunimentError as error:
        print(json.dumps({"error": error.message}), file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
