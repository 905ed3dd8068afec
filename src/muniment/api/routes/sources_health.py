"""/sources/{name}/health: how a source does, now and lately."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Caller, Running, Seen, reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.contracts.sources import Health
from muniment.kernel.errors import NotFound
from muniment.platform.paging import Page, PageQuery
from muniment.sources.service import trials
from muniment.sources.service.health import HealthService

router = APIRouter(prefix="/sources/{name}", tags=["sources"])

Healths = Annotated[HealthService, reading(lambda unit: unit.sources.health)]


class HealthOut(BaseModel):
    name: str
    health: Health
    since: datetime | None
    reason: str | None
    latency_ms: float | None
    probed_at: datetime | None
    hours: int = Field(description="The period that the figures below are about.")
    probes: int
    failed: int
    availability: float | None = Field(description="Share of probes that were answered.")
    median_ms: float | None
    slowest_ms: float | None


class ProbeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    probed_at: datetime
    milliseconds: float
    health: Health = Field(description="The state that this probe led to.")
    error: str | None = Field(description="Slug of the failure.")
    message: str | None


@router.get("/health", dependencies=[permit("sources.read")], responses=may_fail(NotFound))
async def get_source_health(
    name: str,
    health: Healths,
    seen: Seen,
    hours: Annotated[int, Query(ge=1, le=720)] = 24,
) -> HealthOut:
    """The state of a source and its availability over the last hours."""
    record = await health.sources.get(name, seen)
    lately = await health.availability(name, timedelta(hours=hours), seen)
    return HealthOut(
        name=name,
        health=record.health,
        since=record.health_since,
        reason=record.health_reason,
        latency_ms=record.latency_ms,
        probed_at=record.probed_at,
        hours=hours,
        probes=lately.probes,
        failed=lately.failed,
        availability=None if not lately.probes else 1 - lately.failed / lately.probes,
        median_ms=lately.median_milliseconds,
        slowest_ms=lately.slowest_milliseconds,
    )


@router.get("/probes", dependencies=[permit("sources.read")], responses=may_fail(NotFound))
async def list_source_probes(
    name: str, health: Healths, seen: Seen, page: Annotated[PageQuery, Query()]
) -> Page[ProbeOut]:
    """The history of probes, the newest first."""
    return (await health.history(name, page, seen)).map(ProbeOut.model_validate)


@router.post("/probes", dependencies=[permit("sources.write")], responses=may_fail(NotFound))
async def probe_source(name: str, product: Running, caller: Caller, seen: Seen) -> ProbeOut:
    """Probe a source now and add what was found to its history."""
    async with product.reading(caller) as unit:
        await unit.sources.sources.get(name, seen)
        connection = await unit.sources.sources.connection(name)
    found = await trials.probe(connection)
    async with product.writing(caller) as unit:
        pulse = await unit.sources.health.record(name, found)
    return ProbeOut(
        probed_at=product.clock.now(),
        milliseconds=found.milliseconds,
        health=pulse.health,
        error=found.error,
        message=found.message,
    )
