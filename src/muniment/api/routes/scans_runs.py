"""/scans and /runs: ask for a scan, watch it, stop it, see what it did."""

import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from muniment.api.deps import Caller, Running, Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.composition.product import Product
from muniment.contracts.scans import RunState, Trigger
from muniment.kernel.errors import Conflict, Invalid, NotFound
from muniment.platform.paging import Page, PageQuery
from muniment.scans.limits import Limits
from muniment.scans.live import LiveRuns
from muniment.scans.model import AssetState, ChunkState, Priority, Progress, Stage
from muniment.scans.service.runs import RunService

router = APIRouter(tags=["scans"])

Runs = Annotated[RunService, reading(lambda unit: unit.scans.runs)]
RunsToChange = Annotated[RunService, writing(lambda unit: unit.scans.runs)]
Paging = Annotated[PageQuery, Query()]

GOING_ON = tuple(state for state in RunState if not state.over)
MOST_FOLLOWED = 200


class FailureOut(BaseModel):
    """Why something did not work, and what to do."""

    slug: str
    sentence: str
    remedy: str | None = None
    retryable: bool = False


class ScanIn(BaseModel):
    source: str = Field(min_length=1, max_length=200, examples=["warehouse"])
    priority: Priority = Priority.INTERACTIVE
    only: list[str] | None = Field(
        default=None,
        max_length=10_000,
        description="Texts of assets to read; absent: all in the scope of the rule set.",
        examples=[["warehouse/sales/orders"]],
    )
    full: bool = Field(
        default=False, description="Read what did not change since the last scan as well."
    )
    verify: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Read this share of what did not change all the same, and compare it.",
        examples=[0.05],
    )


class RunRef(BaseModel):
    run_id: UUID


class RunOut(BaseModel):
    """One run. Counts move while it goes on."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    source: str
    domain: str | None
    state: RunState
    stage: Stage
    trigger: Trigger
    priority: Priority
    paused: bool
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    assets_total: int
    assets_done: int
    assets_failed: int
    chunks_total: int
    chunks_done: int
    rows_done: int
    rows_expected: int | None
    retry_of: UUID | None
    schedule_id: UUID | None
    cancelled_by: str | None
    problem: FailureOut | None
    changes: list[str] | None = Field(description="What changed since the last run, in words.")
    full: bool
    verify: float | None
    partitions_total: int
    partitions_carried: int = Field(description="Partitions that did not change and are not read.")
    rows_carried: int = Field(description="Rows of those, as they were counted before.")
    assets_unchanged: int = Field(description="Assets of which nothing changed at all.")


class RuleSetUsed(BaseModel):
    name: str
    version: int


class LimitsOut(BaseModel):
    """What the run may do to its source: the stricter of its rules and the source."""

    model_config = ConfigDict(from_attributes=True)

    max_concurrency: int
    statement_timeout_seconds: float
    idle_timeout_seconds: float
    rows_per_second: int | None
    megabytes_per_second: float | None
    statements_per_minute: int | None
    governed: bool
    blackouts: list[str]


class RunDetail(RunOut):
    """The run with the rules it was planned with."""

    rule_sets: list[RuleSetUsed]
    limits: LimitsOut | None
    labels: int | None
    quality: float | None


class ProgressOut(BaseModel):
    """How far a run is."""

    model_config = ConfigDict(from_attributes=True)

    run_id: UUID
    source: str
    state: RunState
    stage: Stage
    assets_total: int
    assets_done: int
    assets_failed: int
    chunks_total: int
    chunks_done: int
    rows_read: int
    rows_estimated: int | None
    rows_per_second: float | None
    eta_at: datetime | None
    current: list[str]
    started_at: datetime | None
    ended_at: datetime | None
    problem: FailureOut | None
    held: str | None = Field(
        description="Why less is read than could be at this moment.",
        examples=["waits for the window of shop until 18:00 (Europe/Berlin)"],
    )

    @classmethod
    def of(cls, progress: Progress) -> "ProgressOut":
        return _PROGRESS.validate_python(progress, from_attributes=True)


class RunAssetOut(BaseModel):
    """What a run did to one asset."""

    model_config = ConfigDict(from_attributes=True)

    asset: str
    kind: str
    state: AssetState
    change: str | None
    rows: int | None
    rows_expected: int | None
    partitions: int
    partitions_carried: int = Field(description="Partitions that did not change and are not read.")
    rows_carried: int = Field(description="Rows of those, as they were counted before.")
    reason: str | None = Field(description="Why it was read whole, in part or not at all.")
    attempts: int
    labels: int | None
    seconds: float
    failure: FailureOut | None
    finished_at: datetime | None


class ChunkOut(BaseModel):
    """Tasks that are read together."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: ChunkState
    weight: int
    attempt: int
    worker_id: str | None
    rows_read: int
    current: str | None
    ready_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    failure: FailureOut | None


class LogLineOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    level: str
    asset: str | None
    message: str


_PROGRESS = TypeAdapter(ProgressOut)


@router.post(
    "/scans",
    status_code=202,
    dependencies=[permit("scans.run")],
    responses=may_fail(NotFound, Conflict),
)
async def request_scan(body: ScanIn, runs: RunsToChange, seen: Seen) -> RunRef:
    """Ask for a scan of a source; follow it under its run."""
    run_id = await runs.request(
        body.source,
        trigger=Trigger.API,
        priority=body.priority,
        only=body.only,
        full=body.full,
        verify=body.verify,
        seen=seen,
    )
    return RunRef(run_id=run_id)


@router.get("/runs", dependencies=[permit("scans.read")], responses=may_fail())
async def list_runs(
    runs: Runs,
    seen: Seen,
    page: Paging,
    source: Annotated[str | None, Query(max_length=200)] = None,
    state: Annotated[list[RunState] | None, Query()] = None,
) -> Page[RunOut]:
    """Scan runs, the latest first."""
    found = await runs.page(page, seen, source=source, states=state or ())
    return found.map(RunOut.model_validate)


@router.get(
    "/runs/events",
    dependencies=[permit("scans.read")],
    responses=may_fail() | {200: {"content": {"text/event-stream": {}}}},
    response_class=StreamingResponse,
)
async def stream_progress(
    request: Request,
    product: Running,
    caller: Caller,
    seen: Seen,
    run: Annotated[list[UUID], Query(min_length=1, max_length=100)],
) -> StreamingResponse:
    """Server-sent events of several runs on one line: ``progress`` at every change of any.

    A run that is over, or that the caller may not see, is left out.
    """
    async with product.reading(caller) as unit:
        live = await unit.scans.runs.page(PageQuery(limit=MOST_FOLLOWED), seen, states=GOING_ON)
        followed = {each.id for each in live.items} & set(run)
    return _stream(_progress_of(_live(request), followed))


@router.get("/runs/{run_id}", dependencies=[permit("scans.read")], responses=may_fail(NotFound))
async def get_run(run_id: UUID, runs: Runs, seen: Seen) -> RunDetail:
    """One run, with the rule sets it used."""
    run = await runs.get(run_id, seen)
    shown = RunOut.model_validate(run).model_dump()
    plan: dict[str, Any] = (run.plan or {}).get("rules", {})
    used = [RuleSetUsed(name=n, version=v) for n, v in plan.get("versions", {}).items()]
    summary = run.summary or {}
    return RunDetail(
        **shown,
        rule_sets=used,
        limits=LimitsOut.model_validate(Limits.of_plan(run.plan)) if run.plan else None,
        labels=summary.get("labels"),
        quality=summary.get("quality"),
    )


@router.get(
    "/runs/{run_id}/progress", dependencies=[permit("scans.read")], responses=may_fail(NotFound)
)
async def get_run_progress(run_id: UUID, runs: Runs, seen: Seen) -> ProgressOut:
    """How far a run is now, how fast it goes and when it should be done."""
    return ProgressOut.of(await runs.progress(run_id, seen))


@router.get(
    "/runs/{run_id}/events",
    dependencies=[permit("scans.read")],
    responses=may_fail(NotFound) | {200: {"content": {"text/event-stream": {}}}},
    response_class=StreamingResponse,
)
async def stream_run_events(
    run_id: UUID, request: Request, product: Running, caller: Caller, seen: Seen
) -> StreamingResponse:
    """Server-sent events: ``progress`` at every change, ``log`` lines, ``end`` at the end."""
    async with product.reading(caller) as unit:
        await unit.scans.runs.get(run_id, seen)
    return _stream(_events(_live(request), run_id))


