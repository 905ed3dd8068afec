"""/mined-classifiers: what unlabelled columns have in common, to be accepted or rejected."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.service.mining import MiningService, Proposed
from muniment.kernel.errors import Conflict, Invalid, NotFound

router = APIRouter(prefix="/mined-classifiers", tags=["classification"])

Mining = Annotated[MiningService, reading(lambda unit: unit.assistant.mining)]
MiningToChange = Annotated[MiningService, writing(lambda unit: unit.assistant.mining)]


class MinedOut(BaseModel):
    """A classifier that could be, with its measured precision."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    entry: dict[str, Any] = Field(description="The classifier; its examples are made up.")
    columns: list[list[str]] = Field(
        description="Asset and column of where it was found, as far as you may see them."
    )
    found_in: int
    looked: int = Field(description="Columns whose known values were compared with it.")
    taken: int = Field(description="Columns of them that have the form.")
    wrong: int = Field(description="Of those, columns that are something else by name or label.")
    precision: float = Field(description="Lower bound (95 %) of the share that is not wrong.")
    other_labels: list[str]
    state: Literal["proposed", "accepted", "rejected"]
    classifier: str | None
    decided_by: str | None
    mined_at: datetime


class AcceptIn(BaseModel):
    """What is to be different from the proposal."""

    changes: dict[str, Any] = Field(
        default_factory=dict,
        max_length=40,
        description="Fields of a classifier entry, such as id, title, category or sensitivity.",
    )


class AcceptedOut(BaseModel):
    classifier: str
    version: int


@router.get("", dependencies=[permit("classification.manage")], responses=may_fail())
async def list_mined_classifiers(
    mining: Mining,
    seen: Seen,
    state: Literal["proposed", "accepted", "rejected"] = "proposed",
) -> list[MinedOut]:
    """Proposals, the surest first."""
    return [_shown(each) for each in await mining.proposals(state, seen)]


@router.post("/mine", dependencies=[permit("classification.manage")], responses=may_fail())
async def mine_classifiers(mining: MiningToChange, seen: Seen) -> list[MinedOut]:
    """Look for forms in the kept profiles of unlabelled columns; no source is read."""
    return [_shown(each) for each in await mining.mine(seen)]


@router.post(
    "/{proposal_id}/accept",
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound, Conflict, Invalid),
)
async def accept_mined_classifier(
    proposal_id: UUID, body: AcceptIn, mining: MiningToChange, seen: Seen
) -> AcceptedOut:
    """Make it a classifier that takes part from the next scan on."""
    made = await mining.accept(proposal_id, body.changes, seen)
    return AcceptedOut(classifier=made.id, version=made.version)


@router.post(
    "/{proposal_id}/reject",
    status_code=204,
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound, Conflict),
)
async def reject_mined_classifier(proposal_id: UUID, mining: MiningToChange, seen: Seen) -> None:
    """Do not propose this form again."""
    await mining.reject(proposal_id, seen)


def _shown(proposed: Proposed) -> MinedOut:
    found = MinedOut.model_validate(proposed.row)
    return found.model_copy(update={"columns": [list(each) for each in proposed.columns]})
