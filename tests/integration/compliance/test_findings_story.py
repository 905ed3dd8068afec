"""From a labelled column to a finding that heals, is waived, comes back and is told to everyone."""

from datetime import timedelta

import pytest
from tests.integration.compliance.conftest import NOW, Estate, Open

from muniment.compliance.audit.model import EventFilter
from muniment.compliance.model import (
    FindingFilter,
    FindingState,
    RequirementStatus,
    Verdict,
    WaiverState,
)
from muniment.compliance.service.findings import FindingView
from muniment.compliance.service.reports import as_csv, as_html, as_json
from muniment.contracts.classification import ReidentificationFact
from muniment.kernel.clock import FixedClock
from muniment.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING, Visibility

ORDERS = AssetRef("shop", ("public", "orders"))
COPY = AssetRef("shop", ("public", "orders_copy"))
CARD = "shop/public/orders/cc"


async def judge(compliance: Open, *assets: AssetRef) -> int:
    async with compliance() as services:
        return await services.judge.judge(list(assets) or None, run_id=None)


async def findings(
    compliance: Open, wanted: FindingFilter | None = None, seen: Visibility = EVERYTHING
) -> list[FindingView]:
    async with compliance() as services:
        page = await services.findings.page(wanted or FindingFilter(), seen, PageQuery(limit=1000))
    return page.items


async def of_check(compliance: Open, check: str) -> FindingView:
    [found] = [each for each in await findings(compliance) if each.finding.check == check]
    return found


async def topics(compliance: Open) -> list[str]:
    async with compliance() as services:
        page = await services.trail.page(EventFilter(), PageQuery(limit=1000))
    return [record.topic for record in reversed(page.items)]


async def test_a_card_number_becomes_a_finding_and_heals_with_the_fact(
    compliance: Open, estate: Estate
) -> None:
    estate.table(ORDERS)
    estate.label(ORDERS, "cc", "finance.credit_card")
    opened = await judge(compliance, ORDERS)
    assert opened > 0
    assert await judge(compliance, ORDERS) == opened, "the same facts change nothing"
    assert (await topics(compliance)).count("compliance.finding-opened.v1") == opened

    card = await of_check(compliance, "card-number-in-clear")
    assert card.finding.subject == CARD
    assert card.finding.asset == str(ORDERS)
    assert card.finding.state is FindingState.OPEN
    assert card.finding.owner == "ada"
    assert card.finding.due_at == NOW + timedelta(days=7)
    assert card.frameworks == ("gdpr", "pci-dss")
    assert "finance.credit_card" in str(card.finding.evidence)
    assert len(card.finding.evidence_hash) == 64

    estate.labels[ORDERS] = []
    await judge(compliance, ORDERS)
    healed = await of_check(compliance, "card-number-in-clear")
    assert healed.finding.state is FindingState.RESOLVED
    assert "compliance.finding-resolved.v1" in await topics(compliance)

    estate.label(ORDERS, "cc", "finance.credit_card")
    await judge(compliance, ORDERS)
    again = await of_check(compliance, "card-number-in-clear")
    assert again.finding.id == card.finding.id
    assert (again.finding.state, again.finding.times_opened) == (FindingState.OPEN, 2)


async def test_nameless_rows_that_stand_out_are_a_finding_until_they_do_not(
    compliance: Open, estate: Estate
) -> None:
    estate.table(ORDERS)
    estate.label(ORDERS, "born", "person.birth_date", category="personal")
    estate.label(ORDERS, "zip", "address.postcode", category="address")
    estate.risks[ORDERS] = ReidentificationFact("high", 0.93, 1, ("born", "zip"))
    await judge(compliance, ORDERS)
    risk = await of_check(compliance, "nameless-rows-stand-not-out")
    assert risk.finding.evidence["asset"]["risk_columns"] == ["born", "zip"]  # type: ignore[index,call-overload]  # JSON
    assert risk.frameworks

    estate.risks[ORDERS] = ReidentificationFact("low", 0.01, 40, ("born", "zip"))
    await judge(compliance, ORDERS)
    assert (
        await of_check(compliance, "nameless-rows-stand-not-out")
    ).finding.state is FindingState.RESOLVED


