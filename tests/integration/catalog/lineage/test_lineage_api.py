"""Lineage and search through the API."""

import asyncio

import pytest
from httpx import AsyncClient
from tests.integration.catalog.lineage.estate import ESTATE

from muniment.catalog.lineage.engine.job import parse_job
from muniment.composition.product import Product
from muniment.kernel.ids import new_id
from muniment.kernel.values import JsonObject
from muniment.sources.model import NewSource

SETTINGS: JsonObject = {"host": "localhost", "database": "shop", "user": "reader"}


@pytest.fixture
async def scanned(product: Product) -> None:
    async with product.writing() as unit:
        await unit.sources.sources.register(NewSource("db", "postgresql", SETTINGS))
    run = new_id()
    async with product.writing() as unit:
        registrar = unit.catalog.registrar
        await registrar.register("db", "sales", "ada", ESTATE, (), run_id=run)
    async with product.writing() as unit:
        jobs = await unit.catalog.deriver.statements("db")
        results = [parse_job(job) for job in jobs]
        await unit.catalog.deriver.publish_lineage("db", results, run_id=run)


async def asset_id(client: AsyncClient, ref: str) -> str:
    found: str = (await client.get("/api/v1/assets/by-ref", params={"ref": ref})).json()["id"]
    return found


async def test_the_graph_the_impact_and_the_coverage_can_be_asked_for(
    client: AsyncClient, scanned: None
) -> None:
    customers = await asset_id(client, "db/crm/customers")
    graph = (
        await client.get(f"/api/v1/lineage/{customers}/graph", params={"depth": 2, "columns": True})
    ).json()
    assert {n["name"] for n in graph["nodes"]} == {
        "customers",
        "people",
        "refresh()",
        "letters",
        "daily",
    }
    assert [(r["name"], r["depth"]) for r in graph["table"]] == [
        ("people", 1),
        ("refresh()", 1),
        ("daily", 2),
        ("letters", 2),
    ]
    impact = await client.get(f"/api/v1/lineage/{customers}/impact", params={"column": "email"})
    assert [(a["name"], a["columns"]) for a in impact.json()["assets"]] == [
        ("people", ["address"]),
        ("letters", ["recipient"]),
    ]
    assert impact.json()["owners"] == ["ada"]
    letters = await asset_id(client, "db/mart/letters")
    upstream = (await client.get(f"/api/v1/lineage/{letters}/upstream")).json()
    assert [(a["name"], a["depth"]) for a in upstream["assets"]] == [
        ("people", 1),
        ("customers", 2),
    ]
    steps = await client.get(f"/api/v1/lineage/{letters}/columns", params={"column": "recipient"})
    assert [(s["ref"], s["column"], s["kind"]) for s in steps.json()] == [
        ("db/mart/people", "address", "identity"),
        ("db/crm/customers", "email", "transform"),
    ]
    downstream = (await client.get(f"/api/v1/lineage/{letters}/downstream")).json()
    assert (downstream["assets"], downstream["total"]) == ([], 0)
    coverage = (await client.get("/api/v1/lineage/coverage")).json()
    assert coverage == [{"source": "db", "parsed": 3, "partly": 1, "failed": 0}]
    troubled = (await client.get("/api/v1/lineage/statements", params={"outcome": "partly"})).json()
    assert [s["name"] for s in troubled["items"]] == ["refresh()"]


async def test_an_edge_can_be_drawn_and_erased(client: AsyncClient, scanned: None) -> None:
    orders, letters = [await asset_id(client, r) for r in ("db/shop/orders", "db/mart/letters")]
    drawn = await client.post(
        "/api/v1/lineage/edges",
        json={"from_asset": orders, "to_asset": letters, "note": "by post"},
    )
    assert (drawn.status_code, drawn.json()["origin"]) == (201, "manual")
    edges = (await client.get(f"/api/v1/lineage/{letters}/edges")).json()["items"]
    assert "by post" in [edge["note"] for edge in edges]
    url = f"/api/v1/lineage/edges/{drawn.json()['id']}"
    assert (await client.delete(url)).status_code == 204
    assert (await client.delete(url)).status_code == 404


async def test_search_finds_what_a_scan_brought(client: AsyncClient, scanned: None) -> None:
    found = (await client.get("/api/v1/search", params={"q": "customers"})).json()
    async with asyncio.timeout(10):
        while not found["total"]:
            await asyncio.sleep(0.1)
            found = (await client.get("/api/v1/search", params={"q": "customers"})).json()
    first = found["items"][0]
    assert (first["asset"]["ref"], first["why"][0]["how"]) == ("db/crm/customers", "exact")
    assert {"value": "view", "count": 0} not in found["facets"]["kind"]
    by_column = (await client.get("/api/v1/search", params={"q": "recipient"})).json()["items"]
    assert [(h["asset"]["name"], h["why"][0]["field"]) for h in by_column] == [
        ("letters", "column")
    ]
    paged = (await client.get("/api/v1/search", params={"limit": 2})).json()
    assert (len(paged["items"]), paged["next_cursor"] is not None, paged["total"]) == (2, True, 6)
    views = (await client.get("/api/v1/search", params={"kind": ["view"]})).json()
    assert {h["asset"]["name"] for h in views["items"]} == {"letters", "people"}
    suggested = (await client.get("/api/v1/search/suggest", params={"q": "cust"})).json()
    assert suggested[0]["name"] == "customers"


async def test_a_migration_is_checked_for_what_it_would_break(
    client: AsyncClient, scanned: None
) -> None:
    sql = """
    alter table crm.customers drop column EMAIL, alter column id type bigint;
    alter table crm.customers rename column country to land;
    alter table crm.customers add column phone text;
    drop table mart.letters; drop table nowhere;
    alter table crm.customers drop column nothing;
    alter table t set schema s;
    """
    body = {"sql": sql, "source": "db"}
    checked = await client.post("/api/v1/lineage/impact-checks", json=body)
    assert checked.status_code == 200, checked.text
    told = [
        (each["line"], each["action"], each["column"], each["severity"], bool(each["problem"]))
        for each in checked.json()
    ]
    assert told == [
        (2, "drop", "EMAIL", "medium", False),
        (2, "retype", "id", "low", False),
        (3, "rename", "country", "medium", False),
        (5, "drop", None, "none", False),
        (5, "drop", None, "none", True),
        (6, "drop", "nothing", "none", True),
        (7, None, None, "none", True),
    ]
    reached = checked.json()[0]["impact"]
    assert [each["name"] for each in reached["assets"]] == ["people", "letters"]
    people = await asset_id(client, "db/mart/people")
    seen = await client.get(f"/api/v1/assets/{people}")
    certified = await client.patch(
        f"/api/v1/assets/{people}",
        json={"certification": "certified"},
        headers={"If-Match": seen.headers["etag"]},
    )
    assert certified.status_code == 200, certified.text
    again = await client.post("/api/v1/lineage/impact-checks", json=body)
    assert again.json()[0]["severity"] == "high"
    deep = {"sql": "alter table t add check (" + "(" * 5_000 + ")" * 5_000 + ")"}
    assert (await client.post("/api/v1/lineage/impact-checks", json=deep)).json()[0]["problem"]
