"""/labels: what columns hold, who says so, and what people decided."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, computed_field, field_validator

from muniment.api.deps import Seen, reading, writing
from muniment.api.etags import set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.model import LabelFilter, is_effective
from muniment.classification.service.decisions import DecisionService
from muniment.classification.service.labels import LabelService
from muniment.kernel.errors import NotFound
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState, Sensitivity, Tier
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/labels", tags=["classification"])

Labels = Annotated[LabelService, reading(lambda unit: unit.classification.labels)]
Decisions = Annotated[DecisionService, writing(lambda unit: unit.classification.decisions)]
Text = Annotated[str, Query(max_length=2_000, pattern=r"^[^\x00]+$")]


class LabelOut(BaseModel):
    """A label on a column."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    asset: str
    column_name: str
    label: str
    title: str
    category: str
    sensitivity: str
    personal: bool
    special: bool
    tier: Tier
    state: LabelState
    confidence: float
    look_alike: str
    note: str | None
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    updated_at: datetime
    version: int

    @field_validator("sensitivity", mode="before")
    @classmethod
    def _word(cls, value: object) -> object:
        return Sensitivity(value).word if isinstance(value, int) else value

    @computed_field(description="Whether masking, access and compliance act on it now.")  # type: ignore[prop-decorator]  # pydantic's own form
    @property
    def effective(self) -> bool:
        return is_effective(self.state, self.confidence)


class DecisionOut(BaseModel):
    """A decision about a label."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    batch_id: UUID | None
    action: str
    after: LabelState
    actor: str
    reason: str | None
    decided_at: datetime
    undone: bool


class EvidenceCard(LabelOut):
    """A label with all that speaks for and against it; examples are masked."""

    evidence: dict[str, Any]
    classifier_version: int
    header: str
    signature: str
    run_id: UUID | None
    history: list[DecisionOut] = Field(default_factory=list)


class ManualLabel(BaseModel):
    """A label that a person puts on a column."""

    asset: str = Field(
        min_length=3,
        max_length=4_000,
        pattern=r"^[^\x00]+$",
        examples=["harbour/sales/customers"],
        description="The reference of the asset, as lists show it.",
    )
    column: str = Field(min_length=1, max_length=1_000, pattern=r"^[^\x00]+$")
    label: str = Field(
        min_length=3, max_length=80, pattern=r"^[a-z0-9_.]+$", examples=["contact.email"]
    )
    reason: str | None = Field(default=None, min_length=3, max_length=2_000, pattern=r"^[^\x00]+$")


@router.get("", dependencies=[permit("classification.read")], responses=may_fail())
async def list_labels(
    labels: Labels,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    source: Text | None = None,
    asset: Text | None = None,
    column: Text | None = None,
    label: Text | None = None,
    category: Text | None = None,
    state: LabelState | None = None,
    tier: Tier | None = None,
    sensitivity: Annotated[
        str | None, Query(pattern="^(public|internal|confidential|restricted)$")
    ] = None,
    personal: bool | None = None,
    special: bool | None = None,
    effective: bool | None = None,
    look_alike: Text | None = None,
    min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
) -> Page[LabelOut]:
    """Labels by asset, column and label; all filters must fit."""
    wanted = LabelFilter(
        source=source,
        asset=asset,
        column=column,
        label=label,
        category=category,
        state=state,
        tier=tier,
        sensitivity=None if sensitivity is None else Sensitivity.of(sensitivity),
        personal=personal,
        special=special,
        effective=effective,
        look_alike=look_alike,
        min_confidence=min_confidence,
    )
    return (await labels.page(seen, wanted, page)).map(LabelOut.model_validate)


@router.get(
    "/{label_id}", dependencies=[permit("classification.read")], responses=may_fail(NotFound)
)
async def get_label(label_id: UUID, labels: Labels, seen: Seen, response: Response) -> EvidenceCard:
    """The evidence card of a label: counts, odds for and against, masked examples, decisions."""
    row, history = await labels.label(label_id, seen)
    set_etag(response, row.version)
    card = EvidenceCard.model_validate(row, from_attributes=True)
    card.evidence = dict((await labels.evidence_of([row], seen))[row.id])
    card.history = [DecisionOut.model_validate(each) for each in history]
    return card


@router.post(
    "",
    status_code=201,
    dependencies=[permit("classification.decide")],
    responses=may_fail(NotFound),
)
async def add_label(
    body: ManualLabel, decisions: Decisions, seen: Seen, response: Response
) -> LabelOut:
    """Put a label on a column by hand; it is confirmed at once."""
    row = await decisions.set_manually(
        AssetRef.parse(body.asset), body.column, body.label, reason=body.reason, seen=seen
    )
    set_etag(response, row.version)
    return LabelOut.model_validate(row)