async def test_a_dropped_table_takes_its_findings_along(compliance: Open, estate: Estate) -> None:
    estate.table(ORDERS)
    estate.label(ORDERS, "cc", "finance.credit_card")
    await judge(compliance, ORDERS)
    del estate.assets[ORDERS]
    assert await judge(compliance, ORDERS) == 0
    assert {each.finding.state for each in await findings(compliance)} == {FindingState.RESOLVED}


async def test_confirming_a_label_judges_the_downstream_too_and_nothing_else(
    compliance: Open, estate: Estate
) -> None:
    estate.table(ORDERS)
    estate.table(COPY, copy_of=ORDERS)
    estate.table(AssetRef("shop", ("public", "other")))
    for ref in (ORDERS, COPY):
        estate.label(ref, "mail", "contact.email", state=LabelState.SUGGESTED, confidence=0.6)
    estate.made_from[ORDERS] = [COPY]
    async with compliance() as services:
        await services.judge.judge_with_downstream([ORDERS])
    assert estate.asked_for == [[ORDERS, COPY]]
    assert not await findings(compliance), "an unsure suggestion accuses nobody"

    estate.labels.clear()
    for ref in (ORDERS, COPY):
        estate.label(ref, "mail", "contact.email")
    async with compliance() as services:
        await services.judge.judge_with_downstream([ORDERS])
    copied = await of_check(compliance, "no-abandoned-copy")
    assert copied.finding.asset == str(COPY)


async def test_a_waiver_holds_until_it_ends_then_the_finding_is_open_again(
    compliance: Open, estate: Estate, clock: FixedClock
) -> None:
    estate.table(ORDERS)
    estate.label(ORDERS, "cc", "finance.credit_card")
    await judge(compliance, ORDERS)
    card = (await of_check(compliance, "card-number-in-clear")).finding
    end = NOW + timedelta(days=30)

    async with compliance("ada") as services:
        with pytest.raises(Forbidden, match="somebody else"):
            await services.waivers.grant(
                card.id, EVERYTHING, reason="I would rather not.", owner="ada", expires_at=end
            )
    async with compliance("grace") as services:
        with pytest.raises(Invalid, match="one year"):
            await services.waivers.grant(
                card.id,
                EVERYTHING,
                reason="Moving to the vault in spring.",
                owner="ada",
                expires_at=NOW + timedelta(days=500),
            )
    async with compliance("grace") as services:
        waiver = await services.waivers.grant(
            card.id,
            EVERYTHING,
            reason="Moving to the vault in spring.",
            owner="ada",
            expires_at=end,
        )
        with pytest.raises(Conflict):
            await services.waivers.grant(
                card.id, EVERYTHING, reason="Once more.", owner="ada", expires_at=end
            )
    await judge(compliance, ORDERS)
    waived = (await of_check(compliance, "card-number-in-clear")).finding
    assert waived.state is FindingState.WAIVED, "judging respects the waiver"

    clock.moment = end + timedelta(seconds=1)
    async with compliance() as services:
        assert await services.waivers.end_expired() == 1
        assert await services.waivers.end_expired() == 0
        assert (await services.waivers.get(waiver.id)).state is WaiverState.EXPIRED
    assert (await of_check(compliance, "card-number-in-clear")).finding.state is FindingState.OPEN
    told = await topics(compliance)
    assert "compliance.waiver-granted.v1" in told
    assert "compliance.waiver-ended.v1" in told


async def test_people_take_findings_up_and_their_choice_of_owner_stays(
    compliance: Open, estate: Estate
) -> None:
    estate.table(ORDERS)
    estate.label(ORDERS, "cc", "finance.credit_card")
    await judge(compliance, ORDERS)
    card = (await of_check(compliance, "card-number-in-clear")).finding
    async with compliance("grace") as services:
        await services.findings.assign([card.id], "bob", EVERYTHING)
        await services.findings.move_one(card.id, FindingState.ACKNOWLEDGED, EVERYTHING)
        done = await services.findings.move_one(
            card.id, FindingState.RESOLVED, EVERYTHING, reason="Tokenised."
        )
        assert done.finding.resolution == "Tokenised."
        with pytest.raises(Conflict):
            await services.findings.move_one(card.id, FindingState.ACKNOWLEDGED, EVERYTHING)
        outcome = await services.findings.move([card.id], FindingState.IN_PROGRESS, EVERYTHING)
        assert (outcome.changed, len(outcome.left)) == ((), 1)
    await judge(compliance, ORDERS)
    again = (await of_check(compliance, "card-number-in-clear")).finding
    assert again.state is FindingState.OPEN, "the card number is still there"
    assert again.owner == "bob"


