"""SQL of waivers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.compliance.model import Waiver, WaiverState
from muniment.compliance.tables import WaiverRow
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class WaiverRepository:
    session: AsyncSession

    async def add(self, waiver: Waiver) -> bool:
        """False when one is in force already; the unique index decides."""
        statement = (
            insert(WaiverRow)
            .values(
                id=waiver.id,
                check_id=waiver.check,
                subject=waiver.subject,
                domain=waiver.domain,
                state=waiver.state.value,
                reason=waiver.reason,
                owner=waiver.owner,
                granted_by=waiver.granted_by,
                granted_at=waiver.granted_at,
                expires_at=waiver.expires_at,
            )
            .on_conflict_do_nothing(
                index_elements=["check_id", "subject"],
                index_where=sa.text("state = 'active'"),
            )
            .returning(WaiverRow.id)
        )
        return await self.session.scalar(statement) is not None

    async def get(self, waiver_id: UUID, seen: Visibility) -> Waiver | None:
        row = await self.session.scalar(
            sa.select(WaiverRow).where(WaiverRow.id == waiver_id, seen.clause(WaiverRow.domain))
        )
        return _waiver(row) if row else None

    async def active_keys(self) -> frozenset[tuple[str, str]]:
        rows = await self.session.execute(
            sa.select(WaiverRow.check_id, WaiverRow.subject).where(
                WaiverRow.state == WaiverState.ACTIVE.value
            )
        )
        return frozenset((row[0], row[1]) for row in rows)

    async def active(self) -> Sequence[Waiver]:
        rows = await self.session.scalars(
            sa.select(WaiverRow).where(WaiverRow.state == WaiverState.ACTIVE.value)
        )
        return [_waiver(row) for row in rows]

    async def page(
        self,
        state: WaiverState | None,
        check: str | None,
        subject: str | None,
        seen: Visibility,
        query: PageQuery,
    ) -> Page[Waiver]:
        """Those that end first come first."""
        statement = sa.select(WaiverRow).where(seen.clause(WaiverRow.domain))
        if state is not None:
            statement = statement.where(WaiverRow.state == state.value)
        if check is not None:
            statement = statement.where(WaiverRow.check_id == check)
        if subject is not None:
            statement = statement.where(WaiverRow.subject == subject)
        page = await page_by(
            self.session, statement, WaiverRow.expires_at, WaiverRow.id, query=query
        )
        return page.map(_waiver)

    async def end(
        self, ids: Sequence[UUID], state: WaiverState, *, why: str, now: datetime
    ) -> Sequence[Waiver]:
        """End those of the given that are in force, and return them."""
        rows = await self.session.scalars(
            sa.update(WaiverRow)
            .where(WaiverRow.id.in_(ids), WaiverRow.state == WaiverState.ACTIVE.value)
            .values(state=state.value, ended_at=now, ended_why=why)
            .returning(WaiverRow)
            .execution_options(populate_existing=True)
        )
        return [_waiver(row) for row in rows]

    async def past_their_end(self, now: datetime) -> Sequence[UUID]:
        rows = await self.session.scalars(
            sa.select(WaiverRow.id).where(
                WaiverRow.state == WaiverState.ACTIVE.value, WaiverRow.expires_at <= now
            )
        )
        return list(rows)


def _waiver(row: WaiverRow) -> Waiver:
    return Waiver(
        id=row.id,
        check=row.check_id,
        subject=row.subject,
        domain=row.domain,
        state=WaiverState(row.state),
        reason=row.reason,
        owner=row.owner,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_why=row.ended_why,
    )
