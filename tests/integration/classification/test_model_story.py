"""The model learns from decisions: versions, their gate, promotion, and the way back."""

import random
from collections.abc import Mapping, Sequence

import pytest
from httpx import AsyncClient
from tests.integration.classification.conftest import Shop
from tests.integration.classification.conftest import shop as shop  # a fixture
from tests.integration.classification.test_living_story import judge_all, scan

from muniment.composition.listeners import opener
from muniment.contracts.classification import ModelPromoted, ModelTrained
from muniment.kernel.refs import AssetRef
from muniment.worker.teaching import Teacher

API = "/api/v1"
VESSEL = {
    "id": "custom.vessel",
    "title": "Vessel",
    "category": "business",
    "sensitivity": "internal",
    "header": {"strong": ["vessel register"]},
    "examples": {"hit": [], "miss": []},
}
FIRST = (
    "Nordic",
    "Baltic",
    "Arctic",
    "Ocean",
    "Polar",
    "Coral",
    "Silver",
    "Northern",
    "Golden",
    "Royal",
    "Iron",
    "Pearl",
)
SECOND = (
    "Star",
    "Breeze",
    "Trader",
    "Pioneer",
    "Spirit",
    "Carrier",
    "Voyager",
    "Falcon",
    "Dawn",
    "Horizon",
    "Duchess",
)
NAMES = ("hull", "craft", "boat", "mv", "tender", "barge", "lead tug", "escort", "ferry", "feeder")


def vessels(chance: random.Random) -> list[str]:
    numbers = ("I", "II", "III", "IV", "V", "VI")
    return [
        f"MV {chance.choice(FIRST)} {chance.choice(SECOND)} {chance.choice(numbers)}"
        for _ in range(120)
    ]


def remarks(chance: random.Random) -> list[str]:
    words = (
        "late",
        "on",
        "time",
        "by",
        "rail",
        "waits",
        "for",
        "papers",
        "was",
        "sent",
        "back",
        "paid",
        "twice",
        "without",
        "seal",
    )
    return [" ".join(chance.choices(words, k=5)) for _ in range(120)]


def voyages(count: int, seed: int) -> Mapping[AssetRef, Mapping[str, Sequence[str]]]:
    """Tables with a column of vessels' names each, called by another name each time."""
    chance = random.Random(seed)
    return {
        AssetRef("shop", ("fleet", f"voyage{seed}_{at}")): {
            NAMES[(seed + at) % len(NAMES)]: vessels(chance),
            "comment": remarks(chance),
        }
        for at in range(count)
    }


async def learn(shop: Shop) -> None:
    """What a worker does until no version waits."""
    teacher = Teacher(opener(shop.product, lambda unit: unit.classification.models))
    while await teacher.turn():
        pass


async def test_a_kind_of_their_own_is_learned_promoted_and_taken_back(
    shop: Shop, client: AsyncClient
) -> None:
    refused = await client.post(f"{API}/classification-models", json={})
    assert refused.status_code == 422
    assert "learns from 10 on" in refused.json()["detail"]
    made = await client.post(f"{API}/classifiers", json={"classifier": VESSEL})
    assert made.status_code == 201, made.text
    for ref, columns in voyages(20, 0).items():
        await scan(shop, ref, columns)
        label = {"asset": str(ref), "column": next(iter(columns)), "label": "custom.vessel"}
        assert (await client.post(f"{API}/labels", json=label)).status_code == 201
    [(unseen, columns)] = voyages(1, 7).items()
    columns = {"skiff": next(iter(columns.values())), "comment": columns["comment"]}
    await scan(shop, unseen, columns)
    assert await labels_of(client, unseen) == {}

    now = (await client.get(f"{API}/classification-models/now")).json()
    assert (now["version"], now["decided"], now["fresh"]) == (0, 20, 20)
    asked = await client.post(f"{API}/classification-models", json={"note": "vessels"})
    assert asked.status_code == 202, asked.text
    twice = await client.post(f"{API}/classification-models", json={})
    assert twice.status_code == 409
    await learn(shop)
    told = (await client.get(f"{API}/classification-models/1")).json()
    assert told["state"] == "ready", told
    report = told["report"]
    assert report["new"] == ["custom.vessel"]
    assert report["decisions"]["after"] > report["decisions"]["before"]
    assert report["frozen"]["after"] >= report["frozen"]["before"]
    assert report["passes"], report["reasons"]
    assert await labels_of(client, unseen) == {}, "nothing changes before it is promoted"

    promoted = await client.post(f"{API}/classification-models/1/promote")
    assert promoted.status_code == 200, promoted.text
    assert promoted.json()["active"]
    await judge_all(shop)
    found = await labels_of(client, unseen)
    assert set(found) == {("skiff", "custom.vessel")}
    assert found["skiff", "custom.vessel"]["tier"] == "model"
    assert found["skiff", "custom.vessel"]["state"] == "suggested"
    again = await client.post(f"{API}/classification-models/1/promote")
    assert again.status_code == 409

    back = await client.post(f"{API}/classification-models/rollback", json={"version": 0})
    assert back.status_code == 200, back.text
    assert back.json()["version"] == 0
    await judge_all(shop)
    assert await labels_of(client, unseen) == {}
    forth = await client.post(f"{API}/classification-models/rollback", json={"version": 1})
    assert forth.json()["version"] == 1
    assert [each["passes"] for each in await shop.told(ModelTrained.topic)] == [True]
    moved = [(e["before"], e["version"], e["back"]) for e in await shop.told(ModelPromoted.topic)]
    assert moved == [(0, 1, False), (1, 0, True), (0, 1, True)]


