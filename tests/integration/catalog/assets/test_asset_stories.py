"""Assets through the API: lists, annotation, history, samples, and who sees what."""

from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from tests.conftest import token_for

from muniment.composition.product import Product
from muniment.contracts.classification import AssetLabelled, ColumnLabel
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.kernel.ids import new_id
from muniment.kernel.principal import RoleGrant
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject, LabelState, Sensitivity, Tier

CUSTOMERS = AssetRef("shop", ("crm", "customers"))
EMAIL = ColumnLabel(
    "email",
    "contact.email",
    "E-mail address",
    "contact",
    Sensitivity.CONFIDENTIAL,
    0.98,
    LabelState.SUGGESTED,
    Tier.RULE,
    personal=True,
)


def table(path: str, *columns: str, kind: AssetKind = AssetKind.TABLE) -> AssetMeta:
    return AssetMeta(tuple(path.split(".")), kind, tuple(ColumnMeta(c, "text") for c in columns))


async def register(product: Product, source: str, domain: str, *metas: AssetMeta) -> None:
    async with product.writing() as unit:
        await unit.catalog.registrar.register(source, domain, "ada", metas, (), run_id=new_id())


@pytest.fixture
async def estate(product: Product) -> None:
    await register(
        product,
        "shop",
        "sales",
        table("crm", kind=AssetKind.SCHEMA),
        table("crm.customers", "id", "email"),
        table("crm.orders", "id", "customer_id"),
    )
    await register(product, "hr", "people", table("staff.salaries", "id", "amount"))


async def someone(app: FastAPI, product: Product, name: str, *roles: RoleGrant) -> AsyncClient:
    secret = await token_for(product, name, *roles)
    return AsyncClient(
        transport=ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://muniment.test",
        headers={"Authorization": f"Bearer {secret}"},
    )


async def id_of(client: AsyncClient, ref: AssetRef = CUSTOMERS) -> str:
    answer = await client.get("/api/v1/assets/by-ref", params={"ref": str(ref)})
    found: str = answer.json()["id"]
    return found


async def test_a_list_can_be_narrowed_and_paged(client: AsyncClient, estate: None) -> None:
    first = (await client.get("/api/v1/assets", params={"limit": 2, "total": True})).json()
    rest = (
        await client.get("/api/v1/assets", params={"limit": 2, "cursor": first["next_cursor"]})
    ).json()
    assert [a["ref"] for a in first["items"] + rest["items"]] == [
        "hr/staff/salaries",
        "shop/crm",
        "shop/crm/customers",
        "shop/crm/orders",
    ]
    assert (first["total"], rest["next_cursor"]) == (4, None)
    only = (await client.get("/api/v1/assets", params={"kind": "table", "q": "CRM.O"})).json()
    assert [a["name"] for a in only["items"]] == ["orders"]


