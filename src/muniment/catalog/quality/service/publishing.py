"""What the analyzers said of an asset becomes its profile, results, score and incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from muniment.catalog.analysis.results import CheckOutcome, ProfileResult, QualityResult
from muniment.catalog.quality.model import (
    CheckStatus,
    NewIncident,
    Score,
    incident_title,
    opens_incident,
    score_of,
)
from muniment.catalog.quality.repository.checks import CheckRepository
from muniment.catalog.quality.repository.profiles import ProfileRepository
from muniment.catalog.quality.repository.scores import ScoreRepository
from muniment.catalog.quality.service.incidents import IncidentService
from muniment.catalog.quality.service.references import Late, ReferenceService, outcome_of
from muniment.contracts.catalog import QualityEvaluated
from muniment.kernel.clock import Clock
from muniment.kernel.events import Outbox
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, Severity


@dataclass(frozen=True, slots=True)
class AnalysisStore:
    """Implements ``catalog.model.AnalysisPublisher``. Safe to repeat for one run."""

    profiles: ProfileRepository
    checks: CheckRepository
    scores: ScoreRepository
    incidents: IncidentService
    references: ReferenceService
    outbox: Outbox
    clock: Clock

    async def publish_analysis(
        self, asset: AssetRef, results: Mapping[str, JsonObject], *, run_id: UUID
    ) -> None:
        """Store profile and quality results of one asset, each if it is there."""
        at = self.clock.now()
        columns = 0
        if (told := results.get("profile")) is not None:
            profile = ProfileResult.from_json(told)
            columns = len(profile.columns)
            await self.profiles.add_once(
                str(asset), run_id, at, rows=profile.rows, body=told, sparks=sparks_of(profile)
            )
        if (told := results.get("quality")) is not None:
            quality = QualityResult.from_json(told)
            outcomes = await self.references.settle(asset, quality.checks, quality.keys, run_id)
            if await self._evaluated(asset, outcomes, run_id, at, columns):
                late = await self.references.waiting_for(asset, quality.keys, run_id)
                for other, told_late in late.items():
                    await self._revised(other, told_late, run_id)

    async def _evaluated(
        self,
        asset: AssetRef,
        outcomes: Sequence[CheckOutcome],
        run_id: UUID,
        at: datetime,
        columns: int,
    ) -> bool:
        """Store a run's answers; False when they are there already."""
        score = score_of(outcomes, columns=columns)
        keys = _failed(outcomes)
        if not await self.scores.add_once(str(asset), run_id, at, score, keys):
            return False
        await self.checks.add_results(str(asset), run_id, at, outcomes)
        await self._tell(asset, score, keys, outcomes, run_id)
        return True

    async def _revised(self, asset: AssetRef, late: Sequence[Late], run_id: UUID) -> None:
        """Complete the answers of another asset, which waited for this one."""
        stored = {one.key: one for one in await self.checks.of_run(str(asset), run_id)}
        answers = [
            outcome_of(stored[one.check], one.refers, one.found)
            for one in late
            if one.check in stored
        ]
        outcomes = tuple({**stored, **{one.key: one for one in answers}}.values())
        score = score_of(outcomes, columns=await self.profiles.width(str(asset), run_id))
        keys = _failed(outcomes)
        await self.checks.revise(str(asset), run_id, answers)
        await self.scores.revise(str(asset), run_id, score, keys)
        await self._tell(asset, score, keys, answers, run_id)

    async def _tell(
        self,
        asset: AssetRef,
        score: Score,
        failed: tuple[str, ...],
        outcomes: Sequence[CheckOutcome],
        run_id: UUID,
    ) -> None:
        """Say how the asset fares, and open and resolve incidents by these outcomes."""
        await self.outbox.publish(
            QualityEvaluated(asset=asset, score=score.score, failed=failed, run_id=run_id)
        )
        await self.incidents.open(
            [_incident(asset, one) for one in outcomes if opens_incident(one)], run_id
        )
        passed = [one.key for one in outcomes if one.status == CheckStatus.PASSED]
        await self.incidents.resolve_passed(asset, passed)


def _failed(outcomes: Sequence[CheckOutcome]) -> tuple[str, ...]:
    return tuple(one.key for one in outcomes if one.status == CheckStatus.FAILED)


def sparks_of(profile: ProfileResult) -> dict[str, list[int]]:
    """By column: the bins of its histogram, or the counts of its top values where it has none."""
    return {
        column.name: list(column.histogram.counts)
        if column.histogram is not None
        else [top.count for top in column.top]
        for column in profile.columns
    }


def _incident(asset: AssetRef, one: CheckOutcome) -> NewIncident:
    expected = f" Expected: {one.expected}." if one.expected else ""
    return NewIncident(
        asset=str(asset),
        key=one.key,
        kind="check",
        title=incident_title(one, asset.name),
        detail=f"Observed: {one.observed}.{expected}",
        severity=Severity(one.severity),
        columns=one.columns,
        check_type=one.type,
        ratio=one.ratio,
    )
