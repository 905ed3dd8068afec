"""Joins and near-duplicates: sketches of three tables, compared by a worker, shown to who may."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
import sqlalchemy as sa

from muniment.catalog.analysis.relations.analyzer import RelationsAnalyzer
from muniment.catalog.quality.repository.assets import AssetGate
from muniment.catalog.relations.comparing import compare_job
from muniment.catalog.relations.finder import RelationFinder
from muniment.catalog.relations.repository import RelationRepository
from muniment.catalog.relations.service import RelationService
from muniment.catalog.relations.tables import Sketch
from muniment.catalog.tables import Asset, AssetColumn
from muniment.contracts.connectors import AssetMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.clock import SystemClock
from muniment.kernel.errors import NotFound
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind
from muniment.platform.db import Database
from muniment.platform.policy import EVERYTHING, Visibility

CUSTOMERS: Mapping[str, Any] = {
    "customer_id": list(range(1_000, 1_400)),
    "email": [f"anna{n}@mail.example" for n in range(400)],
}
ORDERS: Mapping[str, Any] = {
    "order_id": list(range(900)),
    "customer_id": [1_000 + n % 410 for n in range(900)],
    "amount": [n * 1.25 for n in range(900)],
}
COPY: Mapping[str, Any] = {name: values[:380] for name, values in CUSTOMERS.items()}


async def scan(
    database: Database, run_id: UUID, tables: Mapping[tuple[str, str], Mapping[str, Any]]
) -> None:
    """What a run does for relationships: sketch each table, compare, publish."""
    analyzer, clock = RelationsAnalyzer(), SystemClock()
    async with database.writing() as session:
        finder = RelationFinder(RelationRepository(session), clock)
        for (domain, name), columns in tables.items():
            ref = AssetRef("shop", ("sales", name))
            batch = pa.record_batch({key: pa.array(values) for key, values in columns.items()})
            await _register(session, ref, domain, batch.schema)
            context = AnalysisContext(ref, AssetMeta(ref.path, AssetKind.TABLE), {"key": "07" * 32})
            state = analyzer.feed(analyzer.start(context, batch.schema), batch)
            await finder.keep(ref, analyzer.finish(state, context), run_id=run_id)
        jobs = [await finder.relation_job(b) for b in await finder.relation_blocks(run_id=run_id)]
        await finder.publish_relations([compare_job(job) for job in jobs], run_id=run_id)


async def _register(session: Any, ref: AssetRef, domain: str, schema: pa.Schema) -> None:
    if await session.scalar(sa.select(Asset.id).where(Asset.ref == str(ref))):
        return
    asset_id, now = new_id(), SystemClock().now()
    await session.execute(
        sa.insert(Asset),
        {
            "id": asset_id, "ref": str(ref), "source": "shop", "kind": "table", "name": ref.name,
            "path": list(ref.path), "parent_ref": str(ref.parent), "domain": domain,
            "fingerprint": "f", "version": 1, "first_seen_at": now, "last_seen_at": now,
            "updated_at": now,
        },
    )  # fmt: skip
    columns = [
        {"asset_id": asset_id, "name": one, "position": at, "type": "x", "nullable": True}
        for at, one in enumerate(schema.names)
    ]
    await session.execute(sa.insert(AssetColumn), columns)


def service(session: Any) -> RelationService:
    return RelationService(RelationRepository(session), AssetGate(session))


async def test_joins_are_found_shown_and_forgotten(database: Database) -> None:
    customers, orders = (AssetRef("shop", ("sales", name)) for name in ("customers", "orders"))
    await scan(
        database,
        new_id(),
        {
            ("crm", "customers"): CUSTOMERS,
            ("sales", "orders"): ORDERS,
            ("crm", "customers_backup"): COPY,
        },
    )
    async with database.reading() as session:
        found = await service(session).related(orders, EVERYTHING)
        best = found.joins[0]
        assert (best.column, best.other, best.key) == ("customer_id", str(customers), "customer_id")
        assert best.likely
        assert best.containment == pytest.approx(400 / 410, abs=1e-6)
        assert best.containment_error == 0
        related = await service(session).related(customers, EVERYTHING)
        assert (str(orders), "customer_id") in {(j.asset, j.column) for j in related.joined_by}
        [twins] = related.twins
        assert twins.right == "shop/sales/customers_backup"
        assert twins.similarity == pytest.approx(0.95, abs=1e-3)

        only_sales = Visibility(frozenset({"sales"}))
        hidden = await service(session).related(orders, only_sales)
        assert hidden.joins == []
        with pytest.raises(NotFound):
            await service(session).related(customers, only_sales)
        kept = (await session.scalars(sa.select(Sketch.values))).all()
        assert all(b"mail.example" not in values for values in kept)

    # A later run over one table replaces what was known of it, and nothing else.
    await scan(database, new_id(), {("sales", "orders"): {"order_id": list(range(900))}})
    async with database.writing() as session:
        assert (await service(session).related(orders, EVERYTHING)).joins == []
        assert len((await service(session).related(customers, EVERYTHING)).twins) == 1
        await session.execute(
            sa.update(Asset)
            .where(Asset.name == "customers_backup")
            .values(vanished_at=SystemClock().now())
        )
        assert (await service(session).related(customers, EVERYTHING)).twins == []
