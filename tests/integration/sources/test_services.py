"""Registering, secrets, health and schema history, on the real database."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from tests.contract.connectors.estates import connection_to

from muniment.composition.product import Product
from muniment.contracts.connectors import AssetMeta, ColumnMeta, Grant
from muniment.contracts.sources import ChangeKind, Health
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion, Unavailable
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind
from muniment.platform.paging import PageQuery
from muniment.platform.policy import Visibility
from muniment.sources import jobs, locators
from muniment.sources.model import NewSource, Probe
from muniment.sources.service import trials
from muniment.sources.service.health import HealthService

PASSWORD = "c0rrect-horse-battery"
SHOP = NewSource(
    name="shop",
    kind="postgresql",
    settings={"host": "db.example", "database": "shop", "user": "reader"},
    secrets={"password": PASSWORD},
    domain="sales",
    owner="ada",
)


def table(name: str, *columns: ColumnMeta) -> AssetMeta:
    return AssetMeta(("public", name), AssetKind.TABLE, columns or (ColumnMeta("id", "int"),))


async def events(product: Product, topic: str) -> list[dict[str, object]]:
    with psycopg.connect(product.database.url) as connection:
        found = connection.execute(
            "select payload from platform.outbox where topic = %s order by seq", (topic,)
        )
        return [row[0] for row in found]


def everything_stored(url: str) -> str:
    """Every row of every table of the metadata database, as text."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        return "\n".join(
            str(row) for (name,) in tables for row in connection.execute(f"select * from {name} t")
        )


async def test_secrets_are_sealed_and_open_for_connecting_only(product: Product) -> None:
    async with product.writing() as unit:
        record = await unit.sources.sources.register(SHOP)
        assert PASSWORD not in repr(record)
    async with product.reading() as unit:
        connection = await unit.sources.sources.connection("shop")
        assert connection.secrets == {"password": PASSWORD}
        assert PASSWORD not in repr(connection)
        info = await unit.sources.sources.source("shop")
        [fact] = await unit.sources.sources.source_facts()
    assert (info.name, info.domain, info.dialect) == ("shop", "sales", "postgres")
    assert fact.has_secret
    assert fact.uses_tls is False
    assert fact.credential_age_days is not None
    assert PASSWORD not in everything_stored(product.database.url)
    assert [e["fields"] for e in await events(product, "sources.credential-stored.v1")] == [
        ["password"]
    ]


async def test_a_credential_opens_only_where_it_belongs(product: Product) -> None:
    async with product.writing() as unit:
        await unit.sources.sources.register(SHOP)
        await unit.sources.sources.register(replace(SHOP, name="other"))
    with psycopg.connect(product.database.url) as connection:
        connection.execute(
            "update sources.credential set sealed = (select c.sealed from sources.credential c"
            " join sources.source s on s.id = c.source_id where s.name = 'shop')"
        )
    async with product.reading() as unit:
        assert (await unit.sources.sources.connection("shop")).secrets
        with pytest.raises(Unavailable):
            await unit.sources.sources.connection("other")


async def test_rotation_seals_anew_and_forgets_the_old(product: Product) -> None:
    async with product.writing() as unit:
        await unit.sources.sources.register(SHOP)
    async with product.writing() as unit:
        record = await unit.sources.sources.rotate("shop", {"password": "the-next-one"})
        assert record.credential_version == 2
    async with product.writing() as unit:
        connection = await unit.sources.sources.connection("shop")
        assert connection.secrets == {"password": "the-next-one"}
        assert (await unit.sources.sources.rotate("shop", {})).credential_fields == ()


async def test_what_does_not_fit_is_refused(product: Product) -> None:
    async with product.writing() as unit:
        await unit.sources.sources.register(SHOP)
    for wrong, kind in (
        (SHOP, Conflict),
        (replace(SHOP, name="Not A Slug"), Invalid),
        (replace(SHOP, name="a", kind="oracle"), NotFound),
        (replace(SHOP, name="a", settings={"host": "h"}), Invalid),
        (replace(SHOP, name="a", settings={**SHOP.settings, "password": "x"}), Invalid),
        (replace(SHOP, name="a", settings={**SHOP.settings, "port": 99_999}), Invalid),
        (replace(SHOP, name="a", secrets={"token": "x"}), Invalid),
    ):
        with pytest.raises(kind):
            async with product.writing() as unit:
                await unit.sources.sources.register(wrong)


