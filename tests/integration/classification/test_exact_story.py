"""A list of exact values: sent once, kept as hashes, never shown again."""

from httpx import AsyncClient
from tests.integration.classification.conftest import CUSTOMERS, Shop
from tests.integration.classification.conftest import shop as shop  # a fixture
from tests.integration.classification.test_labels_story import label_ids
from tests.integration.classification.test_living_story import judge_all, scan

API = "/api/v1/classifiers"
NUMBERS = [f"{n * 7919 % 10**6:06}-{n % 9}" for n in range(400)]


async def test_a_list_is_kept_through_changes_and_its_hashes_stay_inside(
    shop: Shop, client: AsyncClient
) -> None:
    hashed = (await client.post(f"{API}/exact-match", json={"values": NUMBERS})).json()
    assert hashed["count"] == 400
    entry = {
        "id": "custom.customer",
        "title": "Customer number",
        "category": "business",
        "sensitivity": "confidential",
        "strength": "strong",
        "exact_match": hashed,
    }
    tried = await client.post(f"{API}/test", json={"classifier": entry, "values": NUMBERS[:2]})
    assert tried.json()["hits"] == [True, True]
    made = await client.post(API, json={"classifier": entry})
    assert made.status_code == 201, made.text
    shown = (await client.get(f"{API}/custom.customer")).json()
    assert hashed["digests"] not in str(shown)
    assert shown["entry"]["exact_match"] == {**hashed, "digests": ""}
    assert "list" in shown["by"]

    await scan(shop, CUSTOMERS, {"c3": NUMBERS[:200], "c4": ["x", "y"] * 100})
    assert set(await label_ids(shop.product, label="custom.customer")) == {
        ("c3", "custom.customer")
    }
    renamed = {**shown["entry"], "title": "Number of a customer"}
    kept = await client.put(f"{API}/custom.customer", json={"classifier": renamed})
    assert kept.status_code == 200, kept.text
    again = await client.post(f"{API}/test", json={"classifier": renamed, "values": NUMBERS[:1]})
    assert again.json()["hits"] == [True]
    draft = await client.post("/api/v1/revaluations/drafts", json={"classifier": renamed})
    assert draft.status_code == 202, draft.text
    assert not draft.json()["reads"], "the same list: kept marks answer"
    await judge_all(shop)

    other = {**renamed, "exact_match": {**hashed, "salt": "0" * 32, "digests": ""}}
    lost = await client.put(f"{API}/custom.customer", json={"classifier": other})
    assert lost.status_code == 422
    assert "send the list again" in lost.json()["detail"]
