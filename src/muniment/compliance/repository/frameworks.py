"""SQL of framework activation and score history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.compliance.tables import FrameworkRow, ScoreRow
from muniment.platform.paging import Page, PageQuery, page_by


@dataclass(frozen=True, slots=True)
class Activation:
    active: bool
    version: int
    changed_at: datetime | None = None
    changed_by: str | None = None


@dataclass(frozen=True, slots=True)
class FrameworkRepository:
    session: AsyncSession

    async def activations(self) -> Mapping[str, Activation]:
        rows = await self.session.scalars(sa.select(FrameworkRow))
        return {
            row.id: Activation(row.active, row.version, row.changed_at, row.changed_by)
            for row in rows
        }

    async def set_active(self, framework: str, active: bool, *, now: datetime, actor: str) -> bool:
        """Store the decision; False when it stood so already."""
        statement = insert(FrameworkRow).values(
            id=framework, active=active, changed_at=now, changed_by=actor, version=1
        )
        changed = await self.session.scalar(
            statement.on_conflict_do_update(
                index_elements=["id"],
                set_={
                    "active": active,
                    "changed_at": now,
                    "changed_by": actor,
                    "version": FrameworkRow.version + 1,
                },
                where=FrameworkRow.active.is_distinct_from(active),
            ).returning(FrameworkRow.id)
        )
        return changed is not None

    async def last_scores(self) -> Mapping[str, ScoreRow]:
        rows = await self.session.scalars(
            sa.select(ScoreRow)
            .ext(distinct_on(ScoreRow.framework))
            .order_by(ScoreRow.framework, ScoreRow.measured_at.desc())
        )
        return {row.framework: row for row in rows}

    async def add_scores(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            await self.session.execute(sa.insert(ScoreRow), [dict(row) for row in rows])

    async def page_scores(self, framework: str, query: PageQuery) -> Page[ScoreRow]:
        """Newest first."""
        return await page_by(
            self.session,
            sa.select(ScoreRow).where(ScoreRow.framework == framework),
            ScoreRow.measured_at,
            ScoreRow.id,
            query=query,
            descending=True,
        )
