"""What one can ask of scores: of an asset, of the estate, over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from muniment.catalog.model import QualityNow
from muniment.catalog.quality.repository.assets import AssetGate
from muniment.catalog.quality.repository.scores import ScoreRepository
from muniment.catalog.quality.tables import QualityScore
from muniment.kernel.clock import Clock
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import EVERYTHING, Visibility


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """The mean of a dimension over the assets in which it was checked."""

    dimension: str
    score: float
    assets: int


@dataclass(frozen=True, slots=True)
class EstateScore:
    """The quality of all assets that the caller sees."""

    score: float | None
    assets: int
    passed: int
    failed: int
    unanswered: int
    dimensions: tuple[DimensionScore, ...] = ()


@dataclass(frozen=True, slots=True)
class DayScore:
    day: date
    score: float
    assets: int


@dataclass(frozen=True, slots=True)
class AssetScore:
    """An asset in the list of the worst."""

    asset: str
    name: str
    domain: str | None
    score: float
    failed: int


@dataclass(frozen=True, slots=True)
class ScoreService:
    """``quality_of`` answers ``catalog.model.QualityReader``."""

    scores: ScoreRepository
    assets: AssetGate
    clock: Clock

    async def quality_of(self, refs: Sequence[str] | None) -> Mapping[str, QualityNow]:
        """Present score, failed checks and open incidents by asset; None: the whole estate."""
        return {
            row.asset: QualityNow(row.score, tuple(row.failed_keys or ()), int(row.open_incidents))
            for row in await self.scores.now(refs)
        }

    async def of_asset(self, asset: AssetRef, seen: Visibility) -> QualityScore | None:
        """The score of the last scan; None where the asset was not checked yet."""
        await self.assets.check(str(asset), seen)
        return await self.scores.of_asset(str(asset))

    async def trend(
        self, asset: AssetRef, seen: Visibility, *, days: int
    ) -> Sequence[QualityScore]:
        """The scores of the last days, the oldest first."""
        await self.assets.check(str(asset), seen)
        return await self.scores.trend(str(asset), self.clock.now() - timedelta(days=days))

    async def estate(self, seen: Visibility = EVERYTHING) -> EstateScore:
        """The mean of the assets' scores, all and by dimension."""
        row = await self.scores.estate(seen)
        dimensions = await self.scores.dimensions(seen)
        return EstateScore(
            score=None if row.score is None else round(float(row.score), 2),
            assets=row.assets,
            passed=int(row.passed),
            failed=int(row.failed),
            unanswered=int(row.unanswered),
            dimensions=tuple(
                DimensionScore(one.dimension, round(float(one.score), 2), one.assets)
                for one in dimensions
            ),
        )

    async def estate_trend(self, seen: Visibility, *, days: int) -> Sequence[DayScore]:
        """Day by day, the mean of what each asset scored last until then."""
        today = self.clock.now().date()
        return [
            DayScore(row.day.date(), round(float(row.score), 2), row.assets)
            for row in await self.scores.estate_trend(seen, today, days)
        ]

    async def worst(self, seen: Visibility, query: PageQuery) -> Page[AssetScore]:
        """Scored assets, the worst first."""
        page = await self.scores.worst(seen, query)
        return page.map(lambda row: AssetScore(*row))
