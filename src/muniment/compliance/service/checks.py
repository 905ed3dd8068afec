"""Checks: what they demand, how they stand, and what they say of sample facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muniment.compliance.content import shipped_checks
from muniment.compliance.engine.facts import DEFAULTS
from muniment.compliance.engine.judge import compile_check, verdict_on
from muniment.compliance.engine.scoring import Tally
from muniment.compliance.model import Check, Entity, Library, Verdict
from muniment.compliance.repository.results import ResultRepository
from muniment.kernel.errors import NotFound
from muniment.kernel.values import Severity
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class CheckView:
    check: Check
    tally: Tally
    frameworks: tuple[str, ...]
    requirements: tuple[tuple[str, str], ...]
    """Framework and requirement ids that this check tells about."""


@dataclass(frozen=True, slots=True)
class CheckService:
    results: ResultRepository
    library: Library

    async def list(self, seen: Visibility) -> Sequence[CheckView]:
        tallies = await self.results.tallies(seen)
        return [self._view(check, tallies) for check in self.library.checks.values()]

    async def get(self, check_id: str, seen: Visibility) -> CheckView:
        check = self._known(check_id)
        return self._view(check, await self.results.tallies(seen))

    def test(self, check_id: str, sample: Mapping[str, Any]) -> Verdict | None:
        """What a shipped check says of sample facts; None: it does not apply to them."""
        self._known(check_id)
        return verdict_on(shipped_checks()[check_id], sample)

    def test_draft(
        self, entity: Entity, scope: str, holds: str, sample: Mapping[str, Any]
    ) -> Verdict | None:
        """The same for expressions that are in no pack yet."""
        draft = Check("draft", "Draft", entity, scope, holds, Severity.LOW, "", "")
        return verdict_on(compile_check(draft), sample)

    def fields(self, entity: Entity) -> Mapping[str, Mapping[str, Any]]:
        """The variables and fields that a check on this kind of subject may name."""
        return DEFAULTS[entity]

    def _known(self, check_id: str) -> Check:
        check = self.library.checks.get(check_id)
        if check is None:
            raise NotFound(f"There is no check {check_id}.", check=check_id)
        return check

    def _view(self, check: Check, tallies: Mapping[str, Tally]) -> CheckView:
        return CheckView(
            check,
            tallies.get(check.id, Tally()),
            self.library.frameworks_of(check.id),
            tuple(
                (framework.id, requirement.id)
                for framework in self.library.frameworks.values()
                for requirement in framework.requirements
                if check.id in self.library.checks_of(requirement)
            ),
        )
