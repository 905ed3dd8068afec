"""Classification through the API: what clients see, what is refused, and why."""

import pytest
from httpx import AsyncClient
from tests.conftest import token_for
from tests.integration.classification.conftest import CUSTOMERS, Shop, emails

from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant

LOYALTY = {
    "id": "custom.loyalty_card",
    "title": "Loyalty card",
    "category": "business",
    "sensitivity": "internal",
    "patterns": ["LC-[0-9]{6}"],
    "strength": "strong",
    "header": {"strong": "loyalty card"},
    "examples": {"hit": ["LC-123456"], "miss": ["LC-12345"]},
}

EVERY_FIELD = {
    "id": "custom.member_number",
    "title": "Member number",
    "category": "business",
    "sensitivity": "confidential",
    "jurisdiction": "NL",
    "personal": True,
    "special": False,
    "kinds": ["text", "integer"],
    "patterns": ["MN [0-9]{6} ?"],
    "sure": ["MN-[0-9]{6}"],
    "plain": ["[0-9]{6}"],
    "contains": ["member MN-[0-9]{6}"],
    "validator": None,
    "dictionary": None,
    "words": ["honorary, for life"],
    "exact_match": None,
    "allowed": ["MN 111111"],
    "compose": None,
    "distribution": "birth_dates",
    "strength": "weak",
    "min_share": 0.45,
    "ignore_case": True,
    "header": {"strong": ["member no"], "weak": ["number"], "never": ["order"], "alone": True},
    "context": ["club"],
    "context_never": ["warehouse"],
    "guards": {
        "min_length": 3,
        "max_length": 40,
        "lowest": 1.0,
        "highest": 999999.0,
        "min_distinct": 2,
        "years": True,
        "flags": True,
        "repeats": False,
    },
    "examples": {
        "hit": ["MN 123456 "],
        "miss": ["MN_12"],
        "headers": ["member_no"],
        "not_headers": ["order_no"],
    },
    "description": "As it stands on the card.",
    "never": ["MN 000000"],
    "min_count": 2,
    "rare": True,
    "titles": {"de": "Mitgliedsnummer"},
    "source": "The club's statutes",
}


async def test_a_classifier_is_read_whole_and_saved_again_without_loss(
    client: AsyncClient,
) -> None:
    made = await client.post("/api/v1/classifiers", json={"classifier": EVERY_FIELD})
    assert made.status_code == 201, made.text
    url = "/api/v1/classifiers/custom.member_number"
    read = (await client.get(url)).json()
    assert read["entry"] == EVERY_FIELD
    again = await client.put(url, json={"classifier": read["entry"]})
    assert again.json()["version"] == 2
    assert (await client.get(url)).json()["entry"] == EVERY_FIELD


async def test_labels_are_listed_shown_and_decided(client: AsyncClient, shop: Shop) -> None:
    await shop.scan(CUSTOMERS, {"email": emails(80), "first_name": ["Anna", "Paul"] * 40})
    listed = (await client.get("/api/v1/labels?state=suggested")).json()["items"]
    assert {each["label"] for each in listed} == {"contact.email", "person.first_name"}
    email = next(each for each in listed if each["label"] == "contact.email")
    assert (email["sensitivity"], email["effective"]) == ("confidential", True)

    card = (await client.get(f"/api/v1/labels/{email['id']}")).json()
    assert card["evidence"]["matched"] == 80
    assert card["history"] == []

    url = f"/api/v1/labels/{email['id']}/decision"
    decided = await client.post(url, json={"action": "confirm", "reason": "It is."})
    assert decided.json()["state"] == "confirmed"
    card = (await client.get(f"/api/v1/labels/{email['id']}")).json()
    assert [each["action"] for each in card["history"]] == ["confirm"]
    undo = await client.post(f"/api/v1/label-decisions/{card['history'][0]['id']}/undo")
    assert undo.json()[0]["state"] == "suggested"


async def test_the_review_queue_is_worked_off_in_groups(client: AsyncClient, shop: Shop) -> None:
    await shop.scan(CUSTOMERS, {"email": emails(80)})
    page = (await client.get("/api/v1/review-queue")).json()
    assert page["total"] == 1
    [group] = page["items"]
    url = f"/api/v1/review-queue/{group['look_alike']}"
    assert (await client.get(url)).json()["count"] == 1
    done = await client.post(f"{url}/decision", json={"action": "reject"})
    assert [each["state"] for each in done.json()["results"]] == ["rejected"]
    assert (await client.get(url)).status_code == 404
    coverage = (await client.get("/api/v1/classification/coverage")).json()
    assert coverage["sources"][0]["rejected"] == 1


