"""Figures are shown when all that was told has been heard, and not before."""

import asyncio

from muniment.cli.settled import until_settled
from muniment.composition.product import Product
from muniment.platform.relay import Relay


async def test_it_waits_for_deliveries_and_for_the_seal(product: Product) -> None:
    async with product.writing() as unit:
        await unit.identity.create("ada")
    await _seal(product)
    waiting = asyncio.create_task(until_settled(product))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    await Relay(product.database, product.bus).drain()
    await _seal(product)
    await asyncio.wait_for(waiting, 20)


async def _seal(product: Product) -> None:
    async with product.writing() as unit:
        while await unit.compliance.trail.seal() is not None:
            pass
