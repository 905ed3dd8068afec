"""Decisions about labels: one, many, and taken back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, writing
from muniment.api.etags import set_etag
from muniment.api.problems import may_fail
from muniment.api.routes.classification_labels import LabelOut
from muniment.api.security import permit
from muniment.classification.service.decisions import Action, DecisionService
from muniment.kernel.errors import Conflict, NotFound
from muniment.kernel.values import LabelState

router = APIRouter(tags=["classification"])

Decisions = Annotated[DecisionService, writing(lambda unit: unit.classification.decisions)]
Reason = Annotated[
    str | None,
    Field(
        default=None,
        min_length=3,
        max_length=2_000,
        pattern=r"^[^\x00]+$",
        examples=["Checked with the owner of the table."],
    ),
]


class DecisionIn(BaseModel):
    """What a person says of a label."""

    action: Action
    reason: Reason = None


class BulkDecisionIn(DecisionIn):
    """The same about many labels."""

    labels: list[UUID] = Field(min_length=1, max_length=5_000)


class DecidedOut(BaseModel):
    """What came of one label."""

    model_config = ConfigDict(from_attributes=True)

    label_id: UUID
    done: bool
    state: LabelState | None
    problem: str | None


class BatchOut(BaseModel):
    """A bulk decision; its id takes it back as a whole."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    results: list[DecidedOut]


@router.post(
    "/labels/{label_id}/decision",
    dependencies=[permit("classification.decide")],
    responses=may_fail(NotFound),
)
async def decide_label(
    label_id: UUID, body: DecisionIn, decisions: Decisions, seen: Seen, response: Response
) -> LabelOut:
    """Confirm or reject a label."""
    row = await decisions.decide(label_id, body.action, reason=body.reason, seen=seen)
    set_etag(response, row.version)
    return LabelOut.model_validate(row)


@router.post(
    "/labels/decisions", dependencies=[permit("classification.decide")], responses=may_fail()
)
async def decide_labels(body: BulkDecisionIn, decisions: Decisions, seen: Seen) -> BatchOut:
    """Confirm or reject many labels; each has its own result."""
    done = await decisions.decide_many(body.labels, body.action, reason=body.reason, seen=seen)
    return BatchOut.model_validate(done)


@router.post(
    "/label-decisions/{decision_id}/undo",
    dependencies=[permit("classification.decide")],
    responses=may_fail(NotFound, Conflict),
)
async def undo_label_decision(
    decision_id: UUID, decisions: Decisions, seen: Seen
) -> list[LabelOut]:
    """Take the latest decision about a label back."""
    rows = await decisions.undo(decision_id, seen=seen)
    return [LabelOut.model_validate(row) for row in rows]


@router.post(
    "/label-batches/{batch_id}/undo",
    dependencies=[permit("classification.decide")],
    responses=may_fail(NotFound),
)
async def undo_label_batch(batch_id: UUID, decisions: Decisions, seen: Seen) -> list[LabelOut]:
    """Take a bulk decision back, where the labels were not decided anew since."""
    rows = await decisions.undo_batch(batch_id, seen=seen)
    return [LabelOut.model_validate(row) for row in rows]
