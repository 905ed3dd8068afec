"""SQL of relationships: sketches in, joins and near-duplicates in and out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from muniment.catalog.assets.recordset import texts
from muniment.catalog.relations.model import Join, KnownColumn, Twins
from muniment.catalog.relations.names import bare_names
from muniment.catalog.relations.tables import ColumnJoin, Sketch, TableTwins
from muniment.catalog.tables import Asset, AssetColumn
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class RelationRepository:
    session: AsyncSession

    async def keep(self, asset: str, run_id: UUID, sketches: Sequence[dict[str, Any]]) -> None:
        """Replace the sketches of an asset."""
        await self.session.execute(sa.delete(Sketch).where(Sketch.asset == asset))
        rows = [{"asset": asset, "run_id": run_id, **one} for one in sketches]
        for start in range(0, len(rows), AT_ONCE):
            await self.session.execute(insert(Sketch), rows[start : start + AT_ONCE])

    async def widths(self) -> Sequence[tuple[str, UUID, int]]:
        """Every asset that has sketches and is still there: the run they are of, their number."""
        found = await self.session.execute(
            sa.select(Sketch.asset, Sketch.run_id, sa.func.count())
            .join(Asset, Asset.ref == Sketch.asset)
            .where(Asset.vanished_at.is_(None))
            .group_by(Sketch.asset, Sketch.run_id)
            .order_by(Sketch.asset)
        )
        return [(asset, run_id, count) for asset, run_id, count in found]

    async def columns(self, assets: Sequence[str]) -> Sequence[KnownColumn]:
        """The sketched columns of assets with what else is known of them."""
        rows = await self.session.execute(
            sa.select(
                Sketch,
                sa.func.coalesce(AssetColumn.is_unique, sa.false()),
                AssetColumn.references,
            )
            .join(Asset, Asset.ref == Sketch.asset)
            .outerjoin(
                AssetColumn,
                sa.and_(AssetColumn.asset_id == Asset.id, AssetColumn.name == Sketch.column),
            )
            .where(Sketch.asset.in_(texts(assets)))
            .order_by(Sketch.asset, Sketch.column)
        )
        found = [(one, bool(unique), references) for one, unique, references in rows]
        names: dict[str, list[str]] = {}
        for one, _, _ in found:
            names.setdefault(one.asset, []).append(one.column)
        bare = {asset: bare_names(of_asset) for asset, of_asset in names.items()}
        return [
            KnownColumn(
                asset=one.asset,
                column=one.column,
                kind=one.kind,
                level=one.level,
                at=tuple(one.at),
                repeated=one.repeated,
                nulls=one.nulls,
                whole=one.whole,
                primary=unique,
                bare=bare[one.asset][one.column],
                hash=one.hash,
                values=one.values,
                references=references,
            )
            for one, unique, references in found
        ]

    async def replace(
        self, assets: Sequence[str], joins: Sequence[Join], twins: Sequence[Twins], at: datetime
    ) -> None:
        """What was found of assets takes the place of what was known of them."""
        mine = texts(assets)
        await self.session.execute(
            sa.delete(ColumnJoin).where(ColumnJoin.asset.in_(mine) | ColumnJoin.other.in_(mine))
        )
        await self.session.execute(
            sa.delete(TableTwins).where(TableTwins.left.in_(mine) | TableTwins.right.in_(mine))
        )
        for table, found in ((ColumnJoin, joins), (TableTwins, twins)):
            rows = [{**asdict(one), "at": at} for one in found]
            for start in range(0, len(rows), AT_ONCE):
                statement = insert(table).values(rows[start : start + AT_ONCE])
                await self.session.execute(statement.on_conflict_do_nothing())

    async def forget_gone(self) -> Sequence[str]:
        """Drop the sketches of assets that vanished; returns whose."""
        there = sa.select(Asset.ref).where(Asset.vanished_at.is_(None))
        gone = await self.session.scalars(
            sa.delete(Sketch).where(Sketch.asset.not_in(there)).returning(Sketch.asset)
        )
        return sorted(set(gone))

    async def joins_of(self, asset: str, seen: Visibility) -> Sequence[Join]:
        """Joins from and to an asset whose other side the caller sees, the surest first."""
        mine = sa.or_(ColumnJoin.asset == asset, ColumnJoin.other == asset)
        there = sa.case((ColumnJoin.asset == asset, ColumnJoin.other), else_=ColumnJoin.asset)
        rows = await self.session.scalars(
            sa.select(ColumnJoin)
            .join(Asset, Asset.ref == there)
            .where(mine, Asset.vanished_at.is_(None), seen.clause(Asset.domain))
            .order_by(ColumnJoin.confidence.desc(), ColumnJoin.asset, ColumnJoin.column)
        )
        return [_join(one) for one in rows]

    async def twins_of(self, asset: str, seen: Visibility) -> Sequence[Twins]:
        """Near-duplicates of an asset that the caller sees, the most alike first."""
        mine = sa.or_(TableTwins.left == asset, TableTwins.right == asset)
        there = sa.case((TableTwins.left == asset, TableTwins.right), else_=TableTwins.left)
        rows = await self.session.scalars(
            sa.select(TableTwins)
            .join(Asset, Asset.ref == there)
            .where(mine, Asset.vanished_at.is_(None), seen.clause(Asset.domain))
            .order_by(TableTwins.similarity.desc(), TableTwins.left, TableTwins.right)
        )
        return [_twins(one) for one in rows]

    async def all_twins(self, seen: Visibility, query: PageQuery) -> Page[Twins]:
        """Near-duplicates in the estate of which the caller sees both, the most alike first."""
        left, right = aliased(Asset), aliased(Asset)
        statement = (
            sa.select(TableTwins)
            .join(left, left.ref == TableTwins.left)
            .join(right, right.ref == TableTwins.right)
            .where(
                left.vanished_at.is_(None),
                right.vanished_at.is_(None),
                seen.clause(left.domain),
                seen.clause(right.domain),
            )
        )
        page = await page_by(
            self.session,
            statement,
            TableTwins.similarity,
            TableTwins.left,
            TableTwins.right,
            query=query,
            descending=True,
        )
        return page.map(_twins)


def _join(row: ColumnJoin) -> Join:
    return Join(
        row.asset,
        row.column,
        row.other,
        row.key,
        row.containment,
        row.containment_error,
        row.coverage,
        row.name,
        row.confidence,
        tuple(row.reasons),
        row.declared,
    )


def _twins(row: TableTwins) -> Twins:
    return Twins(
        row.left, row.right, row.similarity, row.columns, row.left_in_right, row.right_in_left
    )