def _stream(events: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(
        events,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _live(request: Request) -> LiveRuns:
    """One feed per process: all who watch share its questions."""
    known: LiveRuns | None = getattr(request.app.state, "live_runs", None)
    if known is None:
        product: Product = request.app.state.product

        @asynccontextmanager
        async def open_runs() -> AsyncIterator[RunService]:
            async with product.reading() as unit:
                yield unit.scans.runs

        known = LiveRuns(open_runs)
        request.app.state.live_runs = known
    return known


async def _events(live: LiveRuns, run_id: UUID) -> AsyncIterator[str]:
    async for news in live.watch(run_id):
        if news is None:
            yield ": still here\n\n"
        elif isinstance(news, Progress):
            shown = ProgressOut.of(news)
            yield _event("progress", shown.model_dump_json())
            if news.state.over:
                yield _event("end", json.dumps({"state": news.state.value}))
        else:
            line = LogLineOut.model_validate(news, from_attributes=True)
            yield _event("log", line.model_dump_json())


async def _progress_of(live: LiveRuns, run_ids: Collection[UUID]) -> AsyncIterator[str]:
    if not run_ids:
        return
    async for news in live.watch(*run_ids):
        if news is None:
            yield ": still here\n\n"
        elif isinstance(news, Progress):
            yield _event("progress", ProgressOut.of(news).model_dump_json())


def _event(name: str, body: str) -> str:
    return f"event: {name}\ndata: {body}\n\n"


@router.post(
    "/runs/{run_id}/cancel",
    dependencies=[permit("scans.run")],
    responses=may_fail(NotFound, Conflict),
)
async def cancel_run(run_id: UUID, runs: RunsToChange, seen: Seen) -> RunOut:
    """Stop a run; what it runs on the source is stopped within two seconds."""
    return RunOut.model_validate(await runs.cancel(run_id, seen))


@router.post(
    "/runs/{run_id}/pause",
    dependencies=[permit("scans.run")],
    responses=may_fail(NotFound, Conflict),
)
async def pause_run(run_id: UUID, runs: RunsToChange, seen: Seen) -> RunOut:
    """Begin no further chunk of a run until it is resumed."""
    return RunOut.model_validate(await runs.pause(run_id, seen))


@router.post(
    "/runs/{run_id}/resume",
    dependencies=[permit("scans.run")],
    responses=may_fail(NotFound, Conflict),
)
async def resume_run(run_id: UUID, runs: RunsToChange, seen: Seen) -> RunOut:
    """Go on with a paused run."""
    return RunOut.model_validate(await runs.resume(run_id, seen))


@router.post(
    "/runs/{run_id}/retry",
    status_code=202,
    dependencies=[permit("scans.run")],
    responses=may_fail(NotFound, Conflict),
)
async def retry_run(run_id: UUID, runs: RunsToChange, seen: Seen) -> RunRef:
    """Scan the source of a run again, whole."""
    return RunRef(run_id=await runs.repeat(run_id, seen))


@router.post(
    "/runs/{run_id}/replay",
    status_code=202,
    dependencies=[permit("scans.run")],
    responses=may_fail(NotFound, Conflict, Invalid),
)
async def replay_run_failures(run_id: UUID, runs: RunsToChange, seen: Seen) -> RunRef:
    """Scan again only what failed in a run, or was not reached by it."""
    return RunRef(run_id=await runs.replay(run_id, seen))


@router.get(
    "/runs/{run_id}/assets", dependencies=[permit("scans.read")], responses=may_fail(NotFound)
)
async def list_run_assets(
    run_id: UUID, runs: Runs, seen: Seen, page: Paging, state: AssetState | None = None
) -> Page[RunAssetOut]:
    """What a run did to each asset; ``state=failed`` lists the dead letters."""
    found = await runs.assets(run_id, page, seen, state=state)
    return found.map(RunAssetOut.model_validate)


@router.get(
    "/runs/{run_id}/chunks", dependencies=[permit("scans.read")], responses=may_fail(NotFound)
)
async def list_run_chunks(run_id: UUID, runs: Runs, seen: Seen, page: Paging) -> Page[ChunkOut]:
    """The chunks a run was cut into, and where each stands."""
    return (await runs.chunks(run_id, page, seen)).map(ChunkOut.model_validate)


@router.get("/runs/{run_id}/log", dependencies=[permit("scans.read")], responses=may_fail(NotFound))
async def list_run_log(run_id: UUID, runs: Runs, seen: Seen, page: Paging) -> Page[LogLineOut]:
    """What a run did, line by line."""
    return (await runs.log(run_id, page, seen)).map(LogLineOut.model_validate)


class RunDiffOut(BaseModel):
    """What changed since the last run of the source."""

    run_id: UUID
    changes: list[str]
    ready: bool = Field(description="False while the run goes on.")


@router.get(
    "/runs/{run_id}/diff", dependencies=[permit("scans.read")], responses=may_fail(NotFound)
)
async def get_run_diff(run_id: UUID, runs: Runs, seen: Seen) -> RunDiffOut:
    """What changed since the last run, in plain words."""
    run = await runs.get(run_id, seen)
    return RunDiffOut(run_id=run.id, changes=run.changes or [], ready=run.changes is not None)