async def test_a_classifier_of_ones_own_is_used_by_the_next_trial(
    client: AsyncClient, product: Product
) -> None:
    made = await client.post("/api/v1/classifiers", json={"classifier": LOYALTY, "note": "New."})
    assert made.status_code == 201, made.text
    assert made.headers["etag"] == '"1"'
    found = await client.post(
        "/api/v1/classify",
        json={"column": "ref", "values": [f"LC-{n:06}" for n in range(50)]},
    )
    assert [label["label"] for label in found.json()["labels"]] == ["custom.loyalty_card"]

    better = {**LOYALTY, "patterns": ["LC-[0-9]{6,8}"]}
    url = "/api/v1/classifiers/custom.loyalty_card"
    changed = await client.put(url, json={"classifier": better}, headers={"If-Match": '"1"'})
    assert changed.json()["version"] == 2
    stale = await client.put(url, json={"classifier": better}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert [v["version"] for v in (await client.get(f"{url}/versions")).json()] == [2, 1]
    assert (await client.post(f"{url}/retire")).status_code == 204
    listed = (await client.get("/api/v1/classifiers?custom=true")).json()
    assert listed == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"patterns": ["(a+)\\1"]}, "refers back"),
        ({"patterns": ["(?=x)LC.*"]}, "look-ahead"),
        ({"patterns": [".*"]}, "matches an empty value"),
        ({"patterns": ["LC-["]}, "cannot be read"),
        ({"id": "contact.email"}, "begins with"),
        ({"category": "spaceships"}, "no category"),
        ({"validator": "stdnum:mars.id"}, "no validator"),
        ({"examples": {"hit": ["nothing like it"]}}, "should hit"),
        ({"examples": {"hit": ["LC-123456"], "miss": ["LC-654321"]}}, "should not hit"),
        ({"examples": {}}, "at least one example"),
    ],
)
async def test_a_classifier_that_cannot_work_is_refused_with_a_sentence(
    client: AsyncClient, change: dict[str, object], says: str
) -> None:
    answer = await client.post("/api/v1/classifiers", json={"classifier": {**LOYALTY, **change}})
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


async def test_classify_answers_with_labels_and_masked_evidence(client: AsyncClient) -> None:
    body = {"column": "iban", "values": ["DE89370400440532013000", "GB29NWBK60161331926819"] * 3}
    answer = await client.post("/api/v1/classify", json=body)
    [label] = answer.json()["labels"]
    assert label["label"] == "finance.iban"
    assert "DE89" not in answer.text


async def test_the_shipped_classifiers_and_the_taxonomy_can_be_read(client: AsyncClient) -> None:
    listed = (await client.get("/api/v1/classifiers")).json()
    assert len(listed) >= 80
    card = (await client.get("/api/v1/classifiers/finance.credit_card")).json()
    assert card["validator"] == "card"
    assert card["examples"]["hit"]
    levels = (await client.get("/api/v1/taxonomy")).json()["levels"]
    assert [level["sensitivity"] for level in levels] == [
        "public",
        "internal",
        "confidential",
        "restricted",
    ]
    assert (await client.get("/api/v1/classifiers/contact.pigeon")).status_code == 404


async def test_a_viewer_may_read_and_not_decide(
    anonymous: AsyncClient, product: Product, shop: Shop
) -> None:
    await shop.scan(CUSTOMERS, {"email": emails(80)})
    secret = await token_for(product, "vera", RoleGrant("viewer"))
    anonymous.headers["Authorization"] = f"Bearer {secret}"
    [label] = (await anonymous.get("/api/v1/labels")).json()["items"]
    url = f"/api/v1/labels/{label['id']}/decision"
    assert (await anonymous.post(url, json={"action": "confirm"})).status_code == 403


async def test_what_postgresql_cannot_store_is_refused(client: AsyncClient, shop: Shop) -> None:
    broken = {**LOYALTY, "title": "Loyal\x00ty"}
    made = await client.post("/api/v1/classifiers", json={"classifier": broken})
    assert made.status_code == 422
    assert (await client.get("/api/v1/review-queue/%00")).status_code == 422
    assert (await client.get("/api/v1/classifiers/%00ab")).status_code == 422
    assert (await client.get("/api/v1/labels?source=%00")).status_code == 422
