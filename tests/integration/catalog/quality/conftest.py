"""Quality on a real database: assets as a scan finds them, read by the real analyzers."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
import sqlalchemy as sa

from muniment.catalog.analysis.profile import ProfileAnalyzer
from muniment.catalog.analysis.quality import QualityAnalyzer
from muniment.catalog.tables import Asset, AssetColumn
from muniment.composition.catalog_quality import CatalogQualityServices, build_catalog_quality
from muniment.composition.ground import Ground
from muniment.contracts.classification import ColumnLabel
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.reading import AnalysisContext, Analyzer
from muniment.contracts.rulesets import QualityRule
from muniment.kernel.clock import FixedClock
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal, PrincipalKind
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject, Sensitivity
from muniment.platform.db import Database
from muniment.platform.outbox import TransactionalOutbox
from muniment.platform.settings import Settings
from muniment.platform.tables import OutboxEvent
from muniment.platform.vault import Vault

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
STEWARD = Principal(new_id(), "ada", PrincipalKind.USER)

Open = Callable[[], AbstractAsyncContextManager[CatalogQualityServices]]


@dataclass
class Labels:
    """What classification would say; a test changes it."""

    by_asset: dict[AssetRef, list[ColumnLabel]] = field(default_factory=dict)

    async def labels_of(
        self, assets: Sequence[AssetRef] | None
    ) -> Mapping[AssetRef, Sequence[ColumnLabel]]:
        return {ref: found for ref, found in self.by_asset.items() if not assets or ref in assets}


@dataclass
class Estate:
    """One source with tables whose rows a test writes down."""

    database: Database
    clock: FixedClock
    labels: Labels
    open: Open

    async def register(
        self,
        name: str,
        columns: Mapping[str, str],
        *,
        domain: str | None = "sales",
        sensitive: Mapping[str, Sensitivity] | None = None,
    ) -> AssetMeta:
        """What the asset half would have stored of a table."""
        meta = AssetMeta(
            ("sales", name),
            AssetKind.TABLE,
            columns=tuple(ColumnMeta(column, type_) for column, type_ in columns.items()),
        )
        ref = AssetRef("shop", meta.path)
        asset_id = new_id()
        async with self.database.writing() as session:
            await session.execute(
                sa.insert(Asset),
                {
                    "id": asset_id, "ref": str(ref), "source": "shop", "kind": "table",
                    "name": name, "path": list(meta.path), "parent_ref": str(ref.parent),
                    "domain": domain, "fingerprint": "f", "version": 1, "first_seen_at": NOW,
                    "last_seen_at": NOW, "updated_at": NOW,
                },
            )  # fmt: skip
            await session.execute(
                sa.insert(AssetColumn),
                [
                    {
                        "asset_id": asset_id, "name": column, "position": at, "type": type_,
                        "nullable": True, "sensitivity": (sensitive or {}).get(column),
                    }
                    for at, (column, type_) in enumerate(columns.items())
                ],
            )  # fmt: skip
        return meta

    async def scan(
        self,
        meta: AssetMeta,
        rows: Mapping[str, Any],
        *rules: QualityRule,
        suggest: bool = False,
        labels: Mapping[str, Sensitivity] | None = None,
        run_id: UUID | None = None,
    ) -> UUID:
        """Plan, read with the real analyzers, publish: what a run does to one asset."""
        async with self.open() as quality:
            plans = await quality.planner.quality_params("shop", [meta], rules, suggest=suggest)
        ref = AssetRef("shop", meta.path)
        results = analysed(ref, meta, plans[meta.path], rows, labels or {})
        return await self.publish(ref, results, run_id or new_id())

    async def publish(self, ref: AssetRef, results: Mapping[str, JsonObject], run_id: UUID) -> UUID:
        async with self.open() as quality:
            await quality.analysis.publish_analysis(ref, results, run_id=run_id)
        return run_id

    async def told(self, topic: str) -> list[dict[str, Any]]:
        """The events of a topic so far."""
        async with self.database.reading() as session:
            found = await session.scalars(
                sa.select(OutboxEvent.payload)
                .where(OutboxEvent.topic == f"catalog.{topic}.v1")
                .order_by(OutboxEvent.id)
            )
            return list(found)


def analysed(
    ref: AssetRef,
    meta: AssetMeta,
    params: JsonObject,
    rows: Mapping[str, Any],
    labels: Mapping[str, Sensitivity],
) -> dict[str, JsonObject]:
    """What the two analyzers say of a table."""
    batch = pa.record_batch({name: pa.array(values) for name, values in rows.items()})
    results: dict[str, JsonObject] = {}
    analyzers: tuple[Analyzer[Any], ...] = (ProfileAnalyzer(), QualityAnalyzer())
    for analyzer in analyzers:
        context = AnalysisContext(ref, meta, params, labels)
        state = analyzer.start(context, batch.schema)
        results[analyzer.name] = analyzer.finish(analyzer.feed(state, batch), context)
    return results


@pytest.fixture
def estate(database: Database, tmp_path: Path) -> Estate:
    clock, labels = FixedClock(NOW), Labels()
    settings = Settings(state_dir=tmp_path)
    vault = Vault.from_file(settings.key_file)

    @asynccontextmanager
    async def opened() -> AsyncIterator[CatalogQualityServices]:
        async with database.writing() as session:
            ground = Ground(
                session=session,
                outbox=TransactionalOutbox(session, STEWARD.name),
                clock=clock,
                settings=settings,
                vault=vault,
                caller=STEWARD,
            )
            yield build_catalog_quality(ground, labels=labels)

    return Estate(database, clock, labels, opened)
