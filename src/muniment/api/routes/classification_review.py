"""/review-queue and /classification/coverage: what is worth deciding, how far one has come."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from muniment.api.deps import Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.routes.classification_decisions import BatchOut, DecisionIn
from muniment.api.security import permit
from muniment.classification.asking import BAR, REASKED
from muniment.classification.model import LabelFilter
from muniment.classification.service.decisions import DecisionService
from muniment.classification.service.review import Asked, ReviewService
from muniment.kernel.errors import NotFound
from muniment.kernel.values import Sensitivity
from muniment.platform.paging import Page, PageQuery

router = APIRouter(tags=["classification"])

Review = Annotated[ReviewService, reading(lambda unit: unit.classification.review)]
ReviewToChange = Annotated[ReviewService, writing(lambda unit: unit.classification.review)]
Decisions = Annotated[DecisionService, writing(lambda unit: unit.classification.decisions)]
LookAlike = Annotated[str, Path(pattern=r"^[0-9a-f]{20}$")]
Text = Annotated[str, Query(max_length=2_000, pattern=r"^[^\x00]+$")]


class Worded(BaseModel):
    """Shows a sensitivity by its word."""

    model_config = ConfigDict(from_attributes=True)

    sensitivity: str

    @field_validator("sensitivity", mode="before")
    @classmethod
    def _word(cls, value: object) -> object:
        return Sensitivity(value).word if isinstance(value, int) else value


class SampleOut(BaseModel):
    """One of the columns of a group, with its evidence."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    asset: str
    column_name: str
    confidence: float
    note: str | None
    evidence: dict[str, Any]


class AgreementOut(BaseModel):
    """How often people confirmed a label of some confidence."""

    model_config = ConfigDict(from_attributes=True)

    label: str
    title: str
    low: float = Field(description="Of labels that are at least so sure,")
    high: float = Field(description="and less sure than this.")
    confirmed: int = Field(description="Judgements that confirmed; a decision in bulk is one.")
    decided: int
    at_least: float = Field(description="The lower bound of the agreement, with 95 % certainty.")


class AskingIn(BaseModel):
    """Whether the queue may stop asking, and from which agreement on."""

    enabled: bool
    bar: float = Field(default=BAR, ge=0.8, le=0.99)


class LearnedOut(AgreementOut):
    """The same, and whether such labels are still asked about."""

    asks: bool


class AskingOut(AskingIn):
    """The switch, what people agreed with, and what is not asked about for it."""

    updated_by: str | None
    updated_at: datetime | None
    reasked: int = Field(description="One group in so many is asked about all the same.")
    resting_groups: int
    resting_labels: int
    learned: list[LearnedOut]


class GroupOut(Worded):
    """Columns that look alike and wait for the same decision."""

    look_alike: str
    label: str
    title: str
    category: str
    header: str
    count: int = Field(description="Columns that look like this one.")
    sources: int
    lowest: float
    highest: float
    weight: float
    sample: list[SampleOut]
    confirmed_lately: int = Field(
        description="Of the last five decisions about such columns, how many confirmed the label."
    )
    decided_lately: int
    asked: bool = Field(description="Whether it is in the queue unless all is asked for.")
    agreement: AgreementOut | None = Field(
        description="Present where people agreed so often that nobody is asked any more."
    )
    settled: bool = Field(
        description="The last five decisions all confirmed it: the rest may be confirmed at once."
    )


class Covered(BaseModel):
    """How far a part of the estate is labelled and decided, in columns."""

    assets: int
    columns: int
    read: int = Field(description="Columns of assets that a scan has classified.")
    labelled: int
    decided: int
    sensitive: int
    suggested: int = Field(description="Labels waiting for a decision.")
    confirmed: int
    rejected: int
    effective: int


class SourceCoverage(Covered):
    """The same of one source."""

    source: str


class DomainCoverage(Covered):
    """The same of one domain; absent for assets of none."""

    domain: str | None


class LabelCoverage(Worded):
    """How many columns carry a label that is in effect."""

    label: str
    title: str
    category: str
    columns: int
    confirmed: int


class CoverageOut(BaseModel):
    """Coverage by source and by domain, and the labels in effect."""

    model_config = ConfigDict(from_attributes=True)

    sources: list[SourceCoverage]
    domains: list[DomainCoverage]
    labels: list[LabelCoverage]


@router.get("/review-queue", dependencies=[permit("classification.read")], responses=may_fail())
async def list_review_groups(
    review: Review,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    source: Text | None = None,
    label: Text | None = None,
    category: Text | None = None,
    asked: bool = True,
) -> Page[GroupOut]:
    """Groups of look-alike columns, the decision worth most first.

    With `asked=false` those nobody is asked about, because people always agreed with such labels.
    """
    wanted = LabelFilter(source=source, label=label, category=category)
    return (await review.queue(seen, wanted, page, asked=asked)).map(GroupOut.model_validate)


@router.get(
    "/review-queue/{look_alike}",
    dependencies=[permit("classification.read")],
    responses=may_fail(NotFound),
)
async def get_review_group(look_alike: LookAlike, review: Review, seen: Seen) -> GroupOut:
    """One group; its columns are listed by /labels?look_alike=."""
    return GroupOut.model_validate(await review.group(look_alike, seen))


@router.post(
    "/review-queue/{look_alike}/decision",
    dependencies=[permit("classification.decide")],
    responses=may_fail(NotFound),
)
async def decide_review_group(
    look_alike: LookAlike, body: DecisionIn, decisions: Decisions, seen: Seen
) -> BatchOut:
    """Confirm or reject every waiting label of a group at once."""
    done = await decisions.decide_look_alikes(
        look_alike, body.action, reason=body.reason, seen=seen
    )
    return BatchOut.model_validate(done)


@router.get(
    "/classification/asking",
    dependencies=[permit("classification.read")],
    responses=may_fail(),
)
async def get_asking(review: Review, seen: Seen) -> AskingOut:
    """What the review queue has stopped asking about, and why."""
    return _asking(await review.asked(seen))


@router.put(
    "/classification/asking",
    dependencies=[permit("classification.manage")],
    responses=may_fail(),
)
async def put_asking(body: AskingIn, review: ReviewToChange, seen: Seen) -> AskingOut:
    """Switch it, or set the agreement from which on nobody is asked."""
    return _asking(await review.switch(enabled=body.enabled, bar=body.bar, seen=seen))


def _asking(told: Asked) -> AskingOut:
    return AskingOut(
        enabled=told.asking.enabled,
        bar=told.asking.bar,
        updated_by=told.asking.updated_by,
        updated_at=told.asking.updated_at,
        reasked=REASKED,
        resting_groups=told.resting_groups,
        resting_labels=told.resting_labels,
        learned=[
            LearnedOut(
                **AgreementOut.model_validate(each).model_dump(),
                asks=not (told.asking.enabled and each.reaches(told.asking.bar)),
            )
            for each in told.agreements
        ],
    )


@router.get(
    "/classification/coverage",
    dependencies=[permit("classification.read")],
    responses=may_fail(),
)
async def get_classification_coverage(review: Review, seen: Seen) -> CoverageOut:
    """Columns read, labelled and decided by source and domain; labels in effect by kind."""
    return CoverageOut.model_validate(await review.coverage(seen))
