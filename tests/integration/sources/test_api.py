"""A source's life through the API; its password is never in an answer, a log or the database."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from tests.conftest import token_for
from tests.contract.connectors import estates
from tests.integration.sources.test_services import everything_stored

from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant
from muniment.sources import locators

PASSWORD = "pa55-w0rd-of-the-reader"


@pytest.fixture
def body(empty_database_url: str) -> dict[str, object]:
    estates.as_superuser(
        empty_database_url,
        "create schema shop",
        "create table shop.orders (id int primary key, card text)",
        "create table shop.hidden (id int)",
    )
    mine = estates.role(empty_database_url, "api_reader", PASSWORD)
    estates.as_superuser(
        empty_database_url,
        "grant usage on schema shop to api_reader",
        "grant select on shop.orders to api_reader",
    )
    located = locators.parse(mine)
    return {
        "name": "shop",
        "kind": "postgresql",
        "settings": dict(located.settings),
        "secrets": dict(located.secrets),
        "domain": "sales",
    }


async def test_a_source_lives_and_its_password_is_never_shown(
    client: AsyncClient,
    product: Product,
    body: dict[str, object],
    capfd: pytest.CaptureFixture[str],
) -> None:
    answers: list[Response] = []

    async def ask(method: str, path: str, status: int, **more: object) -> Response:
        answer = await client.request(method, f"/api/v1{path}", **more)  # type: ignore[arg-type]
        answers.append(answer)
        assert answer.status_code == status, answer.text
        return answer

    trial = {key: body[key] for key in ("kind", "settings", "secrets")}
    tested = (await ask("POST", "/sources/test", 200, json=trial)).json()
    assert tested["passed"]
    remedies = [step["remedy"] for step in tested["steps"] if step["outcome"] == "warned"]
    assert any('grant select on all tables in schema "shop"' in remedy for remedy in remedies)
    streamed = await ask("POST", "/sources/test/events", 200, json=trial)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    *steps, end = [part.split("\ndata: ") for part in streamed.text.strip().split("\n\n")]
    assert [json.loads(data)["name"] for _, data in steps] == [s["name"] for s in tested["steps"]]
    assert end == ["event: end", '{"passed":true,"problem":null}']
    wanted = {**trial, "include": ["shop.*"], "exclude": ["*.hidden"]}
    preview = (await ask("POST", "/sources/preview", 200, json=wanted)).json()
    assert [match["path"] for match in preview["matches"]] == ["shop.orders"]

    made = await ask("POST", "/sources", 201, json=body)
    assert made.headers["location"] == "/api/v1/sources/shop"
    assert made.json()["credential"]["fields"] == ["password"]
    await ask("POST", "/sources", 409, json=body)
    etag = (await ask("GET", "/sources/shop", 200)).headers["etag"]
    changed = await ask(
        "PATCH", "/sources/shop", 200, json={"owner": "ada"}, headers={"If-Match": etag}
    )
    assert changed.json()["owner"] == "ada"
    await ask("PATCH", "/sources/shop", 412, json={"owner": "x"}, headers={"If-Match": etag})
    await ask("POST", "/sources/shop/test", 200)
    assert "event: end" in (await ask("POST", "/sources/shop/test/events", 200)).text
    assert (await ask("POST", "/sources/shop/probes", 200)).json()["health"] == "healthy"
    health = (await ask("GET", "/sources/shop/health", 200)).json()
    assert (health["probes"], health["availability"]) == (1, 1.0)
    assert len((await ask("GET", "/sources/shop/probes", 200)).json()["items"]) == 1
    live = await ask("POST", "/sources/shop/preview", 200, json={"include": ["*"]})
    assert live.json()["live"]
    script = (await ask("GET", "/sources/shop/grant-script", 200)).json()["script"]
    assert 'to "api_reader"' in script
    assert (await ask("GET", "/sources/shop/snapshots", 200)).json()["items"] == []
    assert (await ask("GET", "/schema-changes", 200)).json()["items"] == []
    listed = (await ask("GET", "/sources", 200, params={"kind": "postgresql"})).json()
    assert [source["name"] for source in listed["items"]] == ["shop"]

    wrong = {"secrets": {"password": f"not-{PASSWORD}"}}
    rotated = (await ask("PUT", "/sources/shop/credential", 200, json=wrong)).json()
    assert rotated["credential"]["version"] == 2
    failed = (await ask("POST", "/sources/shop/test", 200)).json()
    assert not failed["passed"]
    assert "Check both" in next(s for s in failed["steps"] if s["outcome"] == "failed")["remedy"]
    down = (await ask("POST", "/sources/shop/probes", 200)).json()
    assert (down["health"], down["error"]) == ("down", "source-authentication-failed")
    await ask("GET", "/sources/shop/grant-script", 502)

    assert PASSWORD not in everything_stored(product.database.url)
    await ask("DELETE", "/sources/shop", 204)
    await ask("GET", "/sources/shop", 404)
    assert not [a for a in answers if PASSWORD in a.text or PASSWORD in str(a.headers)]
    told = capfd.readouterr()
    assert PASSWORD not in told.out + told.err


async def test_connectors_describe_their_settings(client: AsyncClient) -> None:
    kinds = {c["kind"]: c for c in (await client.get("/api/v1/connectors")).json()}
    assert set(kinds) >= {"postgresql", "sqlite", "files"}
    assert kinds["postgresql"]["secret_fields"] == ["password"]
    schema = (await client.get("/api/v1/connectors/postgresql/schema")).json()
    assert schema["properties"]["password"]["anyOf"][0]["writeOnly"]
    assert (await client.get("/api/v1/connectors/oracle")).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Not A Slug"},
        {"kind": "oracle"},
        {"settings": {"host": "h"}},
        {"settings": {"database": "d", "user": "u", "port": "many"}},
        {"settings": {"database": "d", "user": "u", "password": PASSWORD}},
        {"secrets": {"password": PASSWORD, "more": PASSWORD}},
        {"secrets": {"password": {"deep": PASSWORD}}},
        {"settings": {"database": "d\0", "user": "u"}},
        {"max_concurrency": 0},
        {"rows_per_second": 0},
        {"blackouts": ["at night"]},
    ],
)
async def test_what_does_not_fit_is_a_problem_without_the_secret(
    client: AsyncClient, body: dict[str, object], change: dict[str, object]
) -> None:
    answer = await client.post("/api/v1/sources", json={**body, **change})
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert PASSWORD not in answer.text


async def test_limits_are_kept_in_their_usual_spelling_and_taken_away_again(
    client: AsyncClient, body: dict[str, object]
) -> None:
    await client.post("/api/v1/sources", json=body)
    limits = {
        "rows_per_second": 5000,
        "statements_per_minute": 30,
        "governed": False,
        "blackouts": ["mon-fri 8:00-18:00 Europe/Berlin"],
    }
    found = (await client.patch("/api/v1/sources/shop", json=limits)).json()
    assert found["blackouts"] == ["Mon-Fri 08:00-18:00 Europe/Berlin"]
    assert (found["rows_per_second"], found["governed"]) == (5000, False)
    events = (await client.get("/api/v1/audit-events")).json()["items"]
    assert "blackouts" in str(events)
    whole = {"blackouts": ["daily 00:00-24:00"]}
    assert (await client.patch("/api/v1/sources/shop", json=whole)).status_code == 422
    none: dict[str, object] = {
        "rows_per_second": None,
        "statements_per_minute": None,
        "blackouts": [],
    }
    found = (await client.patch("/api/v1/sources/shop", json=none)).json()
    assert (found["rows_per_second"], found["blackouts"]) == (None, [])
    assert found["governed"] is False


async def test_roles_and_domains_decide(
    app: FastAPI, client: AsyncClient, product: Product, body: dict[str, object], tmp_path: Path
) -> None:
    await client.post("/api/v1/sources", json=body)
    people = {
        "viewer": await token_for(product, "viewer", RoleGrant("viewer", "sales")),
        "engineer": await token_for(product, "engineer", RoleGrant("engineer", "hr")),
    }
    mine = {"name": "lake", "kind": "files", "settings": {"path": str(tmp_path)}}

    async def ask(who: str, method: str, path: str, **more: object) -> int:
        transport = ASGITransport(app=app, raise_app_exceptions=False)
        async with AsyncClient(
            transport=transport,
            base_url="http://muniment.test",
            headers={"Authorization": f"Bearer {people[who]}"},
        ) as caller:
            answer = await caller.request(method, f"/api/v1{path}", **more)  # type: ignore[arg-type]
            return answer.status_code

    assert await ask("viewer", "GET", "/sources/shop") == 200
    assert await ask("viewer", "POST", "/sources/shop/test") == 403
    assert await ask("viewer", "DELETE", "/sources/shop") == 403
    assert await ask("viewer", "PATCH", "/sources/shop", json={"rows_per_second": 9}) == 403
    assert await ask("engineer", "GET", "/sources/shop") == 404
    assert await ask("engineer", "POST", "/sources/shop/test") == 404
    assert await ask("engineer", "DELETE", "/sources/shop") == 404
    assert await ask("engineer", "POST", "/sources", json={**mine, "domain": "sales"}) == 403
    assert await ask("engineer", "POST", "/sources", json={**mine, "domain": None}) == 403
    assert await ask("engineer", "POST", "/sources", json={**mine, "domain": "hr"}) == 201
