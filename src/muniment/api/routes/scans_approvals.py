"""/approvals: sensitive scans that wait for somebody to say yes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.kernel.errors import Conflict, NotFound
from muniment.platform.paging import Page, PageQuery
from muniment.scans.service.approvals import ApprovalService

router = APIRouter(prefix="/approvals", tags=["scans"])

Approvals = Annotated[ApprovalService, reading(lambda unit: unit.scans.approvals)]
ApprovalsToChange = Annotated[ApprovalService, writing(lambda unit: unit.scans.approvals)]


class QuoteOut(BaseModel):
    """What the scan would do. Figures are those of the last run; absent on a first scan."""

    assets: int | None = None
    rows: int | None = None
    seconds: float | None = None
    statements: list[str] = Field(default_factory=list)
    based_on: UUID | None = None


class ApprovalOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    run_id: UUID
    source: str
    requested_by: str
    requested_at: datetime
    reasons: list[str]
    quote: QuoteOut
    approved: bool | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class Decision(BaseModel):
    approve: bool
    reason: str = Field(min_length=3, max_length=2000, examples=["Agreed with the data owner."])


@router.get("", dependencies=[permit("scans.read")], responses=may_fail())
async def list_approvals(
    approvals: Approvals,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    decided: bool = False,
) -> Page[ApprovalOut]:
    """Scans that wait for an approval; with ``decided`` those that had one, too."""
    found = await approvals.page(page, seen, open_only=not decided)
    return found.map(ApprovalOut.model_validate)


@router.get("/{run_id}", dependencies=[permit("scans.read")], responses=may_fail(NotFound))
async def get_approval(run_id: UUID, approvals: Approvals, seen: Seen) -> ApprovalOut:
    """One request for approval, with its quote and the statements that would be run."""
    return ApprovalOut.model_validate(await approvals.get(run_id, seen))


@router.post(
    "/{run_id}/decision",
    dependencies=[permit("scans.approve")],
    responses=may_fail(NotFound, Conflict),
)
async def decide_approval(
    run_id: UUID, body: Decision, approvals: ApprovalsToChange, seen: Seen
) -> ApprovalOut:
    """Approve or reject; never by the one who asked for the scan."""
    return ApprovalOut.model_validate(
        await approvals.decide(run_id, approve=body.approve, reason=body.reason, seen=seen)
    )
