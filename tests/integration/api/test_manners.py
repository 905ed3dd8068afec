"""How the API behaves whatever it is asked: problems, permissions, paging, repetition."""

from uuid import uuid4

from fastapi import FastAPI
from httpx import AsyncClient
from tests.conftest import token_for

from muniment.api.app import BASE, PUBLIC, operations
from muniment.api.security import permission_of
from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant
from muniment.platform.policy.roles import PERMISSIONS

PROBLEM = "application/problem+json"


def test_every_operation_declares_a_known_permission_or_is_on_the_public_list() -> None:
    asked = {route.name: permission_of(route) for route in operations()}
    assert {name for name, permission in asked.items() if permission is None} == PUBLIC
    assert {permission for permission in asked.values() if permission} <= set(PERMISSIONS)


def test_the_document_names_and_describes_every_operation(app: FastAPI) -> None:
    told = [
        operation
        for path, methods in app.openapi()["paths"].items()
        if path.startswith(BASE)
        for operation in methods.values()
    ]
    routes = [*operations()]
    assert len(told) == len(routes) >= 200
    names = [operation["operationId"] for operation in told]
    assert sorted(names) == sorted({route.name for route in routes})
    assert [one["operationId"] for one in told if not one.get("description")] == []
    permissions = {one["operationId"]: one.get("x-permission") for one in told}
    assert permissions == {route.name: permission_of(route) for route in routes}


async def test_failures_of_the_framework_itself_are_problem_documents(
    client: AsyncClient,
) -> None:
    answers = [
        await client.get("/api/v1/no-such-thing"),
        await client.put("/api/v1/accounts"),
        await client.get("/api/v1/accounts/not-a-uuid"),
        await client.post(
            "/api/v1/accounts", content=b"\xff\xfe", headers={"content-type": "application/json"}
        ),
        await client.post(
            "/api/v1/accounts", content=b"{", headers={"content-type": "application/json"}
        ),
        await client.post("/api/v1/accounts", json={"name": "NOT VALID"}),
        await client.get("/api/v1/accounts", params={"cursor": "!!"}),
        await client.get(f"/api/v1/accounts/{uuid4()}"),
    ]
    assert [answer.status_code for answer in answers] == [404, 405, 422, 422, 422, 422, 422, 404]
    for answer in answers:
        assert answer.headers["content-type"] == PROBLEM
        problem = answer.json()
        assert problem["detail"]
        assert problem["type"] == f"/problems/{problem['code']}"
        assert problem["trace_id"] == answer.headers["x-request-id"]


async def test_nobody_gets_in_without_a_token_and_a_wrong_one_is_refused(
    anonymous: AsyncClient,
) -> None:
    assert (await anonymous.get("/api/v1/accounts")).status_code == 401
    wrong = await anonymous.get("/api/v1/accounts", headers={"Authorization": "Bearer mun_wrong"})
    assert wrong.status_code == 401
    assert wrong.json()["code"] == "unauthenticated"


async def test_a_missing_permission_names_itself_and_who_has_it(
    anonymous: AsyncClient, product: Product
) -> None:
    secret = await token_for(product, "vera", RoleGrant("viewer", "sales"))
    answer = await anonymous.get("/api/v1/accounts", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403
    assert "identity.read" in answer.json()["detail"]
    assert answer.json()["context"]["roles_that_have_it"] == ["administrator"]


async def test_a_repeated_keyed_post_is_carried_out_once(client: AsyncClient) -> None:
    headers = {"Idempotency-Key": "one"}
    first = await client.post("/api/v1/accounts", json={"name": "anna"}, headers=headers)
    again = await client.post("/api/v1/accounts", json={"name": "anna"}, headers=headers)
    other = await client.post("/api/v1/accounts", json={"name": "berta"}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_stale_etag_is_refused_and_a_fresh_one_taken(client: AsyncClient) -> None:
    made = (await client.post("/api/v1/accounts", json={"name": "anna"})).json()
    url = f"/api/v1/accounts/{made['id']}"
    etag = (await client.get(url)).headers["etag"]
    first = await client.patch(url, json={"title": "Anna A."}, headers={"If-Match": etag})
    second = await client.patch(url, json={"title": "Anna B."}, headers={"If-Match": etag})
    assert (first.status_code, second.status_code) == (200, 412)


async def test_pages_follow_one_another_without_gap_or_repetition(client: AsyncClient) -> None:
    for number in range(7):
        await client.post("/api/v1/accounts", json={"name": f"person-{number}"})
    names: list[str] = []
    cursor = None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/accounts", params=params)).json()
        names += [account["name"] for account in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == sorted(names)
    assert len(names) == 8


async def test_the_last_administrator_stays(client: AsyncClient) -> None:
    me = (await client.get("/api/v1/me")).json()
    answer = await client.patch(f"/api/v1/accounts/{me['id']}", json={"roles": []})
    assert answer.status_code == 409


async def test_a_body_that_is_too_large_is_refused(client: AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/accounts",
        content=b" " * (17 * 1024 * 1024),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == PROBLEM


async def test_a_sign_in_link_works_once_and_the_session_ends(
    anonymous: AsyncClient, product: Product
) -> None:
    async with product.writing() as unit:
        await unit.identity.ensure_administrator()
        code = await unit.identity.sign_in_code("admin")
    entered = await anonymous.post("/api/v1/auth/sign-in-by-link", json={"code": code})
    assert entered.json()["name"] == "admin"
    assert (await anonymous.get("/api/v1/me")).status_code == 200
    again = await anonymous.post("/api/v1/auth/sign-in-by-link", json={"code": code})
    assert again.status_code == 401
    foreign = await anonymous.post(
        "/api/v1/accounts", json={"name": "eve"}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert (await anonymous.post("/api/v1/auth/sign-out")).status_code == 204
    assert (await anonymous.get("/api/v1/me")).status_code == 401


async def test_repeated_wrong_passwords_lock_the_account(
    client: AsyncClient, anonymous: AsyncClient
) -> None:
    right = "correct horse battery"
    await client.post("/api/v1/accounts", json={"name": "anna", "password": right})
    for _ in range(8):
        body = {"name": "anna", "password": "wrong"}
        assert (await anonymous.post("/api/v1/auth/sign-in", json=body)).status_code == 401
    body = {"name": "anna", "password": right}
    assert (await anonymous.post("/api/v1/auth/sign-in", json=body)).status_code == 401
