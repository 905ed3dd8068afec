"""A foreign key holds values of the column it leads to, whichever table is scanned first."""

from dataclasses import replace

from httpx import AsyncClient
from tests.integration.catalog.lineage.estate import table
from tests.integration.classification.conftest import Shop, emails
from tests.integration.classification.test_inheritance_story import CUSTOMERS, decide, derive, found

from muniment.classification.service.decisions import Action
from muniment.contracts.connectors import KeyKind, KeyMeta
from muniment.kernel.refs import AssetRef

ORDERS = replace(
    table("main.orders", "id", "customer"),
    keys=(
        KeyMeta(KeyKind.FOREIGN, ("customer",), "of_customer", ("main", "customers"), ("email",)),
    ),
)
ORDERS_REF = AssetRef("shop", ("main", "orders"))


async def test_a_key_carries_the_label_of_what_it_leads_to(shop: Shop, client: AsyncClient) -> None:
    await derive(shop.product, table("main.customers", "id", "email"), ORDERS)
    await shop.scan(ORDERS_REF, {"customer": [f"x{n}" for n in range(60)]})
    assert await found(shop.product) == {}
    await shop.scan(CUSTOMERS, {"email": emails(80)})  # later than what leads to it
    await derive(shop.product, table("main.customers", "id", "email"), ORDERS)
    assert await found(shop.product) == {"orders.customer": "suggested"}
    listed = await client.get("/api/v1/labels", params={"asset": str(ORDERS_REF)})
    [label] = listed.json()["items"]
    card = (await client.get(f"/api/v1/labels/{label['id']}")).json()
    assert card["evidence"] == {
        "mode": "foreign_key",
        "from": [str(CUSTOMERS), "email"],
        "says": "holds values of shop: main.customers.email by a foreign key",
    }
    await decide(shop, str(CUSTOMERS), Action.REJECT)
    assert await found(shop.product) == {}
