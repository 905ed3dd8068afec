"""What is kept of columns between scans, in the database: replaced with each version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.repository.labels import CHUNK, texts
from muniment.classification.tables import (
    AssetRow,
    DetectorSetRow,
    KeptAssetRow,
    KeptColumnRow,
    RiskRow,
)
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class KeptRepository:
    session: AsyncSession

    async def columns_of(self, assets: Sequence[str]) -> Sequence[KeptColumnRow]:
        query = (
            sa.select(KeptColumnRow)
            .where(KeptColumnRow.asset == sa.any_(texts(assets)))
            .order_by(KeptColumnRow.asset, KeptColumnRow.column_name)
        )
        return (await self.session.scalars(query)).all()

    async def marked_with(self, asset: str) -> str | None:
        query = sa.select(KeptAssetRow.marked_with).where(KeptAssetRow.asset == asset)
        return await self.session.scalar(query)

    async def keep(self, row: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> None:
        """Replace what is kept of an asset."""
        await self.forget(row["asset"])
        await self.session.execute(insert(KeptAssetRow).values(dict(row)))
        for at in range(0, len(columns), CHUNK):
            await self.session.execute(insert(KeptColumnRow).values(list(columns[at : at + CHUNK])))

    async def forget(self, asset: str) -> None:
        """An asset that is gone, or was read by another way, is judged anew no more."""
        await self.session.execute(sa.delete(KeptAssetRow).where(KeptAssetRow.asset == asset))

    async def after(self, asset: str | None, limit: int) -> Sequence[KeptAssetRow]:
        """The next assets of which something is kept, in the order of their names."""
        query = (
            sa.select(KeptAssetRow)
            .join(AssetRow, AssetRow.asset == KeptAssetRow.asset)
            .where(AssetRow.present)
            .order_by(KeptAssetRow.asset)
            .limit(limit)
        )
        if asset is not None:
            query = query.where(KeptAssetRow.asset > asset)
        return (await self.session.scalars(query)).all()

    async def count(self) -> int:
        """Present assets of which something is kept."""
        query = (
            sa.select(sa.func.count())
            .select_from(KeptAssetRow)
            .join(AssetRow, AssetRow.asset == KeptAssetRow.asset)
            .where(AssetRow.present)
        )
        return await self.session.scalar(query) or 0

    async def by_set(self) -> Mapping[str, int]:
        """How many assets were marked with each set of classifiers."""
        query = sa.select(KeptAssetRow.marked_with, sa.func.count()).group_by(
            KeptAssetRow.marked_with
        )
        found = await self.session.execute(query)
        return {row[0]: row[1] for row in found}

    async def digests_of(self, fingerprints: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        query = sa.select(DetectorSetRow).where(
            DetectorSetRow.fingerprint == sa.any_(texts(fingerprints))
        )
        return {row.fingerprint: row.digests for row in await self.session.scalars(query)}

    async def size(self) -> tuple[int, int, int]:
        """Assets, columns and bytes that are kept."""
        assets = await self.session.execute(
            sa.select(
                sa.func.count(),
                sa.func.coalesce(sa.func.sum(sa.func.octet_length(KeptAssetRow.state)), 0),
            )
        )
        count, size = assets.one()
        columns = await self.session.scalar(sa.select(sa.func.count()).select_from(KeptColumnRow))
        return count, columns or 0, int(size)

    async def put_risk(self, row: Mapping[str, Any]) -> None:
        statement = insert(RiskRow).values(dict(row))
        fresh = {name: statement.excluded[name] for name in row if name != "asset"}
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=["asset"], set_=fresh)
        )

    async def forget_risk(self, asset: str) -> None:
        await self.session.execute(sa.delete(RiskRow).where(RiskRow.asset == asset))

    async def risks(
        self,
        seen: Visibility,
        query: PageQuery,
        *,
        level: str | None = None,
        source: str | None = None,
        asset: str | None = None,
    ) -> Page[RiskRow]:
        """Measured assets, those whose rows stand out most first."""
        statement = (
            sa.select(RiskRow)
            .join(AssetRow, AssetRow.asset == RiskRow.asset)
            .where(AssetRow.present, seen.clause(AssetRow.domain))
        )
        for column, value in (
            (RiskRow.level, level),
            (AssetRow.source, source),
            (RiskRow.asset, asset),
        ):
            if value is not None:
                statement = statement.where(column == value)
        keys = (RiskRow.unique_share, RiskRow.asset)
        return await page_by(self.session, statement, *keys, query=query, descending=True)

    async def all_risks(self, assets: Sequence[str] | None) -> Sequence[RiskRow]:
        query = (
            sa.select(RiskRow)
            .join(AssetRow, AssetRow.asset == RiskRow.asset)
            .where(AssetRow.present)
        )
        if assets is not None:
            query = query.where(RiskRow.asset == sa.any_(texts(assets)))
        return (await self.session.scalars(query)).all()
