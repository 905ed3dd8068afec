"""A label's life on a real database: found, decided, found again, undone, gone."""

from uuid import UUID

import pytest
from tests.integration.classification.conftest import CUSTOMERS, PEOPLE, Shop, emails, found_in

from muniment.classification.model import LabelFilter
from muniment.classification.service.decisions import Action
from muniment.composition.classification import build_classification_listener
from muniment.composition.product import Product
from muniment.contracts.classification import AssetLabelled, LabelDecided
from muniment.contracts.sources import ChangeKind, ColumnChange, SchemaChanged
from muniment.kernel.errors import Conflict, NotFound
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState
from muniment.platform.paging import PageQuery
from muniment.platform.policy import Visibility

ALL = Visibility(None)
TABLE: dict[str, list[object]] = {
    "id": list(range(100)),
    "email": [*emails(100)],
    "status": ["open", "paid"] * 50,
}


async def label_ids(product: Product, label: str | None = None) -> dict[tuple[str, str], UUID]:
    async with product.reading() as unit:
        page = await unit.classification.labels.page(
            ALL, LabelFilter(label=label), PageQuery(limit=1000)
        )
        return {(row.column_name, row.label): row.id for row in page.items}


async def states(product: Product, asset: AssetRef = CUSTOMERS) -> dict[str, LabelState]:
    async with product.reading() as unit:
        labels = await unit.classification.labels.labels_of([asset])
        return {label.label: label.state for label in labels.get(asset, [])}


async def test_a_scan_publishes_labels_and_tells_the_whole_set(shop: Shop) -> None:
    assert await shop.scan(CUSTOMERS, TABLE) == 1
    assert await states(shop.product) == {"contact.email": LabelState.SUGGESTED}
    [event] = await shop.told(AssetLabelled.topic)
    assert "contact.email" in str(event)
    assert "person1@mail.example" not in str(event)


async def test_publishing_the_same_again_changes_nothing_and_tells_nothing(shop: Shop) -> None:
    result = found_in(CUSTOMERS, TABLE)
    assert await shop.publish(CUSTOMERS, result) == 1
    assert await shop.publish(CUSTOMERS, result) == 1
    assert len(await shop.told(AssetLabelled.topic)) == 1
    assert len(await label_ids(shop.product)) == 1


async def test_a_rejected_label_stays_rejected_until_the_evidence_is_much_stronger(
    shop: Shop,
) -> None:
    weak = {"contact": [*emails(10), *(f"desk {n}" for n in range(12))]}
    await shop.scan(CUSTOMERS, weak)
    ids = await label_ids(shop.product, label="contact.email")
    async with shop.product.writing() as unit:
        await unit.classification.decisions.decide(
            ids["contact", "contact.email"], Action.REJECT, reason="Desks.", seen=ALL
        )
    assert await states(shop.product) == {}

    await shop.scan(CUSTOMERS, weak)
    assert await states(shop.product) == {}

    await shop.scan(CUSTOMERS, {"contact": emails(200)})
    assert await states(shop.product) == {"contact.email": LabelState.SUGGESTED}
    async with shop.product.reading() as unit:
        row, history = await unit.classification.labels.label(ids["contact", "contact.email"], ALL)
        assert row.note is not None
        assert "stronger" in row.note
        assert [each.action for each in history] == ["reject"]


