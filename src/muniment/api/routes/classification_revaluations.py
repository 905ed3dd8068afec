"""/revaluations: what a draft would change, labels judged anew without reading data, and back."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.entries import ClassifierEntry
from muniment.classification.service.revaluation import RevaluationService, Shown
from muniment.classification.service.rollback import RollbackService
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from muniment.platform.paging import Page, PageQuery

router = APIRouter(tags=["classification"])

Revaluations = Annotated[RevaluationService, reading(lambda unit: unit.classification.revaluations)]
RevaluationsToChange = Annotated[
    RevaluationService, writing(lambda unit: unit.classification.revaluations)
]
Rollback = Annotated[RollbackService, writing(lambda unit: unit.classification.rollback)]
Note = Annotated[str, Field(default="", max_length=500, pattern=r"^[^\x00]*$")]
Change = Literal["gained", "lost", "changed", "to_read"]


class ClassifierDraftIn(BaseModel):
    """A classifier as it would be, of your own or in the place of a shipped one."""

    classifier: ClassifierEntry
    note: Note = ""


class RevaluationIn(BaseModel):
    """Why everything is judged anew."""

    note: Note = ""


class PublishIn(BaseModel):
    """Publishes a draft; with a reason where its gate is shut."""

    despite: str | None = Field(default=None, min_length=3, max_length=500, pattern=r"^[^\x00]+$")


class RollbackIn(BaseModel):
    """An earlier version that is to be in force again."""

    version: int = Field(ge=1)
    note: Note = ""


class RevaluationOut(BaseModel):
    """Kept values judged anew; counts are of columns and labels."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: Literal["queued", "running", "ready", "published", "done", "discarded"]
    applies: bool
    classifier: str | None
    version: int | None
    reads: bool = Field(
        description="What is asked of values changed: kept marks cannot tell, columns are named "
        "that have to be read again."
    )
    note: str
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    assets_total: int
    assets_done: int
    assets_failed: int
    gate: dict[str, Any] | None
    undone_by: str | None
    undone_at: datetime | None
    gained: int = 0
    lost: int = 0
    changed: int = 0
    to_read: int = 0


class RevaluedColumn(BaseModel):
    """A column whose label it changes, or that has to be read again."""

    model_config = ConfigDict(from_attributes=True)

    asset: str
    column_name: str
    label: str
    change: Change
    confidence_before: float | None
    confidence_after: float | None
    state: str | None = Field(description="Of the label when it was judged.")
    why: str | None


class PublishedOut(BaseModel):
    """The version that is in force now, and the revaluation that applies it."""

    classifier: str
    version: int
    revaluation: RevaluationOut


class RolledBack(BaseModel):
    """The version in force now, and how many labels are again what they were."""

    classifier: str
    version: int
    labels: int


class ToRead(BaseModel):
    """Assets of one source to be scanned again: send them as ``only`` of a scan."""

    source: str
    assets: list[str]


def _shown(shown: Shown) -> RevaluationOut:
    found = RevaluationOut.model_validate(shown.row)
    return found.model_copy(update=dict(shown.counts))


@router.get("/revaluations", dependencies=[permit("classification.read")], responses=may_fail())
async def list_revaluations(
    revaluations: Revaluations, page: Annotated[PageQuery, Query()]
) -> Page[RevaluationOut]:
    """Drafts that were judged and revaluations that were applied, the latest first."""
    return (await revaluations.page(page)).map(_shown)


@router.post(
    "/revaluations",
    status_code=202,
    dependencies=[permit("classification.manage")],
    responses=may_fail(),
)
async def request_revaluation(
    body: RevaluationIn, revaluations: RevaluationsToChange
) -> RevaluationOut:
    """Judge everything that is kept by the classifiers in force; no data is read."""
    return _shown(await revaluations.request(note=body.note))


@router.post(
    "/revaluations/drafts",
    status_code=202,
    dependencies=[permit("classification.manage")],
    responses=may_fail(Invalid),
)
async def propose_classifier(
    body: ClassifierDraftIn, revaluations: RevaluationsToChange
) -> RevaluationOut:
    """Ask what a changed classifier would change; nothing is changed by asking."""
    return _shown(await revaluations.propose(body.classifier, note=body.note))


@router.get(
    "/revaluations/{revaluation_id}",
    dependencies=[permit("classification.read")],
    responses=may_fail(NotFound),
)
async def get_revaluation(revaluation_id: UUID, revaluations: Revaluations) -> RevaluationOut:
    """How far it came, what it changes, and whether its gate is open."""
    return _shown(await revaluations.get(revaluation_id))


@router.get(
    "/revaluations/{revaluation_id}/columns",
    dependencies=[permit("classification.read")],
    responses=may_fail(NotFound),
)
async def list_revalued_columns(
    revaluation_id: UUID,
    revaluations: Revaluations,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    change: Change | None = None,
) -> Page[RevaluedColumn]:
    """Columns gained, lost and changed, and those that have to be read to know."""
    found = await revaluations.columns(revaluation_id, seen, page, change)
    return found.map(RevaluedColumn.model_validate)


@router.get(
    "/revaluations/{revaluation_id}/to-read",
    dependencies=[permit("classification.read")],
    responses=may_fail(NotFound),
)
async def list_assets_to_read(
    revaluation_id: UUID, revaluations: Revaluations, seen: Seen
) -> list[ToRead]:
    """By source, the assets whose columns have to be read again."""
    found = await revaluations.to_read(revaluation_id, seen)
    return [ToRead(source=source, assets=list(assets)) for source, assets in found.items()]


@router.post(
    "/revaluations/{revaluation_id}/publish",
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound, Conflict, StaleVersion),
)
async def publish_draft(
    revaluation_id: UUID, body: PublishIn, revaluations: RevaluationsToChange
) -> PublishedOut:
    """Make a draft the next version, and apply it to what is kept."""
    made, applied = await revaluations.publish(revaluation_id, despite=body.despite)
    return PublishedOut(classifier=made.id, version=made.version, revaluation=_shown(applied))


@router.post(
    "/revaluations/{revaluation_id}/discard",
    status_code=204,
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound, Conflict),
)
async def discard_revaluation(revaluation_id: UUID, revaluations: RevaluationsToChange) -> None:
    """Give up a draft, or stop a revaluation; what it changed already stays."""
    await revaluations.discard(revaluation_id)


@router.post(
    "/classifiers/{classifier_id}/rollback",
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound, Conflict, StaleVersion),
)
async def roll_classifier_back(
    classifier_id: Annotated[str, Path(pattern=r"^[a-z0-9_.]{3,80}$")],
    body: RollbackIn,
    rollback: Rollback,
    response: Response,
    if_match: IfMatch = None,
) -> RolledBack:
    """Put an earlier version in force and undo what later ones did; decisions stay."""
    made, labels = await rollback.roll_back(
        classifier_id, body.version, note=body.note, expected=expected_version(if_match)
    )
    set_etag(response, made.version)
    return RolledBack(classifier=made.id, version=made.version, labels=labels)
