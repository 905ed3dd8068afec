"""A view carries the labels of what it shows, for as long as that carries them."""

from collections.abc import Sequence
from uuid import UUID

import pytest
import sqlalchemy as sa
from httpx import AsyncClient
from sqlalchemy import event
from tests.conftest import token_for
from tests.integration.catalog.lineage.estate import table, view
from tests.integration.classification.conftest import Shop, emails

from muniment.catalog.lineage.engine.job import parse_job
from muniment.classification.service.decisions import Action
from muniment.composition.product import Product
from muniment.contracts.catalog import LineageBroken, LineageChanged
from muniment.contracts.classification import AssetLabelled
from muniment.contracts.connectors import AssetMeta
from muniment.kernel.ids import new_id
from muniment.kernel.principal import RoleGrant
from muniment.kernel.refs import AssetRef
from muniment.platform.policy import EVERYTHING

CUSTOMERS = AssetRef("shop", ("main", "customers"))
ESTATE = (
    table("main.customers", "id", "email"),
    view("main.contacts", "select id, email as mail from main.customers", "id", "mail"),
    view("main.letters", "select mail, length(mail) as low from main.contacts", "mail", "low"),
)
CONTACTS, LETTERS = "shop/main/contacts", "shop/main/letters"
ALL = EVERYTHING


async def derive(product: Product, *metas: AssetMeta, vanished: Sequence[AssetRef] = ()) -> UUID:
    """What a scan does of metadata and lineage, and then of labels along it."""
    run = new_id()
    async with product.writing() as unit:
        await unit.catalog.registrar.register("shop", "sales", "ada", metas, vanished, run_id=run)
    async with product.writing() as unit:
        jobs = await unit.catalog.deriver.statements("shop")
        results = [parse_job(job) for job in jobs]
        await unit.catalog.deriver.publish_lineage("shop", results, run_id=run)
        await unit.inheritance.inherit("shop", run_id=run)
    return run


async def found(product: Product) -> dict[str, str]:
    """By column: the state of its inherited label."""
    async with product.reading() as unit:
        labels = await unit.classification.labels.labels_of(None)
        return {
            f"{asset.name}.{label.column}": label.state.value
            for asset, each in labels.items()
            for label in each
            if label.tier == "lineage"
        }


async def decide(shop: Shop, asset: str, action: Action) -> None:
    """A decision, and what classification hears of it."""
    async with shop.product.writing() as unit:
        rows = await unit.classification.labels.labels.labels_of(asset)
        [row] = [row for row in rows if row.label == "contact.email"]
        await unit.classification.decisions.decide(row.id, action, reason=None, seen=ALL)
    async with shop.product.writing() as unit:
        await unit.inheritance.follow([AssetRef.parse(asset)])


@pytest.fixture
async def scanned(shop: Shop) -> Shop:
    await shop.scan(CUSTOMERS, {"email": emails(80)})
    await derive(shop.product, *ESTATE)
    return shop


async def test_views_inherit_what_they_show_unchanged(scanned: Shop, client: AsyncClient) -> None:
    assert await found(scanned.product) == {
        "contacts.mail": "suggested",
        "letters.mail": "suggested",
    }
    [label] = (await client.get("/api/v1/labels", params={"asset": LETTERS})).json()["items"]
    assert (label["tier"], label["label"], label["effective"]) == ("lineage", "contact.email", True)
    card = (await client.get(f"/api/v1/labels/{label['id']}")).json()
    assert card["evidence"] == {
        "mode": "lineage",
        "from": [CONTACTS, "mail"],
        "says": "inherits from shop: main.contacts.mail by lineage",
    }
    told = await scanned.told(AssetLabelled.topic)
    assert [each["labels"][0]["tier"] for each in told] == ["rule", "lineage", "lineage"]  # type: ignore[index]
    assert None not in [each["run_id"] for each in told]


async def test_expressions_keep_hide_or_end_what_a_column_means(
    shop: Shop, client: AsyncClient
) -> None:
    made = "select id, lower(trim(email)) as low, md5(email) as hashed, length(email) as size,"
    made += " 'to ' || email as line, count(*) as rows from main.customers group by 1, 2, 3, 4, 5"
    letters = view("main.letters", made, "id", "low", "hashed", "size", "line", "rows")
    again = "select hashed as who, upper(low) as up from main.letters"
    further = view("main.further", again, "who", "up")
    await shop.scan(CUSTOMERS, {"email": emails(80)})
    await derive(shop.product, ESTATE[0], letters, further)
    async with shop.product.reading() as unit:
        labels = await unit.classification.labels.labels_of([AssetRef.parse(LETTERS)])
        [told] = labels.values()
    assert {(each.column, each.label, each.sensitivity.word, each.personal) for each in told} == {
        ("low", "contact.email", "confidential", True),
        ("line", "contact.email", "confidential", True),
        ("hashed", "privacy.pseudonym", "internal", True),
    }
    assert await found(shop.product) == dict.fromkeys(
        ("letters.low", "letters.line", "letters.hashed", "further.who", "further.up"), "suggested"
    )
    listed = await client.get("/api/v1/labels", params={"label": "privacy.pseudonym"})
    says = {each["asset"]: each["id"] for each in listed.json()["items"]}
    card = (await client.get(f"/api/v1/labels/{says[LETTERS]}")).json()
    assert card["evidence"] == {
        "mode": "pseudonym",
        "from": [str(CUSTOMERS), "email"],
        "says": "holds values of shop: main.customers.email, hashed, encrypted or masked,"
        " by lineage",
    }
    await decide(shop, str(CUSTOMERS), Action.REJECT)
    assert await found(shop.product) == {}