async def test_confirmed_labels_outlive_a_scan_that_does_not_find_them(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    ids = await label_ids(shop.product)
    async with shop.product.writing() as unit:
        await unit.classification.decisions.decide_many(
            [*ids.values()], Action.CONFIRM, reason=None, seen=ALL
        )
    await shop.scan(CUSTOMERS, {"id": [1, 2, 3], "email": ["x", "y", "z"]})
    assert await states(shop.product) == {"contact.email": LabelState.CONFIRMED}


async def test_suggestions_are_withdrawn_when_nothing_speaks_for_them_any_more(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    await shop.scan(CUSTOMERS, {"id": [1, 2, 3], "email": [0, 1, 1]})
    assert await states(shop.product) == {}
    events = await shop.told(AssetLabelled.topic)
    assert len(events) == 2
    assert events[-1]["labels"] == []


async def test_a_manual_label_is_confirmed_and_can_be_taken_back(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    async with shop.product.writing() as unit:
        row = await unit.classification.decisions.set_manually(
            CUSTOMERS, "status", "person.religion", reason="Says the owner.", seen=ALL
        )
        label_id = row.id
    assert (await states(shop.product))["person.religion"] is LabelState.CONFIRMED
    await shop.scan(CUSTOMERS, TABLE)
    assert (await states(shop.product))["person.religion"] is LabelState.CONFIRMED
    async with shop.product.reading() as unit:
        _, [decision] = await unit.classification.labels.label(label_id, ALL)
        decision_id = decision.id
    async with shop.product.writing() as unit:
        await unit.classification.decisions.undo(decision_id, seen=ALL)
    assert "person.religion" not in await states(shop.product)


async def test_a_manual_label_needs_a_known_asset_and_a_known_classifier(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    with pytest.raises(NotFound, match="scan it first"):
        async with shop.product.writing() as unit:
            await unit.classification.decisions.set_manually(
                PEOPLE, "x", "contact.email", reason=None, seen=ALL
            )
    with pytest.raises(NotFound, match="no classifier"):
        async with shop.product.writing() as unit:
            await unit.classification.decisions.set_manually(
                CUSTOMERS, "x", "contact.pigeon", reason=None, seen=ALL
            )


async def test_look_alikes_are_one_group_decided_and_undone_together(shop: Shop) -> None:
    for table in ("customers", "leads", "guests"):
        await shop.scan(AssetRef("shop", ("sales", table)), {"cust_email": emails(60)})
    async with shop.product.reading() as unit:
        page = await unit.classification.review.queue(ALL, LabelFilter(), PageQuery())
        [group] = [g for g in page.items if g.label == "contact.email"]
        assert (group.count, group.sources) == (3, 1)
        assert len(group.sample) == 3
        key = group.look_alike
    async with shop.product.writing() as unit:
        batch = await unit.classification.decisions.decide_look_alikes(
            key, Action.CONFIRM, reason="All the same.", seen=ALL
        )
    assert len(batch.results) == 3
    assert len(await shop.told(LabelDecided.topic)) == 3
    async with shop.product.writing() as unit:
        with pytest.raises(NotFound):
            await unit.classification.decisions.decide_look_alikes(
                key, Action.REJECT, reason=None, seen=ALL
            )
    async with shop.product.writing() as unit:
        assert len(await unit.classification.decisions.undo_batch(batch.id, seen=ALL)) == 3
    assert await states(shop.product) == {"contact.email": LabelState.SUGGESTED}


async def test_only_the_latest_decision_can_be_undone_and_only_once(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    [label_id] = (await label_ids(shop.product)).values()
    for action in (Action.CONFIRM, Action.REJECT):
        async with shop.product.writing() as unit:
            await unit.classification.decisions.decide(label_id, action, reason=None, seen=ALL)
    async with shop.product.reading() as unit:
        _, history = await unit.classification.labels.label(label_id, ALL)
        second, first = (decision.id for decision in history)
    async with shop.product.writing() as unit:
        with pytest.raises(Conflict):
            await unit.classification.decisions.undo(first, seen=ALL)
    async with shop.product.writing() as unit:
        await unit.classification.decisions.undo(second, seen=ALL)
    assert await states(shop.product) == {"contact.email": LabelState.CONFIRMED}
    async with shop.product.writing() as unit:
        with pytest.raises(Conflict):
            await unit.classification.decisions.undo(second, seen=ALL)


async def test_bulk_decisions_answer_for_each_label(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    [label_id] = (await label_ids(shop.product)).values()
    unknown = UUID(int=7)
    async with shop.product.writing() as unit:
        batch = await unit.classification.decisions.decide_many(
            [label_id, unknown], Action.CONFIRM, reason=None, seen=ALL
        )
    assert [(each.label_id, each.done) for each in batch.results] == [
        (label_id, True),
        (unknown, False),
    ]


async def test_labels_of_a_dropped_column_are_no_longer_present(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    async with shop.product.writing() as unit:
        listener = build_classification_listener(
            unit.classification, unit.inheritance, assets=unit.catalog.facts
        )
        await listener.on_schema_changed(
            SchemaChanged(
                asset=CUSTOMERS,
                kind=ChangeKind.CHANGED,
                columns=(ColumnChange("email", ChangeKind.REMOVED, breaking=True),),
            )
        )
    assert await states(shop.product) == {}
    assert (await shop.told(AssetLabelled.topic))[-1]["labels"] == []
    await shop.scan(CUSTOMERS, TABLE)
    assert await states(shop.product) == {"contact.email": LabelState.SUGGESTED}


async def test_labels_of_other_domains_are_not_seen_nor_decided(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    [label_id] = (await label_ids(shop.product)).values()
    others, own = Visibility(frozenset({"hr"})), Visibility(frozenset({"sales"}))
    async with shop.product.writing() as unit:
        services = unit.classification
        assert (await services.labels.page(others, LabelFilter(), PageQuery())).items == []
        assert (await services.review.queue(others, LabelFilter(), PageQuery())).items == []
        assert (await services.review.coverage(others)).sources == []
        with pytest.raises(NotFound):
            await services.labels.label(label_id, others)
        with pytest.raises(NotFound):
            await services.decisions.decide(label_id, Action.CONFIRM, reason=None, seen=others)
        assert len((await services.labels.page(own, LabelFilter(), PageQuery())).items) == 1


async def test_coverage_counts_columns_labelled_and_decided(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    await shop.scan(PEOPLE, {"first_name": ["Anna", "Paul", "Marie"] * 20, "n": list(range(60))})
    ids = await label_ids(shop.product, label="contact.email")
    async with shop.product.writing() as unit:
        for label_id in ids.values():
            await unit.classification.decisions.decide(
                label_id, Action.CONFIRM, reason=None, seen=ALL
            )
    async with shop.product.reading() as unit:
        coverage = await unit.classification.review.coverage(ALL)
    [source] = coverage.sources
    assert (source["assets"], source["columns"], source["labelled"], source["decided"]) == (
        2,
        5,
        2,
        1,
    )
    assert {row["label"] for row in coverage.labels} == {"contact.email", "person.first_name"}


async def test_the_evidence_in_the_database_holds_no_value(shop: Shop) -> None:
    await shop.scan(CUSTOMERS, TABLE)
    [label_id] = (await label_ids(shop.product)).values()
    async with shop.product.reading() as unit:
        row, _ = await unit.classification.labels.label(label_id, ALL)
        assert row.evidence["examples"]
        assert "person" not in str(row.evidence)
        assert row.evidence["matched"] == 100
