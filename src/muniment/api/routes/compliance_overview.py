"""/compliance: the state of compliance at a glance."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.compliance.service.judging import JudgeService
from muniment.compliance.service.overview import Overview, OverviewService
from muniment.kernel.values import Severity

router = APIRouter(prefix="/compliance", tags=["compliance"])

Overviews = Annotated[OverviewService, reading(lambda unit: unit.compliance.overview)]
Judging = Annotated[JudgeService, writing(lambda unit: unit.compliance.judge)]


class FrameworkScoreOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    framework: str
    score: float | None
    coverage: float
    met: int
    failing: int
    no_evidence: int
    manual: int


class OverviewOut(BaseModel):
    open: int = Field(description="Findings that need work.")
    overdue: int
    waived: int
    resolved: int
    by_severity: dict[Severity, int]
    frameworks: list[FrameworkScoreOut]
    checks_in_force: int
    checks_failing: int
    subjects_judged: int
    formula: str

    @classmethod
    def of(cls, found: Overview) -> "OverviewOut":
        return cls(
            open=found.open,
            overdue=found.overdue,
            waived=found.waived,
            resolved=found.resolved,
            by_severity=dict(found.by_severity),
            frameworks=[FrameworkScoreOut.model_validate(s) for s in found.scores.values()],
            checks_in_force=found.checks_in_force,
            checks_failing=found.checks_failing,
            subjects_judged=found.subjects_judged,
            formula=found.formula,
        )


class GroupScoreOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str | None = Field(description="Null: belongs to none.")
    score: float | None
    subjects: int
    failed: int
    waived: int


class Judged(BaseModel):
    open_findings: int


@router.get("/overview", dependencies=[permit("compliance.read")], responses=may_fail())
async def get_compliance_overview(overviews: Overviews, seen: Seen) -> OverviewOut:
    """Findings by severity, scores by framework, over what the caller may see."""
    return OverviewOut.of(await overviews.overview(seen))


@router.get("/breakdown", dependencies=[permit("compliance.read")], responses=may_fail())
async def list_compliance_breakdown(
    overviews: Overviews, seen: Seen, by: Literal["domain", "source", "owner"] = "domain"
) -> list[GroupScoreOut]:
    """Scores by domain, source or owner, the worst first."""
    return [GroupScoreOut.model_validate(each) for each in await overviews.breakdown(by, seen)]


@router.post("/judge", dependencies=[permit("compliance.manage")], responses=may_fail())
async def judge_estate(judge: Judging) -> Judged:
    """Judge everything now. Facts that change are judged by themselves; this is for doubts."""
    return Judged(open_findings=await judge.judge(None, run_id=None))
