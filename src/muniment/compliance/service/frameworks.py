"""Frameworks: which there are, which are in force, how each requirement stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muniment.compliance.engine.scoring import FrameworkScore, RequirementScore, score_framework
from muniment.compliance.model import Framework, Library, Requirement, Verdict
from muniment.compliance.repository.findings import FindingRepository
from muniment.compliance.repository.frameworks import Activation, FrameworkRepository
from muniment.compliance.repository.results import ResultRepository
from muniment.compliance.service.scores import ScoreKeeper
from muniment.contracts.compliance import FrameworkActivated, FrameworkDeactivated
from muniment.contracts.rulesets import RuleSetWriter
from muniment.kernel.clock import Clock
from muniment.kernel.errors import NotFound
from muniment.kernel.events import Outbox
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility


def rule_set_name(framework: str) -> str:
    """The rule set that a framework in force publishes."""
    return f"framework-{framework}"


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """A framework with its present score; the score of an inactive one is not kept."""

    framework: Framework
    activation: Activation
    score: FrameworkScore
    open_findings: int


@dataclass(frozen=True, slots=True)
class FrameworkService:
    frameworks: FrameworkRepository
    results: ResultRepository
    findings: FindingRepository
    scores: ScoreKeeper
    rule_sets: RuleSetWriter
    outbox: Outbox
    clock: Clock
    library: Library
    actor: str

    async def list(self, seen: Visibility) -> Sequence[FrameworkView]:
        decided = await self.frameworks.activations()
        tallies = await self.results.tallies(seen)
        open_by_check = await self.findings.open_by_check(seen)
        return [
            FrameworkView(
                framework,
                _activation(framework, decided),
                score_framework(framework, self.library, tallies),
                sum(
                    open_by_check.get(check, 0)
                    for check in self.library.checks_of_framework(framework)
                ),
            )
            for framework in self.library.frameworks.values()
        ]

    async def get(self, framework_id: str, seen: Visibility) -> FrameworkView:
        known = self._known(framework_id)
        return next(view for view in await self.list(seen) if view.framework is known)

    async def requirement(
        self, framework_id: str, requirement_id: str, seen: Visibility
    ) -> tuple[Requirement, RequirementScore]:
        view = await self.get(framework_id, seen)
        for part in view.score.requirements:
            if part.requirement.id == requirement_id:
                return part.requirement, part
        raise NotFound(
            f"{view.framework.title} has no requirement {requirement_id}.",
            framework=framework_id,
        )

    async def coverage(
        self,
        framework_id: str,
        seen: Visibility,
        query: PageQuery,
        *,
        requirement_id: str | None = None,
        verdict: Verdict | None = None,
    ) -> Page[Any]:
        """Exactly which subjects the checks of a framework (or one requirement) cover."""
        framework = self._known(framework_id)
        if requirement_id is None:
            checks = self.library.checks_of_framework(framework)
        else:
            requirement, _ = await self.requirement(framework_id, requirement_id, seen)
            checks = self.library.checks_of(requirement)
        return await self.results.page_subjects(checks, verdict, seen, query)

    async def history(self, framework_id: str, query: PageQuery) -> Page[Any]:
        self._known(framework_id)
        return await self.frameworks.page_scores(framework_id, query)

    async def activate(self, framework_id: str) -> None:
        """Put a framework in force: its rule set is published, its checks are judged."""
        framework = self._known(framework_id)
        changed = await self.frameworks.set_active(
            framework.id, True, now=self.clock.now(), actor=self.actor
        )
        await self._require(framework)
        if changed:
            await self.outbox.publish(FrameworkActivated(framework=framework.id, actor=self.actor))

    async def deactivate(self, framework_id: str) -> None:
        """Take a framework out of force: its rule set is retired, its own checks rest."""
        framework = self._known(framework_id)
        changed = await self.frameworks.set_active(
            framework.id, False, now=self.clock.now(), actor=self.actor
        )
        await self.rule_sets.withdraw([rule_set_name(framework.id)])
        if changed:
            await self.outbox.publish(
                FrameworkDeactivated(framework=framework.id, actor=self.actor)
            )

    async def settle(self) -> None:
        """At start: put what is active by default in force, and renew rule sets of new packs."""
        decided = await self.frameworks.activations()
        for framework in self.library.frameworks.values():
            if framework.id not in decided and framework.active_by_default:
                await self.activate(framework.id)
            elif framework.id in decided and decided[framework.id].active:
                await self._require(framework)

    async def _require(self, framework: Framework) -> None:
        if framework.rule_set:
            await self.rule_sets.require(
                rule_set_name(framework.id),
                f"What {framework.title} needs from a scan",
                framework.rule_set,
                reason=f"{framework.title} {framework.version} is in force.",
            )

    def _known(self, framework_id: str) -> Framework:
        framework = self.library.frameworks.get(framework_id)
        if framework is None:
            raise NotFound(
                f"There is no framework {framework_id}. There is "
                f"{', '.join(self.library.frameworks)}.",
                framework=framework_id,
            )
        return framework


def _activation(framework: Framework, decided: Mapping[str, Activation]) -> Activation:
    return decided.get(framework.id, Activation(framework.active_by_default, 0))