async def test_look_alikes_are_decided_together_with_their_source(
    scanned: Shop, client: AsyncClient
) -> None:
    [group] = (await client.get("/api/v1/review-queue")).json()["items"]
    assert group["count"] == 3
    url = f"/api/v1/review-queue/{group['look_alike']}/decision"
    done = await client.post(url, json={"action": "confirm"})
    assert len(done.json()["results"]) == 3


async def test_they_follow_the_decision_upstream(scanned: Shop) -> None:
    await decide(scanned, str(CUSTOMERS), Action.CONFIRM)
    assert set((await found(scanned.product)).values()) == {"confirmed"}
    await decide(scanned, str(CUSTOMERS), Action.REJECT)
    assert await found(scanned.product) == {}
    told = (await scanned.told(AssetLabelled.topic))[-2:]
    assert [each["labels"] for each in told] == [[], []]


async def test_a_persons_decision_is_never_overridden(scanned: Shop) -> None:
    await decide(scanned, CONTACTS, Action.REJECT)
    assert await found(scanned.product) == {}
    await derive(scanned.product, *ESTATE)
    assert await found(scanned.product) == {}
    await decide(scanned, CONTACTS, Action.CONFIRM)
    await decide(scanned, str(CUSTOMERS), Action.REJECT)
    await derive(scanned.product, *ESTATE)
    assert await found(scanned.product) == {
        "contacts.mail": "confirmed",
        "letters.mail": "confirmed",
    }


async def test_they_go_when_the_lineage_goes(scanned: Shop) -> None:
    contacts = view("main.contacts", "select id, id as mail from main.customers", "id", "mail")
    await derive(scanned.product, ESTATE[0], contacts, ESTATE[2])
    assert await found(scanned.product) == {}
    await derive(scanned.product, *ESTATE)
    assert len(await found(scanned.product)) == 2


async def test_they_go_when_the_lineage_is_broken_outside_a_scan(scanned: Shop) -> None:
    async with scanned.product.writing() as unit:
        await unit.ground.session.execute(
            sa.text("update catalog.lineage_edge set broken_at = now() where from_ref = :ref"),
            {"ref": str(CUSTOMERS)},
        )
    broken = LineageBroken(asset=CUSTOMERS, column="email", downstream=(AssetRef.parse(CONTACTS),))
    async with scanned.product.writing() as unit:
        await unit.inheritance.follow(broken.downstream)
    assert await found(scanned.product) == {}


async def test_they_go_when_the_code_of_a_source_goes(scanned: Shop) -> None:
    async with scanned.product.writing() as unit:
        await unit.catalog.deriver.forget_source("shop")
    assert (await scanned.told(LineageChanged.topic))[-1]["edges_removed"]
    async with scanned.product.writing() as unit:
        await unit.inheritance.follow_source("shop")
    assert await found(scanned.product) == {}


async def test_what_a_scan_finds_itself_takes_the_place_of_what_was_inherited(
    scanned: Shop,
) -> None:
    await decide(scanned, str(CUSTOMERS), Action.CONFIRM)
    await scanned.scan(AssetRef.parse(CONTACTS), {"mail": emails(80)})
    await derive(scanned.product, *ESTATE)
    assert await found(scanned.product) == {"letters.mail": "suggested"}
    await scanned.scan(AssetRef.parse(CONTACTS), {"mail": ["none"] * 80})
    await derive(scanned.product, *ESTATE)
    assert len(await found(scanned.product)) == 2


async def test_the_number_of_statements_does_not_grow_with_the_estate(shop: Shop) -> None:
    counts = []
    for views in (3, 30):
        metas = [ESTATE[0]]
        for number in range(views):
            below = f"main.v{number - 1}" if number else "main.customers"
            metas.append(view(f"main.v{number}", f"select email from {below}", "email"))
        await shop.scan(CUSTOMERS, {"email": emails(80)})
        async with shop.product.writing() as unit:
            await unit.catalog.registrar.register(
                "shop", "sales", "ada", metas, [], run_id=new_id()
            )
        async with shop.product.writing() as unit:
            jobs = await unit.catalog.deriver.statements("shop")
            results = [parse_job(job) for job in jobs]
            run = new_id()
            await unit.catalog.deriver.publish_lineage("shop", results, run_id=run)
        said: list[str] = []

        def note(_c: object, _k: object, statement: str, *_: object, said=said) -> None:  # type: ignore[no-untyped-def]
            said.append(statement)

        event.listen(sa.Engine, "before_cursor_execute", note)
        async with shop.product.writing() as unit:
            assert await unit.inheritance.inherit("shop", run_id=run) == views
        event.remove(sa.Engine, "before_cursor_execute", note)
        counts.append(len(said))
    assert counts[1] <= counts[0] + 1, counts
    assert counts[1] < 30


async def test_who_may_not_see_the_source_is_not_told_its_name(
    scanned: Shop, product: Product, anonymous: AsyncClient
) -> None:
    async with product.writing() as unit:
        await unit.ground.session.execute(
            sa.text("update classification.classified_asset set domain = 'b' where asset = :ref"),
            {"ref": CONTACTS},
        )
    secret = await token_for(product, "nina", RoleGrant("steward", "sales"))
    anonymous.headers["Authorization"] = f"Bearer {secret}"
    [label] = (await anonymous.get("/api/v1/labels", params={"asset": LETTERS})).json()["items"]
    card = await anonymous.get(f"/api/v1/labels/{label['id']}")
    queue = await anonymous.get("/api/v1/review-queue")
    assert "that you may not see" in card.text
    assert "that you may not see" in queue.text
    assert "contacts" not in card.text + queue.text
