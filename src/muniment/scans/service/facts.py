"""What other groups may ask: how well each source is scanned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.scans import RunState, ScanFact
from muniment.scans.repository import pace
from muniment.scans.tables import Run, Schedule

ENDED = [each for each in RunState if each.over]
GOOD = [RunState.SUCCEEDED, RunState.PARTIAL]


LATELY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """``slowness`` is that of the slowest: its answers over its usual ones."""

    slowed: int
    paused: int
    slowness: float


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """Implements ``contracts.scans.ScanReader``."""

    session: AsyncSession

    async def held_back(self, now: datetime) -> HeldBack:
        """How many sources are read slower than they may be, because they answer slowly."""
        known = (await pace.every(self.session, now - LATELY)).values()
        return HeldBack(
            slowed=sum(each.level is not None for each in known),
            paused=sum(each.paused(now) for each in known),
            slowness=max((each.slowness for each in known), default=1.0),
        )

    async def scan_facts(self) -> Sequence[ScanFact]:
        """One fact per source that was ever scanned or has a schedule; one statement."""
        last = (
            sa.select(Run.source, Run.state, Run.assets_failed)
            .where(Run.state.in_(ENDED))
            .order_by(Run.source, Run.id.desc())
            .ext(distinct_on(Run.source))
            .subquery("last")
        )
        counts = (
            sa.select(
                Run.source,
                sa.func.count().label("runs"),
                sa.func.max(Run.ended_at).filter(Run.state.in_(GOOD)).label("succeeded_at"),
            )
            .group_by(Run.source)
            .subquery("counts")
        )
        timed = sa.select(Schedule.source).where(sa.not_(Schedule.paused)).subquery("timed")
        source = sa.func.coalesce(counts.c.source, timed.c.source)
        rows = await self.session.execute(
            sa.select(
                source,
                counts.c.succeeded_at,
                last.c.state,
                last.c.assets_failed,
                timed.c.source.is_not(None),
                counts.c.runs,
            )
            .select_from(
                counts.join(timed, timed.c.source == counts.c.source, full=True).outerjoin(
                    last, last.c.source == counts.c.source
                )
            )
            .order_by(source)
        )
        return [
            ScanFact(
                source=name,
                last_success_at=succeeded_at,
                last_state=None if state is None else RunState(state),
                failed_assets=failed or 0,
                scheduled=bool(scheduled),
                runs=count or 0,
            )
            for name, succeeded_at, state, failed, scheduled, count in rows
        ]
