"""What the command line does with accounts."""

from muniment.cli.opened import with_product
from muniment.composition.product import Product
from muniment.platform.settings import Settings


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

    return with_product(lambda product: make_sign_in_link(product, account))
