"""SQL of the assistant: its settings, what waits, what was asked, answered and spent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.assistant.tables import (
    THE_ONE,
    AnswerRow,
    AssistantRow,
    CallRow,
    TaskRow,
)
from muniment.classification.engine.assistant.limits import Spent
from muniment.classification.tables import AssetRow, LabelRow
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class DayUse:
    """What one day cost and brought."""

    day: datetime
    calls: int
    failed: int
    columns: int
    labelled: int
    abstained: int
    refused: int
    prompt_tokens: int
    completion_tokens: int
    cost: float


@dataclass(frozen=True, slots=True)
class AssistantRepository:
    session: AsyncSession

    async def the_one(self, *, lock: bool = False) -> AssistantRow | None:
        query = sa.select(AssistantRow).where(AssistantRow.id == THE_ONE)
        return await self.session.scalar(query.with_for_update() if lock else query)

    async def keep(self, row: Mapping[str, Any]) -> None:
        """Insert the settings, or bring the given fields up to date."""
        statement = insert(AssistantRow).values({"id": THE_ONE, **row})
        fresh = {name: statement.excluded[name] for name in row}
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=fresh)
        )
        self.session.expire_all()

    async def add_task(self, row: Mapping[str, Any]) -> bool:
        """Let a run or an asset wait; False when the run waited already."""
        statement = insert(TaskRow).values(dict(row)).on_conflict_do_nothing()
        return await self.session.scalar(statement.returning(TaskRow.id)) is not None

    async def take(self, now: datetime, within: timedelta) -> TaskRow | None:
        """The oldest task that nobody works on, now the caller's for a while."""
        free = sa.or_(TaskRow.taken_until.is_(None), TaskRow.taken_until < now)
        query = (
            sa.select(TaskRow)
            .where(TaskRow.ended_at.is_(None), free)
            .order_by(TaskRow.created_at, TaskRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        task = await self.session.scalar(query)
        if task is not None:
            task.taken_until = now + within
        return task

    async def still_taken(self, task_id: UUID, until: datetime) -> None:
        await self.session.execute(
            sa.update(TaskRow).where(TaskRow.id == task_id).values(taken_until=until)
        )

    async def end_task(self, task_id: UUID, now: datetime, said: str) -> None:
        """Close a task with a sentence and what its calls came to."""
        calls = sa.select(
            sa.func.coalesce(sa.func.sum(CallRow.columns), 0),
            sa.func.coalesce(sa.func.sum(CallRow.labelled), 0),
        ).where(CallRow.task_id == task_id)
        columns, labelled = (await self.session.execute(calls)).one()
        await self.session.execute(
            sa.update(TaskRow)
            .where(TaskRow.id == task_id)
            .values(ended_at=now, taken_until=None, said=said, columns=columns, labelled=labelled)
        )

    async def assets_of(self, run_id: UUID) -> Sequence[str]:
        query = sa.select(AssetRow.asset).where(AssetRow.run_id == run_id, AssetRow.present)
        return (await self.session.scalars(query.order_by(AssetRow.asset))).all()

    async def asset(self, asset: str, seen: Visibility) -> AssetRow | None:
        query = sa.select(AssetRow).where(
            AssetRow.asset == asset, AssetRow.present, seen.clause(AssetRow.domain)
        )
        return await self.session.scalar(query)

    async def labels_of(self, asset: str) -> Sequence[LabelRow]:
        """Every label of an asset, rejected ones included."""
        query = sa.select(LabelRow).where(LabelRow.asset == asset)
        order = (LabelRow.column_name, LabelRow.label)
        return (
            await self.session.scalars(
                query.order_by(*order).execution_options(populate_existing=True)
            )
        ).all()

    async def answers_of(self, asset: str) -> Mapping[str, AnswerRow]:
        query = sa.select(AnswerRow).where(AnswerRow.asset == asset)
        return {row.column_name: row for row in await self.session.scalars(query)}

    async def keep_answers(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        statement = insert(AnswerRow).values(list(rows))
        keys = ("asset", "column_name")
        fresh = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=list(keys), set_=fresh)
        )

    def add_call(self, row: CallRow) -> None:
        self.session.add(row)

    async def spent(self, *, since: datetime | None = None, task: UUID | None = None) -> Spent:
        """What calls came to, of a task or since a moment."""
        query = sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(CallRow.prompt_tokens + CallRow.completion_tokens), 0),
            sa.func.coalesce(sa.func.sum(CallRow.cost), 0.0),
        )
        if since is not None:
            query = query.where(CallRow.at >= since)
        if task is not None:
            query = query.where(CallRow.task_id == task)
        calls, tokens, cost = (await self.session.execute(query)).one()
        return Spent(calls, int(tokens), float(cost))

    async def days(self, since: datetime) -> list[DayUse]:
        """What each day cost and brought, the latest first; UTC."""
        day = sa.func.date_trunc("day", CallRow.at, "UTC").label("day")
        sums = [
            sa.func.coalesce(sa.func.sum(column), 0).label(column.key)
            for column in (
                CallRow.columns,
                CallRow.labelled,
                CallRow.abstained,
                CallRow.refused,
                CallRow.prompt_tokens,
                CallRow.completion_tokens,
                CallRow.cost,
            )
        ]
        failed = sa.func.count().filter(CallRow.outcome != "answered").label("failed")
        query = sa.select(day, sa.func.count().label("calls"), failed, *sums)
        query = query.where(CallRow.at >= since).group_by(day).order_by(day.desc())
        return [DayUse(**row) for row in (await self.session.execute(query)).mappings()]

    async def calls(self, seen: Visibility, query: PageQuery) -> Page[CallRow]:
        """Calls about visible assets, the latest first; of gone ones where all may be seen."""
        statement = sa.select(CallRow)
        if not seen.everything:
            visible = sa.select(AssetRow.asset).where(seen.clause(AssetRow.domain))
            statement = statement.where(CallRow.asset.in_(visible))
        return await page_by(
            self.session, statement, CallRow.at, CallRow.id, query=query, descending=True
        )

    async def waiting(self) -> int:
        query = sa.select(sa.func.count()).where(TaskRow.ended_at.is_(None))
        return await self.session.scalar(query) or 0

    async def forget(self, before: datetime) -> None:
        """Delete calls and ended tasks from before a moment."""
        await self.session.execute(sa.delete(CallRow).where(CallRow.at < before))
        await self.session.execute(sa.delete(TaskRow).where(TaskRow.ended_at < before))
