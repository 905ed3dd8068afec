"""/quality/incidents: what is wrong with data, who looks at it, and what came of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.catalog.quality.model import IncidentFilter, IncidentState
from muniment.catalog.quality.service.incidents import IncidentService
from muniment.kernel.errors import Conflict, NotFound, StaleVersion
from muniment.kernel.values import Severity
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/quality/incidents", tags=["quality"])

Incidents = Annotated[IncidentService, reading(lambda unit: unit.quality.incidents)]
IncidentsToChange = Annotated[IncidentService, writing(lambda unit: unit.quality.incidents)]
Text = Annotated[str, Query(max_length=2_000, pattern=r"^[^\x00]+$")]


class IncidentOut(BaseModel):
    """Something wrong with an asset; ``kind`` is check or schema."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    asset: str
    key: str
    kind: str
    title: str
    detail: str
    severity: Severity
    state: IncidentState
    columns: list[str]
    check_type: str | None
    occurrences: int
    run_id: UUID | None
    opened_at: datetime
    last_seen_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    root_cause: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    version: int


class Reason(BaseModel):
    reason: str = Field(
        min_length=3,
        max_length=2_000,
        pattern=r"^[^\x00]+$",
        examples=["The feed was loaded twice; the second load is removed."],
    )


class OpenIncidents(BaseModel):
    """How many incidents are open, by severity."""

    open: int
    by_severity: dict[Severity, int]


def _shown(incident: object, response: Response) -> IncidentOut:
    shown = IncidentOut.model_validate(incident)
    set_etag(response, shown.version)
    return shown


@router.get("", dependencies=[permit("quality.read")], responses=may_fail())
async def list_incidents(
    incidents: Incidents,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    open: bool | None = None,  # noqa: A002  # the word of the query string
    state: IncidentState | None = None,
    severity: Severity | None = None,
    asset: Text | None = None,
    source: Text | None = None,
) -> Page[IncidentOut]:
    """Incidents, the newest first."""
    wanted = IncidentFilter(open, state, severity, asset, source)
    return (await incidents.page(wanted, seen, page)).map(IncidentOut.model_validate)


@router.get("/summary", dependencies=[permit("quality.read")], responses=may_fail())
async def count_open_incidents(incidents: Incidents, seen: Seen) -> OpenIncidents:
    """How many incidents are open, by severity."""
    counts = await incidents.open_by_severity(seen)
    return OpenIncidents.model_validate({"open": sum(counts.values()), "by_severity": counts})


@router.get("/{incident_id}", dependencies=[permit("quality.read")], responses=may_fail(NotFound))
async def get_incident(
    incident_id: UUID, incidents: Incidents, seen: Seen, response: Response
) -> IncidentOut:
    """One incident."""
    return _shown(await incidents.get(incident_id, seen), response)


@router.post(
    "/{incident_id}/acknowledge",
    dependencies=[permit("quality.manage")],
    responses=may_fail(NotFound, Conflict, StaleVersion),
)
async def acknowledge_incident(
    incident_id: UUID,
    incidents: IncidentsToChange,
    seen: Seen,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentOut:
    """Say that you look at it."""
    version = expected_version(if_match)
    return _shown(await incidents.acknowledge(incident_id, seen, version=version), response)


@router.post(
    "/{incident_id}/root-cause",
    dependencies=[permit("quality.manage")],
    responses=may_fail(NotFound, Conflict, StaleVersion),
)
async def explain_incident(
    incident_id: UUID,
    body: Reason,
    incidents: IncidentsToChange,
    seen: Seen,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentOut:
    """Say why it happened."""
    version = expected_version(if_match)
    told = await incidents.find_root_cause(incident_id, seen, cause=body.reason, version=version)
    return _shown(told, response)


@router.post(
    "/{incident_id}/resolve",
    dependencies=[permit("quality.manage")],
    responses=may_fail(NotFound, Conflict, StaleVersion),
)
async def resolve_incident(
    incident_id: UUID,
    body: Reason,
    incidents: IncidentsToChange,
    seen: Seen,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentOut:
    """Say that it is mended; the next scan opens it again if it is not."""
    version = expected_version(if_match)
    closed = await incidents.resolve(incident_id, seen, reason=body.reason, version=version)
    return _shown(closed, response)


@router.post(
    "/{incident_id}/false-positive",
    dependencies=[permit("quality.manage")],
    responses=may_fail(NotFound, Conflict, StaleVersion),
)
async def call_incident_false_positive(
    incident_id: UUID,
    body: Reason,
    incidents: IncidentsToChange,
    seen: Seen,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentOut:
    """Say that nothing is wrong; it stays closed until the check comes out worse than now."""
    version = expected_version(if_match)
    closed = await incidents.call_false_positive(
        incident_id, seen, reason=body.reason, version=version
    )
    return _shown(closed, response)