async def labels_of(client: AsyncClient, ref: AssetRef) -> dict[tuple[str, str], dict[str, str]]:
    items = (await client.get(f"{API}/labels", params={"asset": str(ref)})).json()["items"]
    return {
        (each["column_name"], each["label"]): each for each in items if each["state"] != "rejected"
    }


async def test_what_is_no_better_stays_out_of_force(shop: Shop, client: AsyncClient) -> None:
    """Decisions that teach nothing new: the gate says so, and nobody can promote it."""
    chance = random.Random(5)
    for at in range(12):
        ref = AssetRef("shop", ("mail", f"list{at}"))
        mails = [f"p{chance.randrange(10**6)}@mail.example" for _ in range(80)]
        await scan(shop, ref, {f"{NAMES[at % 10]} x{at}": mails})
    items = (await client.get(f"{API}/labels", params={"limit": 100})).json()["items"]
    for each in items:
        await client.post(f"{API}/labels/{each['id']}/decision", json={"action": "confirm"})
    assert (await client.post(f"{API}/classification-models", json={})).status_code == 202
    await learn(shop)
    report = (await client.get(f"{API}/classification-models/1")).json()["report"]
    assert not report["passes"]
    assert report["reasons"]
    shut = await client.post(f"{API}/classification-models/1/promote")
    assert shut.status_code == 409
    assert "gate is shut" in shut.json()["detail"]
    never = await client.post(f"{API}/classification-models/rollback", json={"version": 1})
    assert never.status_code == 409
    missing = await client.post(f"{API}/classification-models/7/promote")
    assert missing.status_code == 404


async def test_a_lesson_that_is_lost_says_so_and_can_be_tried_again(
    shop: Shop, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ref, columns in voyages(12, 1).items():
        await scan(shop, ref, columns)
        label = {"asset": str(ref), "column": next(iter(columns)), "label": "org.company"}
        await client.post(f"{API}/labels", json=label)
    await client.post(f"{API}/classification-models", json={})
    monkeypatch.setenv("MUNIMENT_CHILD_MEMORY_MB", "8")
    await learn(shop)
    told = (await client.get(f"{API}/classification-models/1")).json()
    assert told["state"] == "failed"
    assert "train again" in told["problem"]
    monkeypatch.delenv("MUNIMENT_CHILD_MEMORY_MB")
    assert (await client.post(f"{API}/classification-models", json={})).json()["version"] == 2
    await learn(shop)
    assert (await client.get(f"{API}/classification-models/2")).json()["state"] == "ready"


async def test_it_learns_by_itself_once_enough_was_decided(shop: Shop, client: AsyncClient) -> None:
    async def worth_it() -> bool:
        async with shop.product.writing() as unit:
            return await unit.classification.models.train_if_worth_it()

    for ref, columns in voyages(24, 2).items():
        await scan(shop, ref, columns)
        label = {"asset": str(ref), "column": next(iter(columns)), "label": "org.company"}
        await client.post(f"{API}/labels", json=label)
    assert not await worth_it()
    [(ref, columns)] = voyages(1, 9).items()
    await scan(shop, ref, columns)
    label = {"asset": str(ref), "column": next(iter(columns)), "label": "org.company"}
    await client.post(f"{API}/labels", json=label)
    assert await worth_it()
    assert not await worth_it(), "one waits already"
