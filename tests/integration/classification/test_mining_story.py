"""Mining through the API: proposed from profiles, accepted by a person, rejected for good."""

from uuid import uuid4

from httpx import AsyncClient
from tests.integration.classification.conftest import CUSTOMERS, PEOPLE, Shop
from tests.integration.classification.test_assistant_story import profiled

BADGES = [f"KX-{n * 37 % 100000:05d}-Q" for n in range(400)]
TAGS = [f"Z{n * 7919 % 1000000:06d}" for n in range(400)]
MINED = "/api/v1/mined-classifiers"


async def test_what_unlabelled_columns_share_becomes_a_classifier(
    client: AsyncClient, shop: Shop
) -> None:
    await profiled(shop, uuid4(), CUSTOMERS, {"badge": BADGES, "tag": TAGS, "note": ["a b"] * 400})
    await profiled(shop, uuid4(), PEOPLE, {"badge_ref": BADGES})
    found = (await client.post(f"{MINED}/mine")).json()
    assert [each["entry"]["patterns"] for each in found] == [
        [r"KX\-[0-9]{5}\-Q"],
        ["Z[0-9]{6}"],
    ]
    badge, tag = found
    assert (badge["found_in"], badge["wrong"]) == (2, 0)
    assert not set(badge["entry"]["examples"]["hit"]) & set(BADGES)

    accepted = await client.post(
        f"{MINED}/{badge['id']}/accept", json={"changes": {"id": "custom.badge", "title": "Badge"}}
    )
    assert accepted.json() == {"classifier": "custom.badge", "version": 1}
    again = await client.post(f"{MINED}/{badge['id']}/accept", json={})
    assert again.status_code == 409
    assert (await client.post(f"{MINED}/{tag['id']}/reject")).status_code == 204
    assert (await client.post(f"{MINED}/mine")).json() == []
    known = (await client.get("/api/v1/classifiers/custom.badge")).json()
    assert known["patterns"] == [r"KX\-[0-9]{5}\-Q"]
