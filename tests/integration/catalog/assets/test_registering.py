"""A scan brings assets in: new, changed, seen again, gone, back."""

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from tests.integration.catalog.assets.spy import SpyOutbox

from muniment.catalog.assets.registrar import Registrar
from muniment.catalog.assets.store import AssetStore
from muniment.catalog.tables import Asset, AssetColumn, AssetVersion
from muniment.contracts.connectors import AssetMeta, ColumnMeta, Grant, KeyKind, KeyMeta
from muniment.kernel.clock import SystemClock
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind
from muniment.platform.db import Database

CUSTOMERS = AssetMeta(
    path=("crm", "customers"),
    kind=AssetKind.TABLE,
    columns=(
        ColumnMeta("id", "bigint", nullable=False),
        ColumnMeta("email", "text", comment="how we reach them"),
        ColumnMeta("country", "text"),
        ColumnMeta("boss", "bigint"),
    ),
    keys=(
        KeyMeta(KeyKind.PRIMARY, ("id",)),
        KeyMeta(
            KeyKind.FOREIGN, ("boss",), references=("crm", "staff"), referenced_columns=("id",)
        ),
    ),
    grants=(Grant("PUBLIC", "SELECT"),),
    row_estimate=100,
)


async def register(
    database: Database,
    *metas: AssetMeta,
    vanished: tuple[AssetRef, ...] = (),
    run: UUID | None = None,
) -> SpyOutbox:
    outbox = SpyOutbox()
    async with database.writing() as session:
        registrar = Registrar(AssetStore(session), outbox, SystemClock())
        await registrar.register("shop", "sales", "ada", metas, vanished, run_id=run or new_id())
    return outbox


async def asset(database: Database, ref: str) -> Asset:
    async with database.reading() as session:
        found = (await session.scalars(sa.select(Asset).where(Asset.ref == ref))).one()
        session.expunge(found)
    return found


async def test_a_discovered_table_is_an_asset_with_columns_and_a_version(
    database: Database,
) -> None:
    told = await register(database, CUSTOMERS)

    found = await asset(database, "shop/crm/customers")
    assert (found.domain, found.owner, found.version, found.columns) == ("sales", "ada", 1, 4)
    assert (found.rows, found.public_grants) == (100, ["SELECT"])
    assert told.topics() == ["catalog.asset-published.v1"]
    async with database.reading() as session:
        columns = await session.scalars(sa.select(AssetColumn).order_by(AssetColumn.position))
        shown = [(c.name, c.is_primary, c.references) for c in columns]
    assert shown == [
        ("id", True, None),
        ("email", False, None),
        ("country", False, None),
        ("boss", False, "shop/crm/staff/id"),
    ]


async def test_seeing_the_same_again_makes_no_version(database: Database) -> None:
    await register(database, CUSTOMERS)
    told = await register(database, replace(CUSTOMERS, row_estimate=120))

    found = await asset(database, "shop/crm/customers")
    assert (found.version, found.rows, told.said) == (1, 120, [])


async def test_a_changed_table_gets_a_version_that_says_what_changed(
    database: Database,
) -> None:
    await register(database, CUSTOMERS)
    narrower = replace(CUSTOMERS, columns=CUSTOMERS.columns[:2], keys=CUSTOMERS.keys[:1])
    run = new_id()
    await register(database, narrower, run=run)
    await register(database, narrower, run=run)

    async with database.reading() as session:
        versions = (
            await session.scalars(sa.select(AssetVersion.changed).order_by(AssetVersion.version))
        ).all()
        columns = (await session.scalars(sa.select(AssetColumn.name))).all()
    assert list(versions) == [["created"], ["columns", "keys"]]
    assert sorted(columns) == ["email", "id"]


async def test_a_vanished_table_is_marked_and_comes_back_as_itself(database: Database) -> None:
    await register(database, CUSTOMERS)
    before = await asset(database, "shop/crm/customers")
    gone = AssetRef("shop", ("crm", "customers"))
    told = await register(database, vanished=(gone,))
    again = await register(database, vanished=(gone,))
    assert (told.topics(), again.said) == (["catalog.asset-vanished.v1"], [])
    assert (await asset(database, "shop/crm/customers")).vanished_at is not None

    await register(database, CUSTOMERS)
    after = await asset(database, "shop/crm/customers")
    assert (after.vanished_at, after.id, after.version) == (None, before.id, 2)


async def test_a_copy_set_aside_is_recognised_by_its_columns(database: Database) -> None:
    copy = replace(
        CUSTOMERS, path=("crm", "customers_backup_2021"), keys=(), columns=CUSTOMERS.columns[:3]
    )
    staged = replace(CUSTOMERS, path=("staging", "people"), keys=())
    other = AssetMeta(("crm", "orders_old"), AssetKind.TABLE, (ColumnMeta("id", "bigint"),))
    await register(database, CUSTOMERS, copy, staged, other)

    assert (await asset(database, "shop/crm/customers_backup_2021")).copy_of == "shop/crm/customers"
    assert (await asset(database, "shop/staging/people")).copy_of == "shop/crm/customers"
    assert (await asset(database, "shop/crm/orders_old")).copy_of is None
    assert (await asset(database, "shop/crm/customers")).copy_of is None


async def test_hostile_names_are_kept_as_they_are(database: Database) -> None:
    path = ('we"ird/schema', "Robert'); drop table students;-- 🦔")
    meta = AssetMeta(
        path, AssetKind.TABLE, (ColumnMeta('a "b"', "text"), ColumnMeta("x" * 5000, "text"))
    )
    await register(database, meta)
    found = await asset(database, str(AssetRef("shop", path)))
    assert (tuple(found.path), found.columns) == (path, 2)


async def test_a_thousand_assets_cost_as_many_statements_as_one(database: Database) -> None:
    def metas(count: int, kind: str) -> list[AssetMeta]:
        return [replace(CUSTOMERS, path=(kind, f"t{n}"), keys=()) for n in range(count)]

    async def statements(assets: list[AssetMeta]) -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        engine = database._engine.sync_engine
        event.listen(engine, "before_cursor_execute", counted)
        try:
            await register(database, *assets)
        finally:
            event.remove(engine, "before_cursor_execute", counted)
        return count

    assert await statements(metas(1000, "many")) == await statements(metas(1, "one"))