async def test_who_may_not_read_a_domain_does_not_see_its_findings(
    compliance: Open, estate: Estate
) -> None:
    estate.table(ORDERS, domain="sales")
    estate.label(ORDERS, "cc", "finance.credit_card")
    await judge(compliance)
    hr = Visibility(frozenset({"hr"}))
    card = (await of_check(compliance, "card-number-in-clear")).finding
    assert not await findings(compliance, seen=hr)
    async with compliance() as services:
        with pytest.raises(NotFound):
            await services.findings.get(card.id, hr)
        assert (await services.findings.assign([card.id], "eve", hr)).changed == ()
        assert (await services.overview.overview(hr)).open == 0
        coverage = await services.frameworks.coverage("pci-dss", hr, PageQuery())
        assert not coverage.items


async def test_frameworks_score_publish_their_rule_sets_and_can_be_taken_out_of_force(
    compliance: Open, estate: Estate
) -> None:
    estate.table(ORDERS)
    estate.label(ORDERS, "cc", "finance.credit_card")
    async with compliance("grace") as services:
        await services.frameworks.settle()
        await services.frameworks.settle()
    assert set(estate.required) == {
        "framework-gdpr",
        "framework-soc2",
        "framework-hipaa",
        "framework-pci-dss",
    }
    assert (await topics(compliance)).count("compliance.framework-activated.v1") == 4
    await judge(compliance)
    async with compliance() as services:
        view = await services.frameworks.get("pci-dss", EVERYTHING)
        assert view.score.score is not None
        assert view.score.score < 100
        _, part = await services.frameworks.requirement("pci-dss", "3.5.1", EVERYTHING)
        assert part.status is RequirementStatus.FAILING
        covered = await services.frameworks.coverage(
            "pci-dss", EVERYTHING, PageQuery(), requirement_id="3.5.1", verdict=Verdict.BROKEN
        )
        assert [row.subject for row in covered.items] == [CARD]
        history = await services.frameworks.history("pci-dss", PageQuery())
        assert len(history.items) == 1

    estate.labels[ORDERS] = []
    await judge(compliance)
    async with compliance() as services:
        history = await services.frameworks.history("pci-dss", PageQuery())
        assert len(history.items) == 2
        await services.frameworks.deactivate("pci-dss")
    assert "framework-pci-dss" not in estate.required

    estate.label(ORDERS, "cc", "finance.credit_card")
    async with compliance() as services:
        for framework in ("gdpr", "soc2", "hipaa"):
            await services.frameworks.deactivate(framework)
    await judge(compliance)
    assert not [f for f in await findings(compliance) if f.finding.state is FindingState.OPEN]


async def test_reports_say_the_same_in_every_form(compliance: Open, estate: Estate) -> None:
    nasty = AssetRef("shop", ("public", "<script>alert(1)</script>"))
    estate.table(nasty)
    estate.label(nasty, "=cmd", "finance.credit_card")
    await judge(compliance)
    async with compliance("grace") as services:
        report = await services.reports.posture(None, EVERYTHING)
        one = await services.reports.posture("gdpr", EVERYTHING)
    page = as_html(report)
    assert "<script>" not in page
    assert "http://" not in page.replace("https://", "")
    assert "Card numbers are unreadable" in page
    assert "grace" in page
    assert '"requirement"' not in as_json(one)
    assert as_csv(one).count("\n") == len(one.frameworks[0].requirements) + 1


async def test_the_overview_counts_what_needs_work(compliance: Open, estate: Estate) -> None:
    estate.table(ORDERS, owner=None)
    estate.label(ORDERS, "cc", "finance.credit_card")
    await judge(compliance)
    async with compliance() as services:
        overview = await services.overview.overview(EVERYTHING)
        assert overview.open == sum(overview.by_severity.values()) > 0
        assert set(overview.scores) == {"gdpr", "soc2", "hipaa", "pci-dss"}
        by_source = await services.overview.breakdown("source", EVERYTHING)
        assert "shop" in [group.name for group in by_source]
        verdict = await services.scan_policy.judge_scan("shop", sensitive=True)
        assert verdict.approval_needed
        assert any("card numbers in 1" in reason for reason in verdict.reasons)
        assert not (await services.scan_policy.judge_scan("shop", sensitive=False)).approval_needed
