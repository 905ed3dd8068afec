"""/workers, /queue, /orchestrator: the machinery behind scans."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.scans.service.workers import WorkerService

router = APIRouter(tags=["scans"])

Workers = Annotated[WorkerService, reading(lambda unit: unit.scans.workers)]


class WorkerOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    host: str
    state: str = Field(description="alive, stopped, or lost when it stopped beating.")
    slots: int = Field(description="Chunks it can run at once.")
    busy: int
    memory_mb: int | None
    started_at: datetime
    beat_at: datetime


class ChoreOut(BaseModel):
    """A periodic job."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    every_seconds: float
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None
    runs: int
    problem: str | None


class QueueLineOut(BaseModel):
    """The queue of one source with active runs."""

    model_config = ConfigDict(from_attributes=True)

    source: str
    runs: int
    ready: int
    waiting: int = Field(description="Chunks that wait before they are tried again.")
    running: int
    oldest_ready_at: datetime | None
    virtual_time: float = Field(description="Work given so far; the smallest is served next.")


class OrchestratorOut(BaseModel):
    """Scanning at a glance."""

    model_config = ConfigDict(from_attributes=True)

    workers: int
    slots: int
    busy: int
    runs_queued: int
    runs_running: int
    runs_awaiting_approval: int
    chunks_ready: int
    chunks_running: int


@router.get("/workers", dependencies=[permit("scans.read")], responses=may_fail())
async def list_workers(workers: Workers) -> list[WorkerOut]:
    """Worker processes that are alive, and those that ended within the hour."""
    return [WorkerOut.model_validate(each) for each in await workers.workers()]


@router.get("/queue", dependencies=[permit("scans.manage")], responses=may_fail())
async def list_queue(workers: Workers) -> list[QueueLineOut]:
    """The backlog of each source, as the admission sees it."""
    return [QueueLineOut.model_validate(each) for each in await workers.queue()]


@router.get("/orchestrator", dependencies=[permit("scans.read")], responses=may_fail())
async def get_orchestrator(workers: Workers) -> OrchestratorOut:
    """Workers, runs and chunks in numbers."""
    return OrchestratorOut.model_validate(await workers.status())


@router.get("/chores", dependencies=[permit("scans.manage")], responses=may_fail())
async def list_chores(workers: Workers) -> list[ChoreOut]:
    """Periodic jobs, when each ran last and how it ended."""
    return [ChoreOut.model_validate(each) for each in await workers.chores()]
