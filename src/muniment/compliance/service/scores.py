"""Which frameworks are in force, how they stand, and how that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muniment.compliance.engine.scoring import FrameworkScore, score_framework
from muniment.compliance.model import Framework, Library
from muniment.compliance.repository.findings import FindingRepository
from muniment.compliance.repository.frameworks import FrameworkRepository
from muniment.compliance.repository.results import ResultRepository
from muniment.kernel.clock import Clock
from muniment.kernel.ids import new_id
from muniment.platform.policy import EVERYTHING, Visibility


@dataclass(frozen=True, slots=True)
class ScoreKeeper:
    results: ResultRepository
    findings: FindingRepository
    frameworks: FrameworkRepository
    clock: Clock
    library: Library

    async def active_frameworks(self) -> Sequence[Framework]:
        """Those in force; where nobody decided, the pack's default counts."""
        decided = await self.frameworks.activations()
        return [
            framework
            for framework in self.library.frameworks.values()
            if (
                decided[framework.id].active
                if framework.id in decided
                else framework.active_by_default
            )
        ]

    async def active_checks(self) -> Sequence[str]:
        """Every check that some framework in force needs, once."""
        return list(
            dict.fromkeys(
                check
                for framework in await self.active_frameworks()
                for check in self.library.checks_of_framework(framework)
            )
        )

    async def scores(self, seen: Visibility) -> Mapping[str, FrameworkScore]:
        """Present scores of the frameworks in force, over what the caller may see."""
        tallies = await self.results.tallies(seen)
        return {
            framework.id: score_framework(framework, self.library, tallies)
            for framework in await self.active_frameworks()
        }

    async def keep(self) -> None:
        """Add a point to the history of each framework that changed since its last one."""
        scores = await self.scores(EVERYTHING)
        last = await self.frameworks.last_scores()
        open_by_check = await self.findings.open_by_check(EVERYTHING)
        now = self.clock.now()
        rows = []
        for framework_id, score in scores.items():
            checks = self.library.checks_of_framework(self.library.frameworks[framework_id])
            point = {
                "score": None if score.score is None else round(score.score, 4),
                "coverage": round(score.coverage, 4),
                "met": score.met,
                "failing": score.failing,
                "no_evidence": score.no_evidence,
                "manual": score.manual,
                "open_findings": sum(open_by_check.get(check, 0) for check in checks),
                "formula": score.formula,
            }
            before = last.get(framework_id)
            if before is None or any(
                getattr(before, name) != value for name, value in point.items()
            ):
                rows.append(
                    {"id": new_id(), "framework": framework_id, "measured_at": now, **point}
                )
        await self.frameworks.add_scores(rows)
