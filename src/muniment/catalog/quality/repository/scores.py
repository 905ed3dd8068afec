"""SQL of scores: of assets, of the estate, and over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.quality.model import OPEN_STATES, Score
from muniment.catalog.quality.tables import Incident, QualityScore
from muniment.catalog.tables import Asset
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

OPEN = Incident.state.in_([state.value for state in OPEN_STATES])


@dataclass(frozen=True, slots=True)
class ScoreRepository:
    session: AsyncSession

    async def add_once(
        self, asset: str, run_id: UUID, at: datetime, score: Score, failed_keys: Sequence[str]
    ) -> bool:
        """Store a run's score as the latest; False when the run's is there already."""
        values = {
            "asset": asset,
            "run_id": run_id,
            "at": at,
            "latest": False,
            **_figures(score, failed_keys),
        }
        added = await self.session.scalar(
            insert(QualityScore)
            .values(values)
            .on_conflict_do_nothing()
            .returning(QualityScore.run_id)
        )
        if added is None:
            return False
        of_asset = sa.update(QualityScore).where(QualityScore.asset == asset)
        await self.session.execute(of_asset.where(QualityScore.latest).values(latest=False))
        await self.session.execute(
            of_asset.where(QualityScore.run_id == run_id).values(latest=True)
        )
        return True

    async def revise(
        self, asset: str, run_id: UUID, score: Score, failed_keys: Sequence[str]
    ) -> None:
        """Replace the score of a run, some of whose answers came later."""
        await self.session.execute(
            sa.update(QualityScore)
            .where(QualityScore.asset == asset, QualityScore.run_id == run_id)
            .values(**_figures(score, failed_keys))
        )

    async def of_asset(self, asset: str) -> QualityScore | None:
        return await self.session.scalar(
            sa.select(QualityScore).where(QualityScore.asset == asset, QualityScore.latest)
        )

    async def now(self, assets: Sequence[str] | None) -> Sequence[Any]:
        """Asset, score, failed checks and open incidents; None asks for the whole estate."""
        scores = sa.select(QualityScore.asset, QualityScore.score, QualityScore.failed_keys).where(
            QualityScore.latest
        )
        open_ones = (
            sa.select(Incident.asset, sa.func.count().label("open"))
            .where(OPEN)
            .group_by(Incident.asset)
        )
        if assets is not None:
            scores = scores.where(QualityScore.asset.in_(assets))
            open_ones = open_ones.where(Incident.asset.in_(assets))
        s, i = scores.subquery(), open_ones.subquery()
        rows = await self.session.execute(
            sa.select(
                sa.func.coalesce(s.c.asset, i.c.asset).label("asset"),
                s.c.score,
                s.c.failed_keys,
                sa.func.coalesce(i.c.open, 0).label("open_incidents"),
            ).select_from(s.outerjoin(i, s.c.asset == i.c.asset, full=True))
        )
        return rows.all()

    async def trend(self, asset: str, since: datetime) -> Sequence[QualityScore]:
        found = await self.session.scalars(
            sa.select(QualityScore)
            .where(QualityScore.asset == asset, QualityScore.at >= since)
            .order_by(QualityScore.at)
        )
        return found.all()

    async def worst(self, seen: Visibility, query: PageQuery) -> Page[Any]:
        """Scored assets of the estate, the worst first."""
        statement = _estate(
            sa.select(
                QualityScore.asset,
                Asset.name,
                Asset.domain,
                QualityScore.score,
                QualityScore.failed,
            ),
            seen,
        ).where(QualityScore.score.is_not(None))
        return await page_by(
            self.session, statement, QualityScore.score, QualityScore.asset, query=query
        )

    async def estate(self, seen: Visibility) -> Any:
        """The mean of the assets' scores, and how many assets and checks stand behind it."""
        scored = _estate(sa.select(QualityScore), seen).subquery()
        row = await self.session.execute(
            sa.select(
                sa.func.avg(scored.c.score).label("score"),
                sa.func.count(scored.c.score).label("assets"),
                sa.func.coalesce(sa.func.sum(scored.c.passed), 0).label("passed"),
                sa.func.coalesce(sa.func.sum(scored.c.failed), 0).label("failed"),
                sa.func.coalesce(sa.func.sum(scored.c.unanswered), 0).label("unanswered"),
            )
        )
        return row.one()

    async def dimensions(self, seen: Visibility) -> Sequence[Any]:
        """By dimension: the mean over the assets that have it, and how many have."""
        scored = _estate(sa.select(QualityScore.dimensions), seen).subquery()
        each = sa.func.jsonb_each_text(scored.c.dimensions).table_valued("key", "value")
        rows = await self.session.execute(
            sa.select(
                each.c.key.label("dimension"),
                sa.func.avg(sa.cast(each.c.value, sa.Float)).label("score"),
                sa.func.count().label("assets"),
            )
            .select_from(scored.join(each, sa.true()))
            .group_by(each.c.key)
            .order_by(each.c.key)
        )
        return rows.all()

    async def estate_trend(self, seen: Visibility, today: date, days: int) -> Sequence[Any]:
        """Day by day, the mean of what each asset scored last until then."""
        last = datetime.combine(today, time(), UTC)
        series = (
            sa.func.generate_series(last - timedelta(days=days - 1), last, timedelta(days=1))
            .table_valued(sa.column("day", sa.DateTime(timezone=True)))
            .render_derived(name="series")
        )
        day = series.c.day
        score = (
            _estate(
                sa.select(QualityScore.asset, QualityScore.score).ext(
                    distinct_on(QualityScore.asset)
                ),
                seen,
                latest=False,
            )
            .where(QualityScore.at < day + timedelta(days=1))
            .order_by(QualityScore.asset, QualityScore.at.desc())
            .lateral("score")
        )
        rows = await self.session.execute(
            sa.select(
                day.label("day"),
                sa.func.avg(score.c.score).label("score"),
                sa.func.count().label("assets"),
            )
            .select_from(sa.join(series, score, score.c.score.is_not(None)))
            .group_by(day)
            .order_by(day)
        )
        return rows.all()


def _figures(score: Score, failed_keys: Sequence[str]) -> dict[str, Any]:
    return {
        "score": score.score,
        "dimensions": {dim.value: value for dim, value in score.dimensions.items()},
        "coverage": score.coverage,
        "passed": score.passed,
        "failed": score.failed,
        "unanswered": score.unanswered,
        "capped": score.capped,
        "failed_keys": list(failed_keys),
        "formula": score.formula,
    }


def _estate(
    statement: sa.Select[*tuple[Any, ...]], seen: Visibility, *, latest: bool = True
) -> Any:
    """Scores of assets that are there and that the caller sees."""
    known = statement.join(Asset, Asset.ref == QualityScore.asset).where(
        Asset.vanished_at.is_(None), seen.clause(Asset.domain)
    )
    return known.where(QualityScore.latest) if latest else known
