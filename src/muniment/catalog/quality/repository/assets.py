"""What quality asks of the asset half's tables: whether an asset is there and may be seen."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.tables import Asset, AssetColumn
from muniment.kernel.errors import NotFound
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class AssetGate:
    session: AsyncSession

    async def check(self, asset: str, seen: Visibility) -> None:
        """Return, or NotFound when there is no such asset in what the caller sees."""
        found = await self.session.scalar(
            sa.select(sa.literal(1)).where(Asset.ref == asset, seen.clause(Asset.domain))
        )
        if found is None:
            raise NotFound("There is no such asset in the catalogue.", asset=asset)

    async def columns(self, asset: str) -> frozenset[str]:
        """The names of the asset's columns; empty when they are not known."""
        rows = await self.session.scalars(
            sa.select(AssetColumn.name)
            .join(Asset, Asset.id == AssetColumn.asset_id)
            .where(Asset.ref == asset)
        )
        return frozenset(rows)
