"""Labels, search and the history stay in step: what is decided is found, what is old is dropped."""

import sqlalchemy as sa
from httpx import AsyncClient
from tests.integration.catalog.lineage.estate import view
from tests.integration.classification.conftest import Shop, emails
from tests.integration.classification.test_inheritance_story import (
    CUSTOMERS,
    ESTATE,
    derive,
)

from muniment.catalog.search.index import SearchIndex
from muniment.catalog.search.query import SearchRequest
from muniment.composition.listeners import subscribe_all
from muniment.platform.policy import EVERYTHING
from muniment.platform.relay import Relay

EMAIL = SearchRequest("", filters={"label": ("contact.email",)})
GUARDED = SearchRequest("", filters={"sensitivity": ("confidential",)})
CUSTOMERS_TABLE, CONTACTS, LETTERS = "customers", "contacts", "letters"


async def test_what_search_finds_follows_every_decision_at_once(
    shop: Shop, client: AsyncClient
) -> None:
    subscribe_all(shop.product)
    relay, index = Relay(shop.product.database, shop.product.bus), SearchIndex()

    async def found(request: SearchRequest) -> set[str]:
        await relay.drain()
        await index.refresh(shop.product.database)
        async with shop.product.reading() as unit:
            results = await unit.catalog.search.search(index, request, EVERYTHING)
            return {each.asset.name for each in results.items}

    await derive(shop.product, *ESTATE)
    assert await found(EMAIL) == set()
    await shop.scan(CUSTOMERS, {"email": emails(80)})
    await derive(shop.product, *ESTATE)
    carried = await found(EMAIL)
    assert {CUSTOMERS_TABLE, CONTACTS, LETTERS} == carried == await found(GUARDED)

    labels = (await client.get("/api/v1/labels", params={"asset": str(CUSTOMERS)})).json()
    address = f"/api/v1/labels/{labels['items'][0]['id']}/decision"
    await client.post(address, json={"action": "reject"})
    assert await found(EMAIL) == set()
    assert await found(GUARDED) == set()
    await client.post(address, json={"action": "confirm"})
    assert await found(EMAIL) == carried == await found(GUARDED)
    nothing = view("main.contacts", "select id, 'x' as mail from main.customers", "id", "mail")
    await derive(shop.product, ESTATE[0], nothing, ESTATE[2])
    assert await found(EMAIL) == {CUSTOMERS_TABLE}


async def test_the_history_ends_after_two_years_but_for_what_nobody_has_looked_at(
    shop: Shop,
) -> None:
    await shop.scan(CUSTOMERS, {"email": emails(80), "phone": ["+49 30 901820"] * 80})
    async with shop.product.writing() as unit:
        session, record = unit.ground.session, unit.classification.record
        await session.execute(
            sa.text(
                "update classification.label_event set at = now() - interval '3 years',"
                " alert = label = 'contact.phone'"
            )
        )
        await record.forget_old()
        left = await session.scalars(sa.text("select label from classification.label_event"))
        assert left.all() == ["contact.phone"]
