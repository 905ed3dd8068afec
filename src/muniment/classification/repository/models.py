"""Versions of the model in the database, and the decisions that it learns from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.repository.labels import texts
from muniment.classification.tables import KeptAssetRow, LabelRow, ModelVersionRow
from muniment.platform.paging import Page, PageQuery, page_by

PARTS: Final = ("inside_text", "rare", "composed")
"""Labels of single values or of other labels: they do not tell what a whole column is."""


@dataclass(frozen=True, slots=True)
class DecidedLabel:
    """What a person said of a label on a column of which something is kept."""

    asset: str
    column: str
    label: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ModelRepository:
    session: AsyncSession

    def add(self, row: ModelVersionRow) -> None:
        self.session.add(row)

    async def get(self, version: int, *, lock: bool = False) -> ModelVersionRow | None:
        query = sa.select(ModelVersionRow).where(ModelVersionRow.version == version)
        return await self.session.scalar(query.with_for_update() if lock else query)

    async def lock(self) -> None:
        """Let one change after another: numbers are given once, and one version is in force."""
        await self.session.execute(
            sa.text("lock table classification.model_version in share row exclusive mode")
        )

    async def last(self) -> ModelVersionRow | None:
        query = sa.select(ModelVersionRow).order_by(ModelVersionRow.version.desc()).limit(1)
        return await self.session.scalar(query)

    async def active(self) -> ModelVersionRow | None:
        """The version in force; None where it is the shipped one."""
        return await self.session.scalar(sa.select(ModelVersionRow).where(ModelVersionRow.active))

    async def head(self, version: int | None = None) -> str | None:
        """What a version learned, or what the one in force did."""
        row = ModelVersionRow
        query = sa.select(row.head).where(row.active if version is None else row.version == version)
        return await self.session.scalar(query)

    async def page(self, query: PageQuery) -> Page[ModelVersionRow]:
        """The latest first."""
        rows = sa.select(ModelVersionRow)
        return await page_by(
            self.session, rows, ModelVersionRow.version, query=query, descending=True
        )

    async def next(self, now: datetime, lease: timedelta) -> ModelVersionRow | None:
        """A version that waits to be learned, taken for a while."""
        row = ModelVersionRow
        query = (
            sa.select(row)
            .where(row.state == "queued", sa.or_(row.taken_until.is_(None), row.taken_until < now))
            .order_by(row.version)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        found = await self.session.scalar(query)
        if found is not None:
            found.taken_until = now + lease
        return found

    async def counts(self, since: datetime | None) -> tuple[int, int]:
        """Decided columns that can be learned from, and how many of them were decided since."""
        row = LabelRow
        column = sa.tuple_(row.asset, row.column_name)
        fresh = sa.true() if since is None else row.decided_at > since
        query = sa.select(
            sa.func.count(sa.distinct(column)),
            sa.func.count(sa.distinct(column)).filter(fresh),
        ).where(*_learnable())
        every, new = (await self.session.execute(query)).one()
        return every, new

    async def decided(self, most: int) -> tuple[Sequence[DecidedLabel], datetime | None]:
        """The latest decisions, at most so many, and the moment of the last of them."""
        row = LabelRow
        query = (
            sa.select(
                row.asset, row.column_name, row.label, row.state == "confirmed", row.decided_at
            )
            .where(*_learnable())
            .order_by(row.decided_at.desc(), row.id)
            .limit(most)
        )
        found = (await self.session.execute(query)).all()
        labels = [DecidedLabel(asset, column, label, yes) for asset, column, label, yes, _ in found]
        return labels, found[0][4] if found else None

    async def states(self, assets: Sequence[str]) -> Mapping[str, KeptAssetRow]:
        """What is kept of assets."""
        query = sa.select(KeptAssetRow).where(KeptAssetRow.asset == sa.any_(texts(assets)))
        return {row.asset: row for row in await self.session.scalars(query)}


def _learnable() -> Sequence[Any]:
    """Labels that people decided about, of whole columns whose values were kept by a scan."""
    row = LabelRow
    return (
        row.present,
        row.decided_by.is_not(None),
        row.state.in_(("confirmed", "rejected")),
        sa.func.coalesce(row.evidence["mode"].astext, "").not_in(PARTS),
        row.asset.in_(sa.select(KeptAssetRow.asset)),
    )
