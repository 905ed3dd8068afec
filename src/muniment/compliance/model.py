"""What the words of compliance mean: checks, frameworks, findings, waivers and their limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from muniment.kernel.errors import Conflict, Invalid
from muniment.kernel.values import JsonObject, Severity


class Entity(StrEnum):
    """What a check looks at; each subject of the kind is judged by itself."""

    ASSET = "asset"
    COLUMN = "column"
    LABEL = "label"
    SOURCE = "source"
    SCAN = "scan"
    ACCOUNT = "account"
    AUDIT = "audit"
    WAIVER = "waiver"
    ESTATE = "estate"

    @property
    def of_assets(self) -> bool:
        """Judged together with the asset it belongs to."""
        return self in (Entity.ASSET, Entity.COLUMN, Entity.LABEL)


class Automation(StrEnum):
    """How much of a requirement the checks can tell."""

    AUTOMATED = "automated"
    PARTIAL = "partial"
    MANUAL = "manual"


class Verdict(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    UNDECIDED = "undecided"
    """The check could not be evaluated on this subject; neither for nor against."""


class FindingState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    WAIVED = "waived"
    RESOLVED = "resolved"

    @property
    def needs_work(self) -> bool:
        return self in (FindingState.OPEN, FindingState.ACKNOWLEDGED, FindingState.IN_PROGRESS)


class WaiverState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class RequirementStatus(StrEnum):
    MET = "met"
    FAILING = "failing"
    NO_EVIDENCE = "no_evidence"
    """Nothing in the estate falls under its checks yet."""
    MANUAL = "manual"
    """Only a person can tell; never counted as met."""


@dataclass(frozen=True, slots=True)
class Check:
    """One demand that a machine can test: ``scope`` says on what, ``holds`` says when it is met."""

    id: str
    title: str
    entity: Entity
    scope: str
    holds: str
    severity: Severity
    remedy: str
    rationale: str
    breaks: tuple[JsonObject, ...] = ()
    upholds: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Objective:
    """What several requirements ask in their own words, and the checks that tell."""

    id: str
    title: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    id: str
    title: str
    automation: Automation
    objectives: tuple[str, ...] = ()
    guidance: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Framework:
    id: str
    title: str
    version: str
    publisher: str
    link: str
    text_licence: str
    summary: str
    requirements: tuple[Requirement, ...]
    rule_set: JsonObject = field(default_factory=dict)
    active_by_default: bool = True


@dataclass(frozen=True)
class Library:
    """All shipped content, cross-checked."""

    checks: Mapping[str, Check]
    objectives: Mapping[str, Objective]
    frameworks: Mapping[str, Framework]

    def checks_of(self, requirement: Requirement) -> tuple[str, ...]:
        """The checks that tell about a requirement, each once, in order."""
        found = (
            check
            for objective in requirement.objectives
            for check in self.objectives[objective].checks
        )
        return tuple(dict.fromkeys(found))

    def checks_of_framework(self, framework: Framework) -> tuple[str, ...]:
        return self._by_framework[framework.id]

    def frameworks_of(self, check: str) -> tuple[str, ...]:
        """Ids of the frameworks that some check tells about."""
        return tuple(id_ for id_, checks in self._by_framework.items() if check in checks)

    @cached_property
    def _by_framework(self) -> Mapping[str, tuple[str, ...]]:
        return {
            framework.id: tuple(
                dict.fromkeys(
                    check
                    for requirement in framework.requirements
                    for check in self.checks_of(requirement)
                )
            )
            for framework in self.frameworks.values()
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One check broken by one subject, with what was known when it was judged."""

    id: UUID
    check: str
    subject: str
    entity: Entity
    severity: Severity
    state: FindingState
    asset: str | None
    source: str | None
    domain: str | None
    owner: str | None
    evidence: JsonObject
    evidence_hash: str
    evidence_at: datetime
    opened_at: datetime
    due_at: datetime
    changed_at: datetime
    resolved_at: datetime | None
    resolution: str | None
    times_opened: int
    run_id: UUID | None
    version: int

    def is_overdue(self, now: datetime) -> bool:
        return self.state.needs_work and self.due_at < now


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings; a field that is None asks nothing. ``checks`` are those of a framework."""

    states: tuple[FindingState, ...] = ()
    severities: tuple[Severity, ...] = ()
    checks: tuple[str, ...] | None = None
    owner: str | None = None
    unassigned: bool = False
    source: str | None = None
    domain: str | None = None
    asset: str | None = None
    overdue_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """An accepted exception to one check on one subject."""

    id: UUID
    check: str
    subject: str
    domain: str | None
    state: WaiverState
    reason: str
    owner: str
    granted_by: str
    granted_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ended_why: str | None = None


DAYS_TO_MEND: Mapping[Severity, int] = {
    Severity.CRITICAL: 7,
    Severity.HIGH: 14,
    Severity.MEDIUM: 30,
    Severity.LOW: 90,
}

LONGEST_WAIVER = timedelta(days=366)


def due_date(severity: Severity, opened_at: datetime) -> datetime:
    """When a finding should be mended: the promise for its severity."""
    return opened_at + timedelta(days=DAYS_TO_MEND[severity])


def ensure_waivable(*, now: datetime, expires_at: datetime) -> None:
    """Invalid unless the waiver ends in the future and within a year."""
    if expires_at <= now:
        raise Invalid("A waiver must end in the future.", field="expires_at")
    if expires_at > now + LONGEST_WAIVER:
        raise Invalid(
            "A waiver lasts one year at most. Choose an earlier end; it can be granted again then.",
            field="expires_at",
        )


_MOVES: Mapping[FindingState, frozenset[FindingState]] = {
    FindingState.OPEN: frozenset(
        {
            FindingState.ACKNOWLEDGED,
            FindingState.IN_PROGRESS,
            FindingState.RESOLVED,
            FindingState.WAIVED,
        }
    ),
    FindingState.ACKNOWLEDGED: frozenset(
        {FindingState.OPEN, FindingState.IN_PROGRESS, FindingState.RESOLVED, FindingState.WAIVED}
    ),
    FindingState.IN_PROGRESS: frozenset(
        {FindingState.OPEN, FindingState.ACKNOWLEDGED, FindingState.RESOLVED, FindingState.WAIVED}
    ),
    FindingState.WAIVED: frozenset({FindingState.OPEN, FindingState.RESOLVED}),
    FindingState.RESOLVED: frozenset({FindingState.OPEN}),
}


def ensure_may_move(before: FindingState, after: FindingState) -> None:
    """Conflict when a finding cannot go from one state to the other."""
    if after not in _MOVES[before]:
        raise Conflict(
            f"The finding is {before.value.replace('_', ' ')}; it cannot become "
            f"{after.value.replace('_', ' ')} from there.",
            state=before.value,
        )
