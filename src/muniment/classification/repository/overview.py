"""The review queue and the coverage, counted in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.asking import REASKED_WITH, Agreement
from muniment.classification.model import LabelFilter
from muniment.classification.repository.labels import (
    CONFIRMED,
    REJECTED,
    SUGGESTED,
    in_effect,
)
from muniment.classification.tables import AssetRow, LabelRow
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

SHOWN = 5


@dataclass(frozen=True, slots=True)
class OverviewRepository:
    session: AsyncSession

    async def queue(
        self,
        seen: Visibility,
        wanted: LabelFilter,
        query: PageQuery,
        *,
        learned: Sequence[Agreement] = (),
        asked: bool | None = None,
    ) -> Page[dict[str, Any]]:
        """Groups of suggested look-alikes, the most worthwhile decision first.

        ``asked`` leaves out what ``learned`` makes needless to ask, or keeps only that.
        """
        found = self._groups(seen, wanted)
        if asked is not None:
            rests = _rests(learned)
            found = found.having(~rests if asked else rests)
        groups = found.subquery("groups")
        keys = (groups.c.weight, groups.c.look_alike)
        page = await page_by(
            self.session, sa.select(groups), *keys, query=query, descending=True, with_total=True
        )
        names = groups.c.keys()
        return page.map(lambda values: dict(zip(names, values, strict=True)))

    def _groups(self, seen: Visibility, wanted: LabelFilter) -> sa.Select[*tuple[Any, ...]]:
        by_weight = (LabelRow.weight.desc(), LabelRow.id)
        sample = sa.func.array_agg(aggregate_order_by(LabelRow.id, *by_weight))
        count = sa.func.count(LabelRow.id)
        weight = sa.func.max(LabelRow.weight) * (1 + sa.func.ln(count))
        statement = (
            sa.select(
                LabelRow.look_alike.label("look_alike"),
                LabelRow.label.label("label"),
                sa.func.min(LabelRow.title).label("title"),
                sa.func.min(LabelRow.category).label("category"),
                sa.func.max(LabelRow.sensitivity).label("sensitivity"),
                sa.func.min(LabelRow.header).label("header"),
                count.label("members"),
                sa.func.count(sa.distinct(AssetRow.source)).label("sources"),
                sa.func.min(LabelRow.confidence).label("lowest"),
                sa.func.max(LabelRow.confidence).label("highest"),
                sa.cast(sa.func.round(sa.cast(weight, sa.Numeric), 6), sa.Float).label("weight"),
                sample[1 : SHOWN + 1].label("sample"),
            )
            .join(AssetRow, AssetRow.asset == LabelRow.asset)
            .where(
                LabelRow.present,
                AssetRow.present,
                LabelRow.state == SUGGESTED,
                seen.clause(AssetRow.domain),
            )
            .group_by(LabelRow.look_alike, LabelRow.label)
        )
        for column, value in (
            (AssetRow.source, wanted.source),
            (LabelRow.label, wanted.label),
            (LabelRow.category, wanted.category),
            (LabelRow.look_alike, wanted.look_alike),
        ):
            if value is not None:
                statement = statement.where(column == value)
        return statement

    async def resting(self, seen: Visibility, learned: Sequence[Agreement]) -> tuple[int, int]:
        """Groups and labels that wait, and are not asked about."""
        groups = self._groups(seen, LabelFilter()).having(_rests(learned)).subquery("groups")
        members = sa.cast(sa.func.coalesce(sa.func.sum(groups.c.members), 0), sa.Integer)
        found = await self.session.execute(sa.select(sa.func.count(), members).select_from(groups))
        count, labels = found.one()
        return count, labels

    async def streaks(self, keys: Sequence[str], most: int) -> dict[str, tuple[int, int]]:
        """By group of look-alikes: how many of its last decisions confirmed, and of how many."""
        latest = (
            sa.select(
                LabelRow.look_alike,
                LabelRow.state,
                sa.func.row_number()
                .over(partition_by=LabelRow.look_alike, order_by=LabelRow.decided_at.desc())
                .label("place"),
            )
            .where(LabelRow.look_alike.in_(list(keys)), LabelRow.decided_at.is_not(None))
            .subquery()
        )
        query = (
            sa.select(
                latest.c.look_alike,
                sa.func.count().filter(latest.c.state == CONFIRMED),
                sa.func.count(),
            )
            .where(latest.c.place <= most)
            .group_by(latest.c.look_alike)
        )
        return {key: (yes, of) for key, yes, of in await self.session.execute(query)}

    async def labels(self, ids: Sequence[UUID]) -> Sequence[LabelRow]:
        """Labels by id, for showing what is in a group."""
        query = sa.select(LabelRow).where(LabelRow.id.in_(list(ids)))
        return (await self.session.scalars(query)).all()

    async def coverage(
        self, seen: Visibility, *, by_domain: bool = False
    ) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        """By source or domain: assets, columns, those read and labelled, and labels by state."""
        labelled = sa.select(
            LabelRow.asset.label("asset"),
            sa.func.count(sa.distinct(LabelRow.column_name))
            .filter(LabelRow.state != REJECTED)
            .label("labelled"),
            sa.func.count(sa.distinct(LabelRow.column_name))
            .filter(LabelRow.decided_at.is_not(None))
            .label("decided"),
            sa.func.count(sa.distinct(LabelRow.column_name))
            .filter(LabelRow.sensitivity >= 2, in_effect())
            .label("sensitive"),
            *(
                sa.func.count().filter(LabelRow.state == state).label(state)
                for state in (SUGGESTED, CONFIRMED, REJECTED)
            ),
            sa.func.count().filter(in_effect()).label("effective"),
        )
        per_asset = labelled.where(LabelRow.present).group_by(LabelRow.asset).subquery()
        names = ("labelled", "decided", "sensitive", SUGGESTED, CONFIRMED, REJECTED, "effective")
        totals = [
            sa.cast(sa.func.coalesce(sa.func.sum(per_asset.c[name]), 0), sa.Integer).label(name)
            for name in names
        ]
        read = sa.func.sum(AssetRow.columns).filter(AssetRow.classified_at.is_not(None))
        group = AssetRow.domain if by_domain else AssetRow.source
        query = (
            sa.select(
                group.label("domain" if by_domain else "source"),
                sa.func.count().label("assets"),
                sa.cast(sa.func.sum(AssetRow.columns), sa.Integer).label("columns"),
                sa.cast(sa.func.coalesce(read, 0), sa.Integer).label("read"),
                *totals,
            )
            .outerjoin(per_asset, per_asset.c.asset == AssetRow.asset)
            .where(AssetRow.present, seen.clause(AssetRow.domain))
            .group_by(group)
            .order_by(group)
        )
        return (await self.session.execute(query)).all()

    async def by_label(self, seen: Visibility) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        """How many labels of each kind are in effect."""
        query = (
            sa.select(
                LabelRow.label.label("label"),
                sa.func.min(LabelRow.title).label("title"),
                sa.func.min(LabelRow.category).label("category"),
                sa.func.max(LabelRow.sensitivity).label("sensitivity"),
                sa.func.count().label("columns"),
                sa.func.count().filter(LabelRow.state == CONFIRMED).label("confirmed"),
            )
            .join(AssetRow, AssetRow.asset == LabelRow.asset)
            .where(LabelRow.present, AssetRow.present, in_effect(), seen.clause(AssetRow.domain))
            .group_by(LabelRow.label)
            .order_by(sa.func.count().desc(), LabelRow.label)
        )
        return (await self.session.execute(query)).all()


def _rests(learned: Sequence[Agreement]) -> sa.ColumnElement[bool]:
    """Whether a group is asked about no more: people agreed, and it is none of those re-asked."""
    lowest = sa.func.min(LabelRow.confidence)
    agreed = (sa.and_(LabelRow.label == a.label, lowest >= a.low, lowest < a.high) for a in learned)
    return sa.and_(sa.or_(sa.false(), *agreed), ~LabelRow.look_alike.startswith(REASKED_WITH))
