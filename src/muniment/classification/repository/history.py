"""What happened to labels, in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.history import HistoryFilter
from muniment.classification.repository.labels import CHUNK, uuids
from muniment.classification.tables import AssetRow, LabelEventRow
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class HistoryRepository:
    session: AsyncSession

    async def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for at in range(0, len(rows), CHUNK):
            await self.session.execute(insert(LabelEventRow).values(list(rows[at : at + CHUNK])))

    async def page(
        self, seen: Visibility, wanted: HistoryFilter, query: PageQuery
    ) -> Page[LabelEventRow]:
        """The latest first."""
        statement = (
            sa.select(LabelEventRow)
            .join(AssetRow, AssetRow.asset == LabelEventRow.asset)
            .where(seen.clause(AssetRow.domain))
        )
        for column, value in (
            (LabelEventRow.asset, wanted.asset),
            (LabelEventRow.column_name, wanted.column),
            (AssetRow.source, wanted.source),
            (LabelEventRow.label, wanted.label),
            (LabelEventRow.kind, wanted.kind),
            (LabelEventRow.cause, wanted.cause),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if wanted.alerts:
            statement = statement.where(
                LabelEventRow.alert, LabelEventRow.acknowledged_at.is_(None)
            )
        return await page_by(
            self.session, statement, LabelEventRow.id, query=query, descending=True
        )

    async def alerts(self, seen: Visibility) -> int:
        """How many alerts wait for somebody."""
        query = (
            sa.select(sa.func.count())
            .select_from(LabelEventRow)
            .join(AssetRow, AssetRow.asset == LabelEventRow.asset)
            .where(
                LabelEventRow.alert,
                LabelEventRow.acknowledged_at.is_(None),
                seen.clause(AssetRow.domain),
            )
        )
        return await self.session.scalar(query) or 0

    async def acknowledge(
        self, seen: Visibility, ids: Sequence[UUID], by: str, now: datetime
    ) -> Sequence[LabelEventRow]:
        """Mark alerts as seen; those that were already, or may not be seen, are left out."""
        visible = sa.select(AssetRow.asset).where(seen.clause(AssetRow.domain))
        statement = (
            sa.update(LabelEventRow)
            .where(
                LabelEventRow.id == sa.any_(uuids(ids)),
                LabelEventRow.alert,
                LabelEventRow.acknowledged_at.is_(None),
                LabelEventRow.asset.in_(visible),
            )
            .values(acknowledged_by=by, acknowledged_at=now)
            .returning(LabelEventRow)
        )
        return (await self.session.scalars(statement)).all()

    async def forget(self, before: datetime) -> None:
        """Delete what happened before a moment; what somebody should still look at stays."""
        waits = sa.and_(LabelEventRow.alert, LabelEventRow.acknowledged_at.is_(None))
        await self.session.execute(
            sa.delete(LabelEventRow).where(LabelEventRow.at < before, sa.not_(waits))
        )

    async def since(
        self, label: str, version: int, revaluations: Sequence[UUID]
    ) -> Sequence[LabelEventRow]:
        """What versions of a classifier later than one did to labels, the latest first."""
        by_scans = sa.and_(
            LabelEventRow.label == label,
            LabelEventRow.classifier_version > version,
            LabelEventRow.cause.in_(("scan", "classifiers")),
        )
        query = (
            sa.select(LabelEventRow)
            .where(sa.or_(by_scans, LabelEventRow.revaluation_id == sa.any_(uuids(revaluations))))
            .order_by(LabelEventRow.id.desc())
        )
        return (await self.session.scalars(query)).all()
