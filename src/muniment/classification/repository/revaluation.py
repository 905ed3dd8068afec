"""Revaluations in the database: what waits, how far it came, and what it would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.repository.labels import CHUNK, texts
from muniment.classification.tables import (
    AssetRow,
    LabelRow,
    RevaluationColumnRow,
    RevaluationRow,
)
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

WAITING = ("queued", "running")


@dataclass(frozen=True, slots=True)
class RevaluationRepository:
    session: AsyncSession

    def add(self, row: RevaluationRow) -> None:
        self.session.add(row)

    async def get(self, revaluation_id: UUID, *, lock: bool = False) -> RevaluationRow | None:
        query = sa.select(RevaluationRow).where(RevaluationRow.id == revaluation_id)
        return await self.session.scalar(query.with_for_update() if lock else query)

    async def next(self, now: datetime, lease: timedelta) -> RevaluationRow | None:
        """The oldest that nobody works on, taken for a while."""
        query = (
            sa.select(RevaluationRow)
            .where(
                RevaluationRow.state.in_(WAITING),
                sa.or_(RevaluationRow.taken_until.is_(None), RevaluationRow.taken_until < now),
            )
            .order_by(RevaluationRow.requested_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = await self.session.scalar(query)
        if row is not None:
            row.taken_until = now + lease
        return row

    async def page(self, query: PageQuery) -> Page[RevaluationRow]:
        """The latest first."""
        return await page_by(
            self.session,
            sa.select(RevaluationRow),
            RevaluationRow.id,
            query=query,
            descending=True,
        )

    async def put_columns(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note columns; what was noted of one already stays."""
        for at in range(0, len(rows), CHUNK):
            await self.session.execute(
                insert(RevaluationColumnRow)
                .values(list(rows[at : at + CHUNK]))
                .on_conflict_do_nothing()
            )

    async def counts(self, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, int]]:
        """By revaluation: how many columns gain, lose, change or have to be read."""
        query = (
            sa.select(
                RevaluationColumnRow.revaluation_id, RevaluationColumnRow.change, sa.func.count()
            )
            .where(RevaluationColumnRow.revaluation_id.in_(list(ids)))
            .group_by(RevaluationColumnRow.revaluation_id, RevaluationColumnRow.change)
        )
        found: dict[UUID, dict[str, int]] = {}
        for key, change, count in await self.session.execute(query):
            found.setdefault(key, {})[change] = count
        return found

    async def columns(
        self, revaluation_id: UUID, seen: Visibility, query: PageQuery, change: str | None
    ) -> Page[RevaluationColumnRow]:
        """In the order of asset, column and label."""
        row = RevaluationColumnRow
        statement = (
            sa.select(row)
            .join(AssetRow, AssetRow.asset == row.asset)
            .where(row.revaluation_id == revaluation_id, seen.clause(AssetRow.domain))
        )
        if change is not None:
            statement = statement.where(row.change == change)
        keys = (row.asset, row.column_name, row.label)
        return await page_by(self.session, statement, *keys, query=query)

    async def to_read(
        self, revaluation_id: UUID, seen: Visibility
    ) -> Sequence[tuple[str, str, int]]:
        """Source, asset, and how many of its columns have to be read."""
        row = RevaluationColumnRow
        query = (
            sa.select(AssetRow.source, row.asset, sa.func.count(sa.distinct(row.column_name)))
            .join(AssetRow, AssetRow.asset == row.asset)
            .where(
                row.revaluation_id == revaluation_id,
                row.change == "to_read",
                seen.clause(AssetRow.domain),
            )
            .group_by(AssetRow.source, row.asset)
            .order_by(AssetRow.source, row.asset)
        )
        return [(source, asset, n) for source, asset, n in await self.session.execute(query)]

    async def decided(self, label: str) -> Sequence[tuple[str, str, str]]:
        """Asset, column and state of labels that people confirmed or rejected."""
        query = sa.select(LabelRow.asset, LabelRow.column_name, LabelRow.state).where(
            LabelRow.label == label, LabelRow.decided_by.is_not(None), LabelRow.present
        )
        found = await self.session.execute(query)
        return [(asset, column, state) for asset, column, state in found]

    async def changes_of(self, revaluation_id: UUID, label: str) -> Mapping[tuple[str, str], str]:
        """By asset and column: what becomes of one label."""
        row = RevaluationColumnRow
        query = sa.select(row.asset, row.column_name, row.change).where(
            row.revaluation_id == revaluation_id, row.label == label
        )
        return {(a, c): change for a, c, change in await self.session.execute(query)}

    async def labels_of(self, assets: Sequence[str]) -> Sequence[LabelRow]:
        """Every label of the assets, locked in one order."""
        query = (
            sa.select(LabelRow)
            .where(LabelRow.asset == sa.any_(texts(assets)))
            .order_by(LabelRow.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return (await self.session.scalars(query)).all()

    async def applied(self, classifier: str, version: int) -> Sequence[RevaluationRow]:
        """Revaluations that applied later versions of a classifier and were not taken back."""
        row = RevaluationRow
        query = sa.select(row).where(
            row.classifier == classifier,
            row.applies,
            row.version > version,
            row.undone_at.is_(None),
        )
        return (await self.session.scalars(query.with_for_update())).all()
