"""/classification-models: what the model learned from decisions, in force or not, and back."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import reading, writing
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.service.models import SHIPPED, ModelService, ModelVersion
from muniment.kernel.errors import Conflict, Invalid, NotFound
from muniment.platform.paging import Page, PageQuery

router = APIRouter(tags=["classification"])

Models = Annotated[ModelService, reading(lambda unit: unit.classification.models)]
ModelsToChange = Annotated[ModelService, writing(lambda unit: unit.classification.models)]
Version = Annotated[int, Path(ge=1, le=2_147_483_647)]
Note = Annotated[str, Field(default="", max_length=500, pattern=r"^[^\x00]*$")]


class ModelTrainingIn(BaseModel):
    """Why the model is to learn now."""

    note: Note = ""


class ModelRollbackIn(BaseModel):
    """A version that was in force before; 0 is the model as it was shipped."""

    version: int = Field(ge=SHIPPED, le=2_147_483_647)


class ModelNowOut(BaseModel):
    """Which model is in force, and what there is to learn."""

    model_config = ConfigDict(from_attributes=True)

    shipped: str = Field(description="Version of the model that came with Muniment.")
    labels: int = Field(description="Kinds of columns that the shipped model knows.")
    version: int = Field(description="Learned version in force; 0 where it is the shipped model.")
    outdated: bool = Field(
        description="Whether the version in force was learned on top of an earlier shipped model; "
        "it is not used then."
    )
    learning: bool = Field(description="Whether a version waits for a worker, or is being learned.")
    decided: int = Field(description="Columns with decisions that can be learned from.")
    fresh: int = Field(description="Those of them decided since the last version was learned.")
    fewest: int = Field(description="Decided columns that it takes to learn.")
    learns_from: int = Field(description="New ones from which on it learns by itself.")


class ModelVersionOut(BaseModel):
    """A version learned here, with a report of what it learned and how it compares."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    state: Literal["queued", "ready", "failed"]
    active: bool
    outdated: bool = False
    report: dict[str, Any] | None
    problem: str | None
    note: str
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None
    promoted_by: str | None
    promoted_at: datetime | None


def _shown(version: ModelVersion) -> ModelVersionOut:
    found = ModelVersionOut.model_validate(version.row)
    return found.model_copy(update={"outdated": version.outdated})


@router.get(
    "/classification-models", dependencies=[permit("classification.read")], responses=may_fail()
)
async def list_models(models: Models, page: Annotated[PageQuery, Query()]) -> Page[ModelVersionOut]:
    """The versions that were learned from decisions, the latest first."""
    return (await models.page(page)).map(_shown)


@router.post(
    "/classification-models",
    status_code=202,
    dependencies=[permit("classification.manage")],
    responses=may_fail(Conflict, Invalid),
)
async def train_model(body: ModelTrainingIn, models: ModelsToChange) -> ModelVersionOut:
    """Let the model learn from all decisions; it stays out of force until it is promoted."""
    return _shown(await models.train(note=body.note))


@router.get(
    "/classification-models/now",
    dependencies=[permit("classification.read")],
    responses=may_fail(),
)
async def get_model_in_force(models: Models) -> ModelNowOut:
    """Which model is in force, and how many decisions it could learn from."""
    return ModelNowOut.model_validate(await models.now())


@router.get(
    "/classification-models/{version}",
    dependencies=[permit("classification.read")],
    responses=may_fail(NotFound),
)
async def get_model(version: Version, models: Models) -> ModelVersionOut:
    """One version: what it learned from, and whether it is better than the shipped model."""
    return _shown(await models.get(version))


@router.post(
    "/classification-models/{version}/promote",
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound, Conflict),
)
async def promote_model(version: Version, models: ModelsToChange) -> ModelVersionOut:
    """Put a version in force whose gate is open; what is kept is judged by it, without reading."""
    return _shown(await models.promote(version))


@router.post(
    "/classification-models/rollback",
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound, Conflict),
)
async def roll_model_back(body: ModelRollbackIn, models: ModelsToChange) -> ModelNowOut:
    """Put an earlier version in force again, or the shipped model; decisions stay."""
    await models.roll_back(body.version)
    return ModelNowOut.model_validate(await models.now())
