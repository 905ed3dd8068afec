"""/findings: what is out of line, and what was done about it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.compliance.model import Entity, FindingFilter, FindingState
from muniment.compliance.service.findings import (
    MOST_AT_ONCE,
    BulkOutcome,
    FindingService,
    FindingView,
)
from muniment.compliance.service.frameworks import FrameworkService
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from muniment.kernel.values import Severity
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/findings", tags=["compliance"])

Findings = Annotated[FindingService, reading(lambda unit: unit.compliance.findings)]
Frameworks = Annotated[FrameworkService, reading(lambda unit: unit.compliance.frameworks)]
FindingsToChange = Annotated[FindingService, writing(lambda unit: unit.compliance.findings)]
Paging = Annotated[PageQuery, Query()]
CHANGE = may_fail(NotFound, Conflict, StaleVersion)


class FindingOut(BaseModel):
    """One check broken by one subject, with the facts as they were when it was judged."""

    id: UUID
    check: str
    title: str
    severity: Severity
    state: FindingState
    entity: Entity
    subject: str
    asset: str | None
    source: str | None
    domain: str | None
    owner: str | None
    frameworks: list[str]
    remedy: str
    rationale: str
    opened_at: datetime
    due_at: datetime
    overdue: bool
    changed_at: datetime
    resolved_at: datetime | None
    resolution: str | None
    times_opened: int
    evidence: dict[str, Any]
    evidence_hash: str = Field(description="SHA-256 of what the evidence says.")
    evidence_at: datetime
    run_id: UUID | None
    version: int

    @classmethod
    def of(cls, view: FindingView) -> "FindingOut":
        finding, check = view.finding, view.check
        return cls(
            id=finding.id,
            check=finding.check,
            title=check.title if check else finding.check,
            severity=finding.severity,
            state=finding.state,
            entity=finding.entity,
            subject=finding.subject,
            asset=finding.asset,
            source=finding.source,
            domain=finding.domain,
            owner=finding.owner,
            frameworks=list(view.frameworks),
            remedy=check.remedy if check else "",
            rationale=check.rationale if check else "",
            opened_at=finding.opened_at,
            due_at=finding.due_at,
            overdue=view.overdue,
            changed_at=finding.changed_at,
            resolved_at=finding.resolved_at,
            resolution=finding.resolution,
            times_opened=finding.times_opened,
            evidence=dict(finding.evidence),
            evidence_hash=finding.evidence_hash,
            evidence_at=finding.evidence_at,
            run_id=finding.run_id,
            version=finding.version,
        )


class FindingQuery(PageQuery):
    """Filters of the list; several states or severities may be given."""

    state: list[FindingState] = Field(default_factory=list)
    severity: list[Severity] = Field(default_factory=list)
    framework: str | None = Field(default=None, max_length=80)
    check: str | None = Field(default=None, max_length=80)
    owner: str | None = Field(default=None, max_length=200)
    unassigned: bool = False
    source: str | None = Field(default=None, max_length=200)
    domain: str | None = Field(default=None, max_length=200)
    asset: str | None = Field(default=None, max_length=4_000)
    overdue: bool = False
    total: bool = Field(default=False, description="Count all that match; slower.")


class Assign(BaseModel):
    owner: str | None = Field(
        default=None, max_length=200, description="Null gives it back to the asset's owner."
    )


class Reason(BaseModel):
    reason: str = Field(min_length=3, max_length=2_000, examples=["Column dropped on 4 May."])


class BulkChange(BaseModel):
    """The same change to many findings: a new owner, a new state, or both."""

    ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)
    owner: str | None = Field(default=None, max_length=200)
    unassign: bool = False
    state: FindingState | None = None
    reason: str | None = Field(default=None, min_length=3, max_length=2_000)


class LeftOut(BaseModel):
    id: UUID
    why: str


class BulkResult(BaseModel):
    changed: list[UUID]
    left: list[LeftOut]

    @classmethod
    def of(cls, outcome: BulkOutcome) -> "BulkResult":
        return cls(
            changed=list(outcome.changed),
            left=[LeftOut(id=id_, why=why) for id_, why in outcome.left],
        )


@router.get("", dependencies=[permit("compliance.read")], responses=may_fail(NotFound))
async def list_findings(
    findings: Findings, frameworks: Frameworks, seen: Seen, query: Annotated[FindingQuery, Query()]
) -> Page[FindingOut]:
    """Findings, the gravest first, then those due first."""
    checks: tuple[str, ...] | None = (query.check,) if query.check else None
    if query.framework is not None:
        view = await frameworks.get(query.framework, seen)
        asked = findings.library.checks_of_framework(view.framework)
        checks = tuple(each for each in asked if query.check in (None, each))
    wanted = FindingFilter(
        states=tuple(query.state),
        severities=tuple(query.severity),
        checks=checks,
        owner=query.owner,
        unassigned=query.unassigned,
        source=query.source,
        domain=query.domain,
        asset=query.asset,
        overdue_at=findings.clock.now() if query.overdue else None,
    )
    page = await findings.page(wanted, seen, query, with_total=query.total)
    return page.map(FindingOut.of)


@router.post("/bulk", dependencies=[permit("compliance.manage")], responses=may_fail())
async def change_findings(body: BulkChange, findings: FindingsToChange, seen: Seen) -> BulkResult:
    """Assign or move many findings at once; what cannot move is left and told."""
    if body.state is FindingState.WAIVED:
        raise Invalid("Findings are waived one by one, each with its reason: POST /waivers.")
    if body.state is FindingState.RESOLVED and body.reason is None:
        raise Invalid("Say why the findings are resolved: give a reason.")
    outcome: BulkOutcome | None = None
    if body.owner is not None or body.unassign:
        outcome = await findings.assign(body.ids, body.owner, seen)
    if body.state is not None:
        outcome = await findings.move(body.ids, body.state, seen, reason=body.reason)
    if outcome is None:
        raise Invalid("Nothing is to be changed: give an owner, unassign or a state.")
    return BulkResult.of(outcome)


@router.get("/{finding_id}", dependencies=[permit("compliance.read")], responses=may_fail(NotFound))
async def get_finding(
    finding_id: UUID, findings: Findings, seen: Seen, response: Response
) -> FindingOut:
    """One finding with its evidence."""
    view = await findings.get(finding_id, seen)
    set_etag(response, view.finding.version)
    return FindingOut.of(view)


@router.post("/{finding_id}/assign", dependencies=[permit("compliance.manage")], responses=CHANGE)
async def assign_finding(
    finding_id: UUID,
    body: Assign,
    findings: FindingsToChange,
    seen: Seen,
    if_match: IfMatch = None,
) -> FindingOut:
    """Give a finding to somebody."""
    version = expected_version(if_match)
    return FindingOut.of(await findings.assign_one(finding_id, body.owner, seen, version=version))


@router.post(
    "/{finding_id}/acknowledge", dependencies=[permit("compliance.manage")], responses=CHANGE
)
async def acknowledge_finding(
    finding_id: UUID, findings: FindingsToChange, seen: Seen, if_match: IfMatch = None
) -> FindingOut:
    """Say that somebody has seen it."""
    return await _move(findings, finding_id, FindingState.ACKNOWLEDGED, seen, if_match)


@router.post("/{finding_id}/start", dependencies=[permit("compliance.manage")], responses=CHANGE)
async def start_finding(
    finding_id: UUID, findings: FindingsToChange, seen: Seen, if_match: IfMatch = None
) -> FindingOut:
    """Say that it is being mended."""
    return await _move(findings, finding_id, FindingState.IN_PROGRESS, seen, if_match)


@router.post("/{finding_id}/resolve", dependencies=[permit("compliance.manage")], responses=CHANGE)
async def resolve_finding(
    finding_id: UUID,
    body: Reason,
    findings: FindingsToChange,
    seen: Seen,
    if_match: IfMatch = None,
) -> FindingOut:
    """Close a finding with a reason; it reopens if the next judging still finds the fact."""
    return await _move(
        findings, finding_id, FindingState.RESOLVED, seen, if_match, reason=body.reason
    )


@router.post("/{finding_id}/reopen", dependencies=[permit("compliance.manage")], responses=CHANGE)
async def reopen_finding(
    finding_id: UUID, findings: FindingsToChange, seen: Seen, if_match: IfMatch = None
) -> FindingOut:
    """Open a finding again."""
    return await _move(findings, finding_id, FindingState.OPEN, seen, if_match)


async def _move(
    findings: FindingService,
    finding_id: UUID,
    state: FindingState,
    seen: Seen,
    if_match: str | None,
    *,
    reason: str | None = None,
) -> FindingOut:
    version = expected_version(if_match)
    view = await findings.move_one(finding_id, state, seen, reason=reason, version=version)
    return FindingOut.of(view)