async def test_an_annotation_is_a_version_and_two_people_cannot_overwrite_each_other(
    client: AsyncClient, estate: None, product: Product
) -> None:
    url = f"/api/v1/assets/{await id_of(client)}"
    etag = (await client.get(url)).headers["etag"]
    said = {"owner": "grace", "tags": ["gold", " gold ", "core"], "certification": "certified"}
    changed = await client.patch(url, json=said, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert (changed.json()["tags"], changed.json()["owner"]) == (["core", "gold"], "grace")
    late = await client.patch(url, json={"owner": "linus"}, headers={"If-Match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "stale-version")

    versions = (await client.get(f"{url}/versions")).json()["items"]
    assert [(v["version"], v["changed"], v["actor"]) for v in versions] == [
        (2, ["certification", "owner", "tags"], "root"),
        (1, ["created"], "scan"),
    ]
    diff = (await client.get(f"{url}/diff", params={"before": 1, "after": 2})).json()
    assert {"where": "owner", "kind": "changed", "before": "ada", "after": "grace"} in diff
    old = (await client.get(f"{url}/as-of", params={"at": versions[1]["at"]})).json()
    assert (old["version"], old["document"]["owner"]) == (1, "ada")

    await register(product, "shop", "sales", table("crm.customers", "id", "email", "phone"))
    after = (await client.get(url)).json()
    assert (after["owner"], after["version"], after["columns"]) == ("grace", 3, 3)
    newest = (await client.get(f"{url}/versions/3")).json()
    assert (newest["changed"], newest["document"]["owner"]) == (["columns"], "grace")


async def test_a_bulk_change_tells_the_outcome_of_each(client: AsyncClient, estate: None) -> None:
    here, nowhere = await id_of(client), str(new_id())
    body = {
        "items": [
            {"asset_id": here, "description": "Everyone who ever bought something."},
            {"asset_id": nowhere, "owner": "x"},
        ]
    }
    outcomes = (await client.post("/api/v1/assets/annotate-many", json=body)).json()
    assert [(o["asset_id"], o["revision"], o["code"]) for o in outcomes] == [
        (here, 2, None),
        (nowhere, None, "not-found"),
    ]


async def test_labels_reach_columns_lists_and_the_overview(
    client: AsyncClient, product: Product, estate: None
) -> None:
    event = AssetLabelled(asset=CUSTOMERS, labels=(EMAIL,))
    for _ in range(2):
        async with product.writing() as unit:
            await unit.catalog.listener.labelled(event)
    columns = (await client.get(f"/api/v1/assets/{await id_of(client)}/columns")).json()["items"]
    assert [(c["name"], c["sensitivity"], len(c["labels"])) for c in columns] == [
        ("id", None, 0),
        ("email", "confidential", 1),
    ]
    listed = await client.get("/api/v1/assets", params={"label": "contact.email"})
    assert [a["ref"] for a in listed.json()["items"]] == [str(CUSTOMERS)]
    overview = (await client.get("/api/v1/overview")).json()
    assert (overview["sensitive_columns"], overview["totals"]["assets"]) == (1, 4)
    assert {"value": "confidential", "count": 1} in overview["by_sensitivity"]

    async with product.writing() as unit:
        await unit.catalog.listener.labelled(AssetLabelled(asset=CUSTOMERS, labels=()))
    assert (await client.get("/api/v1/overview")).json()["sensitive_columns"] == 0


@pytest.mark.parametrize("who", ["admin", "ann"])
async def test_a_number_on_the_overview_is_the_total_of_the_list_it_leads_to(
    app: FastAPI, product: Product, client: AsyncClient, estate: None, who: str
) -> None:
    async with product.writing() as unit:
        await unit.catalog.listener.labelled(AssetLabelled(asset=CUSTOMERS, labels=(EMAIL,)))
    taken_back = {"owner": None, "description": ""}
    url = f"/api/v1/assets/{await id_of(client)}"
    assert (await client.patch(url, json={"description": "People who buy."})).status_code == 200
    salaries = await id_of(client, AssetRef("hr", ("staff", "salaries")))
    changed = await client.patch(f"/api/v1/assets/{salaries}", json=taken_back)
    assert changed.status_code == 200, changed.text

    async def agrees(caller: AsyncClient) -> dict[str, int]:
        overview = (await caller.get("/api/v1/overview")).json()
        totals = overview["totals"]
        for number, narrowed in (
            ("assets", {}),
            ("without_owner", {"unowned": True}),
            ("without_description", {"undescribed": True}),
            ("sensitive_assets", {"sensitive": True}),
            ("copies", {"copies": True}),
        ):
            asked = {"total": True, "limit": 1, **narrowed}
            listed = (await caller.get("/api/v1/assets", params=asked)).json()
            assert (number, listed["total"]) == (number, totals[number])
        for counts in ("by_kind", "by_source", "by_sensitivity"):
            assert sum(each["count"] for each in overview[counts]) == totals["assets"]
        await app.state.background.search.refresh(product.database)
        assert (await caller.get("/api/v1/search")).json()["total"] == totals["assets"]
        return dict(totals)

    if who == "admin":
        totals = await agrees(client)
        assert 0 < totals["without_description"] < totals["assets"]
    else:
        async with await someone(app, product, "ann", RoleGrant("steward", "sales")) as ann:
            assert (await agrees(ann))["assets"] == 3


async def test_nobody_sees_other_domains(
    app: FastAPI, product: Product, client: AsyncClient, estate: None
) -> None:
    async with await someone(app, product, "ann", RoleGrant("steward", "sales")) as ann:
        refs = [a["ref"] for a in (await ann.get("/api/v1/assets")).json()["items"]]
        assert refs == ["shop/crm", "shop/crm/customers", "shop/crm/orders"]
        salaries = await id_of(client, AssetRef("hr", ("staff", "salaries")))
        assert (await ann.get(f"/api/v1/assets/{salaries}")).status_code == 404
        assert (await ann.get(f"/api/v1/assets/{salaries}/columns")).status_code == 404
        hidden = await ann.patch(f"/api/v1/assets/{salaries}", json={"owner": "ann"})
        assert hidden.status_code == 404
        assert [b["name"] for b in (await ann.get("/api/v1/tree")).json()] == ["shop"]
        overview = (await ann.get("/api/v1/overview")).json()
        assert [c["value"] for c in overview["by_source"]] == ["shop"]
        mine = f"/api/v1/assets/{await id_of(ann)}"
        away = await ann.patch(mine, json={"domain": "people"})
        assert (away.status_code, away.json()["code"]) == (422, "invalid")
    async with await someone(app, product, "vic", RoleGrant("viewer", "sales")) as vic:
        refused = await vic.patch(mine, json={"owner": "vic"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_samples_are_masked_by_classification_and_role(
    app: FastAPI, product: Product, client: AsyncClient, estate: None
) -> None:
    profile: JsonObject = {
        "version": 1,
        "rows": 7,
        "columns": [_column("id", "42"), _column("email", "ada@shop.example")],
    }
    results: Mapping[str, JsonObject] = {"profile": profile}
    async with product.writing() as unit:
        await unit.catalog.listener.labelled(AssetLabelled(asset=CUSTOMERS, labels=(EMAIL,)))
        await unit.catalog.publisher.publish_analysis(CUSTOMERS, results, run_id=new_id())
    url = f"/api/v1/assets/{await id_of(client)}"
    assert (await client.get(url)).json()["rows"] == 7
    shown = {
        c["column"]: c["values"][0]["value"] for c in (await client.get(f"{url}/sample")).json()
    }
    assert shown == {"id": "42", "email": "xxx@xxxx.xxxxxxx"}
    async with await someone(app, product, "vic", RoleGrant("viewer")) as vic:
        masked = (await vic.get(f"{url}/sample")).json()
        assert [(c["values"][0]["value"], c["values"][0]["masked"]) for c in masked] == [
            ("99", True),
            ("xxx@xxxx.xxxxxxx", True),
        ]
        assert "roles" in masked[0]["why"]


def _column(name: str, value: str) -> JsonObject:
    return {
        "name": name,
        "type": "text",
        "kind": "text",
        "rows": 7,
        "nulls": 0,
        "null_share": 0.0,
        "top": [{"value": value, "count": 7, "share": 1.0, "masked": False}],
    }


async def test_the_tree_opens_level_by_level(client: AsyncClient, estate: None) -> None:
    async def below(parent: str | None) -> list[tuple[str, str]]:
        params = {} if parent is None else {"parent": parent}
        answer = (await client.get("/api/v1/tree", params=params)).json()
        return [(branch["ref"], branch["kind"]) for branch in answer]

    assert await below(None) == [("hr", "source"), ("shop", "source")]
    assert await below("shop") == [("shop/crm", "schema")]
    assert await below("hr") == [("hr/staff", "schema")]
    assert await below("shop/crm") == [
        ("shop/crm/customers", "table"),
        ("shop/crm/orders", "table"),
    ]


async def test_a_removed_source_takes_its_assets_along(
    client: AsyncClient, product: Product, estate: None
) -> None:
    async with product.writing() as unit:
        await unit.catalog.registrar.remove_source("hr")
    listed = (await client.get("/api/v1/assets")).json()["items"]
    assert {a["source"] for a in listed} == {"shop"}
    gone = (await client.get("/api/v1/assets", params={"vanished": True})).json()["items"]
    assert [a["ref"] for a in gone] == ["hr/staff/salaries"]
