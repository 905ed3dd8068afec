"""A source is removed: what hung on it goes in every group, and what must be remembered stays."""

import pytest
from tests.e2e.conftest import OVER, World, eventually

from muniment.platform.db import Database

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEAVING = """
create table customer (id int primary key, email text not null, mobile text, town text);
insert into customer
select n, 'person' || n || '@mail.example', '+49 30 ' || (1000000 + n * 7919 % 8999999), 'Kiel'
from generate_series(1, 200) n;
create view letter as select id, email from customer;
analyze;
"""
STAYING = """
create table mailing (id int primary key, address text);
insert into mailing select n, null from generate_series(1, 50) n;
analyze;
"""
HELD_BY_SOURCES = ("probe", "snapshot", "snapshot_item", "schema_change")


async def _overlay(world: World, name: str, *sources: str) -> None:
    body = {
        "name": name,
        "title": name,
        "layer": "overlay",
        "applies_to": {"sources": list(sources)},
        "body": {"scope": {"exclude": ["tmp.*"]}},
    }
    await world.root.post("/rule-sets", body, status=201)
    await world.root.post(f"/rule-sets/{name}/publish")


async def _held(database: Database, source: str) -> dict[str, int]:
    """How much is kept of one source, and how many credentials there are of all."""
    async with database.reading() as session:
        connection = await session.connection()
        return {
            table: (
                await connection.exec_driver_sql(
                    f"select count(*) from sources.{table} where source_id = $1", (source,)
                )
            ).scalar_one()
            for table in HELD_BY_SOURCES
        } | {
            "credential": (
                await connection.exec_driver_sql("select count(*) from sources.credential")
            ).scalar_one()
        }


async def test_a_source_that_is_removed_leaves_nothing_that_acts(world: World) -> None:
    await world.database("staying", STAYING, domain="retail")
    await world.scan("staying")

    await world.database("leaving", LEAVING, domain="retail", owner="ada")
    await _overlay(world, "scope-leaving", "leaving")
    await _overlay(world, "scope-both", "leaving", "staying")
    await _overlay(world, "scope-all", "leav*")
    schedule = {"source": "leaving", "cron": "0 3 * * *"}
    await world.root.post("/schedules", schedule, status=201)
    first = await world.scan("leaving")
    assert first["state"] == "succeeded"
    customer = "leaving/public/customer"
    [email] = await world.root.items("/labels", asset=customer, column="email")
    await world.root.post(f"/labels/{email['id']}/decision", {"action": "confirm"})
    await world.settled()
    [shown] = await world.root.items("/labels", asset="leaving/public/letter")
    assert (shown["tier"], shown["state"], shown["decided_by"]) == ("lineage", "confirmed", None)
    asset = await world.asset(customer)
    mailing = await world.asset("staying/public/mailing")
    drawn = {"from_asset": asset["id"], "to_asset": mailing["id"]}
    await world.root.post("/lineage/edges", drawn, status=201)
    world.change("leaving", "alter table customer drop column town")
    await world.scan("leaving")
    assert await world.root.items("/findings", source="leaving", state="open")
    assert await world.root.items("/quality/incidents", source="leaving", open=True)
    assert (await world.root.get("/review-queue", source="leaving"))["items"]
    asked = await world.root.post("/scans", {"source": "leaving"}, status=202)

    source_id = (await world.root.get("/sources/leaving"))["id"]
    held = await _held(world.product.database, source_id)
    assert all(held[table] for table in HELD_BY_SOURCES if table != "probe")
    answer = await world.root.http.delete("/api/v1/sources/leaving")
    assert answer.status_code == 204, answer.text

    async def over() -> bool:
        run = await world.root.get(f"/runs/{asked['run_id']}")
        return run["state"] in OVER

    await eventually(over, "the run that was under way ends")
    await world.settled()

    # what acts is gone
    left = await _held(world.product.database, source_id)
    assert left == {**dict.fromkeys(HELD_BY_SOURCES, 0), "credential": held["credential"] - 1}
    retired = {each["name"]: each["retired"] for each in await _rule_sets(world)}
    assert retired == {"scope-leaving": True, "scope-both": False, "scope-all": False}
    assert [each["source"] for each in await world.root.items("/schedules")] == []
    assert (await world.root.refused("POST", "/scans", {"source": "leaving"}))[0] == 404
    assert await world.root.items("/assets", source="leaving") == []
    assert await world.root.items("/labels", source="leaving") == []
    assert (await world.root.get("/review-queue", source="leaving"))["items"] == []
    coverage = (await world.root.get("/classification/coverage"))["sources"]
    assert "leaving" not in [each["source"] for each in coverage]
    for state in ("open", "in_progress"):
        assert await world.root.items("/findings", source="leaving", state=state) == []
    assert await world.root.items("/quality/incidents", source="leaving", open=True) == []
    assert await world.root.items("/lineage/statements", source="leaving") == []
    [warning] = await world.told("catalog.lineage-broken.v1", customer)
    assert warning["payload"]["downstream"] == [
        {"source": "staying", "path": ["public", "mailing"]}
    ]

    # what must be remembered stays
    runs = {each["id"]: each["state"] for each in await world.root.items("/runs", source="leaving")}
    assert runs[first["id"]] == "succeeded"
    assert runs[asked["run_id"]] in ("cancelled", "failed")
    assert await world.root.items("/rule-sets/scope-leaving/versions")
    assert await world.root.items("/findings", source="leaving", state="resolved")
    closed = await world.root.items("/quality/incidents", source="leaving", open=False)
    assert {each["resolution"] for each in closed} == {"The source leaving was removed."}
    assert await world.root.items("/assets", source="leaving", vanished=True)
    [removed] = await world.told("sources.source-removed.v1", "leaving")
    assert removed["actor"] == "root"
    [decision] = await world.told("classification.label-decided.v1", customer)
    assert decision["actor"] == "root"
    assert await world.told("rulesets.rule-set-retired.v1", "scope-leaving")
    assert await world.told("scans.schedule-changed.v1", "leaving")


async def _rule_sets(world: World) -> list[dict[str, object]]:
    found = await world.root.items("/rule-sets", layer="overlay", retired=True)
    return [each for each in found if str(each["name"]).startswith("scope-")]


async def test_a_source_of_the_same_name_begins_afresh(world: World) -> None:
    source = {"name": "leaving", "kind": "sqlite", "settings": {"path": "/nowhere/again.db"}}
    await world.root.post("/sources", source, status=201)
    effective = await world.root.get("/effective-rules", source="leaving")
    assert "scope-leaving" not in effective["versions"]
    assert "scope-both" in effective["versions"]
    assert await world.root.items("/schedules") == []
