"""Waits for what happens after a scan: deliveries, judgements, sealing; and for the API."""

import asyncio
import time
import urllib.error
import urllib.request

from muniment.composition.listeners import subscribe_all
from muniment.composition.product import Product
from muniment.kernel.errors import Unavailable
from muniment.platform.relay import Relay

SETTLE_SECONDS = 60.0
SERVE_SECONDS = 60.0
POLL_SECONDS = 0.2


async def until_settled(product: Product) -> None:
    """Return when every told event was delivered and the audit trail is sealed, or after a minute.

    Nothing is lost when it takes longer: the figures shown are then those of the moment.
    """
    if not product.bus.subscribers():
        subscribe_all(product)  # nothing is delivered here: it tells whose deliveries to wait for
    relay = Relay(product.database, product.bus)
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        async with product.reading() as unit:
            unsealed = (await unit.compliance.trail.fact()).unsealed
        if not unsealed and not await relay.behind():
            return
        await asyncio.sleep(POLL_SECONDS)


async def until_served(url: str) -> None:
    """Return when the API answers; Unavailable when it has not after a minute."""
    deadline = time.monotonic() + SERVE_SECONDS
    while not await asyncio.to_thread(_answers, url):
        if time.monotonic() > deadline:
            raise Unavailable(f"The API at {url} did not start; its messages above say why.")
        await asyncio.sleep(POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v1/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
