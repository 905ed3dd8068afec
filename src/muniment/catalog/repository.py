"""The SQL that reads assets, columns and versions; every list passes the caller's access filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from muniment.catalog.assets.recordset import ids, texts
from muniment.catalog.model import AssetFilter
from muniment.catalog.tables import Asset, AssetColumn, AssetVersion
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Sensitivity
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

T = TypeVar("T")


def clauses(wanted: AssetFilter) -> list[sa.ColumnElement[bool]]:
    """What a list is narrowed to, as SQL."""
    equal = {
        Asset.source: wanted.source,
        Asset.kind: wanted.kind.value if wanted.kind else None,
        Asset.domain: wanted.domain,
        Asset.owner: wanted.owner,
        Asset.certification: wanted.certification.value if wanted.certification else None,
        Asset.parent_ref: wanted.parent,
        Asset.sensitivity: None if wanted.sensitivity is None else int(wanted.sensitivity),
    }
    found = [column == value for column, value in equal.items() if value is not None]
    if wanted.label is not None:
        found.append(Asset.labels.contains([wanted.label]))
    if wanted.tag is not None:
        found.append(Asset.tags.contains([wanted.tag]))
    asked = (
        (wanted.unowned, unowned),
        (wanted.undescribed, undescribed),
        (wanted.sensitive, sensitive),
        (wanted.copies, copy),
    )
    found += [condition() for wanted_so, condition in asked if wanted_so]
    if wanted.text:
        dotted = sa.func.array_to_string(Asset.path, ".")
        found.append(dotted.icontains(wanted.text, autoescape=True))
    found.append(Asset.vanished_at.is_not(None) if wanted.vanished else present())
    return found


def present() -> sa.ColumnElement[bool]:
    return Asset.vanished_at.is_(None)


def unowned() -> sa.ColumnElement[bool]:
    return Asset.owner.is_(None)


def undescribed() -> sa.ColumnElement[bool]:
    """Neither people nor the source say what it is."""
    said = sa.func.coalesce(sa.func.nullif(Asset.description, ""), Asset.comment, "")
    return said == ""


def sensitive() -> sa.ColumnElement[bool]:
    return Asset.sensitivity >= int(Sensitivity.CONFIDENTIAL)


def copy() -> sa.ColumnElement[bool]:
    return Asset.copy_of.is_not(None)


@dataclass(frozen=True, slots=True)
class ColumnWords:
    """The names of an asset's columns, what is said of them, and the titles of their labels."""

    names: Sequence[str] = ()
    said: str = ""
    titles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CatalogRepository:
    session: AsyncSession

    async def page(
        self, seen: Visibility, wanted: AssetFilter, query: PageQuery, *, with_total: bool = False
    ) -> Page[Asset]:
        """Assets in the order of their refs."""
        statement = sa.select(Asset).where(seen.clause(Asset.domain), *clauses(wanted))
        return await page_by(self.session, statement, Asset.ref, query=query, with_total=with_total)

    async def get(self, asset_id: UUID, seen: Visibility) -> Asset | None:
        return await self._one(Asset.id == asset_id, seen)

    async def by_ref(self, ref: str, seen: Visibility) -> Asset | None:
        return await self._one(Asset.ref == ref, seen)

    async def named(self, text: str, seen: Visibility, limit: int = 10) -> Sequence[Asset]:
        """Assets that people may mean by a text: its ref, its dotted path, or its name."""
        dotted = sa.func.lower(sa.func.array_to_string(Asset.path, "."))
        whole = sa.func.lower(Asset.source) + "." + dotted
        folded = text.lower()
        rank = sa.case((Asset.ref == text, 0), (whole == folded, 1), (dotted == folded, 2), else_=3)
        statement = (
            sa.select(Asset)
            .where(
                seen.clause(Asset.domain),
                present(),
                sa.or_(
                    Asset.ref == text,
                    whole == folded,
                    dotted == folded,
                    sa.func.lower(Asset.name) == folded,
                ),
            )
            .order_by(rank, Asset.ref)
            .limit(limit)
        )
        return (await self.session.scalars(statement)).all()

    async def _one(self, condition: sa.ColumnElement[bool], seen: Visibility) -> Asset | None:
        statement = sa.select(Asset).where(condition, seen.clause(Asset.domain))
        found: Asset | None = await self.session.scalar(statement)
        return found

    async def visible(self, asset_ids: Sequence[UUID], seen: Visibility) -> Sequence[Asset]:
        """Those of the given assets that are there and may be seen, in no order."""
        statement = sa.select(Asset).where(
            Asset.id.in_(ids(asset_ids)), seen.clause(Asset.domain), present()
        )
        return (await self.session.scalars(statement)).all()

    async def locked(self, asset_ids: Sequence[UUID], seen: Visibility) -> Sequence[Asset]:
        """The visible ones of the given assets, in the order of their ids, held until the end."""
        statement = (
            sa.select(Asset)
            .where(Asset.id.in_(ids(asset_ids)), seen.clause(Asset.domain))
            .order_by(Asset.id)
            .with_for_update()
        )
        return (await self.session.scalars(statement)).all()

    async def columns(self, asset_id: UUID, query: PageQuery) -> Page[AssetColumn]:
        statement = sa.select(AssetColumn).where(AssetColumn.asset_id == asset_id)
        return await page_by(
            self.session, statement, AssetColumn.position, AssetColumn.name, query=query
        )

    async def column_words(self, asset_ids: Sequence[UUID]) -> Mapping[UUID, ColumnWords]:
        """What the columns of each asset are called and what is said of them."""
        said = sa.func.concat_ws(" ", AssetColumn.description, AssetColumn.comment)
        titles = sa.func.jsonb_path_query_array(
            sa.func.jsonb_agg(AssetColumn.labels), sa.text("'$[*][*].title'")
        )
        statement = (
            sa.select(
                AssetColumn.asset_id,
                sa.func.array_agg(AssetColumn.name),
                sa.func.string_agg(said, " "),
                titles,
            )
            .where(AssetColumn.asset_id.in_(ids(asset_ids)))
            .group_by(AssetColumn.asset_id)
        )
        return {
            id_: ColumnWords(names, said, tuple(dict.fromkeys(titles)))
            for id_, names, said, titles in await self.session.execute(statement)
        }

    async def column(self, asset_id: UUID, name: str) -> AssetColumn | None:
        return await self.session.get(AssetColumn, (asset_id, name))

    async def versions(self, asset_id: UUID, query: PageQuery) -> Page[AssetVersion]:
        """Newest first."""
        statement = sa.select(AssetVersion).where(AssetVersion.asset_id == asset_id)
        return await page_by(
            self.session, statement, AssetVersion.version, query=query, descending=True
        )

    async def version(self, asset_id: UUID, version: int) -> AssetVersion | None:
        return await self.session.get(AssetVersion, (asset_id, version))

    async def version_at(self, asset_id: UUID, moment: datetime) -> AssetVersion | None:
        """What the asset was at a moment; None before it was first seen."""
        statement = (
            sa.select(AssetVersion)
            .where(AssetVersion.asset_id == asset_id, AssetVersion.at <= moment)
            .order_by(AssetVersion.version.desc())
            .limit(1)
        )
        found: AssetVersion | None = await self.session.scalar(statement)
        return found

    async def documents(self, assets: Sequence[Asset]) -> Mapping[UUID, dict[str, Any]]:
        """The document of the present version of each asset."""
        statement = (
            sa.select(AssetVersion.asset_id, AssetVersion.document)
            .join(
                Asset, (Asset.id == AssetVersion.asset_id) & (Asset.version == AssetVersion.version)
            )
            .where(Asset.id.in_(ids([asset.id for asset in assets])))
        )
        return {row.asset_id: row.document for row in await self.session.execute(statement)}

    async def of_refs(self, refs: Sequence[str]) -> Sequence[Asset]:
        """Assets by their refs, without an access filter: the caller applies it."""
        return (
            await self.session.scalars(sa.select(Asset).where(Asset.ref.in_(texts(refs))))
        ).all()

    async def children(self, seen: Visibility, parent: str) -> Sequence[Asset]:
        statement = (
            sa.select(Asset)
            .where(seen.clause(Asset.domain), present(), Asset.parent_ref == parent)
            .order_by(Asset.kind, Asset.name)
            .limit(1000)
        )
        return (await self.session.scalars(statement)).all()

    async def groups(self, seen: Visibility, parent: AssetRef) -> Sequence[tuple[AssetRef, int]]:
        """The next parts of longer paths below a ref, with the number of assets under each."""
        depth = len(parent.path)
        step, amount = Asset.path[depth + 1].label("step"), sa.func.count().label("amount")
        statement = (
            sa.select(step, amount)
            .where(
                seen.clause(Asset.domain),
                present(),
                Asset.source == parent.source,
                Asset.path[1:depth] == list(parent.path) if depth else sa.true(),
                sa.func.cardinality(Asset.path) > depth + 1,
            )
            .group_by(step)
            .order_by(step)
            .limit(1000)
        )
        rows = await self.session.execute(statement)
        return [(parent.child(row[0]), row[1]) for row in rows]

    async def counts(
        self, seen: Visibility, by: InstrumentedAttribute[T]
    ) -> Sequence[tuple[T, int]]:
        """Number of present assets by an attribute, largest first."""
        amount = sa.func.count().label("amount")
        statement = (
            sa.select(by, amount)
            .where(seen.clause(Asset.domain), present())
            .group_by(by)
            .order_by(amount.desc(), by)
        )
        return [(row[0], row[1]) for row in await self.session.execute(statement)]

    async def totals(self, seen: Visibility) -> sa.Row[Any]:
        """Assets, columns, rows, average quality, and assets by what lists can be narrowed to.

        Each number is the total of a list of assets, of all or of one filter; schemas are assets
        like the tables they hold.
        """

        def such(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
            return sa.func.count().filter(condition)

        statement = sa.select(
            sa.func.count().label("assets"),
            sa.func.coalesce(sa.func.sum(Asset.columns), 0).label("columns"),
            sa.func.coalesce(sa.func.sum(Asset.rows), 0).label("rows"),
            such(sensitive()).label("sensitive_assets"),
            such(unowned()).label("without_owner"),
            such(undescribed()).label("without_description"),
            such(copy()).label("copies"),
            sa.func.avg(Asset.quality_score).label("quality_score"),
        ).where(seen.clause(Asset.domain), present())
        return (await self.session.execute(statement)).one()

    async def sensitive_columns(self, seen: Visibility) -> int:
        statement = (
            sa.select(sa.func.count())
            .select_from(AssetColumn)
            .join(Asset, Asset.id == AssetColumn.asset_id)
            .where(
                seen.clause(Asset.domain),
                present(),
                AssetColumn.sensitivity >= int(Sensitivity.CONFIDENTIAL),
            )
        )
        return await self.session.scalar(statement) or 0

    async def changes_since(
        self, seen: Visibility, moment: datetime, limit: int
    ) -> Sequence[tuple[Asset, AssetVersion]]:
        """The latest versions made since a moment, newest first."""
        statement = (
            sa.select(Asset, AssetVersion)
            .join(AssetVersion, AssetVersion.asset_id == Asset.id)
            .where(seen.clause(Asset.domain), AssetVersion.at >= moment)
            .order_by(AssetVersion.at.desc(), Asset.ref)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in await self.session.execute(statement)]

    async def vanished_since(
        self, seen: Visibility, moment: datetime, limit: int
    ) -> Sequence[Asset]:
        statement = (
            sa.select(Asset)
            .where(seen.clause(Asset.domain), Asset.vanished_at >= moment)
            .order_by(Asset.vanished_at.desc(), Asset.ref)
            .limit(limit)
        )
        return (await self.session.scalars(statement)).all()
