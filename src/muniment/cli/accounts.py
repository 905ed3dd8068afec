"""What the command line does with accounts."""

import asyncio

from muniment.composition.product import Product
from muniment.platform.migrate import prepared_store
from muniment.platform.settings import Settings, load_settings


def base_url(settings: Settings) -> str:
    """The address people use."""
    return settings.base_url or f"http://{settings.host}:{settings.port}"


async def make_sign_in_link(product: Product, account: str = "admin") -> str:
    """A link that signs ``account`` in once."""
    async with product.writing() as unit:
        code = await unit.identity.sign_in_code(account)
    return f"{base_url(product.settings)}/sign-in?code={code}"


def sign_in_link(account: str) -> str:
    """The same, from a process that has no product open."""

    async def make() -> str:
        settings = load_settings()
        product = Product.on(settings, prepared_store(settings), pool_size=1)
        try:
            return await make_sign_in_link(product, account)
        finally:
            await product.close()

    return asyncio.run(make())
