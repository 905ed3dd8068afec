"""What a scan learned of an asset becomes its present state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.assets.recordset import fields_of, recordset
from muniment.catalog.model import AnalysisPublisher, QualityNow, QualityReader
from muniment.catalog.relations.finder import RelationFinder
from muniment.catalog.tables import ASSET, NOW_XID, VERSION
from muniment.contracts.catalog import AssetPublished
from muniment.kernel.clock import Clock
from muniment.kernel.errors import NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject

PROFILE = "profile"
RELATIONS = "relations"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Implements ``contracts.catalog.AssetPublisher``. Safe to repeat for one run."""

    session: AsyncSession
    analysis: AnalysisPublisher
    quality: QualityReader
    relations: RelationFinder
    outbox: Outbox
    clock: Clock

    async def publish_analysis(
        self, asset: AssetRef, results: Mapping[str, JsonObject], *, run_id: UUID
    ) -> None:
        """Store what was learned; NotFound when the asset was never registered."""
        found = await self.session.execute(
            sa.select(ASSET.c.id, ASSET.c.kind, ASSET.c.version, ASSET.c.last_run_id)
            .where(ASSET.c.ref == str(asset))
            .with_for_update()
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound(
                "The asset is not in the catalogue. Scan its source again.", asset=str(asset)
            )
        await self.analysis.publish_analysis(asset, results, run_id=run_id)
        if (told := results.get(RELATIONS)) is not None:
            await self.relations.keep(asset, told, run_id=run_id)
        await self._update(row.id, results, run_id)
        await self.refresh_quality([str(asset)])
        if row.last_run_id == run_id:
            return
        structural = await self._changed_by(row.id, run_id)
        await self.outbox.publish(
            AssetPublished(
                asset_id=row.id,
                asset=asset,
                kind=AssetKind(row.kind),
                version=row.version,
                changed=(*structural, *sorted(results)),
                run_id=run_id,
            )
        )

    async def refresh_quality(self, refs: Sequence[str]) -> None:
        """Take over the present quality of assets from the quality half."""
        now = await self.quality.quality_of(refs)
        rows = [
            {
                "ref": ref,
                "quality_score": quality.score,
                "failed_checks": list(quality.failed_checks),
                "open_incidents": quality.open_incidents,
            }
            for ref, quality in ((ref, now.get(ref, QualityNow())) for ref in refs)
        ]
        given = recordset(
            rows,
            "given",
            fields_of(ASSET, "ref", "quality_score", "failed_checks", "open_incidents"),
        )
        await self.session.execute(
            sa.update(ASSET)
            .where(ASSET.c.ref == given.c.ref)
            .values(
                quality_score=given.c.quality_score,
                failed_checks=given.c.failed_checks,
                open_incidents=given.c.open_incidents,
                changed_xid=NOW_XID,
            )
        )

    async def _update(
        self, asset_id: UUID, results: Mapping[str, JsonObject], run_id: UUID
    ) -> None:
        now = self.clock.now()
        values: dict[str, object] = {
            "last_scanned_at": now,
            "last_run_id": run_id,
            "updated_at": now,
            "changed_xid": NOW_XID,
        }
        rows = results.get(PROFILE, {}).get("rows")
        if isinstance(rows, int):
            values["rows"] = rows
        await self.session.execute(sa.update(ASSET).where(ASSET.c.id == asset_id).values(values))

    async def _changed_by(self, asset_id: UUID, run_id: UUID) -> Sequence[str]:
        changed = await self.session.scalar(
            sa.select(VERSION.c.changed)
            .where(VERSION.c.asset_id == asset_id, VERSION.c.run_id == run_id)
            .order_by(VERSION.c.version.desc())
            .limit(1)
        )
        return changed or ()
