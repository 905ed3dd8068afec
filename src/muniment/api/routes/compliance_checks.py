"""/compliance/checks: what is demanded of data, and what a check says of sample facts."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from muniment.api.deps import Seen, reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.compliance.model import Entity, Verdict
from muniment.compliance.service.checks import CheckService, CheckView
from muniment.kernel.errors import NotFound
from muniment.kernel.values import Severity

router = APIRouter(prefix="/compliance/checks", tags=["compliance"])

Checks = Annotated[CheckService, reading(lambda unit: unit.compliance.checks)]


class CheckOut(BaseModel):
    """A check with its conditions in CEL, and how it stands."""

    id: str
    title: str
    entity: Entity
    scope: str = Field(description="CEL: on what it is asked.")
    holds: str = Field(description="CEL: when it is met.")
    severity: Severity
    remedy: str
    rationale: str
    frameworks: list[str]
    subjects: int
    passed: int
    failing: int
    waived: int
    undecided: int

    @classmethod
    def facts(cls, view: CheckView) -> dict[str, Any]:
        check, tally = view.check, view.tally
        return {
            "id": check.id,
            "title": check.title,
            "entity": check.entity,
            "scope": check.scope,
            "holds": check.holds,
            "severity": check.severity,
            "remedy": check.remedy,
            "rationale": check.rationale,
            "frameworks": list(view.frameworks),
            "subjects": tally.subjects,
            "passed": tally.passed,
            "failing": tally.failed,
            "waived": tally.waived,
            "undecided": tally.undecided,
        }


class RequirementRef(BaseModel):
    framework: str
    requirement: str


class CheckDetail(CheckOut):
    requirements: list[RequirementRef]
    breaks: list[dict[str, Any]] = Field(description="Examples that break it.")
    upholds: list[dict[str, Any]] = Field(description="Examples that uphold it.")


class Sample(BaseModel):
    facts: dict[str, Any] = Field(
        description="Facts by variable; what is left out is neutral.",
        examples=[{"asset": {"personal": True, "owner": None}}],
    )


class DraftSample(Sample):
    entity: Entity
    scope: str = Field(default="true", max_length=2_000)
    holds: str = Field(max_length=2_000, examples=["asset.owner != null"])


class SampleVerdict(BaseModel):
    in_scope: bool
    verdict: Verdict | None

    @classmethod
    def of(cls, verdict: Verdict | None) -> "SampleVerdict":
        return cls(in_scope=verdict is not None, verdict=verdict)


@router.get("", dependencies=[permit("compliance.read")], responses=may_fail())
async def list_compliance_checks(
    checks: Checks, seen: Seen, entity: Entity | None = None, severity: Severity | None = None
) -> list[CheckOut]:
    """All checks with how many subjects pass and fail."""
    return [
        CheckOut(**CheckOut.facts(view))
        for view in await checks.list(seen)
        if entity in (None, view.check.entity) and severity in (None, view.check.severity)
    ]


@router.get("/fields/{entity}", dependencies=[permit("compliance.read")], responses=may_fail())
async def list_check_fields(entity: Entity, checks: Checks) -> dict[str, dict[str, Any]]:
    """The variables and fields a check on this kind of subject may name, with neutral values."""
    return {name: dict(fields) for name, fields in checks.fields(entity).items()}


@router.post("/test", dependencies=[permit("compliance.read")], responses=may_fail())
async def test_draft_check(body: DraftSample, checks: Checks) -> SampleVerdict:
    """Try conditions on sample facts before they go into a pack."""
    return SampleVerdict.of(checks.test_draft(body.entity, body.scope, body.holds, body.facts))


@router.get("/{check_id}", dependencies=[permit("compliance.read")], responses=may_fail(NotFound))
async def get_compliance_check(check_id: str, checks: Checks, seen: Seen) -> CheckDetail:
    """One check with the requirements it tells about and its examples."""
    view = await checks.get(check_id, seen)
    return CheckDetail(
        **CheckOut.facts(view),
        requirements=[
            RequirementRef(framework=framework, requirement=requirement)
            for framework, requirement in view.requirements
        ],
        breaks=[dict(example) for example in view.check.breaks],
        upholds=[dict(example) for example in view.check.upholds],
    )


@router.post(
    "/{check_id}/test", dependencies=[permit("compliance.read")], responses=may_fail(NotFound)
)
async def test_compliance_check(check_id: str, body: Sample, checks: Checks) -> SampleVerdict:
    """What a check says of sample facts."""
    return SampleVerdict.of(checks.test(check_id, body.facts))
