"""OpenLineage: events of producers come in, and Marquez's answers go out.

Paths and shapes are those that existing clients use: ``POST /lineage`` and ``/lineage/batch`` of
OpenLineage 2-0-2, and the read endpoints of Marquez 0.5x.
"""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from muniment.api.deps import Caller, Seen, reading
from muniment.api.middleware import MAX_BODY_BYTES
from muniment.api.problems import may_fail
from muniment.api.routes.catalog_assets import Moment, Plain
from muniment.api.security import permit
from muniment.catalog.lineage.openlineage.events import (
    Key,
    PipelineEvent,
    read_event,
    split_batch,
)
from muniment.catalog.lineage.openlineage.reading import (
    JobWithRun,
    Namespace,
    PipelineGraph,
    PipelineService,
)
from muniment.kernel.errors import Forbidden, Invalid, MunimentError, NotFound, TooLarge
from muniment.kernel.principal import Principal
from muniment.platform.policy import Visibility

router = APIRouter(tags=["openlineage"])

Pipelines = Annotated[PipelineService, reading(lambda unit: unit.catalog.pipelines)]
Limit = Annotated[int, Query(ge=1, le=1_000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
NamespacePath = Annotated[Plain, Path(description="Slashes as %2F.")]
NamePath = Annotated[Plain, Path(description="Slashes as %2F.")]
_EVENT = {"type": "object", "description": "A RunEvent, JobEvent or DatasetEvent of OpenLineage."}


def _body(schema: Mapping[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


class Camel(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True
    )


class BatchSummary(BaseModel):
    received: int
    successful: int
    failed: int
    retriable: int
    non_retriable: int


class FailedEvent(BaseModel):
    index: int
    reason: str
    retriable: bool


class BatchOut(BaseModel):
    """What became of a batch; events that are not listed are committed."""

    status: Literal["success", "partial_success"]
    summary: BatchSummary
    failed_events: list[FailedEvent]


class NameOut(BaseModel):
    namespace: str
    name: str

    @classmethod
    def of(cls, key: Sequence[str]) -> "NameOut":
        return cls(namespace=key[0], name=key[1])


class NamespaceOut(Camel):
    name: str
    created_at: datetime
    updated_at: datetime
    owner_name: str = ""
    description: str = ""
    is_hidden: bool = False

    @classmethod
    def of(cls, found: Namespace) -> "NamespaceOut":
        return cls(name=found.name, created_at=found.created_at, updated_at=found.updated_at)


class NamespacesOut(BaseModel):
    namespaces: list[NamespaceOut]


class PipelineRunOut(Camel):
    id: UUID
    created_at: datetime
    updated_at: datetime
    nominal_start_time: str | None
    nominal_end_time: str | None
    state: Literal["NEW", "RUNNING", "COMPLETED", "FAILED", "ABORTED"]
    started_at: datetime | None
    ended_at: datetime | None
    duration_ms: int | None
    args: dict[str, str] = Field(default_factory=dict)
    facets: dict[str, Any]

    @classmethod
    def of(cls, run: Any) -> "PipelineRunOut":
        nominal = _object(run.facets.get("nominalTime"))
        took = (
            None
            if run.started_at is None or run.ended_at is None
            else (run.ended_at - run.started_at)
        )
        return cls.model_validate(
            {
                "id": run.id,
                "created_at": run.created_at,
                "updated_at": run.updated_at,
                "nominal_start_time": _text(nominal.get("nominalStartTime")),
                "nominal_end_time": _text(nominal.get("nominalEndTime")),
                "state": run.state,
                "started_at": run.started_at,
                "ended_at": run.ended_at,
                "duration_ms": None if took is None else int(took.total_seconds() * 1000),
                "facets": run.facets,
            }
        )


class PipelineRunsOut(Camel):
    runs: list[PipelineRunOut]
    total_count: int


class PipelineJobOut(Camel):
    id: NameOut
    type: Literal["BATCH", "STREAM", "SERVICE"]
    name: str
    simple_name: str
    namespace: str
    created_at: datetime
    updated_at: datetime
    inputs: list[NameOut]
    outputs: list[NameOut]
    location: str | None
    description: str | None
    latest_run: PipelineRunOut | None
    latest_runs: list[PipelineRunOut]
    tags: list[str] = Field(default_factory=list)
    parent_job_name: str | None
    parent_job_uuid: UUID | None
    facets: dict[str, Any]

    @classmethod
    def of(cls, found: JobWithRun) -> "PipelineJobOut":
        job, run = found.job, found.latest
        kind = str(_object(job.facets.get("jobType")).get("processingType") or "BATCH").upper()
        latest = None if run is None else PipelineRunOut.of(run)
        parent = _object(_object(_object(run.facets if run else None).get("parent")).get("job"))
        parent_name = _text(parent.get("name"))
        parent_uuid = (
            uuid5(NAMESPACE_URL, f"{parent.get('namespace')}:{parent_name}")
            if parent_name
            else None
        )
        return cls(
            id=NameOut(namespace=job.namespace, name=job.name),
            type="STREAM" if kind == "STREAMING" else "BATCH",
            name=job.name,
            simple_name=job.name.rpartition(".")[2] or job.name,
            namespace=job.namespace,
            created_at=job.created_at,
            updated_at=job.updated_at,
            inputs=[NameOut.of(key) for key in job.inputs],
            outputs=[NameOut.of(key) for key in job.outputs],
            location=_text(_object(job.facets.get("sourceCodeLocation")).get("url")),
            description=_text(_object(job.facets.get("documentation")).get("description")),
            latest_run=latest,
            latest_runs=[] if latest is None else [latest],
            parent_job_name=parent_name,
            parent_job_uuid=parent_uuid,
            facets=job.facets,
        )


class PipelineJobsOut(Camel):
    jobs: list[PipelineJobOut]
    total_count: int


class FieldOut(BaseModel):
    name: str
    type: str | None
    tags: list[str] = Field(default_factory=list)
    description: str | None


class PipelineDatasetOut(Camel):
    id: NameOut
    type: Literal["DB_TABLE", "STREAM"] = "DB_TABLE"
    name: str
    physical_name: str
    namespace: str
    source_name: str
    created_at: datetime
    updated_at: datetime
    last_modified_at: datetime
    fields_: list[FieldOut] = Field(alias="fields")
    tags: list[str] = Field(default_factory=list)
    description: str | None
    facets: dict[str, Any]
    deleted: bool
    ref: str = Field(description="The asset of the catalogue that it is.")

    @classmethod
    def of(cls, found: Any) -> "PipelineDatasetOut":
        facets = found.facets
        change = str(_object(facets.get("lifecycleStateChange")).get("lifecycleStateChange"))
        return cls(
            id=NameOut(namespace=found.namespace, name=found.name),
            name=found.name,
            physical_name=found.name,
            namespace=found.namespace,
            source_name=_text(_object(facets.get("dataSource")).get("name")) or found.namespace,
            created_at=found.created_at,
            updated_at=found.updated_at,
            last_modified_at=found.told_at,
            fields=_fields(facets),
            description=_text(_object(facets.get("documentation")).get("description")),
            facets=facets,
            deleted=change.upper() == "DROP",
            ref=found.ref,
        )


class PipelineDatasetsOut(Camel):
    datasets: list[PipelineDatasetOut]
    total_count: int


class GraphEdgeOut(BaseModel):
    origin: str
    destination: str


class GraphNodeOut(Camel):
    id: str
    type: Literal["JOB", "DATASET"]
    data: PipelineJobOut | PipelineDatasetOut
    in_edges: list[GraphEdgeOut]
    out_edges: list[GraphEdgeOut]


class PipelineGraphOut(BaseModel):
    graph: list[GraphNodeOut]

    @classmethod
    def of(cls, found: PipelineGraph) -> "PipelineGraphOut":
        """Nodes with their edges; an edge whose other end is not to be seen is left out."""
        datasets = {(each.namespace, each.name): each for each in found.datasets}
        coming: dict[str, list[GraphEdgeOut]] = {}
        going: dict[str, list[GraphEdgeOut]] = {}

        def draw(origin: str, destination: str) -> None:
            edge = GraphEdgeOut(origin=origin, destination=destination)
            going.setdefault(origin, []).append(edge)
            coming.setdefault(destination, []).append(edge)

        nodes: list[tuple[str, Literal["JOB", "DATASET"], Any]] = []
        for each in found.jobs:
            job = PipelineJobOut.of(each)
            here = f"job:{job.namespace}:{job.name}"
            nodes.append((here, "JOB", job))
            for key in (key for key in map(_pair, each.job.inputs) if key in datasets):
                draw(_dataset_node(key), here)
            for key in (key for key in map(_pair, each.job.outputs) if key in datasets):
                draw(here, _dataset_node(key))
        nodes += [
            (_dataset_node(key), "DATASET", PipelineDatasetOut.of(each))
            for key, each in datasets.items()
        ]
        return cls(
            graph=[
                GraphNodeOut(
                    id=node,
                    type=kind,
                    data=data,
                    in_edges=coming.get(node, []),
                    out_edges=going.get(node, []),
                )
                for node, kind, data in nodes
            ]
        )


@router.post(
    "/lineage",
    status_code=201,
    dependencies=[permit("catalog.annotate")],
    responses=may_fail(Invalid, TooLarge),
    openapi_extra=_body(_EVENT),
)
async def post_lineage_event(request: Request, caller: Caller, seen: Seen) -> Response:
    """Take an OpenLineage event: of a run, a job or a dataset. Committed when it is answered.

    The same event sent again changes nothing, and events may come in any order. A body may be
    compressed with gzip.
    """
    _may_tell(seen)
    event = read_event(await _text_of(request))
    await request.app.state.background.events.put(event, caller.name)
    return Response(status_code=201)


@router.post(
    "/lineage/batch",
    dependencies=[permit("catalog.annotate")],
    responses=may_fail(Invalid, TooLarge),
    openapi_extra=_body({"type": "array", "items": _EVENT}),
)
async def post_lineage_events(request: Request, caller: Caller, seen: Seen) -> BatchOut:
    """Take many OpenLineage events: a JSON array, or one event on each line."""
    _may_tell(seen)
    texts = list(split_batch(await _text_of(request)))
    told = await asyncio.gather(*(_take(request, caller, text) for text in texts))
    failed = [
        FailedEvent(index=at, reason=error.message, retriable=error.retryable)
        for at, error in enumerate(told)
        if error is not None
    ]
    again = sum(each.retriable for each in failed)
    return BatchOut(
        status="partial_success" if failed else "success",
        summary=BatchSummary(
            received=len(texts),
            successful=len(texts) - len(failed),
            failed=len(failed),
            retriable=again,
            non_retriable=len(failed) - again,
        ),
        failed_events=failed,
    )


@router.get(
    "/lineage",
    dependencies=[permit("catalog.read")],
    responses=may_fail(NotFound, Invalid),
)
async def get_pipeline_lineage(
    pipelines: Pipelines,
    seen: Seen,
    node_id: Annotated[
        Plain,
        Query(alias="nodeId", description="job:NAMESPACE:NAME or dataset:NAMESPACE:NAME."),
    ],
    depth: Annotated[int, Query(ge=0, le=100)] = 20,
) -> PipelineGraphOut:
    """Jobs and datasets around one of them, as Marquez draws them."""
    kind, _, rest = node_id.partition(":")
    namespace, _, name = rest.rpartition(":")
    if kind not in ("job", "dataset") or not namespace or not name:
        raise Invalid("A nodeId is job:NAMESPACE:NAME or dataset:NAMESPACE:NAME.", field="nodeId")
    found = await pipelines.graph(seen, (namespace, name), of_job=kind == "job", depth=depth)
    return PipelineGraphOut.of(found)


@router.get("/events/lineage", dependencies=[permit("catalog.read")])
async def list_lineage_events(
    pipelines: Pipelines,
    seen: Seen,
    after: Moment | None = None,
    before: Moment | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Events byte for byte as they were sent, the latest first."""
    bodies, total = await pipelines.events(
        seen, after=after, before=before, limit=limit, offset=offset
    )
    text = f'{{"events":[{",".join(bodies)}],"totalCount":{total}}}'
    return Response(text, media_type="application/json")


@router.get("/namespaces", dependencies=[permit("catalog.read")])
async def list_namespaces(pipelines: Pipelines, seen: Seen) -> NamespacesOut:
    """Namespaces that events named."""
    found = await pipelines.namespaces(seen)
    return NamespacesOut(namespaces=[NamespaceOut.of(each) for each in found])


@router.get("/jobs", dependencies=[permit("catalog.read")])
async def list_pipeline_jobs(
    pipelines: Pipelines, seen: Seen, limit: Limit = 100, offset: Offset = 0
) -> PipelineJobsOut:
    """Jobs of all namespaces, the one that was told of last first."""
    found, total = await pipelines.jobs(seen, None, limit=limit, offset=offset)
    return PipelineJobsOut(jobs=[PipelineJobOut.of(each) for each in found], total_count=total)


@router.get(
    "/jobs/runs/{run_id}",
    dependencies=[permit("catalog.read")],
    responses=may_fail(NotFound),
)
async def get_pipeline_run(pipelines: Pipelines, seen: Seen, run_id: UUID) -> PipelineRunOut:
    """One run, as all its events told it."""
    return PipelineRunOut.of(await pipelines.run(seen, run_id))


@router.get(
    "/namespaces/{namespace:path}/jobs/{job:path}/runs",
    dependencies=[permit("catalog.read")],
    responses=may_fail(NotFound),
)
async def list_pipeline_runs(
    pipelines: Pipelines,
    seen: Seen,
    namespace: NamespacePath,
    job: NamePath,
    limit: Limit = 100,
    offset: Offset = 0,
) -> PipelineRunsOut:
    """Runs of a job, the latest first."""
    found, total = await pipelines.runs(seen, (namespace, job), limit=limit, offset=offset)
    return PipelineRunsOut(runs=[PipelineRunOut.of(run) for run in found], total_count=total)


@router.get("/namespaces/{namespace:path}/jobs", dependencies=[permit("catalog.read")])
async def list_jobs_of_namespace(
    pipelines: Pipelines,
    seen: Seen,
    namespace: NamespacePath,
    limit: Limit = 100,
    offset: Offset = 0,
) -> PipelineJobsOut:
    """Jobs of a namespace, the one that was told of last first."""
    found, total = await pipelines.jobs(seen, namespace, limit=limit, offset=offset)
    return PipelineJobsOut(jobs=[PipelineJobOut.of(each) for each in found], total_count=total)


@router.get(
    "/namespaces/{namespace:path}/jobs/{job:path}",
    dependencies=[permit("catalog.read")],
    responses=may_fail(NotFound),
)
async def get_pipeline_job(
    pipelines: Pipelines, seen: Seen, namespace: NamespacePath, job: NamePath
) -> PipelineJobOut:
    """One job with its latest run."""
    return PipelineJobOut.of(await pipelines.job(seen, (namespace, job)))


@router.get("/namespaces/{namespace:path}/datasets", dependencies=[permit("catalog.read")])
async def list_datasets_of_namespace(
    pipelines: Pipelines,
    seen: Seen,
    namespace: NamespacePath,
    limit: Limit = 100,
    offset: Offset = 0,
) -> PipelineDatasetsOut:
    """Datasets of a namespace by name."""
    found, total = await pipelines.datasets(seen, namespace, limit=limit, offset=offset)
    return PipelineDatasetsOut(
        datasets=[PipelineDatasetOut.of(each) for each in found], total_count=total
    )


@router.get(
    "/namespaces/{namespace:path}/datasets/{dataset:path}",
    dependencies=[permit("catalog.read")],
    responses=may_fail(NotFound),
)
async def get_pipeline_dataset(
    pipelines: Pipelines, seen: Seen, namespace: NamespacePath, dataset: NamePath
) -> PipelineDatasetOut:
    """One dataset with the facets that were told of it last."""
    return PipelineDatasetOut.of(await pipelines.dataset(seen, (namespace, dataset)))


async def _take(request: Request, caller: Principal, text: str) -> MunimentError | None:
    try:
        event: PipelineEvent = read_event(text)
        await request.app.state.background.events.put(event, caller.name)
    except MunimentError as error:
        return error
    return None


def _may_tell(seen: Visibility) -> None:
    if not seen.everything:
        raise Forbidden(
            "Lineage events tell of any dataset, so that the role must not be bound to a domain."
        )


async def _text_of(request: Request) -> str:
    """The body as text, inflated where it is compressed, within the limit of every body."""
    body = await request.body()
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "gzip":
        inflate = zlib.decompressobj(wbits=31)
        try:
            body = inflate.decompress(body, MAX_BODY_BYTES + 1)
        except zlib.error:
            raise Invalid("The body is not compressed with gzip, as its header says.") from None
        if len(body) > MAX_BODY_BYTES:
            limit = MAX_BODY_BYTES // 1024 // 1024
            raise TooLarge(f"A body may have {limit} MB when it is inflated. Send it in parts.")
        if not inflate.eof:
            raise Invalid("The compressed body ends before its content does.")
    elif encoding not in ("identity", ""):
        raise Invalid("A body may be compressed with gzip, or not at all.")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Invalid("The body is not UTF-8.") from None


def _fields(facets: Mapping[str, Any]) -> list[FieldOut]:
    listed = _object(facets.get("schema")).get("fields")
    return [
        FieldOut(
            name=each["name"],
            type=_text(each.get("type")),
            description=_text(each.get("description")),
        )
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, Mapping) and isinstance(each.get("name"), str)
    ]


def _pair(key: Sequence[str]) -> Key:
    return key[0], key[1]


def _dataset_node(key: Key) -> str:
    return f"dataset:{key[0]}:{key[1]}"


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
