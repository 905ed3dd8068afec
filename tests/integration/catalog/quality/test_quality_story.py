"""From rows that are wrong to an incident that is closed, on a real database."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.integration.catalog.quality.conftest import NOW, Estate

from muniment.catalog.quality.model import IncidentFilter, IncidentState
from muniment.catalog.quality.service.checks import Declaration
from muniment.contracts.rulesets import QualityRule
from muniment.contracts.sources import ChangeKind, ColumnChange, SchemaChanged
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Sensitivity, Severity
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING, Visibility

ORDERS = {"order_id": "bigint", "status": "text", "email": "text", "amount": "numeric"}
REF = AssetRef("shop", ("sales", "orders"))
PAGE = PageQuery()
NOTHING = Visibility(frozenset({"elsewhere"}))


def rows(bad: int = 0) -> dict[str, list[object]]:
    n = 400
    return {
        "order_id": [*range(n - bad), *range(bad)],
        "status": ["open", "paid"] * (n // 2),
        "email": [f"anna{at}@mail.example" if at >= bad else "oops" for at in range(n)],
        "amount": [float(at) for at in range(n)],
    }


UNIQUE = QualityRule("unique", columns="order_id", severity=Severity.HIGH)
CRITICAL = QualityRule("unique", columns="order_id", severity=Severity.CRITICAL)


async def test_a_failing_check_opens_one_incident_that_closes_when_it_passes(
    estate: Estate,
) -> None:
    meta = await estate.register("orders", ORDERS)
    await estate.scan(meta, rows(bad=20), UNIQUE)
    await estate.scan(meta, rows(bad=30), UNIQUE)
    async with estate.open() as quality:
        page = await quality.incidents.page(IncidentFilter(open=True), EVERYTHING, PAGE)
        [incident] = [one for one in page.items if one.key == "unique:order_id"]
        assert (incident.occurrences, incident.state) == (2, "new")
        assert incident.title == "No repeated values: 30 of 400 rows of orders.order_id fail"
    assert [told["title"] for told in await estate.told("incident-opened")].count(
        incident.title
    ) == 0
    assert len(await estate.told("incident-opened")) == 1

    await estate.scan(meta, rows(), UNIQUE)
    async with estate.open() as quality:
        mended = await quality.incidents.get(incident.id, EVERYTHING)
        assert (mended.state, mended.resolved_by) == ("resolved", "muniment")
    assert [told["incident_id"] for told in await estate.told("incident-resolved")] == [
        str(incident.id)
    ]


async def test_scores_follow_the_formula_and_keep_their_history(estate: Estate) -> None:
    meta = await estate.register("orders", ORDERS)
    await estate.scan(meta, rows(bad=40), CRITICAL)
    estate.clock.moment = NOW + timedelta(days=1)
    await estate.scan(meta, rows(), CRITICAL)
    async with estate.open() as quality:
        trend = await quality.scores.trend(REF, EVERYTHING, days=30)
        assert [(one.score, one.capped) for one in trend] == [(32.5, True), (100.0, False)]
        assert trend[0].dimensions["uniqueness"] == 0.0
        estate_now = await quality.scores.estate()
        assert (estate_now.score, estate_now.assets) == (100.0, 1)
        days = await quality.scores.estate_trend(EVERYTHING, days=3)
        assert [(one.day, one.score) for one in days] == [
            (NOW.date(), 32.5), ((NOW + timedelta(days=1)).date(), 100.0)
        ]  # fmt: skip
        [worst] = (await quality.scores.worst(EVERYTHING, PAGE)).items
        assert (worst.asset, worst.score) == (str(REF), 100.0)
        assert (await quality.scores.estate(NOTHING)).score is None
    told = await estate.told("quality-evaluated")
    assert [one["score"] for one in told] == [32.5, 100.0]
    assert "unique:order_id" in told[0]["failed"]


async def test_publishing_a_run_twice_changes_nothing(estate: Estate) -> None:
    meta = await estate.register("orders", ORDERS)
    run_id = await estate.scan(meta, rows(bad=20), UNIQUE)
    await estate.scan(meta, rows(bad=20), UNIQUE, run_id=run_id)
    async with estate.open() as quality:
        history = await quality.profiles.history(REF, EVERYTHING, PAGE)
        assert len(history.items) == 1
        assert len(await quality.scores.trend(REF, EVERYTHING, days=1)) == 1
        now = (await quality.scores.quality_of([str(REF)]))[str(REF)]
        assert now.open_incidents == 1
        assert "unique:order_id" in now.failed_checks
    assert len(await estate.told("quality-evaluated")) == 1
    assert len(await estate.told("incident-opened")) == 1


async def test_results_hold_shapes_and_keep_their_history(estate: Estate) -> None:
    meta = await estate.register("orders", ORDERS)
    await estate.scan(meta, rows(bad=20))
    await estate.scan(meta, rows(bad=0))
    async with estate.open() as quality:
        results = await quality.checks.results(REF, EVERYTHING, status=None, query=PAGE)
        mail = next(one for one in results.items if one.key == "valid_email:email")
        assert (mail.status, mail.evaluated) == ("passed", 400)
        history = await quality.checks.history(REF, mail.key, EVERYTHING, PAGE)
        assert [one.status for one in history.items] == ["passed", "failed"]
        assert history.items[1].examples == ["xxxx"]


async def test_a_declared_check_is_asked_and_a_muted_one_is_not(estate: Estate) -> None:
    meta = await estate.register("orders", ORDERS)
    async with estate.open() as quality:
        wanted = Declaration("in_set", ("status",), {"values": ["open"]}, title="Only open ones")
        made = await quality.checks.declare(REF, wanted, EVERYTHING)
        await quality.checks.declare(
            REF, Declaration("valid_email", ("email",), enabled=False), EVERYTHING
        )
    await estate.scan(meta, rows(bad=20))
    async with estate.open() as quality:
        results = await quality.checks.results(REF, EVERYTHING, status="failed", query=PAGE)
        assert [(one.title, one.definition) for one in results.items] == [
            ("Only open ones", str(made.id))
        ]
        changed = await quality.checks.change(
            made.id, Declaration("in_set", ("status",), {"values": ["open", "paid"]}), EVERYTHING,
            version=1,
        )  # fmt: skip
        assert changed.version == 2
        with pytest.raises(StaleVersion):
            await quality.checks.change(
                made.id, Declaration("not_null", ("status",)), EVERYTHING, version=1
            )
    await estate.scan(meta, rows(bad=20))
    async with estate.open() as quality:
        assert not (
            await quality.checks.results(REF, EVERYTHING, status="failed", query=PAGE)
        ).items
        await quality.checks.drop(made.id, EVERYTHING)
        with pytest.raises(NotFound):
            await quality.checks.get(made.id, EVERYTHING)


async def test_checks_that_do_not_fit_are_refused(estate: Estate) -> None:
    await estate.register("orders", ORDERS)
    async with estate.open() as quality:
        for wanted in (
            Declaration("not_null", ("no_such_column",)),
            Declaration("in_range", ("amount",)),
            Declaration("regex", ("status",), {"pattern": "(?=x)"}),
        ):
            with pytest.raises(Invalid):
                await quality.checks.declare(REF, wanted, EVERYTHING)
        with pytest.raises(NotFound):
            await quality.checks.declare(REF, Declaration("not_null", ("email",)), NOTHING)


async def test_the_life_of_an_incident(estate: Estate) -> None:
    meta = await estate.register("orders", ORDERS)
    await estate.scan(meta, rows(bad=20), UNIQUE)
    async with estate.open() as quality:
        [found] = (await quality.incidents.page(IncidentFilter(), EVERYTHING, PAGE)).items
        with pytest.raises(NotFound):
            await quality.incidents.get(found.id, NOTHING)
        seen = await quality.incidents.acknowledge(found.id, EVERYTHING, version=1)
        assert (seen.state, seen.acknowledged_by) == ("acknowledged", "ada")
        with pytest.raises(StaleVersion):
            await quality.incidents.resolve(found.id, EVERYTHING, reason="x", version=1)
        why = await quality.incidents.find_root_cause(found.id, EVERYTHING, cause="A double load.")
        assert why.root_cause == "A double load."
        closed = await quality.incidents.call_false_positive(
            found.id, EVERYTHING, reason="They are known."
        )
        assert closed.state == IncidentState.FALSE_POSITIVE
        with pytest.raises(Conflict):
            await quality.incidents.acknowledge(found.id, EVERYTHING)

    await estate.scan(meta, rows(bad=20), UNIQUE)  # as bad as when it was tolerated
    async with estate.open() as quality:
        assert not (await quality.incidents.page(IncidentFilter(open=True), EVERYTHING, PAGE)).items
    await estate.scan(meta, rows(bad=60), UNIQUE)  # worse
    async with estate.open() as quality:
        assert (await quality.incidents.open_by_severity(EVERYTHING))["high"] == 1


async def test_a_dropped_column_opens_an_incident_and_its_return_closes_it(estate: Estate) -> None:
    await estate.register("orders", ORDERS)
    gone = SchemaChanged(
        asset=REF,
        kind=ChangeKind.CHANGED,
        columns=(
            ColumnChange("email", ChangeKind.REMOVED, before="text", breaking=True),
            ColumnChange("amount", ChangeKind.CHANGED, "numeric", "text", breaking=True),
            ColumnChange("note", ChangeKind.ADDED, after="text"),
        ),
    )
    async with estate.open() as quality:
        await quality.incidents.on_schema_changed(gone)
        await quality.incidents.on_schema_changed(gone)  # delivery is at least once
    async with estate.open() as quality:
        page = await quality.incidents.page(IncidentFilter(open=True), EVERYTHING, PAGE)
        assert {one.title for one in page.items} == {
            "The column orders.email is gone", "The column orders.amount is text now"
        }  # fmt: skip
    assert len(await estate.told("incident-opened")) == 2
    back = SchemaChanged(
        asset=REF, kind=ChangeKind.CHANGED, columns=(ColumnChange("email", ChangeKind.ADDED),)
    )
    async with estate.open() as quality:
        await quality.incidents.on_schema_changed(back)
        page = await quality.incidents.page(IncidentFilter(open=True), EVERYTHING, PAGE)
        assert [one.key for one in page.items] == ["schema:amount"]


async def test_profiles_show_values_only_to_those_who_may_see_them(estate: Estate) -> None:
    meta = await estate.register("orders", ORDERS, sensitive={"amount": Sensitivity.CONFIDENTIAL})
    await estate.scan(meta, rows(), labels={"email": Sensitivity.CONFIDENTIAL})
    async with estate.open() as quality:
        shown = await quality.profiles.shown(REF, EVERYTHING, values=EVERYTHING)
        columns = {one.name: one for one in shown.result.columns}
        assert columns["status"].top[0].value in ("open", "paid")
        assert "anna" not in str(columns["email"])
        assert columns["amount"].max == "999.9"  # labelled since, so masked now
        hidden = await quality.profiles.shown(REF, EVERYTHING, values=NOTHING)
        assert all(top.masked for one in hidden.result.columns for top in one.top)
        sparks = await quality.profiles.sparks_of([str(REF), "shop/none"])
        assert sum(sparks[str(REF)]["order_id"]) == 400
        with pytest.raises(NotFound):
            await quality.profiles.shown(REF, NOTHING)


async def test_suggestions_come_from_the_last_profile(estate: Estate) -> None:
    meta = await estate.register("orders", ORDERS)
    await estate.scan(meta, rows())
    broken = rows()
    broken["status"] = ["lost"] * 400
    await estate.scan(meta, broken, suggest=True)
    async with estate.open() as quality:
        results = await quality.checks.results(REF, EVERYTHING, status="failed", query=PAGE)
        assert [(one.key, one.origin) for one in results.items] == [("in_set:status", "suggested")]


async def test_nothing_that_was_read_is_stored_in_clear(estate: Estate) -> None:
    meta = await estate.register("orders", ORDERS)
    await estate.scan(
        meta,
        rows(bad=3),
        QualityRule("not_in_set", label=None, columns="email", params={"values": ["x"]}),
        labels={"email": Sensitivity.RESTRICTED},
    )
    async with estate.database.reading() as session:
        for table in ("profile", "check_result", "quality_score", "incident"):
            text = await session.scalar(
                sa.text(f"select string_agg(t::text, ' ') from catalog.{table} t")
            )
            assert "mail.example" not in (text or "")
