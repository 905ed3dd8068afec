"""SQL of mined classifiers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.mined.tables import MinedRow
from muniment.classification.repository.labels import texts
from muniment.classification.tables import AssetRow, LabelRow
from muniment.platform.policy import Visibility

PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class MinedRepository:
    session: AsyncSession

    async def assets(self, most: int) -> Sequence[str]:
        """Present assets, those classified last first."""
        query = sa.select(AssetRow.asset).where(AssetRow.present)
        order = (AssetRow.classified_at.desc().nulls_last(), AssetRow.asset)
        return (await self.session.scalars(query.order_by(*order).limit(most))).all()

    async def labels(self, assets: Sequence[str]) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Present labels that nobody rejected, by asset and column."""
        query = (
            sa.select(LabelRow.asset, LabelRow.column_name, sa.func.array_agg(LabelRow.label))
            .where(LabelRow.asset.in_(assets), LabelRow.present, LabelRow.state != "rejected")
            .group_by(LabelRow.asset, LabelRow.column_name)
        )
        rows = await self.session.execute(query)
        return {(asset, column): tuple(sorted(labels)) for asset, column, labels in rows}

    async def replace(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Proposals as they are now; what people accepted or rejected stays as it is."""
        forms = [row["form"] for row in rows]
        gone = sa.and_(MinedRow.state == PROPOSED, MinedRow.form.not_in(forms))
        await self.session.execute(sa.delete(MinedRow).where(gone))
        for row in rows:
            statement = insert(MinedRow).values(dict(row))
            fresh = {name: statement.excluded[name] for name in row if name not in ("id", "state")}
            await self.session.execute(
                statement.on_conflict_do_update(
                    index_elements=["form"], set_=fresh, where=MinedRow.state == PROPOSED
                )
            )
        self.session.expire_all()

    async def all(self, state: str | None) -> Sequence[MinedRow]:
        """The surest first."""
        query = sa.select(MinedRow)
        if state is not None:
            query = query.where(MinedRow.state == state)
        order = (MinedRow.precision.desc(), MinedRow.found_in.desc(), MinedRow.id)
        return (await self.session.scalars(query.order_by(*order))).all()

    async def visible(self, assets: Collection[str], seen: Visibility) -> frozenset[str]:
        """Of these assets, those that somebody may see."""
        query = sa.select(AssetRow.asset).where(
            AssetRow.asset == sa.any_(texts(sorted(assets))), seen.clause(AssetRow.domain)
        )
        return frozenset(await self.session.scalars(query))

    async def locked(self, mined: UUID) -> MinedRow | None:
        query = sa.select(MinedRow).where(MinedRow.id == mined).with_for_update()
        return await self.session.scalar(query)
