"""Schedules: when a source is scanned by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.scans import ScheduleChanged, Trigger
from muniment.contracts.sources import SourceReader
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, NotFound, StaleVersion
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy.visibility import EVERYTHING, Visibility
from muniment.scans.cron import check, next_run, upcoming
from muniment.scans.model import Priority, RunRequest
from muniment.scans.service.runs import RunService, visible_source
from muniment.scans.tables import Schedule

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Timing:
    """When, in which zone, how urgent; ``paused`` keeps it without firing."""

    cron: str
    time_zone: str = "UTC"
    priority: Priority = Priority.SCHEDULED
    paused: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleService:
    """One schedule per source."""

    session: AsyncSession
    outbox: Outbox
    clock: Clock
    caller: Principal
    sources: SourceReader
    runs: RunService

    async def create(self, source: str, timing: Timing, seen: Visibility = EVERYTHING) -> Schedule:
        """Invalid when the expression does not fit; Conflict when the source has a schedule."""
        check(timing.cron, timing.time_zone)
        known = await visible_source(self.sources, source, seen)
        now = self.clock.now()
        taken = await self.session.scalar(
            sa.select(Schedule.id).where(Schedule.source == known.name)
        )
        if taken is not None:
            raise Conflict("The source has a schedule already. Change that one.")
        made = Schedule(
            id=new_id(),
            source=known.name,
            domain=known.domain,
            cron=timing.cron,
            time_zone=timing.time_zone,
            priority=timing.priority,
            paused=timing.paused,
            next_at=next_run(timing.cron, timing.time_zone, now),
            created_by=self.caller.name,
            created_at=now,
            version=1,
        )
        self.session.add(made)
        await self.session.flush()
        await self._tell(made, made.cron)
        return made

    async def get(self, schedule_id: UUID, seen: Visibility = EVERYTHING) -> Schedule:
        found = await self.session.get(Schedule, schedule_id)
        if found is None or not seen.allows(found.domain):
            raise NotFound("There is no such schedule.", schedule_id=str(schedule_id))
        return found

    async def page(self, query: PageQuery, seen: Visibility = EVERYTHING) -> Page[Schedule]:
        wanted = sa.select(Schedule).where(seen.clause(Schedule.domain))
        return await page_by(self.session, wanted, Schedule.source, query=query)

    async def change(
        self,
        schedule_id: UUID,
        timing: Timing,
        *,
        version: int | None = None,
        seen: Visibility = EVERYTHING,
    ) -> Schedule:
        """Set a new timing; StaleVersion when somebody changed it since ``version`` was read."""
        check(timing.cron, timing.time_zone)
        found = await self.get(schedule_id, seen)
        if version is not None and version != found.version:
            raise StaleVersion("Somebody changed the schedule meanwhile. Read it again.")
        found.cron = timing.cron
        found.time_zone = timing.time_zone
        found.priority = timing.priority
        found.paused = timing.paused
        found.next_at = next_run(timing.cron, timing.time_zone, self.clock.now())
        found.version += 1
        await self.session.flush()
        await self._tell(found, None if found.paused else found.cron)
        return found

    async def remove(self, schedule_id: UUID, seen: Visibility = EVERYTHING) -> None:
        found = await self.get(schedule_id, seen)
        await self.session.delete(found)
        await self.session.flush()
        await self._tell(found, None)

    async def forget(self, source: str) -> None:
        """Remove the schedule of a source that is gone, if it has one."""
        found = await self.session.scalar(sa.select(Schedule).where(Schedule.source == source))
        if found is not None:
            await self.remove(found.id)

    async def upcoming(
        self, schedule_id: UUID, count: int, seen: Visibility = EVERYTHING
    ) -> Sequence[datetime]:
        """The next moments it fires; empty while it is paused."""
        found = await self.get(schedule_id, seen)
        if found.paused:
            return []
        return upcoming(found.cron, found.time_zone, self.clock.now(), count=count)

    async def fire_due(self) -> int:
        """Request the runs that are due; a schedule that missed ticks fires once.

        A source whose last run still goes on is passed over until its next tick. Returns how many
        runs were requested.
        """
        now = self.clock.now()
        due = await self.session.scalars(
            sa.select(Schedule)
            .where(sa.not_(Schedule.paused), Schedule.next_at <= now)
            .order_by(Schedule.next_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        fired = 0
        for schedule in due.all():
            schedule.next_at = next_run(schedule.cron, schedule.time_zone, now)
            schedule.last_fired_at = now
            wanted = RunRequest(
                schedule.source, Priority(schedule.priority), schedule_id=schedule.id
            )
            try:
                run_id = await self.runs.request_unless_active(wanted, Trigger.SCHEDULE)
            except NotFound:
                # The source was removed: nothing is left to scan.
                await self.session.delete(schedule)
                continue
            fired += run_id is not None
        await self.session.flush()
        return fired

    async def _tell(self, schedule: Schedule, cron: str | None) -> None:
        await self.outbox.publish(
            ScheduleChanged(
                schedule_id=schedule.id,
                source=schedule.source,
                cron=cron,
                actor=self.caller.name,
            )
        )
