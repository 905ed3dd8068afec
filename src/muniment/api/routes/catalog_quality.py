"""/quality: check types, checks, their answers, and the scores made of them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from muniment.api.deps import Seen, reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.catalog.quality.content import Arity, CheckType, Param
from muniment.catalog.quality.model import FORMULA, FORMULA_VERSION, CheckStatus
from muniment.catalog.quality.service.checks import CheckService, Declaration
from muniment.catalog.quality.service.scores import ScoreService
from muniment.kernel.errors import NotFound, StaleVersion
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Dimension, Severity
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/quality", tags=["quality"])

Checks = Annotated[CheckService, reading(lambda unit: unit.quality.checks)]
ChecksToChange = Annotated[CheckService, writing(lambda unit: unit.quality.checks)]
Scores = Annotated[ScoreService, reading(lambda unit: unit.quality.scores)]
Paging = Annotated[PageQuery, Query()]
Plain = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[^\x00]+$")]
Asset = Annotated[
    Plain, Query(description="Text of the asset's ref.", examples=["warehouse/sales/orders"])
]
Days = Annotated[int, Query(ge=1, le=366)]


class ParamOut(BaseModel):
    """One parameter of a check type."""

    name: str
    type: str
    description: str
    required: bool
    min: float | None = None
    max: float | None = None
    choices: list[str] = Field(default_factory=list)

    @classmethod
    def of(cls, name: str, param: Param) -> "ParamOut":
        return cls(name=name, **param.model_dump())


class CheckTypeOut(BaseModel):
    """One kind of check; ``columns`` says how many it takes."""

    id: str
    title: str
    dimension: Dimension
    description: str
    columns: Arity
    severity: Severity
    params: list[ParamOut]
    one_of: list[str]
    example: dict[str, JsonValue]

    @classmethod
    def of(cls, kind: CheckType) -> "CheckTypeOut":
        return cls(
            params=[ParamOut.of(name, one) for name, one in kind.params.items()],
            one_of=list(kind.one_of),
            example=kind.example.model_dump(mode="json"),
            **kind.model_dump(
                include={"id", "title", "dimension", "description", "columns", "severity"}
            ),
        )


class CheckBody(BaseModel):
    """A check as a person writes it; not enabled, it switches the automatic one off."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[Plain, StringConstraints(max_length=60)] = Field(examples=["in_range"])
    columns: list[Plain] = Field(default_factory=list, max_length=20, examples=[["amount"]])
    params: dict[Plain, JsonValue] = Field(default_factory=dict, examples=[{"min": 0}])
    severity: Severity | None = None
    title: Annotated[Plain, StringConstraints(max_length=200)] | None = None
    enabled: bool = True

    def declaration(self) -> Declaration:
        return Declaration(
            type=self.type,
            columns=tuple(self.columns),
            params=dict(self.params),
            severity=self.severity,
            title=self.title,
            enabled=self.enabled,
        )


class CheckIn(CheckBody):
    asset: Plain = Field(examples=["warehouse/sales/orders"])


class CheckOut(BaseModel):
    """A declared check."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    asset: str
    type: str
    columns: list[str]
    params: dict[str, JsonValue]
    severity: Severity
    title: str | None
    enabled: bool
    version: int
    created_by: str
    created_at: datetime
    updated_at: datetime


class ResultOut(BaseModel):
    """How a check came out. ``examples`` are shapes of failing values, never values."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    type: str
    title: str
    columns: list[str]
    dimension: Dimension
    severity: Severity
    origin: str
    definition: str | None
    status: CheckStatus
    ratio: float | None
    evaluated: int
    failed: int
    observed: str | None
    expected: str
    message: str
    examples: list[str]
    exact: bool
    error: float
    run_id: UUID
    at: datetime


class ScoreOut(BaseModel):
    """The score of an asset, 0 to 100; ``coverage`` is the share of columns that were checked.

    ``capped``: a failing check of medium severity or more holds it below its dimensions' mean.
    """

    model_config = ConfigDict(from_attributes=True)

    score: float | None
    dimensions: dict[Dimension, float]
    coverage: float
    passed: int
    failed: int
    unanswered: int
    capped: bool
    formula: str
    run_id: UUID
    at: datetime


class AssetScoreOut(BaseModel):
    """The latest score, None where the asset was not checked yet, and the formula in words."""

    asset: str
    latest: ScoreOut | None
    formula: str = FORMULA


class DimensionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    dimension: Dimension
    score: float
    assets: int


class EstateOut(BaseModel):
    """The quality of every asset that you see."""

    model_config = ConfigDict(from_attributes=True)

    score: float | None
    assets: int
    passed: int
    failed: int
    unanswered: int
    dimensions: list[DimensionOut]
    formula: str = FORMULA
    formula_version: str = FORMULA_VERSION


class DayOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    day: date
    score: float
    assets: int


class WorstOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    asset: str
    name: str
    domain: str | None
    score: float
    failed: int


def _checked(definition: object, response: Response) -> CheckOut:
    shown = CheckOut.model_validate(definition)
    set_etag(response, shown.version)
    return shown


