"""How verdicts become scores: a published formula with a version. Pure.

``compliance-score/1``. Of one check: passed / (subjects - waived - undecided). Of a requirement:
the mean over its checks that have subjects, weighted by severity (critical 8, high 4, medium 2,
low 1). Of a framework: the mean over its requirements that have a score, each with the weight of
its heaviest check; 100 is the best. What only a person can tell, and what has no subject yet, has
no score and never counts as met: it lowers the coverage, which is shown beside the score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from muniment.compliance.model import (
    Automation,
    Check,
    Framework,
    Library,
    Requirement,
    RequirementStatus,
)

FORMULA: Final = "compliance-score/1"


@dataclass(frozen=True, slots=True)
class Tally:
    """How one check stands over all its subjects."""

    subjects: int = 0
    passed: int = 0
    waived: int = 0
    undecided: int = 0

    @property
    def counted(self) -> int:
        return self.subjects - self.waived - self.undecided

    @property
    def failed(self) -> int:
        return self.counted - self.passed

    @property
    def share(self) -> float | None:
        """Share of the counted subjects that pass; None when there is none."""
        return self.passed / self.counted if self.counted > 0 else None


@dataclass(frozen=True, slots=True)
class RequirementScore:
    requirement: Requirement
    status: RequirementStatus
    score: float | None
    """0 to 100; None where nothing could be judged."""
    weight: int
    checks: tuple[str, ...]
    subjects: int
    failed: int
    waived: int


@dataclass(frozen=True, slots=True)
class FrameworkScore:
    framework: str
    score: float | None
    coverage: float
    """Share of the requirements that have a score, 0 to 1."""
    met: int
    failing: int
    no_evidence: int
    manual: int
    requirements: tuple[RequirementScore, ...]
    formula: str = FORMULA


def score_requirement(
    requirement: Requirement,
    check_ids: tuple[str, ...],
    checks: Mapping[str, Check],
    tallies: Mapping[str, Tally],
) -> RequirementScore:
    """One requirement from the tallies of its checks."""
    total = weighted = 0.0
    heaviest = subjects = failed = waived = 0
    for check_id in check_ids:
        tally = tallies.get(check_id, Tally())
        subjects += tally.subjects
        failed += tally.failed
        waived += tally.waived
        share = tally.share
        if share is None:
            continue
        weight = checks[check_id].severity.weight
        total += weight
        weighted += weight * share
        heaviest = max(heaviest, weight)
    score = 100 * weighted / total if total else None
    return RequirementScore(
        requirement=requirement,
        status=_status(requirement, score, failed),
        score=score,
        weight=heaviest,
        checks=check_ids,
        subjects=subjects,
        failed=failed,
        waived=waived,
    )


def score_framework(
    framework: Framework, library: Library, tallies: Mapping[str, Tally]
) -> FrameworkScore:
    """A whole framework from the tallies of all checks."""
    parts = tuple(
        score_requirement(requirement, library.checks_of(requirement), library.checks, tallies)
        for requirement in framework.requirements
    )
    scored = [part for part in parts if part.score is not None]
    weight = sum(part.weight for part in scored)
    score = sum(part.weight * (part.score or 0.0) for part in scored) / weight if weight else None
    return FrameworkScore(
        framework=framework.id,
        score=score,
        coverage=len(scored) / len(parts) if parts else 0.0,
        met=_count(parts, RequirementStatus.MET),
        failing=_count(parts, RequirementStatus.FAILING),
        no_evidence=_count(parts, RequirementStatus.NO_EVIDENCE),
        manual=_count(parts, RequirementStatus.MANUAL),
        requirements=parts,
    )


def _status(requirement: Requirement, score: float | None, failed: int) -> RequirementStatus:
    if requirement.automation is Automation.MANUAL:
        return RequirementStatus.MANUAL
    if score is None:
        return RequirementStatus.NO_EVIDENCE
    return RequirementStatus.FAILING if failed else RequirementStatus.MET


def _count(parts: tuple[RequirementScore, ...], status: RequirementStatus) -> int:
    return sum(part.status is status for part in parts)
