"""/frameworks: what the organisation answers to, and how each requirement stands."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.compliance.engine.scoring import RequirementScore
from muniment.compliance.model import Automation, Entity, RequirementStatus, Verdict
from muniment.compliance.service.frameworks import FrameworkService, FrameworkView
from muniment.compliance.service.reports import Report, ReportService, as_csv, as_html, as_json
from muniment.kernel.errors import NotFound
from muniment.platform.paging import Page, PageQuery

router = APIRouter(tags=["compliance"])

Frameworks = Annotated[FrameworkService, reading(lambda unit: unit.compliance.frameworks)]
FrameworksToChange = Annotated[FrameworkService, writing(lambda unit: unit.compliance.frameworks)]
Reports = Annotated[ReportService, reading(lambda unit: unit.compliance.reports)]
Paging = Annotated[PageQuery, Query()]


class FrameworkOut(BaseModel):
    """A framework with its present score. Score and coverage always come together."""

    id: str
    title: str
    version: str
    publisher: str
    summary: str
    link: str
    text_licence: str
    active: bool
    changed_at: datetime | None
    changed_by: str | None
    score: float | None = Field(description="0 to 100; null while nothing could be judged.")
    coverage: float = Field(description="Share of the requirements that have a score, 0 to 1.")
    requirements: int
    met: int
    failing: int
    no_evidence: int
    manual: int
    open_findings: int
    formula: str

    @classmethod
    def of(cls, view: FrameworkView) -> "FrameworkOut":
        framework, score = view.framework, view.score
        return cls(
            id=framework.id,
            title=framework.title,
            version=framework.version,
            publisher=framework.publisher,
            summary=framework.summary,
            link=framework.link,
            text_licence=framework.text_licence,
            active=view.activation.active,
            changed_at=view.activation.changed_at,
            changed_by=view.activation.changed_by,
            score=score.score,
            coverage=score.coverage,
            requirements=len(score.requirements),
            met=score.met,
            failing=score.failing,
            no_evidence=score.no_evidence,
            manual=score.manual,
            open_findings=view.open_findings,
            formula=score.formula,
        )


class RequirementOut(BaseModel):
    id: str
    section: str | None
    title: str = Field(description="In our own words.")
    guidance: str | None
    automation: Automation
    status: RequirementStatus
    score: float | None
    subjects: int
    failing: int
    waived: int
    objectives: list[str]
    checks: list[str]

    @classmethod
    def of(cls, part: RequirementScore) -> "RequirementOut":
        requirement = part.requirement
        return cls(
            id=requirement.id,
            section=requirement.section,
            title=requirement.title,
            guidance=requirement.guidance,
            automation=requirement.automation,
            status=part.status,
            score=part.score,
            subjects=part.subjects,
            failing=part.failed,
            waived=part.waived,
            objectives=list(requirement.objectives),
            checks=list(part.checks),
        )


class CoveredOut(BaseModel):
    """One subject under one check, and how it stands."""

    model_config = ConfigDict(from_attributes=True)

    check_id: str
    subject: str
    entity: Entity
    verdict: Verdict
    asset: str | None
    source: str | None
    domain: str | None
    owner: str | None
    why: str | None = Field(description="Why it could not be judged.")
    judged_at: datetime


class ScoreOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    measured_at: datetime
    score: float | None
    coverage: float
    met: int
    failing: int
    no_evidence: int
    manual: int
    open_findings: int
    formula: str


class ReportFormat(StrEnum):
    HTML = "html"
    JSON = "json"
    CSV = "csv"


@router.get("/frameworks", dependencies=[permit("compliance.read")], responses=may_fail())
async def list_frameworks(frameworks: Frameworks, seen: Seen) -> list[FrameworkOut]:
    """All frameworks of the library with their scores."""
    return [FrameworkOut.of(view) for view in await frameworks.list(seen)]


@router.get(
    "/frameworks/{framework_id}",
    dependencies=[permit("compliance.read")],
    responses=may_fail(NotFound),
)
async def get_framework(framework_id: str, frameworks: Frameworks, seen: Seen) -> FrameworkOut:
    """One framework with its score."""
    return FrameworkOut.of(await frameworks.get(framework_id, seen))


@router.post(
    "/frameworks/{framework_id}/activate",
    dependencies=[permit("compliance.manage")],
    responses=may_fail(NotFound),
)
async def activate_framework(
    framework_id: str, frameworks: FrameworksToChange, seen: Seen
) -> FrameworkOut:
    """Put a framework in force: its checks are judged, its rule set joins the next scans."""
    await frameworks.activate(framework_id)
    return FrameworkOut.of(await frameworks.get(framework_id, seen))


@router.post(
    "/frameworks/{framework_id}/deactivate",
    dependencies=[permit("compliance.manage")],
    responses=may_fail(NotFound),
)
async def deactivate_framework(
    framework_id: str, frameworks: FrameworksToChange, seen: Seen
) -> FrameworkOut:
    """Take a framework out of force; findings that only it asks for resolve."""
    await frameworks.deactivate(framework_id)
    return FrameworkOut.of(await frameworks.get(framework_id, seen))


@router.get(
    "/frameworks/{framework_id}/requirements",
    dependencies=[permit("compliance.read")],
    responses=may_fail(NotFound),
)
async def list_requirements(
    framework_id: str,
    frameworks: Frameworks,
    seen: Seen,
    status: RequirementStatus | None = None,
) -> list[RequirementOut]:
    """The requirements in the framework's order, each with its status."""
    view = await frameworks.get(framework_id, seen)
    return [
        RequirementOut.of(part)
        for part in view.score.requirements
        if status is None or part.status is status
    ]


