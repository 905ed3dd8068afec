"""From code to edges: views, a procedure, what changes, what breaks."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.integration.catalog.assets.spy import SpyOutbox
from tests.integration.catalog.lineage.estate import ESTATE, Estate, table

from muniment.catalog.lineage.graph import Direction
from muniment.catalog.tables import EDGE, STATEMENT, Asset
from muniment.contracts.catalog import LineageBroken, LineageChanged
from muniment.contracts.sources import ChangeKind, ColumnChange, SchemaChanged
from muniment.kernel.errors import Invalid, NotFound
from muniment.kernel.refs import AssetRef
from muniment.platform.db import Database
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING, Visibility

CUSTOMERS = AssetRef.parse("db/crm/customers")


@pytest.fixture
async def estate(database: Database) -> Estate:
    made = Estate(database, SpyOutbox())
    await made.scan(*ESTATE)
    return made


async def edges(estate: Estate) -> set[str]:
    async with estate.database.reading() as session:
        rows = await session.execute(sa.select(EDGE))
        return {f"{r.from_ref}.{r.from_column} -{r.kind}-> {r.to_ref}.{r.to_column}" for r in rows}


async def asset_id(estate: Estate, ref: str):  # type: ignore[no-untyped-def]  # a UUID
    async with estate.database.reading() as session:
        return await session.scalar(sa.select(Asset.id).where(Asset.ref == ref))


async def test_views_and_procedures_become_edges(estate: Estate) -> None:
    found = await edges(estate)
    assert "db/crm/customers.email -transform-> db/mart/people.address" in found
    assert "db/mart/people.address -identity-> db/mart/letters.recipient" in found
    assert "db/crm/customers.country -influence-> db/mart/people.None" in found
    assert "db/shop/orders.total -aggregate-> db/mart/daily.revenue" in found
    assert "db/shop/orders.None -flow-> db/mart/refresh%28%29.None" in found
    assert "db/mart/refresh%28%29.None -flow-> db/mart/daily.None" in found
    assert "db/shop/orders.None -flow-> db/mart/daily.None" not in found


async def test_reading_the_same_code_again_changes_nothing(estate: Estate) -> None:
    before, told = await edges(estate), len(estate.outbox.said)
    await estate.scan(*ESTATE)
    assert await edges(estate) == before
    assert not [e for e in estate.outbox.said[told:] if isinstance(e, LineageChanged)]


async def test_changed_code_replaces_its_edges_and_no_others(estate: Estate) -> None:
    people = replace(ESTATE[3], definition="SELECT c.id, c.id AS address FROM crm.customers c")
    await estate.scan(*ESTATE[:3], people, *ESTATE[4:])
    found = await edges(estate)
    assert "db/crm/customers.email -transform-> db/mart/people.address" not in found
    assert "db/crm/customers.id -identity-> db/mart/people.address" in found
    assert "db/mart/people.address -identity-> db/mart/letters.recipient" in found


async def test_every_statement_has_an_outcome(estate: Estate) -> None:
    async with estate.database.reading() as session:
        rows = await session.execute(
            sa.select(STATEMENT.c.job_ref, STATEMENT.c.outcome, STATEMENT.c.reason).order_by(
                STATEMENT.c.job_ref, STATEMENT.c.position
            )
        )
        outcomes = [(row.job_ref.rpartition("/")[2], row.outcome) for row in rows]
    assert outcomes == [
        ("letters", "parsed"),
        ("people", "parsed"),
        ("refresh%28%29", "parsed"),
        ("refresh%28%29", "partly"),
    ]


async def test_a_dropped_column_breaks_lineage_and_says_so_once(estate: Estate) -> None:
    change = SchemaChanged(
        asset=CUSTOMERS,
        kind=ChangeKind.CHANGED,
        columns=(ColumnChange("email", ChangeKind.REMOVED, breaking=True),),
    )
    await estate.scan(table("crm.customers", "id", "country"), *ESTATE[1:3], *ESTATE[4:])
    for _ in range(2):
        async with estate.database.writing() as session:
            await estate.deriver(session).on_schema_changed(change)
    broken = [e for e in estate.outbox.said if isinstance(e, LineageBroken)]
    assert [(e.asset, e.column, e.downstream) for e in broken] == [
        (CUSTOMERS, "email", (AssetRef.parse("db/mart/people"),))
    ]


async def test_the_graph_shows_where_lineage_is_broken(estate: Estate) -> None:
    country = ColumnChange("country", ChangeKind.REMOVED, breaking=True)
    change = SchemaChanged(asset=CUSTOMERS, kind=ChangeKind.CHANGED, columns=(country,))
    async with estate.database.writing() as session:
        await estate.deriver(session).on_schema_changed(change)
    customers = await asset_id(estate, "db/crm/customers")
    async with estate.database.reading() as session:
        graph = await estate.service(session).graph(customers, EVERYTHING, depth=2)
        assert {(f.to_ref, f.broken) for f in graph.flows} == {
            ("db/mart/people", True),
            ("db/mart/refresh%28%29", True),
            ("db/mart/letters", False),
            ("db/mart/daily", False),
        }


async def test_a_column_that_comes_back_mends_its_edges(estate: Estate) -> None:
    async with estate.database.writing() as session:
        change = SchemaChanged(
            asset=CUSTOMERS,
            kind=ChangeKind.CHANGED,
            columns=(ColumnChange("email", ChangeKind.REMOVED, breaking=True),),
        )
        await estate.deriver(session).on_schema_changed(change)
    await estate.scan(*ESTATE)
    async with estate.database.reading() as session:
        broken = sa.select(sa.func.count()).where(EDGE.c.broken_at.is_not(None))
        assert await session.scalar(broken) == 0


async def test_downstream_is_everything_made_from_an_asset(estate: Estate) -> None:
    async with estate.database.reading() as session:
        found = await estate.service(session).downstream([CUSTOMERS])
    assert sorted(map(str, found)) == [
        "db/mart/daily",
        "db/mart/letters",
        "db/mart/people",
        "db/mart/refresh%28%29",
    ]


async def test_the_graph_starts_at_one_hop_and_counts_the_rest(estate: Estate) -> None:
    people = await asset_id(estate, "db/mart/people")
    async with estate.database.reading() as session:
        graph = await estate.service(session).graph(people, EVERYTHING, columns=True)
        nodes = {n.ref: (n.depth, n.more_upstream, n.more_downstream) for n in graph.nodes}
        at = {n.ref: n.x for n in graph.nodes}
        assert nodes == {
            "db/mart/people": (0, 0, 0),
            "db/crm/customers": (-1, 0, 1),
            "db/mart/letters": (1, 0, 0),
        }
        assert at["db/crm/customers"] < at["db/mart/people"] < at["db/mart/letters"]
        assert [(e.from_column, e.to_column) for e in graph.column_edges] == [
            ("email", "address"),
            ("id", "id"),
            ("address", "recipient"),
        ]


async def test_impact_of_a_column_follows_values_and_filters(estate: Estate) -> None:
    customers = await asset_id(estate, "db/crm/customers")
    async with estate.database.reading() as session:
        service = estate.service(session)
        email = await service.impact(customers, EVERYTHING, column="email")
        country = await service.impact(customers, EVERYTHING, column="country")
        assert [(r.ref, r.depth, r.columns) for r in email.reached] == [
            ("db/mart/people", 1, ("address",)),
            ("db/mart/letters", 2, ("recipient",)),
        ]
        assert {r.ref: r.how for r in country.reached if r.depth == 1} == {
            "db/mart/people": ("influence",),
            "db/mart/daily": ("identity", "influence"),
            "db/mart/refresh%28%29": ("identity", "influence"),
        }
        with pytest.raises(NotFound):
            await service.impact(customers, EVERYTHING, column="nothing")


async def test_what_one_may_not_see_is_counted_and_not_shown(database: Database) -> None:
    estate = Estate(database, SpyOutbox())
    await estate.scan(*ESTATE)
    letters = await asset_id(estate, "db/mart/letters")
    async with database.writing() as session:
        await session.execute(
            sa.update(Asset).where(Asset.ref == "db/crm/customers").values(domain="secret")
        )
    sales = Visibility(frozenset({"sales"}))
    async with database.reading() as session:
        service = estate.service(session)
        reached, hidden = await service.closure(letters, sales, Direction.UPSTREAM, depth=5)
        assert ([r.ref for r in reached], hidden) == (["db/mart/people"], 1)
        graph = await service.graph(letters, sales, depth=3)
        assert (len(graph.nodes), graph.hidden) == (2, 1)
        assert [n.more_upstream for n in graph.nodes] == [0, 0]
        with pytest.raises(NotFound):
            await service.graph(await asset_id(estate, "db/crm/customers"), sales)


async def test_edges_can_be_drawn_by_hand_and_survive_a_scan(estate: Estate) -> None:
    orders, letters = [await asset_id(estate, r) for r in ("db/shop/orders", "db/mart/letters")]
    async with estate.database.writing() as session:
        service = estate.service(session)
        drawn = await service.draw(
            EVERYTHING, (orders, "total"), (letters, "recipient"), note="a script on a laptop"
        )
        with pytest.raises(Invalid):
            await service.draw(EVERYTHING, (orders, "total"), (letters, None), note=None)
    await estate.scan(*ESTATE)
    async with estate.database.writing() as session:
        service = estate.service(session)
        reached, _ = await service.closure(orders, EVERYTHING, Direction.DOWNSTREAM, depth=1)
        assert "db/mart/letters" in [r.ref for r in reached]
        page = await service.page_edges(letters, EVERYTHING, PageQuery())
        assert [e.note for e in page.items if e.id == drawn.id] == ["a script on a laptop"]
        await service.erase(drawn.id, EVERYTHING)
        derived = next(e for e in page.items if e.origin == "code")
        with pytest.raises(Invalid):
            await service.erase(derived.id, EVERYTHING)