async def test_changes_need_the_present_version_and_are_told(product: Product) -> None:
    async with product.writing() as unit:
        first = await unit.sources.sources.register(SHOP)
    async with product.writing() as unit:
        second = await unit.sources.sources.update(
            "shop", {"owner": "grace", "sensitive": True}, expected=first.version
        )
    assert (second.owner, second.sensitive, second.version) == ("grace", True, 2)
    with pytest.raises(StaleVersion):
        async with product.writing() as unit:
            await unit.sources.sources.update("shop", {"owner": "x"}, expected=first.version)
    async with product.writing() as unit:
        same = await unit.sources.sources.update("shop", {"owner": "grace"}, expected=2)
        assert same.version == 2
        await unit.sources.sources.remove("shop", expected=2)
    async with product.reading() as unit:
        with pytest.raises(NotFound):
            await unit.sources.sources.get("shop")
    [changed] = await events(product, "sources.source-changed.v1")
    assert changed["fields"] == ["owner", "sensitive"]
    assert len(await events(product, "sources.source-removed.v1")) == 1


async def test_ensure_registers_once_and_follows_what_is_given(product: Product) -> None:
    for given, version in (
        (SHOP, 1),
        (SHOP, 1),
        (replace(SHOP, settings={**SHOP.settings, "port": 5433}), 2),
        (replace(SHOP, settings={**SHOP.settings, "port": 5433}, secrets={"password": "n"}), 2),
    ):
        async with product.writing() as unit:
            assert (await unit.sources.sources.ensure(given)).version == version
    async with product.reading() as unit:
        assert (await unit.sources.sources.connection("shop")).secrets == {"password": "n"}


async def test_a_domain_sees_its_own_sources_only(product: Product) -> None:
    async with product.writing() as unit:
        await unit.sources.sources.register(SHOP)
        await unit.sources.sources.register(replace(SHOP, name="people", domain="hr"))
    seen = Visibility(frozenset({"hr"}))
    async with product.reading() as unit:
        page = await unit.sources.sources.page(PageQuery(), seen)
        assert [record.name for record in page.items] == ["people"]
        with pytest.raises(NotFound):
            await unit.sources.sources.get("shop", seen)


async def test_a_schema_tells_its_story(product: Product) -> None:
    async with product.writing() as unit:
        await unit.sources.sources.register(SHOP)
    a, b = ColumnMeta("a", "int"), ColumnMeta("b", "text")
    runs = [new_id() for _ in range(6)]

    async def record(run: UUID, *assets: AssetMeta, complete: bool = True) -> tuple[object, ...]:
        async with product.writing() as unit:
            diff = await unit.sources.snapshots.record(
                "shop", assets, run_id=run, complete=complete
            )
        names = [[ref.name for ref in refs] for refs in (diff.added, diff.changed, diff.removed)]
        return (diff.first, *names, diff.unchanged)

    first = [table("one", a, b), table("two"), table("weird 'name' / 😀")]
    assert await record(runs[0], *first) == (True, sorted(x.path[1] for x in first), [], [], 0)
    assert (await record(runs[0], *first))[0] is True  # a repeated step says the same
    assert await events(product, "sources.schema-changed.v1") == []

    assert await record(runs[1], *first) == (False, [], [], [], 3)

    grown = [replace(first[0], row_estimate=9, size_bytes=9), *first[1:]]
    changed = [
        replace(grown[0], columns=(replace(a, type="bigint"), ColumnMeta("c", "date"))),
        grown[2],
        table("three"),
    ]
    assert await record(runs[2], *changed) == (False, ["three"], ["one"], ["two"], 1)
    again = await record(runs[2], *first)
    assert again == (False, ["three"], ["one"], ["two"], 1)  # a repeated step changes nothing

    told = await events(product, "sources.schema-changed.v1")
    assert [(e["asset"]["path"][1], e["kind"]) for e in told] == [  # type: ignore[index]
        ("one", "changed"),
        ("three", "added"),
        ("two", "removed"),
    ]
    columns = {c["column"]: (c["kind"], c["breaking"]) for c in told[0]["columns"]}  # type: ignore[attr-defined]
    assert columns == {"a": ("changed", True), "b": ("removed", True), "c": ("added", False)}

    partial = await record(runs[3], table("three"), complete=False)
    assert partial == (False, [], [], [], 1)
    granted = replace(table("three"), grants=(Grant("PUBLIC", "SELECT"),))
    blind = replace(changed[0], columns=(), properties={"readable": "false", "problem": "x"})
    assert await record(runs[4], blind, granted, grown[2]) == (False, [], ["three"], [], 2)
    assert await record(runs[5]) == (
        False,
        [],
        [],
        [p.path[1] for p in (blind, granted, first[2])],
        0,
    )

    async with product.reading() as unit:
        keeper = unit.sources.snapshots
        assert [s.number for s in (await keeper.page("shop", PageQuery())).items] == [
            6,
            5,
            4,
            3,
            2,
            1,
        ]
        whole = {c.asset.name: c for c in await keeper.compare("shop", 1, 5)}
        breaking = await keeper.changes(PageQuery(), source="shop", breaking=True)
        of_one = await keeper.changes(PageQuery(), asset=str(AssetRef("shop", ("public", "one"))))
        assert len(breaking.items) == 5
        assert [c.kind for c in of_one.items] == ["removed", "changed"]
        with pytest.raises(NotFound):
            await keeper.compare("shop", 1, 7)
    assert {name: c.kind for name, c in whole.items()} == {
        "one": ChangeKind.CHANGED,
        "two": ChangeKind.REMOVED,
        "three": ChangeKind.ADDED,
    }
    assert whole["one"].aspects == ("columns",)