@router.get(
    "/frameworks/{framework_id}/coverage",
    dependencies=[permit("compliance.read")],
    responses=may_fail(NotFound),
)
async def list_framework_coverage(
    framework_id: str,
    frameworks: Frameworks,
    seen: Seen,
    page: Paging,
    requirement: Annotated[str | None, Query(max_length=40)] = None,
    verdict: Verdict | None = None,
) -> Page[CoveredOut]:
    """Exactly which assets, columns and other subjects the checks cover."""
    found = await frameworks.coverage(
        framework_id, seen, page, requirement_id=requirement, verdict=verdict
    )
    return found.map(CoveredOut.model_validate)


@router.get(
    "/frameworks/{framework_id}/scores",
    dependencies=[permit("compliance.read")],
    responses=may_fail(NotFound),
)
async def list_framework_scores(
    framework_id: str, frameworks: Frameworks, page: Paging
) -> Page[ScoreOut]:
    """The score over time, newest first; a point for each change."""
    return (await frameworks.history(framework_id, page)).map(ScoreOut.model_validate)


@router.get(
    "/frameworks/{framework_id}/report",
    dependencies=[permit("compliance.read")],
    responses={
        **may_fail(NotFound),
        200: {"content": {"text/html": {}, "application/json": {}, "text/csv": {}}},
    },
    response_class=Response,
)
async def get_framework_report(
    framework_id: str,
    reports: Reports,
    seen: Seen,
    format: ReportFormat = ReportFormat.HTML,  # noqa: A002  # the name callers write
) -> Response:
    """Posture and control detail for an auditor, as a page, a table or data."""
    return rendered(await reports.posture(framework_id, seen), format, f"{framework_id}-posture")


@router.get(
    "/compliance/report",
    dependencies=[permit("compliance.read")],
    responses={
        **may_fail(),
        200: {"content": {"text/html": {}, "application/json": {}, "text/csv": {}}},
    },
    response_class=Response,
)
async def get_compliance_report(
    reports: Reports,
    seen: Seen,
    format: ReportFormat = ReportFormat.HTML,  # noqa: A002  # the name callers write
) -> Response:
    """The same for all frameworks in force."""
    return rendered(await reports.posture(None, seen), format, "compliance-posture")


def rendered(report: Report, format_: ReportFormat, name: str) -> Response:
    """A report as the answer to a request; the page is shown, the others are saved."""
    match format_:
        case ReportFormat.HTML:
            return Response(as_html(report), media_type="text/html; charset=utf-8")
        case ReportFormat.JSON:
            return Response(as_json(report), media_type="application/json")
        case ReportFormat.CSV:
            return Response(
                as_csv(report),
                media_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
            )
