"""/waivers: accepted exceptions, each with a reason, an owner and an end."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.compliance.model import WaiverState
from muniment.compliance.service.waivers import WaiverService
from muniment.kernel.errors import Conflict, NotFound
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/waivers", tags=["compliance"])

Waivers = Annotated[WaiverService, reading(lambda unit: unit.compliance.waivers)]
WaiversToChange = Annotated[WaiverService, writing(lambda unit: unit.compliance.waivers)]


class WaiverOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

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
    ended_at: datetime | None
    ended_why: str | None


class WaiverIn(BaseModel):
    finding_id: UUID
    reason: str = Field(min_length=10, max_length=2_000, examples=["Moves to the vault in May."])
    owner: str = Field(min_length=1, max_length=200, description="Who answers for the exception.")
    expires_at: AwareDatetime = Field(description="At most a year from now.")


class Revocation(BaseModel):
    reason: str = Field(min_length=3, max_length=2_000)


@router.get("", dependencies=[permit("compliance.read")], responses=may_fail())
async def list_waivers(
    waivers: Waivers,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    state: WaiverState | None = None,
    check: Annotated[str | None, Query(max_length=80)] = None,
    subject: Annotated[str | None, Query(max_length=4_000)] = None,
) -> Page[WaiverOut]:
    """Waivers, those that end first come first."""
    found = await waivers.page(seen, page, state=state, check=check, subject=subject)
    return found.map(WaiverOut.model_validate)


@router.post(
    "",
    dependencies=[permit("compliance.waive")],
    responses=may_fail(NotFound, Conflict),
    status_code=201,
)
async def grant_waiver(body: WaiverIn, waivers: WaiversToChange, seen: Seen) -> WaiverOut:
    """Accept a finding until a date; never one's own."""
    waiver = await waivers.grant(
        body.finding_id,
        seen,
        reason=body.reason,
        owner=body.owner,
        expires_at=body.expires_at,
    )
    return WaiverOut.model_validate(waiver)


@router.get("/{waiver_id}", dependencies=[permit("compliance.read")], responses=may_fail(NotFound))
async def get_waiver(waiver_id: UUID, waivers: Waivers, seen: Seen) -> WaiverOut:
    """One waiver."""
    return WaiverOut.model_validate(await waivers.get(waiver_id, seen))


@router.post(
    "/{waiver_id}/revoke",
    dependencies=[permit("compliance.waive")],
    responses=may_fail(NotFound, Conflict),
)
async def revoke_waiver(
    waiver_id: UUID, body: Revocation, waivers: WaiversToChange, seen: Seen
) -> WaiverOut:
    """End a waiver now; its finding is open again."""
    return WaiverOut.model_validate(await waivers.revoke(waiver_id, seen, reason=body.reason))
