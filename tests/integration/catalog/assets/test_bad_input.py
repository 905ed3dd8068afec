"""Whatever is sent, the answer is a problem with a sentence and nothing is lost."""

import pytest
from httpx import AsyncClient, Response
from tests.integration.catalog.assets.test_asset_stories import id_of, register, table

from muniment.composition.product import Product
from muniment.kernel.ids import new_id

HOSTILE = ("'; drop table catalog.asset;--", "a/../b", "%", "\\", "🦔", "x" * 2001, "a\x00b")


@pytest.fixture
async def here(client: AsyncClient, product: Product) -> str:
    await register(product, "shop", "sales", table("crm.customers", "id", "a/b c"))
    return await id_of(client)


async def test_hostile_texts_are_only_texts(client: AsyncClient, here: str) -> None:
    for text in HOSTILE:
        statuses = {answer.status_code for answer in await answers_to(client, here, text)}
        assert statuses <= {200, 404, 422}, text
    assert (await client.get(f"/api/v1/assets/{here}")).status_code == 200


async def answers_to(client: AsyncClient, here: str, text: str) -> list[Response]:
    return [
        await client.get("/api/v1/assets", params={"q": text}),
        await client.get("/api/v1/assets", params={"label": text, "owner": text}),
        await client.get("/api/v1/assets/by-ref", params={"ref": text}),
        await client.get("/api/v1/search", params={"q": text, "label": [text]}),
        await client.get("/api/v1/search/suggest", params={"q": text}),
        await client.get("/api/v1/tree", params={"parent": text}),
        await client.get(f"/api/v1/lineage/{here}/impact", params={"column": text}),
        await client.get("/api/v1/lineage/statements", params={"source": text}),
        await client.patch(f"/api/v1/assets/{here}", json={"description": text, "tags": [text]}),
    ]


OUT_OF_RANGE = (
    "as-of?at=0001-01-01T00:00:00%2B14:00",
    "as-of?at=9999-12-31T23:59:59-14:00",
    "as-of?at=2026-01-01T00:00:00",
    "diff?before=0&after=99999999999999",
    "diff?before=1&after=2",
    "versions/2",
    "versions?cursor=rubbish",
    "columns?cursor=WyJ4Il0",
)


async def test_values_out_of_range_are_refused_with_a_sentence(
    client: AsyncClient, here: str
) -> None:
    for path in OUT_OF_RANGE:
        answer = await client.get(f"/api/v1/assets/{here}/{path}")
        assert answer.status_code in (404, 422), path
        assert answer.json()["detail"]


async def test_a_column_of_any_name_can_be_described(client: AsyncClient, here: str) -> None:
    url = f"/api/v1/assets/{here}/columns"
    said = await client.patch(f"{url}/a%2Fb%20c", json={"description": "two halves"})
    assert (said.status_code, said.json()["description"]) == (200, "two halves")
    missing = await client.patch(f"{url}/nothing", json={"description": "x"})
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    assert (await client.patch(f"{url}/a%00b", json={"description": "x"})).status_code == 422


async def test_nothing_unknown_is_annotated(client: AsyncClient, here: str) -> None:
    url = f"/api/v1/assets/{here}"
    assert (await client.patch(url, json={"rows": 3})).status_code == 422
    assert (await client.patch(url, json={"retention_days": -1})).status_code == 422
    assert (
        await client.patch(url, json={"owner": "x"}, headers={"If-Match": "no"})
    ).status_code == 412
    twice = {"items": [{"asset_id": here, "owner": "a"}, {"asset_id": here, "owner": "b"}]}
    assert (await client.post("/api/v1/assets/annotate-many", json=twice)).status_code == 422
    absent = await client.patch(f"/api/v1/assets/{new_id()}", json={"owner": "x"})
    assert absent.status_code == 404
