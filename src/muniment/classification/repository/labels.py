"""Labels and decisions in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.model import EFFECTIVE_FROM, LabelFilter
from muniment.classification.tables import AssetRow, DecisionRow, LabelRow
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

CONFIRMED, SUGGESTED, REJECTED = "confirmed", "suggested", "rejected"
CHUNK = 1000
"""Rows of one insert, so that its parameters stay below PostgreSQL's limit."""


def in_effect() -> sa.ColumnElement[bool]:
    """Confirmed, or suggested with enough confidence."""
    return sa.or_(
        LabelRow.state == CONFIRMED,
        sa.and_(LabelRow.state == SUGGESTED, LabelRow.confidence >= EFFECTIVE_FROM),
    )


def _visible(seen: Visibility) -> sa.Select[LabelRow]:
    return (
        sa.select(LabelRow)
        .join(AssetRow, AssetRow.asset == LabelRow.asset)
        .where(LabelRow.present, seen.clause(AssetRow.domain))
    )


@dataclass(frozen=True, slots=True)
class LabelRepository:
    session: AsyncSession

    async def labels_of(self, asset: str) -> Sequence[LabelRow]:
        """Every label of an asset, rejected and vanished ones included; locked for a change."""
        await self.session.execute(
            sa.select(AssetRow.asset).where(AssetRow.asset == asset).with_for_update()
        )
        found = await self.session.scalars(sa.select(LabelRow).where(LabelRow.asset == asset))
        return found.all()

    async def present(self, assets: Sequence[str] | None) -> Sequence[LabelRow]:
        """Labels that are not rejected, of present assets."""
        query = (
            sa.select(LabelRow)
            .join(AssetRow, AssetRow.asset == LabelRow.asset)
            .where(LabelRow.present, AssetRow.present, LabelRow.state != REJECTED)
            .order_by(LabelRow.asset, LabelRow.column_name, LabelRow.label)
            .execution_options(populate_existing=True)
        )
        if assets is not None:
            query = query.where(LabelRow.asset == sa.any_(texts(assets)))
        return (await self.session.scalars(query)).all()

    async def page(self, seen: Visibility, wanted: LabelFilter, query: PageQuery) -> Page[LabelRow]:
        """Labels in the order of asset, column, label."""
        statement = _visible(seen)
        for column, value in (
            (AssetRow.source, wanted.source),
            (LabelRow.asset, wanted.asset),
            (LabelRow.column_name, wanted.column),
            (LabelRow.label, wanted.label),
            (LabelRow.category, wanted.category),
            (LabelRow.state, wanted.state),
            (LabelRow.tier, wanted.tier),
            (LabelRow.personal, wanted.personal),
            (LabelRow.special, wanted.special),
            (LabelRow.look_alike, wanted.look_alike),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if wanted.sensitivity is not None:
            statement = statement.where(LabelRow.sensitivity == int(wanted.sensitivity))
        if wanted.min_confidence is not None:
            statement = statement.where(LabelRow.confidence >= wanted.min_confidence)
        if wanted.effective is not None:
            effective = in_effect()
            statement = statement.where(effective if wanted.effective else sa.not_(effective))
        keys = (LabelRow.asset, LabelRow.column_name, LabelRow.label)
        return await page_by(self.session, statement, *keys, query=query)

    async def get(self, label_id: UUID, seen: Visibility) -> LabelRow | None:
        return await self.session.scalar(_visible(seen).where(LabelRow.id == label_id))

    async def locked(
        self,
        seen: Visibility,
        *,
        ids: Sequence[UUID] = (),
        look_alike: str | None = None,
        state: str | None = None,
    ) -> Sequence[LabelRow]:
        """Labels to decide about: by id, or all that look alike; locked in one order."""
        statement = _visible(seen).order_by(LabelRow.id).with_for_update(of=LabelRow)
        if look_alike is not None:
            statement = statement.where(LabelRow.look_alike == look_alike)
        else:
            statement = statement.where(LabelRow.id == sa.any_(uuids(ids)))
        if state is not None:
            statement = statement.where(LabelRow.state == state)
        return (await self.session.scalars(statement)).all()

    async def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert labels or bring them up to date, by asset, column and label."""
        for at in range(0, len(rows), CHUNK):
            statement = insert(LabelRow).values(list(rows[at : at + CHUNK]))
            fresh = {
                name: statement.excluded[name]
                for name in rows[0]
                if name not in ("id", "asset", "column_name", "label", "created_at", "version")
            }
            await self.session.execute(
                statement.on_conflict_do_update(
                    index_elements=["asset", "column_name", "label"],
                    set_={**fresh, "version": LabelRow.version + 1},
                )
            )
        # only labels: what else this transaction has loaded must stay readable without waiting
        for loaded in list(self.session.identity_map.values()):
            if isinstance(loaded, LabelRow):
                self.session.expire(loaded)

    async def remove(self, asset: str, keys: Sequence[tuple[str, str]]) -> None:
        """Delete labels of an asset by column and label."""
        if keys:
            pair = sa.tuple_(LabelRow.column_name, LabelRow.label)
            await self.session.execute(
                sa.delete(LabelRow).where(LabelRow.asset == asset, pair.in_(list(keys)))
            )

    async def set_present(
        self, asset: str, present: bool, columns: Sequence[str] | None = None
    ) -> int:
        """Mark labels of vanished columns, or of a vanished asset; how many changed."""
        statement = (
            sa.update(LabelRow)
            .where(LabelRow.asset == asset, LabelRow.present != present)
            .values(present=present)
        )
        if columns is not None:
            statement = statement.where(LabelRow.column_name == sa.any_(texts(columns)))
        changed = await self.session.execute(statement.returning(LabelRow.id))
        return len(changed.all())

    async def set_missing(self, labels: Sequence[UUID], now: datetime) -> None:
        """Note since when confirmed labels are not found any more."""
        if labels:
            await self.session.execute(
                sa.update(LabelRow)
                .where(LabelRow.id == sa.any_(uuids(labels)))
                .values(missing_since=now)
            )

    async def classified_at(self, asset: str) -> datetime | None:
        """When an asset was last looked at; None for the first time."""
        query = sa.select(AssetRow.classified_at).where(AssetRow.asset == asset)
        return await self.session.scalar(query)

    async def set_asset_gone(self, asset: str) -> None:
        """Mark an asset as vanished; being classified again brings it back."""
        await self.session.execute(
            sa.update(AssetRow).where(AssetRow.asset == asset).values(present=False)
        )

    async def history(self, label_id: UUID) -> Sequence[DecisionRow]:
        """Decisions about a label, the latest first."""
        query = sa.select(DecisionRow).where(DecisionRow.label_id == label_id)
        order = (DecisionRow.decided_at.desc(), DecisionRow.id.desc())
        return (await self.session.scalars(query.order_by(*order))).all()

    async def decisions(
        self, *, decision_id: UUID | None = None, batch_id: UUID | None = None
    ) -> Sequence[DecisionRow]:
        """One decision, or those of one batch."""
        query = sa.select(DecisionRow).order_by(DecisionRow.id)
        query = query.where(
            DecisionRow.batch_id == batch_id if batch_id else DecisionRow.id == decision_id
        )
        return (await self.session.scalars(query.with_for_update())).all()

    async def latest(self, label_ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
        """By label, its latest decision that was not undone."""
        newest = (DecisionRow.decided_at.desc(), DecisionRow.id.desc())
        ordered = sa.func.array_agg(aggregate_order_by(DecisionRow.id, *newest))
        query = (
            sa.select(DecisionRow.label_id, ordered[1].label("id"))
            .where(DecisionRow.label_id == sa.any_(uuids(label_ids)), sa.not_(DecisionRow.undone))
            .group_by(DecisionRow.label_id)
        )
        found = await self.session.execute(query)
        return {row.label_id: row.id for row in found}

    async def add_decisions(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for at in range(0, len(rows), CHUNK):
            await self.session.execute(insert(DecisionRow).values(list(rows[at : at + CHUNK])))

    def add(self, row: LabelRow | DecisionRow) -> None:
        self.session.add(row)

    async def asset(self, asset: str, seen: Visibility) -> AssetRow | None:
        query = sa.select(AssetRow).where(AssetRow.asset == asset, seen.clause(AssetRow.domain))
        return await self.session.scalar(query)

    async def visible(self, assets: Sequence[str], seen: Visibility) -> frozenset[str]:
        """Those of the assets that the caller may see."""
        query = sa.select(AssetRow.asset).where(
            AssetRow.asset == sa.any_(texts(assets)), seen.clause(AssetRow.domain)
        )
        return frozenset((await self.session.scalars(query)).all())

    async def note_asset(self, row: Mapping[str, Any]) -> None:
        """Insert an asset or bring it up to date; a domain that is known stays."""
        statement = insert(AssetRow).values(dict(row))
        fresh = {name: statement.excluded[name] for name in row if name not in ("asset", "domain")}
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=["asset"], set_=fresh)
        )

    async def set_domains(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Set the domains of assets; assets not known yet are noted with no columns."""
        for at in range(0, len(rows), CHUNK):
            statement = insert(AssetRow).values(list(rows[at : at + CHUNK]))
            await self.session.execute(
                statement.on_conflict_do_update(
                    index_elements=["asset"], set_={"domain": statement.excluded.domain}
                )
            )

    async def assets_of(self, source: str) -> Sequence[str]:
        query = sa.select(AssetRow.asset).where(AssetRow.source == source)
        return (await self.session.scalars(query)).all()


def texts(values: Sequence[str]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, list(values), sa.ARRAY(sa.String), unique=True)


def uuids(values: Sequence[UUID]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, list(values), sa.ARRAY(sa.Uuid), unique=True)


def moment(value: datetime | None) -> str | None:
    """A time as JSON keeps it."""
    return None if value is None else value.isoformat()
