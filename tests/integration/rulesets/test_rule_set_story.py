"""A rule set from draft to published version, laid over others, previewed and withdrawn."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from muniment.composition.ground import Ground
from muniment.composition.rulesets import Known, RuleSetServices, build_rulesets
from muniment.contracts.catalog import AssetFact
from muniment.contracts.sources import SourceFact, SourceInfo
from muniment.kernel.clock import FixedClock
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from muniment.kernel.principal import Principal, PrincipalKind
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject
from muniment.platform.db import Database
from muniment.platform.outbox import TransactionalOutbox
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING, Visibility
from muniment.platform.settings import Settings
from muniment.platform.tables import OutboxEvent
from muniment.platform.vault import Vault
from muniment.rulesets.engine.diff import Change
from muniment.rulesets.model import AppliesTo, Layer, RuleSetBody
from muniment.rulesets.service.effective import DraftLayer

NOW = datetime(2026, 3, 2, tzinfo=UTC)
IDS = ("contact.email", "contact.phone", "finance.iban")


@dataclass
class Estate:
    """What sources and catalogue would say."""

    facts: list[AssetFact] = field(default_factory=list)

    async def asset_facts(self, assets: Sequence[AssetRef] | None) -> Sequence[AssetFact]:
        return self.facts

    async def source(self, name: str) -> SourceInfo:
        if name != "shop":
            raise NotFound(f"There is no source named {name}.")
        return SourceInfo(
            UUID(int=1), "shop", "postgresql", "Shop", "sales", None, False, "postgres"
        )

    async def sources(self) -> Sequence[SourceInfo]:
        return [await self.source("shop")]

    async def source_facts(self) -> Sequence[SourceFact]:
        return []


Open = Callable[[], AbstractAsyncContextManager[RuleSetServices]]


@pytest.fixture
def estate() -> Estate:
    return Estate()


@pytest.fixture
def rulesets(database: Database, estate: Estate, state_dir: Path) -> Open:
    settings = Settings(state_dir=state_dir)

    async def classifiers() -> Sequence[str]:
        return IDS

    async def checks() -> Sequence[str]:
        return ("not_null", "unique")

    @asynccontextmanager
    async def open_one() -> AsyncIterator[RuleSetServices]:
        async with database.writing() as session:
            ground = Ground(
                session,
                TransactionalOutbox(session, "eve"),
                FixedClock(NOW),
                settings,
                Vault.from_file(settings.key_file),
                Principal(UUID(int=7), "eve", PrincipalKind.USER),
            )
            yield build_rulesets(
                ground, assets=estate, sources=estate, known=Known(classifiers, checks)
            )

    return open_one


async def create(rulesets: Open, name: str, body: dict[str, object], **facts: object) -> None:
    base: dict[str, object] = {
        "title": name,
        "description": "",
        "layer": Layer.OVERLAY,
        "position": 0,
        "applies_to": AppliesTo(),
    }
    async with rulesets() as services:
        await services.sets.create(name, body=body, **{**base, **facts})  # type: ignore[arg-type]
        await services.sets.publish(name)


async def told(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(sa.select(OutboxEvent.topic).order_by(OutboxEvent.seq)))


async def test_only_what_is_published_counts(rulesets: Open, database: Database) -> None:
    async with rulesets() as services:
        made = await services.sets.create(
            "careful",
            title="Careful",
            description="",
            layer=Layer.OVERLAY,
            position=0,
            applies_to=AppliesTo(sources=("sh*",)),
            body={"limits": {"max_concurrency": 1}},
        )
        assert (made.draft, made.published) == (1, None)
        assert (await services.effective.of_source("shop", EVERYTHING)).max_concurrency == 2
        published = await services.sets.publish("careful", version=made.version)
        assert (published.draft, published.published) == (None, 1)
        rules = await services.effective.of_source("shop", EVERYTHING)
        assert rules.max_concurrency == 1
        assert rules.origins["limits.max_concurrency"] == "careful v1"
        assert rules.versions == {"default-any": 1, "default-postgresql": 1, "careful": 1}
        other = await services.effective.effective("lake", "files", None)
        assert other.max_concurrency == 2
    assert await told(database) == ["rulesets.rule-set-published.v1"]


async def test_versions_are_kept_compared_and_brought_back(rulesets: Open) -> None:
    await create(rulesets, "a", {"classifiers": ["contact.*"]})
    async with rulesets() as services:
        await services.sets.save_draft("a", {"classifiers": ["finance.*"]}, note="Only money.")
        await services.sets.publish("a")
        changed = await services.sets.diff("a", 1, 2)
        assert {(each.path, each.change) for each in changed} == {
            ("classifiers", Change.ADDED),
            ("classifiers", Change.REMOVED),
        }
        restored = await services.sets.restore("a", 1)
        assert restored.published == 3
        versions = await services.sets.page_versions("a", PageQuery())
        assert [each.number for each in versions.items] == [3, 2, 1]
        rules = await services.effective.of_source("shop", EVERYTHING)
        assert rules.classifiers == ("contact.*",)
        await services.sets.retire("a")
        rules = await services.effective.of_source("shop", EVERYTHING)
        assert rules.classifiers == ("*",)


async def test_a_draft_with_errors_is_kept_and_not_published(rulesets: Open) -> None:
    async with rulesets() as services:
        await services.sets.create(
            "b",
            title="B",
            description="",
            layer=Layer.BASE,
            position=0,
            applies_to=AppliesTo(),
            body={"classifiers": ["contct.email"]},
        )
        with pytest.raises(Invalid, match="Did you mean contact") as refused:
            await services.sets.publish("b")
        assert refused.value.context["problems"]
        with pytest.raises(Invalid, match="no such setting"):
            await services.sets.save_draft("b", {"clasifiers": ["*"]})


async def test_two_people_do_not_overwrite_one_another(rulesets: Open) -> None:
    await create(rulesets, "c", {"lineage": False})
    async with rulesets() as services:
        read = (await services.sets.get("c")).version
        await services.sets.save_draft("c", {"lineage": True}, version=read)
        with pytest.raises(StaleVersion):
            await services.sets.save_draft("c", {}, version=read)
        with pytest.raises(Conflict, match="already"):
            await services.sets.create(
                "c",
                title="C",
                description="",
                layer=Layer.BASE,
                position=0,
                applies_to=AppliesTo(),
                body={},
            )


async def test_what_a_framework_requires_is_published_once_and_withdrawn(
    rulesets: Open, database: Database
) -> None:
    body: JsonObject = {
        "classifiers": ["finance.*"],
        "quality_rules": [{"check": "not_null", "columns": "iban"}],
    }
    await create(rulesets, "narrow", {"classifiers": ["contact.*"]}, layer=Layer.BASE)
    async with rulesets() as services:
        first = await services.sets.require("framework-x", "X", body, reason="X is in force.")
        again = await services.sets.require("framework-x", "X", body, reason="X is in force.")
        assert (first, again) == (1, 1)
        rules = await services.effective.of_source("shop", EVERYTHING)
        assert rules.classifiers == ("contact.*", "finance.*")
        assert rules.origins["classifiers"] == "narrow v1 + framework-x v1"
        assert [rule.check for rule in rules.quality_rules] == ["not_null"]
        with pytest.raises(Conflict, match="kept by compliance"):
            await services.sets.save_draft("framework-x", {})
        await services.sets.withdraw(["framework-x", "unknown", "narrow"])
        rules = await services.effective.of_source("shop", EVERYTHING)
        assert rules.classifiers == ("contact.*",), "what people made is not withdrawn"
        assert not rules.quality_rules
        assert await services.sets.require("framework-x", "X", body, reason="Again.") == 1
        with pytest.raises(Invalid, match="cannot narrow the scope"):
            await services.sets.require(
                "framework-y", "Y", {"scope": {"exclude": ["*"]}}, reason="Bad."
            )
    topics = await told(database)
    assert topics.count("rulesets.rule-set-retired.v1") == 1


def fact(name: str, rows: int | None, domain: str = "sales") -> AssetFact:
    return AssetFact(
        asset=AssetRef("shop", ("public", name)),
        kind=AssetKind.TABLE,
        domain=domain,
        owner=None,
        description=None,
        certified=False,
        tags=(),
        rows=rows,
        size_bytes=None,
        columns=3,
        public_grants=(),
        retention_days=None,
        purpose=None,
        quality_score=None,
        failed_checks=(),
        open_incidents=0,
        upstream=0,
        downstream=0,
        lineage_complete=None,
        first_seen_at=NOW,
        last_scanned_at=None,
    )


async def test_a_dry_run_shows_what_a_draft_would_do(rulesets: Open, estate: Estate) -> None:
    estate.facts = [fact("orders", 3_000_000), fact("tmp_orders", 10), fact("pay", 5, "hr")]
    body = await _validated(
        rulesets,
        {
            "scope": {"exclude": ["public.tmp_*", "old.*"]},
            "sampling": {"rows": 1_000_000, "rows_per_partition": 400_000},
            "classifiers": ["contact.*"],
            "quality_rules": [{"check": "not_null", "assets": "*.orders", "columns": "id"}],
        },
    )
    draft = DraftLayer("trial", Layer.OVERLAY, 0, AppliesTo(), body)
    async with rulesets() as services:
        sales = Visibility(frozenset({"sales"}))
        rules, seen = await services.effective.dry_run("shop", sales, draft)
        assert [each.path for each in seen.assets] == ["public.orders", "public.tmp_orders"]
        orders, temporary = seen.assets
        assert (orders.rows_to_read, orders.partitions) == (1_000_000, 3)
        assert orders.checks == ("not_null (id)",)
        assert (temporary.in_scope, temporary.excluded_by) == (False, "public.tmp_*")
        assert seen.classifiers == ("contact.email", "contact.phone")
        assert "old.*" in seen.idle_patterns
        assert rules.versions["trial"] == 0
        published = await services.effective.of_source("shop", EVERYTHING)
        assert published.sample_rows is None, "a dry run changes nothing"
        with pytest.raises(NotFound):
            await services.effective.dry_run("shop", Visibility(frozenset({"hr"})))


async def _validated(rulesets: Open, raw: JsonObject) -> RuleSetBody:
    async with rulesets() as services:
        body, problems = await services.sets.validate(raw, Layer.OVERLAY)
    assert body is not None
    assert not problems
    return body


async def test_the_shipped_defaults_can_be_seen_and_not_changed(rulesets: Open) -> None:
    async with rulesets() as services:
        page = await services.sets.page(PageQuery(), layer=Layer.DEFAULT)
        assert "default-postgresql" in [each.name for each in page.items]
        shown = await services.sets.get_version("default-sqlite", 1)
        assert shown.body.limits.max_concurrency == 1
        with pytest.raises(Conflict, match="shipped defaults"):
            await services.sets.save_draft("default-any", {})
