"""Every operation about labels: who may call it, and what somebody of another domain is told."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute
from httpx import AsyncClient
from tests.conftest import token_for
from tests.integration.classification.conftest import CUSTOMERS, Shop, emails
from tests.integration.classification.conftest import shop as shop  # a fixture
from tests.integration.classification.test_assistant_story import profiled
from tests.integration.classification.test_living_story import ENTRY, NUMBERS, judge_all, scan

from muniment.api.app import routers
from muniment.api.security import permission_of
from muniment.composition.product import Product
from muniment.kernel.ids import new_id
from muniment.kernel.principal import RoleGrant
from muniment.kernel.refs import AssetRef
from muniment.platform.policy.roles import ROLES

READ, DECIDE = "classification.read", "classification.decide"
MANAGE, SETTINGS = "classification.manage", "settings.manage"
NEEDS: Mapping[str, str] = {
    "GET /assistant/settings": SETTINGS,
    "PUT /assistant/settings": SETTINGS,
    "PUT /assistant/key": SETTINGS,
    "DELETE /assistant/key": SETTINGS,
    "POST /assistant/test": SETTINGS,
    "POST /assistant/preview": SETTINGS,
    "POST /assistant/ask": MANAGE,
    "GET /assistant/usage": SETTINGS,
    "GET /assistant/calls": SETTINGS,
    "GET /classifiers": READ,
    "POST /classifiers": MANAGE,
    "POST /classifiers/exact-match": MANAGE,
    "POST /classifiers/test": READ,
    "GET /classifiers/{classifier_id}": READ,
    "PUT /classifiers/{classifier_id}": MANAGE,
    "GET /classifiers/{classifier_id}/versions": READ,
    "POST /classifiers/{classifier_id}/retire": MANAGE,
    "POST /classifiers/{classifier_id}/rollback": MANAGE,
    "GET /classification-models": READ,
    "POST /classification-models": MANAGE,
    "GET /classification-models/now": READ,
    "GET /classification-models/{version}": READ,
    "POST /classification-models/{version}/promote": MANAGE,
    "POST /classification-models/rollback": MANAGE,
    "POST /classify": READ,
    "POST /labels/{label_id}/decision": DECIDE,
    "POST /labels/decisions": DECIDE,
    "POST /label-decisions/{decision_id}/undo": DECIDE,
    "POST /label-batches/{batch_id}/undo": DECIDE,
    "GET /classification/history": READ,
    "GET /classification/alerts": READ,
    "POST /classification/alerts/acknowledge": DECIDE,
    "GET /labels": READ,
    "POST /labels": DECIDE,
    "GET /labels/{label_id}": READ,
    "GET /mined-classifiers": MANAGE,
    "POST /mined-classifiers/mine": MANAGE,
    "POST /mined-classifiers/{proposal_id}/accept": MANAGE,
    "POST /mined-classifiers/{proposal_id}/reject": MANAGE,
    "GET /revaluations": READ,
    "POST /revaluations": MANAGE,
    "POST /revaluations/drafts": MANAGE,
    "GET /revaluations/{revaluation_id}": READ,
    "GET /revaluations/{revaluation_id}/columns": READ,
    "GET /revaluations/{revaluation_id}/to-read": READ,
    "POST /revaluations/{revaluation_id}/publish": MANAGE,
    "POST /revaluations/{revaluation_id}/discard": MANAGE,
    "GET /review-queue": READ,
    "GET /review-queue/{look_alike}": READ,
    "POST /review-queue/{look_alike}/decision": DECIDE,
    "GET /classification/asking": READ,
    "PUT /classification/asking": MANAGE,
    "GET /classification/coverage": READ,
    "GET /reidentification": READ,
    "GET /reidentification/asset": READ,
    "GET /taxonomy": READ,
}
"""What each operation asks for; a new one is written down here, or the test tells."""

TABLE = {"birth_date": [f"19{50 + n % 50}-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(80)]}


def _declared() -> dict[str, str | None]:
    return {
        f"{method} {route.path}": permission_of(route)
        for router in routers()
        for route in router.routes
        if isinstance(route, APIRoute) and "classification" in route.tags
        for method in route.methods or ()
    }


def _address(operation: str, **ids: object) -> tuple[str, str]:
    method, _, path = operation.partition(" ")
    nobody = dict.fromkeys(
        ("label_id", "decision_id", "batch_id", "proposal_id", "revaluation_id"), uuid4()
    )
    return method, "/api/v1" + path.format_map(
        {**nobody, "classifier_id": "contact.email", "look_alike": "x" * 20, "version": 1, **ids}
    )


def test_every_operation_declares_what_it_needs() -> None:
    assert _declared() == NEEDS


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_who_lacks_the_permission_is_refused(
    role: str | None, product: Product, anonymous: AsyncClient
) -> None:
    """The gate comes first: before the body is read, and before anything is looked up."""
    if role is not None:
        secret = await token_for(product, role, RoleGrant(role))
        anonymous.headers["Authorization"] = f"Bearer {secret}"
    lacks = [name for name, needs in NEEDS.items() if role is None or needs not in ROLES[role]]
    answers = {name: await anonymous.request(*_address(name)) for name in lacks}
    expected = 401 if role is None else 403
    assert {name: each.status_code for name, each in answers.items()} == dict.fromkeys(
        lacks, expected
    )


async def _estate(shop: Shop, client: AsyncClient) -> dict[str, Any]:
    """One of everything in the domain ``sales``: by name, the id to ask for it."""
    figures = {"groups": 190, "small": 0.97, "smallest": 1, "exact": True, "rows": 80}
    sets = [{"columns": ["birth_date", "gender"], "unique": 0.93, **figures}]
    people = {**TABLE, "gender": ["f", "m"] * 40, "contact": ["x y", "z"] * 40}
    await scan(shop, CUSTOMERS, people)
    people["contact"] = emails(80)
    more = {"risk": {"rows": 80, "of": 80, "sets": sets}}
    await scan(shop, CUSTOMERS, {**people, "c7": NUMBERS}, more)
    coded = AssetRef("shop", ("sales", "badges"))
    badges = [f"KX-{n * 37 % 100000:05d}-Q" for n in range(400)]
    await profiled(shop, uuid4(), coded, {"badge": badges, "again": badges})
    draft = await client.post("/api/v1/revaluations/drafts", json={"classifier": ENTRY})
    await judge_all(shop)
    labels = (await client.get("/api/v1/labels", params={"label": "contact.email"})).json()
    email = labels["items"][0]
    decided = await client.post(
        "/api/v1/labels/decisions", json={"labels": [email["id"]], "action": "confirm"}
    )
    card = (await client.get(f"/api/v1/labels/{email['id']}")).json()
    alerts = await client.get("/api/v1/classification/history", params={"alerts": True})
    queue = (await client.get("/api/v1/review-queue")).json()["items"]
    mined = (await client.post("/api/v1/mined-classifiers/mine")).json()
    await _called(shop.product)
    return {
        "label_id": email["id"],
        "batch_id": decided.json()["id"],
        "decision_id": card["history"][0]["id"],
        "alert": alerts.json()["items"][0]["id"],
        "look_alike": queue[0]["look_alike"],
        "proposal_id": mined[0]["id"],
        "revaluation_id": draft.json()["id"],
    }


async def _called(product: Product) -> None:
    """A call of the assistant about the asset."""
    async with product.writing() as unit:
        await unit.ground.session.execute(
            sa.text(
                "insert into classification.assistant_call values (:id, null, :asset,"
                " 'tiny', now(), 1, 1, 1, 0, 1, 0, false, 'answered', null, 1, 1, 0)"
            ),
            {"id": new_id(), "asset": str(CUSTOMERS)},
        )


WRITES: Mapping[str, dict[str, Any]] = {
    "POST /assistant/preview": {"asset": str(CUSTOMERS)},
    "POST /assistant/ask": {"asset": str(CUSTOMERS)},
    "POST /labels": {"asset": str(CUSTOMERS), "column": "gender", "label": "contact.phone"},
    "POST /labels/{label_id}/decision": {"action": "reject"},
    "POST /label-decisions/{decision_id}/undo": {},
    "POST /label-batches/{batch_id}/undo": {},
    "POST /review-queue/{look_alike}/decision": {"action": "reject"},
    "POST /mined-classifiers/{proposal_id}/accept": {},
    "POST /mined-classifiers/{proposal_id}/reject": {},
}


async def test_nothing_is_told_of_what_is_in_another_domain(
    shop: Shop, client: AsyncClient, anonymous: AsyncClient
) -> None:
    """An administrator of one domain only, who knows the ids of what is in another."""
    ids = await _estate(shop, client)
    reads = [name for name in NEEDS if name.startswith("GET ")]
    params = {"asset": str(CUSTOMERS)}
    whole = [(await client.request(*_address(name, **ids), params=params)).text for name in reads]
    assert sum("shop/sales" in text for text in whole) >= 8, "there is something to be hidden"
    before = await _labels(client)

    secret = await token_for(shop.product, "nina", RoleGrant("administrator", "other"))
    anonymous.headers["Authorization"] = f"Bearer {secret}"
    for name in reads:
        for asked in (params, {}):
            told = await anonymous.request(*_address(name, **ids), params=asked)
            asked_back = told.text.replace(params["asset"], "") if asked else told.text
            assert not _tells(asked_back), name
    for name, body in WRITES.items():
        answer = await anonymous.request(*_address(name, **ids), json=body)
        off = name == "POST /assistant/ask"  # asked nothing by anybody: it is turned off
        assert answer.status_code == (422 if off else 404), (name, answer.text)
    mined = await anonymous.post("/api/v1/mined-classifiers/mine")
    assert mined.json() == []
    many = {"labels": [ids["label_id"]], "action": "reject"}
    done = await anonymous.post("/api/v1/labels/decisions", json=many)
    assert not _tells(done.text)
    seen = {"alerts": [ids["alert"]]}
    looked = await anonymous.post("/api/v1/classification/alerts/acknowledge", json=seen)
    assert looked.status_code == 404
    assert await _labels(client) == before
    assert UUID(ids["proposal_id"]) in await _open_proposals(shop.product)


def _tells(answer: str) -> bool:
    return "shop/" in answer or '"source":"shop"' in answer


async def _labels(client: AsyncClient) -> dict[str, str]:
    items = (await client.get("/api/v1/labels")).json()["items"]
    return {each["id"]: each["state"] for each in items}


async def _open_proposals(product: Product) -> list[UUID]:
    async with product.reading() as unit:
        return [each.row.id for each in await unit.assistant.mining.proposals()]


async def test_what_people_decide_about_proposals_and_drafts_is_in_the_trail(
    shop: Shop, client: AsyncClient
) -> None:
    ids = await _estate(shop, client)
    await client.post(f"/api/v1/mined-classifiers/{ids['proposal_id']}/reject")
    await client.post(f"/api/v1/revaluations/{ids['revaluation_id']}/discard")
    trail = (await client.get("/api/v1/audit-events", params={"limit": 100})).json()["items"]
    about = {each["topic"]: each["actor"] for each in trail}
    for topic in ("proposal-decided", "draft-decided", "reidentification-changed"):
        assert f"classification.{topic}.v1" in about
    assert about["classification.proposal-decided.v1"] == "root"
    assert about["classification.draft-decided.v1"] == "root"
