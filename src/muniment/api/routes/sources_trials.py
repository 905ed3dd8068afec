"""/sources: test a connection, preview a filter, get the grant script; registered or not yet.

These talk to the source while no transaction of ours is open.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Caller, Running, Seen
from muniment.api.problems import may_fail
from muniment.api.routes.sources_sources import Secrets, Settings, plain
from muniment.api.security import permit
from muniment.composition.product import Product
from muniment.contracts.connectors import Scope, SourceConnection, StepOutcome
from muniment.kernel.errors import (
    MunimentError,
    NotFound,
    SourceAuthenticationFailed,
    SourceTimeout,
    SourceUnreachable,
)
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.platform.policy import Visibility
from muniment.sources.service import trials
from muniment.sources.service.sources import check_settings

router = APIRouter(prefix="/sources", tags=["sources"])

SHOWN = 200
STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}


class ConnectionIn(BaseModel):
    kind: str = Field(max_length=63, examples=["postgresql"])
    settings: Settings
    secrets: Secrets = Field(default_factory=dict)

    def connection(self) -> SourceConnection:
        secrets = plain(self.secrets)
        check_settings(self.kind, self.settings, secrets)
        return SourceConnection(new_id(), "new", self.kind, self.settings, secrets)


class StepOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    outcome: StepOutcome
    message: str
    remedy: str | None = Field(description="What to do; a script to copy where there is one.")
    milliseconds: float


class TestOut(BaseModel):
    passed: bool
    steps: list[StepOut]


class TestEndOut(BaseModel):
    passed: bool
    problem: str | None = Field(description="Why the test itself came to no end.")


class ScopeIn(BaseModel):
    include: list[str] = Field(default_factory=lambda: ["*"], max_length=200)
    exclude: list[str] = Field(default_factory=list, max_length=200)

    def scope(self) -> Scope:
        return Scope(tuple(self.include), tuple(self.exclude))


class PreviewIn(ScopeIn):
    live: bool = Field(
        default=False, description="Ask the source itself, not the last snapshot of it."
    )


class NewPreviewIn(ConnectionIn, ScopeIn):
    """A filter over a source that is not registered yet."""


class MatchOut(BaseModel):
    path: str
    kind: str


class PreviewOut(BaseModel):
    matched: int
    left_out: int
    matches: list[MatchOut] = Field(description=f"The first {SHOWN}.")
    leaves_out: list[MatchOut] = Field(description=f"The first {SHOWN}.")
    live: bool


class GrantScriptOut(BaseModel):
    script: str = Field(description="What the account needs for a scan, and nothing more.")


@router.post(
    "/test", dependencies=[permit("sources.write")], responses=may_fail(NotFound, SourceTimeout)
)
async def test_new_source(body: ConnectionIn) -> TestOut:
    """Test a connection step by step before it is registered."""
    return _tested(await trials.test(body.connection()))


@router.post(
    "/test/events",
    dependencies=[permit("sources.write")],
    responses=may_fail(NotFound) | STREAM,
    response_class=StreamingResponse,
)
async def stream_test_of_new_source(body: ConnectionIn) -> StreamingResponse:
    """The same as server-sent events: ``step`` for each as soon as it is known, then ``end``."""
    return _stream(body.connection())


@router.post(
    "/preview",
    dependencies=[permit("sources.write")],
    responses=may_fail(NotFound, SourceTimeout, SourceUnreachable, SourceAuthenticationFailed),
)
async def preview_new_source(body: NewPreviewIn) -> PreviewOut:
    """What a filter would take in of a source that is not registered yet."""
    found = await trials.discover(body.connection())
    return _preview([(a.path, a.kind.value) for a in found], body.scope(), live=True)


@router.post(
    "/{name}/test",
    dependencies=[permit("sources.write")],
    responses=may_fail(NotFound, SourceTimeout),
)
async def test_source(name: str, product: Running, caller: Caller, seen: Seen) -> TestOut:
    """Test a registered source step by step."""
    return _tested(await trials.test(await _connection(name, product, caller, seen)))


@router.post(
    "/{name}/test/events",
    dependencies=[permit("sources.write")],
    responses=may_fail(NotFound) | STREAM,
    response_class=StreamingResponse,
)
async def stream_test_of_source(
    name: str, product: Running, caller: Caller, seen: Seen
) -> StreamingResponse:
    """The same as server-sent events: ``step`` for each as soon as it is known, then ``end``."""
    return _stream(await _connection(name, product, caller, seen))


@router.post(
    "/{name}/preview",
    dependencies=[permit("sources.write")],
    responses=may_fail(NotFound, SourceTimeout, SourceUnreachable, SourceAuthenticationFailed),
)
async def preview_source(
    name: str, body: PreviewIn, product: Running, caller: Caller, seen: Seen
) -> PreviewOut:
    """What a filter takes in: of the last snapshot, or live where there is none."""
    async with product.reading(caller) as unit:
        known = await unit.sources.snapshots.known_paths(name, seen)
    if known and not body.live:
        return _preview([(ref.path, kind) for ref, kind in known], body.scope(), live=False)
    found = await trials.discover(await _connection(name, product, caller, seen))
    return _preview([(a.path, a.kind.value) for a in found], body.scope(), live=True)


@router.get(
    "/{name}/grant-script",
    dependencies=[permit("sources.write")],
    responses=may_fail(NotFound, SourceTimeout, SourceUnreachable, SourceAuthenticationFailed),
)
async def get_grant_script(
    name: str, product: Running, caller: Caller, seen: Seen
) -> GrantScriptOut:
    """The least that the account must be granted at the source."""
    connection = await _connection(name, product, caller, seen)
    return GrantScriptOut(script=await trials.grant_script(connection))


async def _connection(
    name: str, product: Product, caller: Principal, seen: Visibility
) -> SourceConnection:
    async with product.reading(caller) as unit:
        await unit.sources.sources.get(name, seen)
        return await unit.sources.sources.connection(name)


def _stream(connection: SourceConnection) -> StreamingResponse:
    return StreamingResponse(
        _events(connection),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(connection: SourceConnection) -> AsyncIterator[str]:
    """Steps, then the end with what came of it; a failure of the test itself says so there."""
    passed, problem = True, None
    try:
        async for step in trials.test_steps(connection):
            passed = passed and step.outcome is not StepOutcome.FAILED
            yield _event("step", StepOut.model_validate(step))
    except MunimentError as error:
        passed, problem = False, error.message
    yield _event("end", TestEndOut(passed=passed, problem=problem))


def _event(name: str, data: BaseModel) -> str:
    return f"event: {name}\ndata: {data.model_dump_json()}\n\n"


def _tested(tested: trials.Tested) -> TestOut:
    return TestOut(
        passed=tested.passed, steps=[StepOut.model_validate(step) for step in tested.steps]
    )


def _preview(
    paths: Sequence[tuple[tuple[str, ...], str]], scope: Scope, *, live: bool
) -> PreviewOut:
    found = trials.preview(paths, scope, SHOWN)
    return PreviewOut(
        matched=found.matched,
        left_out=found.left_out,
        matches=[MatchOut(path=path, kind=kind) for path, kind in found.matches],
        leaves_out=[MatchOut(path=path, kind=kind) for path, kind in found.leaves_out],
        live=live,
    )
