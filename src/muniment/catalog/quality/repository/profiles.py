"""SQL of profiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.quality.tables import Profile
from muniment.catalog.tables import Asset, AssetColumn
from muniment.kernel.ids import new_id
from muniment.kernel.values import Sensitivity
from muniment.platform.paging import Page, PageQuery, page_by

KEPT: Final = 30
"""So many profiles of an asset are kept."""


@dataclass(frozen=True, slots=True)
class ProfileMark:
    """When a profile was made, without the profile."""

    run_id: UUID
    at: datetime
    rows: int
    columns: int
    latest: bool


@dataclass(frozen=True, slots=True)
class ProfileRepository:
    session: AsyncSession

    async def add_once(
        self,
        asset: str,
        run_id: UUID,
        at: datetime,
        *,
        rows: int,
        body: Mapping[str, Any],
        sparks: Mapping[str, Any],
    ) -> bool:
        """Store a run's profile as the latest; False when the run's is there already."""
        values = {
            "id": new_id(),
            "asset": asset,
            "run_id": run_id,
            "at": at,
            "latest": False,
            "rows": rows,
            "columns": len(sparks),
            "body": body,
            "sparks": sparks,
        }
        added = await self.session.scalar(
            insert(Profile).values(values).on_conflict_do_nothing().returning(Profile.id)
        )
        if added is None:
            return False
        await self.session.execute(
            sa.update(Profile).where(Profile.asset == asset, Profile.latest).values(latest=False)
        )
        await self.session.execute(
            sa.update(Profile).where(Profile.id == added).values(latest=True)
        )
        old = (
            sa.select(Profile.id)
            .where(Profile.asset == asset)
            .order_by(Profile.at.desc(), Profile.id.desc())
            .offset(KEPT)
        )
        await self.session.execute(sa.delete(Profile).where(Profile.id.in_(old)))
        return True

    async def latest(self, asset: str) -> Profile | None:
        return await self.session.scalar(
            sa.select(Profile).where(Profile.asset == asset, Profile.latest)
        )

    async def of_run(self, asset: str, run_id: UUID) -> Profile | None:
        return await self.session.scalar(
            sa.select(Profile).where(Profile.asset == asset, Profile.run_id == run_id)
        )

    async def bodies(self, assets: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """The latest profiles of many assets, in one statement."""
        rows = await self.session.execute(
            sa.select(Profile.asset, Profile.body).where(Profile.asset.in_(assets), Profile.latest)
        )
        return {row.asset: row.body for row in rows}

    async def sparks(self, assets: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """The histograms of many assets, in one statement."""
        rows = await self.session.execute(
            sa.select(Profile.asset, Profile.sparks).where(
                Profile.asset.in_(assets), Profile.latest
            )
        )
        return {row.asset: row.sparks for row in rows}

    async def width(self, asset: str, run_id: UUID) -> int:
        """How many columns a run profiled; 0 where it made no profile."""
        found = await self.session.scalar(
            sa.select(Profile.columns).where(Profile.asset == asset, Profile.run_id == run_id)
        )
        return found or 0

    async def history(self, asset: str, query: PageQuery) -> Page[ProfileMark]:
        """When an asset was profiled, newest first, without the profiles themselves."""
        statement: Any = sa.select(
            Profile.run_id, Profile.at, Profile.rows, Profile.columns, Profile.latest
        ).where(Profile.asset == asset)
        page = await page_by(
            self.session, statement, Profile.at, Profile.id, query=query, descending=True
        )
        return page.map(lambda row: ProfileMark(*row))

    async def sensitivities(self, asset: str) -> Mapping[str, Sensitivity]:
        """How sensitive the asset's columns are at present."""
        rows = await self.session.execute(
            sa.select(AssetColumn.name, AssetColumn.sensitivity)
            .join(Asset, Asset.id == AssetColumn.asset_id)
            .where(Asset.ref == asset, AssetColumn.sensitivity.is_not(None))
        )
        return {row.name: Sensitivity(row.sensitivity) for row in rows}
