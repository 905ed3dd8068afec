"""Quality as a steward uses it, through the real API."""

from datetime import timedelta

import pytest
from httpx import AsyncClient
from tests.conftest import token_for
from tests.integration.catalog.quality.conftest import NOW, Estate
from tests.integration.catalog.quality.test_quality_story import ORDERS, UNIQUE, rows

from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant
from muniment.kernel.values import Sensitivity

BASE = "/api/v1/quality"
ASSET = {"asset": "shop/sales/orders"}


async def scanned(estate: Estate) -> None:
    meta = await estate.register("orders", ORDERS)
    await estate.scan(meta, rows(bad=20), UNIQUE, labels={"email": Sensitivity.CONFIDENTIAL})
    estate.clock.moment = NOW + timedelta(hours=1)
    await estate.scan(meta, rows(bad=10), UNIQUE, labels={"email": Sensitivity.CONFIDENTIAL})


async def test_a_steward_declares_changes_and_drops_a_check(
    client: AsyncClient, estate: Estate
) -> None:
    await estate.register("orders", ORDERS)
    types = (await client.get(f"{BASE}/check-types")).json()
    assert len(types) >= 40
    wanted = {**ASSET, "type": "in_range", "columns": ["amount"], "params": {"min": 0}}
    made = await client.post(f"{BASE}/checks", json=wanted)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    url = f"{BASE}/checks/{made.json()['id']}"
    body = {"type": "in_range", "columns": ["amount"], "params": {"min": 1}, "severity": "high"}
    changed = await client.put(url, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["severity"]) == (200, "high")
    assert (await client.put(url, json=body, headers={"If-Match": '"1"'})).status_code == 412
    listed = (await client.get(f"{BASE}/checks", params=ASSET)).json()["items"]
    assert [one["version"] for one in listed] == [2]
    assert (await client.delete(url)).status_code == 204
    assert (await client.get(url)).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "in_range", "columns": ["amount"]},
        {"type": "no_such", "columns": ["amount"]},
        {"type": "regex", "columns": ["status"], "params": {"pattern": "(?!x)"}},
        {"type": "in_set", "columns": ["status"], "params": {"values": ["\x00"]}},
        {"type": "not_null", "columns": ["nowhere"]},
        {"type": "not_null", "columns": ["status"], "params": {"min_ratio": 1e999}},
        {"type": "not_null", "columns": ["status"], "title": "\x00"},
    ],
)
async def test_what_does_not_fit_is_a_problem_document(
    client: AsyncClient, estate: Estate, wrong: dict[str, object]
) -> None:
    await estate.register("orders", ORDERS)
    text = str({**ASSET, **wrong})
    body = {**ASSET, **wrong} if "inf" not in text else None
    answer = (
        await client.post(f"{BASE}/checks", json=body)
        if body is not None
        else await client.post(
            f"{BASE}/checks",
            content=b'{"asset":"shop/sales/orders","type":"not_null","columns":["status"],'
            b'"params":{"min_ratio":1e999}}',
            headers={"content-type": "application/json"},
        )
    )
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_results_scores_profiles_and_incidents_are_served(
    client: AsyncClient, estate: Estate
) -> None:
    await scanned(estate)
    results = (await client.get(f"{BASE}/results", params={**ASSET, "status": "failed"})).json()
    assert "unique:order_id" in [one["key"] for one in results["items"]]
    key = {**ASSET, "key": "unique:order_id"}
    history = (await client.get(f"{BASE}/results/history", params=key)).json()["items"]
    assert [one["failed"] for one in history] == [10, 20]
    score = (await client.get(f"{BASE}/score", params=ASSET)).json()
    assert 0 < score["latest"]["score"] < 100
    assert "sum(w e)" in score["formula"]
    assert len((await client.get(f"{BASE}/score/trend", params=ASSET)).json()) == 2
    whole = (await client.get(f"{BASE}/estate")).json()
    assert whole["score"] == score["latest"]["score"]
    assert {one["dimension"] for one in whole["dimensions"]} >= {"uniqueness", "validity"}
    assert (await client.get(f"{BASE}/estate/trend", params={"days": 3})).status_code == 200
    worst = (await client.get(f"{BASE}/estate/worst")).json()["items"]
    assert [one["asset"] for one in worst] == ["shop/sales/orders"]

    profile = (await client.get("/api/v1/profiles", params=ASSET)).json()
    columns = {one["name"]: one for one in profile["columns"]}
    assert columns["status"]["top"][0]["value"] in ("open", "paid")
    assert "anna" not in str(columns["email"])
    runs = (await client.get("/api/v1/profiles/history", params=ASSET)).json()["items"]
    assert [one["latest"] for one in runs] == [True, False]
    older = await client.get("/api/v1/profiles", params={**ASSET, "run_id": runs[1]["run_id"]})
    assert older.json()["run_id"] == runs[1]["run_id"]

    open_now = (await client.get(f"{BASE}/incidents", params={"open": True})).json()["items"]
    incident = next(one for one in open_now if one["key"] == "unique:order_id")
    url = f"{BASE}/incidents/{incident['id']}"
    assert (await client.post(f"{url}/acknowledge")).json()["state"] == "acknowledged"
    cause = {"reason": "The feed was loaded twice."}
    assert (await client.post(f"{url}/root-cause", json=cause)).json()["state"] == "root_cause"
    assert (await client.post(f"{url}/resolve", json={"reason": "Removed."})).status_code == 200
    assert (await client.post(f"{url}/false-positive", json=cause)).status_code == 409
    counts = (await client.get(f"{BASE}/incidents/summary")).json()
    assert counts["open"] == len(open_now) - 1


async def test_nobody_sees_another_domain_and_viewers_see_no_values(
    anonymous: AsyncClient, product: Product, estate: Estate
) -> None:
    await scanned(estate)
    outsider = await token_for(product, "otto", RoleGrant("steward", "finance"))
    viewer = await token_for(product, "vera", RoleGrant("viewer", "sales"))
    asked = [
        f"{BASE}/results", f"{BASE}/score", f"{BASE}/checks", f"{BASE}/score/trend",
        "/api/v1/profiles", "/api/v1/profiles/history",
    ]  # fmt: skip
    for url in asked:
        headers = {"Authorization": f"Bearer {outsider}"}
        assert (await anonymous.get(url, params=ASSET, headers=headers)).status_code == 404, url
    for url in (f"{BASE}/incidents", f"{BASE}/estate/worst"):
        headers = {"Authorization": f"Bearer {outsider}"}
        assert (await anonymous.get(url, headers=headers)).json()["items"] == []
    headers = {"Authorization": f"Bearer {viewer}"}
    shown = await anonymous.get("/api/v1/profiles", params=ASSET, headers=headers)
    assert shown.status_code == 200
    assert all(top["masked"] for one in shown.json()["columns"] for top in one["top"])
    declare = await anonymous.post(f"{BASE}/checks", json={**ASSET, "type": "x"}, headers=headers)
    assert declare.status_code == 403
