"""Labels live on: drift is told, drafts show what they change, versions are taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from httpx import AsyncClient
from tests.integration.classification.conftest import CUSTOMERS, PEOPLE, Shop, emails
from tests.integration.classification.test_labels_story import ALL, label_ids

from muniment.classification.direct import classify_table
from muniment.classification.service.decisions import Action
from muniment.composition.listeners import opener
from muniment.contracts.classification import LabelsRevalued, ReidentificationChanged
from muniment.kernel.refs import AssetRef
from muniment.worker.revaluing import Revaluer

NUMBERS = [f"MN-{n:06}" for n in range(80)]
MOSTLY = [*NUMBERS[:60], *(f"free text {n}" for n in range(20))]
ENTRY: dict[str, Any] = {
    "id": "custom.member",
    "title": "Member number",
    "category": "business",
    "sensitivity": "confidential",
    "patterns": ["MN-[0-9]{6}"],
    "strength": "strong",
    "header": {"strong": ["member"]},
    "examples": {"hit": ["MN-000001"], "miss": ["MN_1"]},
}
API = "/api/v1"


async def scan(
    shop: Shop,
    ref: AssetRef,
    columns: Mapping[str, Sequence[object]],
    more: Mapping[str, Any] | None = None,
) -> None:
    """A scan as the product runs it: marks are kept."""
    async with shop.product.writing() as unit:
        params = await unit.classification.planner.classify_params(["*"], 0.5)
    table = pa.table({name: list(values) for name, values in columns.items()})
    await shop.publish(ref, {**classify_table(table, ref, params), **(more or {})})


async def judge_all(shop: Shop) -> None:
    """What a worker does until nothing waits."""
    worker = Revaluer(opener(shop.product, lambda unit: unit.classification.revaluations))
    try:
        while await worker.turn():
            pass
    finally:
        await worker.pool.close()


async def test_what_a_column_starts_or_stops_holding_is_told_once(
    shop: Shop, client: AsyncClient
) -> None:
    await scan(shop, CUSTOMERS, {"contact": emails(80), "other": ["a", "b"] * 40})
    assert (await client.get(f"{API}/classification/alerts")).json() == {"waiting": 0}
    [label_id] = (await label_ids(shop.product)).values()
    async with shop.product.writing() as unit:
        await unit.classification.decisions.decide(label_id, Action.CONFIRM, reason=None, seen=ALL)
    for _ in range(2):
        await scan(shop, CUSTOMERS, {"contact": ["x", "y"] * 40, "other": emails(80)})
    asked: dict[str, str | bool] = {"alerts": True, "asset": str(CUSTOMERS)}
    alerts = (await client.get(f"{API}/classification/history", params=asked)).json()["items"]
    assert sorted((each["column_name"], each["kind"]) for each in alerts) == [
        ("contact", "missing"),
        ("other", "appeared"),
    ]
    seen = {"alerts": [each["id"] for each in alerts]}
    assert len((await client.post(f"{API}/classification/alerts/acknowledge", json=seen)).json())
    assert (await client.get(f"{API}/classification/alerts")).json() == {"waiting": 0}
    history = (
        await client.get(f"{API}/classification/history", params={"column": "contact"})
    ).json()["items"]
    assert [each["kind"] for each in history] == ["missing", "confirmed", "appeared"]
    assert history[1]["actor"] is not None
    assert "person1@" not in str(history)


async def test_a_draft_shows_what_it_changes_and_is_applied_and_taken_back(
    shop: Shop, client: AsyncClient
) -> None:
    made = await client.post(f"{API}/classifiers", json={"classifier": ENTRY})
    assert made.status_code == 201, made.text
    mixed = [*NUMBERS[:40], *(f"free text {n}" for n in range(40))]
    await scan(shop, CUSTOMERS, {"member": NUMBERS, "remark": MOSTLY})
    await scan(shop, PEOPLE, {"member": mixed})
    async with shop.product.reading() as unit:
        assets, columns, size = await unit.classification.record.kept.size()
    assert (assets, columns) == (2, 3)
    assert 0 < size < 20_000

    stricter = {**ENTRY, "min_share": 0.99, "sensitivity": "restricted"}
    asked = await client.post(f"{API}/revaluations/drafts", json={"classifier": stricter})
    assert asked.status_code == 202, asked.text
    draft = asked.json()
    assert not draft["reads"]
    before = await label_ids(shop.product, label="custom.member")
    await judge_all(shop)
    url = f"{API}/revaluations/{draft['id']}"
    told = (await client.get(url)).json()
    assert (told["state"], told["assets_done"]) == ("ready", 2)
    assert told["lost"] >= 1
    assert told["gate"]["passes"]
    assert told["gate"]["examples"] == {"hits": 1, "misses": 1}
    diff = (await client.get(f"{url}/columns", params={"change": "lost"})).json()["items"]
    assert ("remark", "custom.member") in {(e["column_name"], e["label"]) for e in diff}
    assert await label_ids(shop.product, label="custom.member") == before

    done = await client.post(f"{url}/publish", json={})
    assert done.status_code == 200, done.text
    assert done.json()["version"] == 2
    await judge_all(shop)
    after = await label_ids(shop.product, label="custom.member")
    assert set(before) - set(after) >= {("remark", "custom.member")}
    assert (await shop.told(LabelsRevalued.topic))[-1]["undone"] is False

    back = await client.post(f"{API}/classifiers/custom.member/rollback", json={"version": 1})
    assert back.status_code == 200, back.text
    assert back.json()["labels"] >= 1
    assert back.json()["version"] == 3
    assert set(await label_ids(shop.product, label="custom.member")) == set(before)


async def test_a_label_made_of_others_is_judged_from_kept_values(
    shop: Shop, client: AsyncClient
) -> None:
    await client.post(f"{API}/classifiers", json={"classifier": ENTRY})
    await scan(shop, CUSTOMERS, {"member": NUMBERS, "contact": emails(80)})
    await scan(shop, PEOPLE, {"member": NUMBERS})
    identity = {
        "id": "custom.identity",
        "title": "Customer identity",
        "category": "personal",
        "sensitivity": "restricted",
        "compose": {"all_of": ["custom.member"], "beside_any": ["contact.*"], "within": 3},
    }
    unknown = {**identity, "compose": {"all_of": ["custom.nobody"]}}
    refused = await client.post(f"{API}/classifiers", json={"classifier": unknown})
    assert refused.status_code == 422
    assert "does not exist" in refused.json()["detail"]
    asked = await client.post(f"{API}/revaluations/drafts", json={"classifier": identity})
    assert asked.status_code == 202, asked.text
    assert not asked.json()["reads"]
    await judge_all(shop)
    url = f"{API}/revaluations/{asked.json()['id']}"
    assert (await client.get(url)).json()["gained"] == 1
    assert (await client.post(f"{url}/publish", json={})).status_code == 200
    await judge_all(shop)
    [label] = (await client.get(f"{API}/labels?label=custom.identity")).json()["items"]
    assert (label["asset"], label["column_name"]) == (str(CUSTOMERS), "member")
    evidence = (await client.get(f"{API}/labels/{label['id']}")).json()["evidence"]
    assert [part["column"] for part in evidence["rests_on"]] == ["member", "contact"]
    nested = {**identity, "id": "custom.more", "compose": {"all_of": ["custom.identity"]}}
    refused = await client.post(f"{API}/classifiers", json={"classifier": nested})
    assert "made of others itself" in refused.json()["detail"]


async def test_an_allow_list_of_a_shipped_classifier_asks_for_a_scan(
    shop: Shop, client: AsyncClient
) -> None:
    await scan(shop, CUSTOMERS, {"contact": emails(80)})
    assert await label_ids(shop.product, label="contact.email")
    entry = (await client.get(f"{API}/classifiers/contact.email")).json()["entry"]
    own = {**entry, "allowed": emails(80)}
    asked = await client.post(f"{API}/revaluations/drafts", json={"classifier": own})
    assert asked.status_code == 202, asked.text
    assert asked.json()["reads"]
    await judge_all(shop)
    done = await client.post(f"{API}/revaluations/{asked.json()['id']}/publish", json={})
    assert done.status_code == 200, done.text
    await judge_all(shop)
    await scan(shop, CUSTOMERS, {"contact": emails(80)})
    live = (await client.get(f"{API}/labels?label=contact.email")).json()["items"]
    assert not [each for each in live if each["evidence"].get("mode") == "values"]


async def test_a_draft_that_loses_what_people_confirmed_meets_a_shut_gate(
    shop: Shop, client: AsyncClient
) -> None:
    await client.post(f"{API}/classifiers", json={"classifier": ENTRY})
    await scan(shop, CUSTOMERS, {"remark": MOSTLY})
    [label_id] = (await label_ids(shop.product, label="custom.member")).values()
    async with shop.product.writing() as unit:
        await unit.classification.decisions.decide(label_id, Action.CONFIRM, reason=None, seen=ALL)
    stricter = {**ENTRY, "min_share": 0.99}
    draft = await client.post(f"{API}/revaluations/drafts", json={"classifier": stricter})
    await judge_all(shop)
    url = f"{API}/revaluations/{draft.json()['id']}"
    gate = (await client.get(url)).json()["gate"]
    assert not gate["passes"]
    assert gate["decisions"]["recall"] == 0.0
    refused = await client.post(f"{url}/publish", json={})
    assert refused.status_code == 409
    assert "confirmed" in refused.json()["detail"]
    said = {"despite": "The numbers were renamed."}
    assert (await client.post(f"{url}/publish", json=said)).status_code == 200


async def test_a_new_pattern_names_the_columns_that_have_to_be_read(
    shop: Shop, client: AsyncClient
) -> None:
    await scan(shop, CUSTOMERS, {"c7": NUMBERS, "other": ["alpha", "beta"] * 40})
    draft = await client.post(f"{API}/revaluations/drafts", json={"classifier": ENTRY})
    assert draft.json()["reads"]
    await judge_all(shop)
    url = f"{API}/revaluations/{draft.json()['id']}"
    told = (await client.get(url)).json()
    assert (told["to_read"], told["gained"], told["state"]) == (1, 0, "ready")
    [column] = (await client.get(f"{url}/columns")).json()["items"]
    assert (column["column_name"], column["change"]) == ("c7", "to_read")
    assert "shape" in column["why"]
    assert (await client.get(f"{url}/to-read")).json() == [
        {"source": "shop", "assets": [str(CUSTOMERS)]}
    ]


async def test_rows_that_can_be_told_apart_are_a_risk(shop: Shop, client: AsyncClient) -> None:
    days = [f"19{50 + n % 50}-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(200)]
    table = {"birth_date": days, "gender": ["f", "m"] * 100, "email": emails(200)}
    figures = {"groups": 190, "small": 0.97, "smallest": 1, "exact": True, "rows": 200}
    sets = [{"columns": ["birth_date", "gender"], "unique": 0.93, **figures}]
    await scan(shop, PEOPLE, table, {"risk": {"rows": 200, "of": 200, "sets": sets}})
    [risk] = (await client.get(f"{API}/reidentification")).json()["items"]
    assert (risk["level"], risk["columns"]) == ("high", ["birth_date", "gender"])
    assert risk["detail"]["direct"] == ["email"]
    [event] = await shop.told(ReidentificationChanged.topic)
    assert event["level"] == "high"
    [same] = (await client.get(f"{API}/reidentification", params={"asset": risk["asset"]})).json()[
        "items"
    ]
    assert same == risk
    none = await client.get(f"{API}/reidentification", params={"asset": str(CUSTOMERS)})
    assert none.json()["items"] == []
    one = await client.get(f"{API}/reidentification/asset", params={"asset": str(CUSTOMERS)})
    assert one.status_code == 404


async def test_coverage_is_told_by_domain_and_the_queue_learns_when_to_stop(
    shop: Shop, client: AsyncClient
) -> None:
    for n in range(7):
        await scan(shop, AssetRef("shop", ("sales", f"t{n}")), {"cust_email": emails(60)})
    covered = (await client.get(f"{API}/classification/coverage")).json()
    [domain] = covered["domains"]
    assert (domain["domain"], domain["columns"], domain["read"], domain["labelled"]) == (
        "sales",
        7,
        7,
        7,
    )
    labels = (await client.get(f"{API}/labels")).json()["items"]
    ids = [each["id"] for each in labels if each["label"] == "contact.email"][:5]
    [group] = (await client.get(f"{API}/review-queue")).json()["items"]
    assert not group["settled"]
    await client.post(f"{API}/labels/decisions", json={"labels": ids, "action": "confirm"})
    [group] = (await client.get(f"{API}/review-queue")).json()["items"]
    assert group["settled"]
    assert group["count"] == 2
