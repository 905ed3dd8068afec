"""The index follows the database: new, changed and vanished assets, whoever commits when."""

import asyncio

import sqlalchemy as sa
from tests.integration.catalog.assets.spy import SpyOutbox
from tests.integration.catalog.lineage.estate import Estate, table

from muniment.catalog.search.index import SearchIndex
from muniment.catalog.search.query import SearchRequest
from muniment.catalog.tables import Asset
from muniment.platform.db import Database
from muniment.platform.policy import EVERYTHING, Visibility


def found(index: SearchIndex, text: str, seen: Visibility = EVERYTHING) -> int:
    return index.search(SearchRequest(text), seen).total


async def test_what_changes_is_found_after_the_next_refresh(database: Database) -> None:
    estate, index = Estate(database, SpyOutbox()), SearchIndex()
    await estate.scan(table("crm.customers", "id", "email"))
    assert await index.refresh(database) == 1
    assert found(index, "customers") == 1
    assert await index.refresh(database) == 0

    await estate.scan(table("crm.customers", "id", "iban"), table("crm.orders", "id"))
    assert await index.refresh(database) == 2
    assert (found(index, "iban"), found(index, "email"), found(index, "orders")) == (1, 0, 1)

    await estate.scan(vanished=["db/crm/orders"])
    await index.refresh(database)
    assert (found(index, "orders"), index.size) == (0, 1)


async def test_a_new_domain_changes_who_finds_it(database: Database) -> None:
    estate, index = Estate(database, SpyOutbox()), SearchIndex()
    await estate.scan(table("crm.customers", "id"))
    await index.refresh(database)
    sales, people = Visibility(frozenset({"sales"})), Visibility(frozenset({"people"}))
    assert (found(index, "customers", sales), found(index, "customers", people)) == (1, 0)
    await estate.scan(table("crm.customers", "id"), domain="people")
    await index.refresh(database)
    assert (found(index, "customers", sales), found(index, "customers", people)) == (0, 1)


async def test_a_transaction_that_was_open_during_a_refresh_is_not_missed(
    database: Database,
) -> None:
    estate, index = Estate(database, SpyOutbox()), SearchIndex()
    await estate.scan(table("crm.customers", "id"), table("crm.orders", "id"))
    await index.refresh(database)
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        async with database.writing() as session:
            statement = sa.update(Asset).where(Asset.name == "customers")
            changed = {"description": "zebra", "changed_xid": sa.func.pg_current_xact_id()}
            await session.execute(statement.values(changed))
            began.set()
            await go_on.wait()

    writer = asyncio.create_task(slowly())
    await began.wait()
    await estate.scan(table("crm.orders", "id", "total"))
    await index.refresh(database)
    assert (found(index, "zebra"), found(index, "total")) == (0, 1)
    go_on.set()
    await writer
    await index.refresh(database)
    assert found(index, "zebra") == 1
    assert await index.refresh(database) == 0
