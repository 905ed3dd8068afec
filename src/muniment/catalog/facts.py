"""Facts about assets, for compliance checks and the scan planner."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.assets.recordset import texts
from muniment.catalog.lineage.graph import Direction, LineageGraph
from muniment.catalog.model import Certification, QualityNow, QualityReader
from muniment.catalog.repository import present
from muniment.catalog.tables import Asset
from muniment.contracts.catalog import AssetFact
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind


@dataclass(frozen=True, slots=True)
class Facts:
    """Implements ``contracts.catalog.AssetReader``: a constant number of statements."""

    session: AsyncSession
    graph: LineageGraph
    quality: QualityReader

    async def asset_facts(self, assets: Sequence[AssetRef] | None) -> Sequence[AssetFact]:
        """Facts of the named assets, or of the whole estate; vanished ones are left out.

        ``upstream`` and ``downstream`` count direct neighbours.
        """
        statement = sa.select(Asset).where(present()).order_by(Asset.ref)
        refs = None if assets is None else [str(asset) for asset in assets]
        if refs is not None:
            statement = statement.where(Asset.ref.in_(texts(refs)))
        found = (await self.session.scalars(statement)).all()
        quality = await self.quality.quality_of(refs)
        up = await self.graph.degrees(refs, Direction.UPSTREAM)
        down = await self.graph.degrees(refs, Direction.DOWNSTREAM)
        complete = await self.graph.completeness(refs)
        return [
            _fact(
                asset,
                quality.get(asset.ref, QualityNow()),
                up.get(asset.ref, 0),
                down.get(asset.ref, 0),
                complete.get(asset.ref),
            )
            for asset in found
        ]


def _fact(
    asset: Asset, quality: QualityNow, upstream: int, downstream: int, complete: bool | None
) -> AssetFact:
    return AssetFact(
        asset=AssetRef.parse(asset.ref),
        kind=AssetKind(asset.kind),
        domain=asset.domain,
        owner=asset.owner,
        description=asset.description or asset.comment,
        certified=asset.certification == Certification.CERTIFIED.value,
        tags=tuple(asset.tags),
        rows=asset.rows,
        size_bytes=asset.size_bytes,
        columns=asset.columns,
        public_grants=tuple(asset.public_grants),
        retention_days=asset.retention_days,
        purpose=asset.purpose,
        quality_score=quality.score,
        failed_checks=quality.failed_checks,
        open_incidents=quality.open_incidents,
        upstream=upstream,
        downstream=downstream,
        lineage_complete=complete,
        first_seen_at=asset.first_seen_at,
        last_scanned_at=asset.last_scanned_at,
        copy_of=AssetRef.parse(asset.copy_of) if asset.copy_of else None,
    )