@router.get("/check-types", dependencies=[permit("quality.read")], responses=may_fail())
async def list_check_types(checks: Checks) -> list[CheckTypeOut]:
    """Every kind of check that can be declared, with its parameters."""
    return [CheckTypeOut.of(kind) for kind in checks.types()]


@router.get("/checks", dependencies=[permit("quality.read")], responses=may_fail(NotFound))
async def list_checks(checks: Checks, seen: Seen, asset: Asset, page: Paging) -> Page[CheckOut]:
    """The checks that people declared on an asset, the oldest first."""
    found = await checks.declared(AssetRef.parse(asset), seen, page)
    return found.map(CheckOut.model_validate)


@router.post(
    "/checks",
    status_code=201,
    dependencies=[permit("quality.manage")],
    responses=may_fail(NotFound),
)
async def declare_check(
    body: CheckIn, checks: ChecksToChange, seen: Seen, response: Response
) -> CheckOut:
    """Declare a check; the next scan of the asset answers it."""
    made = await checks.declare(AssetRef.parse(body.asset), body.declaration(), seen)
    return _checked(made, response)


@router.get(
    "/checks/{check_id}", dependencies=[permit("quality.read")], responses=may_fail(NotFound)
)
async def get_check(check_id: UUID, checks: Checks, seen: Seen, response: Response) -> CheckOut:
    """One declared check."""
    return _checked(await checks.get(check_id, seen), response)


@router.put(
    "/checks/{check_id}",
    dependencies=[permit("quality.manage")],
    responses=may_fail(NotFound, StaleVersion),
)
async def change_check(
    check_id: UUID,
    body: CheckBody,
    checks: ChecksToChange,
    seen: Seen,
    response: Response,
    if_match: IfMatch = None,
) -> CheckOut:
    """Replace a declared check."""
    version = expected_version(if_match)
    changed = await checks.change(check_id, body.declaration(), seen, version=version)
    return _checked(changed, response)


@router.delete(
    "/checks/{check_id}",
    status_code=204,
    dependencies=[permit("quality.manage")],
    responses=may_fail(NotFound),
)
async def drop_check(check_id: UUID, checks: ChecksToChange, seen: Seen) -> None:
    """Drop a declared check; what it answered stays in the history."""
    await checks.drop(check_id, seen)


@router.get("/results", dependencies=[permit("quality.read")], responses=may_fail(NotFound))
async def list_check_results(
    checks: Checks, seen: Seen, asset: Asset, page: Paging, status: CheckStatus | None = None
) -> Page[ResultOut]:
    """The answers of the last scan of an asset, automatic checks included."""
    ref = AssetRef.parse(asset)
    found = await checks.results(ref, seen, status=status, query=page)
    return found.map(ResultOut.model_validate)


@router.get("/results/history", dependencies=[permit("quality.read")], responses=may_fail(NotFound))
async def list_check_history(
    checks: Checks, seen: Seen, asset: Asset, key: Annotated[Plain, Query()], page: Paging
) -> Page[ResultOut]:
    """How one check of an asset came out over time, the newest first."""
    found = await checks.history(AssetRef.parse(asset), key, seen, page)
    return found.map(ResultOut.model_validate)


@router.get("/score", dependencies=[permit("quality.read")], responses=may_fail(NotFound))
async def get_asset_score(scores: Scores, seen: Seen, asset: Asset) -> AssetScoreOut:
    """The score of an asset by dimension, with the formula that gave it."""
    ref = AssetRef.parse(asset)
    latest = await scores.of_asset(ref, seen)
    shown = None if latest is None else ScoreOut.model_validate(latest)
    return AssetScoreOut(asset=str(ref), latest=shown)


@router.get("/score/trend", dependencies=[permit("quality.read")], responses=may_fail(NotFound))
async def list_asset_scores(
    scores: Scores, seen: Seen, asset: Asset, days: Days = 90
) -> list[ScoreOut]:
    """The scores of an asset over the last days, the oldest first."""
    found = await scores.trend(AssetRef.parse(asset), seen, days=days)
    return [ScoreOut.model_validate(one) for one in found]


@router.get("/estate", dependencies=[permit("quality.read")], responses=may_fail())
async def get_estate_score(scores: Scores, seen: Seen) -> EstateOut:
    """The quality of the whole estate that you see, all and by dimension."""
    return EstateOut.model_validate(await scores.estate(seen))


@router.get("/estate/trend", dependencies=[permit("quality.read")], responses=may_fail())
async def list_estate_scores(scores: Scores, seen: Seen, days: Days = 30) -> list[DayOut]:
    """Day by day, the mean of what each asset scored last until then."""
    return [DayOut.model_validate(one) for one in await scores.estate_trend(seen, days=days)]


@router.get("/estate/worst", dependencies=[permit("quality.read")], responses=may_fail())
async def list_worst_assets(scores: Scores, seen: Seen, page: Paging) -> Page[WorstOut]:
    """Scored assets, the worst first."""
    return (await scores.worst(seen, page)).map(WorstOut.model_validate)
