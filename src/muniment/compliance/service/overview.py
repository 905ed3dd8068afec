"""Compliance at a glance: findings by state and severity, scores by framework, domain, owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from muniment.compliance.engine.scoring import FORMULA, FrameworkScore, Tally
from muniment.compliance.model import FindingState, Library
from muniment.compliance.repository.findings import FindingRepository
from muniment.compliance.repository.results import ResultRepository
from muniment.compliance.service.scores import ScoreKeeper
from muniment.kernel.clock import Clock
from muniment.kernel.values import Severity
from muniment.platform.policy import Visibility

Dimension = Literal["domain", "source", "owner"]


@dataclass(frozen=True, slots=True)
class GroupScore:
    """How one domain, source or owner stands, over all checks in force."""

    name: str | None
    score: float | None
    subjects: int
    failed: int
    waived: int


@dataclass(frozen=True, slots=True)
class Overview:
    open: int
    overdue: int
    waived: int
    resolved: int
    by_severity: Mapping[Severity, int]
    scores: Mapping[str, FrameworkScore]
    checks_in_force: int
    checks_failing: int
    subjects_judged: int
    formula: str = FORMULA


@dataclass(frozen=True, slots=True)
class OverviewService:
    results: ResultRepository
    findings: FindingRepository
    scores: ScoreKeeper
    clock: Clock
    library: Library

    async def overview(self, seen: Visibility) -> Overview:
        counts = await self.findings.counts(seen, now=self.clock.now())
        tallies = await self.results.tallies(seen)
        by_severity = dict.fromkeys(Severity, 0)
        for state, severity, number, _ in counts:
            if state.needs_work:
                by_severity[severity] += number
        return Overview(
            open=sum(by_severity.values()),
            overdue=sum(late for *_, late in counts),
            waived=sum(n for state, _, n, _ in counts if state is FindingState.WAIVED),
            resolved=sum(n for state, _, n, _ in counts if state is FindingState.RESOLVED),
            by_severity=by_severity,
            scores=await self.scores.scores(seen),
            checks_in_force=len(await self.scores.active_checks()),
            checks_failing=sum(tally.failed > 0 for tally in tallies.values()),
            subjects_judged=sum(tally.subjects for tally in tallies.values()),
        )

    async def breakdown(self, dimension: Dimension, seen: Visibility) -> Sequence[GroupScore]:
        """The worst first; the formula is that of a requirement over all checks."""
        groups = await self.results.tallies_by(dimension, seen)
        scored = [self._group(name, tallies) for name, tallies in groups.items()]
        return sorted(scored, key=lambda g: (g.score is None, g.score or 0.0, g.name or ""))

    def _group(self, name: str | None, tallies: Mapping[str, Tally]) -> GroupScore:
        total = weighted = 0.0
        for check_id, tally in tallies.items():
            check = self.library.checks.get(check_id)
            if check is None or tally.share is None:
                continue
            total += check.severity.weight
            weighted += check.severity.weight * tally.share
        return GroupScore(
            name=name,
            score=100 * weighted / total if total else None,
            subjects=sum(tally.subjects for tally in tallies.values()),
            failed=sum(tally.failed for tally in tallies.values()),
            waived=sum(tally.waived for tally in tallies.values()),
        )