async def test_snapshots_of_many_assets_take_few_statements(product: Product) -> None:
    async with product.writing() as unit:
        await unit.sources.sources.register(SHOP)
    many = [table(f"t{n}", ColumnMeta("a", "int"), ColumnMeta("b", "text")) for n in range(3000)]
    async with product.writing() as unit:
        diff = await unit.sources.snapshots.record("shop", many, run_id=None, complete=True)
    assert len(diff.added) == 3000
    async with product.writing() as unit:
        diff = await unit.sources.snapshots.record("shop", many, run_id=None, complete=True)
        assert (len(diff.added), diff.unchanged) == (0, 3000)
        assert len(await unit.sources.snapshots.known_paths("shop")) == 3000
    with psycopg.connect(product.database.url) as connection:
        [stored] = connection.execute("select count(*) from sources.snapshot_item").fetchall()
    assert stored == (3000,)


async def test_probes_make_history_and_tell_changes_of_state(
    product: Product, tmp_path: Path
) -> None:
    (tmp_path / "lake").mkdir()
    lake = locators.parse(str(tmp_path / "lake"))
    dead = replace(SHOP, settings={**SHOP.settings, "host": "127.0.0.1", "port": 1})
    async with product.writing() as unit:
        await unit.sources.sources.register(dead)
        await unit.sources.sources.register(NewSource("lake", lake.kind, lake.settings))

    assert await jobs.probe_all(lambda: _health(product)) == 2
    assert await jobs.probe_all(lambda: _health(product)) == 0  # nothing is due again yet
    async with product.reading() as unit:
        health = unit.sources.health
        lake_record = await unit.sources.sources.get("lake")
        shop = await unit.sources.sources.get("shop")
        [probe] = (await health.history("shop", PageQuery())).items
        assert probe.error == "source-unreachable"
    assert lake_record.health is Health.HEALTHY
    assert shop.health is Health.DEGRADED
    assert "Nothing listens" in (shop.health_reason or "")
    for _ in range(2):
        async with product.writing() as unit:
            await unit.sources.health.record("shop", Probe(5, "source-unreachable", "gone"))
    told = [(e["name"], e["after"]) for e in await events(product, "sources.health-changed.v1")]
    assert sorted(told) == [("lake", "healthy"), ("shop", "degraded"), ("shop", "down")]


@asynccontextmanager
async def _health(product: Product) -> AsyncIterator[HealthService]:
    async with product.writing() as unit:
        yield unit.sources.health


async def test_a_trial_names_what_is_wrong(empty_database_url: str) -> None:
    each = trials.test_steps(connection_to(empty_database_url))
    assert (await anext(each)).name, "a step is told before the next one is tried"
    await each.aclose()
    good = await trials.test(connection_to(empty_database_url))
    assert good.passed
    bad = await trials.test(connection_to(empty_database_url, password="wr0ng"))
    assert not bad.passed
    assert "wr0ng" not in json.dumps([step.message for step in bad.steps])
    assert (await trials.probe(connection_to(empty_database_url, password="wr0ng"))).lasting
