"""The queue learns when to stop asking, says so, and asks again when people disagree."""

from uuid import UUID

from httpx import AsyncClient
from tests.conftest import token_for
from tests.integration.classification.conftest import CUSTOMERS, PEOPLE, Shop, emails

from muniment.classification.model import LabelFilter
from muniment.classification.service.decisions import Action
from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant
from muniment.platform.paging import PageQuery
from muniment.platform.policy import Visibility

ALL = Visibility(None)
URL = "/api/v1/classification/asking"


async def decide(product: Product, ids: list[UUID], action: Action) -> None:
    """One judgement for each label, as if people clicked one after another."""
    async with product.writing() as unit:
        for each in ids:
            await unit.classification.decisions.decide(each, action, reason=None, seen=ALL)


async def waiting(product: Product) -> list[UUID]:
    async with product.reading() as unit:
        wanted = LabelFilter(label="contact.email", state="suggested")
        page = await unit.classification.labels.page(ALL, wanted, PageQuery(limit=1000))
        return [row.id for row in page.items]


async def test_the_queue_stops_asking_where_people_agreed_and_asks_again_when_they_do_not(
    client: AsyncClient, shop: Shop
) -> None:
    await shop.scan(CUSTOMERS, {f"{n:02}_email": emails(60) for n in range(36)})
    ids = await waiting(shop.product)
    assert len(ids) == 36
    async with shop.product.writing() as unit:
        await unit.classification.decisions.decide_many(
            ids[:30], Action.CONFIRM, reason=None, seen=ALL
        )
    told = (await client.get(URL)).json()
    assert [(each["confirmed"], each["asks"]) for each in told["learned"]] == [(1, True)]

    await decide(shop.product, ids[:35], Action.CONFIRM)
    await shop.scan(PEOPLE, {"mail_address": emails(60), "email": emails(60)})
    told = (await client.get(URL)).json()
    assert (told["enabled"], told["bar"], told["reasked"]) == (True, 0.9, 16)
    [learned] = told["learned"]
    assert learned["asks"] is False
    assert (learned["label"], learned["confirmed"] >= 35) == ("contact.email", True)

    asked = (await client.get("/api/v1/review-queue")).json()["items"]
    resting = (await client.get("/api/v1/review-queue?asked=false")).json()["items"]
    assert resting
    assert all(each["agreement"]["at_least"] >= 0.9 for each in resting)
    assert not any(each["look_alike"].startswith("0") for each in resting)
    assert all(each["look_alike"].startswith("0") for each in asked)
    assert told["resting_groups"] == len(resting)
    one = await client.get(f"/api/v1/review-queue/{resting[0]['look_alike']}")
    assert one.json()["asked"] is False

    await decide(shop.product, (await waiting(shop.product))[:1], Action.REJECT)
    assert (await client.get(URL)).json()["learned"][0]["asks"] is True
    assert (await client.get("/api/v1/review-queue?asked=false")).json()["items"] == []


async def test_stopping_is_switched_by_those_who_manage_and_told(
    client: AsyncClient, shop: Shop, product: Product
) -> None:
    done = await client.put(URL, json={"enabled": False, "bar": 0.95})
    assert done.status_code == 200, done.text
    assert (done.json()["enabled"], done.json()["bar"]) == (False, 0.95)
    assert (await client.get(URL)).json()["updated_by"]
    [event] = await shop.told("classification.asking-changed.v1")
    assert (event["enabled"], event["bar"]) == (False, 0.95)
    assert (await client.put(URL, json={"enabled": True, "bar": 0.2})).status_code == 422
    viewer = await token_for(product, "vera", RoleGrant("viewer"))
    refused = await client.put(
        URL, json={"enabled": True}, headers={"Authorization": f"Bearer {viewer}"}
    )
    assert refused.status_code == 403
