"""/schedules: when sources are scanned by themselves."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.kernel.errors import Conflict, NotFound, StaleVersion
from muniment.platform.paging import Page, PageQuery
from muniment.scans.model import Priority
from muniment.scans.service.schedules import ScheduleService, Timing

router = APIRouter(prefix="/schedules", tags=["scans"])

Schedules = Annotated[ScheduleService, reading(lambda unit: unit.scans.schedules)]
SchedulesToChange = Annotated[ScheduleService, writing(lambda unit: unit.scans.schedules)]


class TimingIn(BaseModel):
    cron: str = Field(min_length=9, max_length=100, examples=["0 2 * * *"])
    time_zone: str = Field(default="UTC", max_length=64, examples=["Europe/Berlin"])
    priority: Priority = Priority.SCHEDULED
    paused: bool = False

    def timing(self) -> Timing:
        return Timing(self.cron, self.time_zone, self.priority, self.paused)


class ScheduleIn(TimingIn):
    source: str = Field(min_length=1, max_length=200, examples=["warehouse"])


class ScheduleOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    source: str
    cron: str
    time_zone: str
    priority: Priority
    paused: bool
    next_at: datetime
    last_fired_at: datetime | None
    created_by: str
    created_at: datetime
    version: int


class Upcoming(BaseModel):
    """The next moments a schedule fires, in UTC; none while it is paused."""

    moments: list[datetime]


@router.get("", dependencies=[permit("scans.read")], responses=may_fail())
async def list_schedules(
    schedules: Schedules, seen: Seen, page: Annotated[PageQuery, Query()]
) -> Page[ScheduleOut]:
    """Schedules, by source."""
    return (await schedules.page(page, seen)).map(ScheduleOut.model_validate)


@router.post(
    "",
    status_code=201,
    dependencies=[permit("scans.manage")],
    responses=may_fail(NotFound, Conflict),
)
async def create_schedule(
    body: ScheduleIn, schedules: SchedulesToChange, seen: Seen
) -> ScheduleOut:
    """Scan a source by itself; one schedule per source."""
    return ScheduleOut.model_validate(await schedules.create(body.source, body.timing(), seen))


@router.get("/{schedule_id}", dependencies=[permit("scans.read")], responses=may_fail(NotFound))
async def get_schedule(
    schedule_id: UUID, schedules: Schedules, seen: Seen, response: Response
) -> ScheduleOut:
    """One schedule."""
    found = await schedules.get(schedule_id, seen)
    set_etag(response, found.version)
    return ScheduleOut.model_validate(found)


@router.put(
    "/{schedule_id}",
    dependencies=[permit("scans.manage")],
    responses=may_fail(NotFound, StaleVersion),
)
async def change_schedule(
    schedule_id: UUID,
    body: TimingIn,
    schedules: SchedulesToChange,
    seen: Seen,
    response: Response,
    if_match: IfMatch = None,
) -> ScheduleOut:
    """Set when, how urgent, and whether it is paused."""
    found = await schedules.change(
        schedule_id, body.timing(), version=expected_version(if_match), seen=seen
    )
    set_etag(response, found.version)
    return ScheduleOut.model_validate(found)


@router.delete(
    "/{schedule_id}",
    status_code=204,
    dependencies=[permit("scans.manage")],
    responses=may_fail(NotFound),
)
async def delete_schedule(schedule_id: UUID, schedules: SchedulesToChange, seen: Seen) -> None:
    """Scan the source only when asked from now on."""
    await schedules.remove(schedule_id, seen)


@router.get(
    "/{schedule_id}/next", dependencies=[permit("scans.read")], responses=may_fail(NotFound)
)
async def list_upcoming(
    schedule_id: UUID,
    schedules: Schedules,
    seen: Seen,
    count: Annotated[int, Query(ge=1, le=100)] = 5,
) -> Upcoming:
    """When it fires next."""
    return Upcoming(moments=list(await schedules.upcoming(schedule_id, count, seen)))
