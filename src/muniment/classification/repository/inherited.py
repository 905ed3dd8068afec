"""Labels that follow lineage in the database: whole sets at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.repository.labels import CHUNK, texts, uuids
from muniment.classification.tables import AssetRow, LabelRow
from muniment.kernel.values import Tier

KEPT = ("id", "asset", "column_name", "label", "created_at", "version")
"""What an inherited label keeps when it is written again."""

_FOLLOWS = sa.and_(LabelRow.tier == Tier.LINEAGE.value, LabelRow.decided_by.is_(None))
"""Inherited, and nobody has decided about it: only such rows are written over or deleted."""


@dataclass(frozen=True, slots=True)
class InheritedRepository:
    session: AsyncSession

    async def around(self, assets: Sequence[str], source: str | None) -> Sequence[LabelRow]:
        """Labels of the assets, rejected and vanished ones too, and what a source inherited."""
        wanted = LabelRow.asset == sa.any_(texts(assets))
        if source is not None:
            wanted |= (AssetRow.source == source) & (LabelRow.tier == Tier.LINEAGE.value)
        query = (
            sa.select(LabelRow)
            .join(AssetRow, AssetRow.asset == LabelRow.asset)
            .where(wanted)
            .execution_options(populate_existing=True)
        )
        return (await self.session.scalars(query)).all()

    async def lock(self, labels: Sequence[UUID]) -> None:
        """Take the rows in the order in which decisions take theirs."""
        if labels:
            await self.session.execute(
                sa.select(LabelRow.id)
                .where(LabelRow.id == sa.any_(uuids(labels)))
                .order_by(LabelRow.id)
                .with_for_update()
            )

    async def bring_assets(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note assets that were never classified themselves; known ones are there (again)."""
        ordered = sorted(rows, key=lambda row: str(row["asset"]))
        for at in range(0, len(ordered), CHUNK):
            statement = insert(AssetRow).values(ordered[at : at + CHUNK])
            fresh = {name: statement.excluded[name] for name in ("domain", "present")}
            await self.session.execute(
                statement.on_conflict_do_update(index_elements=["asset"], set_=fresh)
            )

    async def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert inherited labels or bring them up to date; anything else on a column stays."""
        for at in range(0, len(rows), CHUNK):
            statement = insert(LabelRow).values(list(rows[at : at + CHUNK]))
            fresh = {name: statement.excluded[name] for name in rows[0] if name not in KEPT}
            await self.session.execute(
                statement.on_conflict_do_update(
                    index_elements=["asset", "column_name", "label"],
                    set_={**fresh, "version": LabelRow.version + 1},
                    where=_FOLLOWS,
                )
            )

    async def remove(self, labels: Sequence[UUID]) -> None:
        """Delete inherited labels that nobody decided about."""
        if labels:
            await self.session.execute(
                sa.delete(LabelRow).where(LabelRow.id == sa.any_(uuids(labels)), _FOLLOWS)
            )
