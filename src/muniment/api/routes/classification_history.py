"""/classification/history: what happened to labels, and what somebody should look at."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.history import Cause, Happened, HistoryFilter
from muniment.classification.service.record import Recorder
from muniment.kernel.errors import NotFound
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/classification", tags=["classification"])

History = Annotated[Recorder, reading(lambda unit: unit.classification.record)]
HistoryToChange = Annotated[Recorder, writing(lambda unit: unit.classification.record)]
Text = Annotated[str, Query(max_length=2_000, pattern=r"^[^\x00]+$")]


class LabelEventOut(BaseModel):
    """Something that happened to a label."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    asset: str
    column_name: str
    label: str
    title: str
    kind: Happened
    cause: Cause
    at: datetime
    actor: str | None
    said: str
    state_before: str | None
    state_after: str | None
    confidence_before: float | None
    confidence_after: float | None
    share_before: float | None
    share_after: float | None
    classifier_version: int
    run_id: UUID | None
    revaluation_id: UUID | None
    alert: bool = Field(description="What the column holds is not what it held.")
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class AcknowledgeIn(BaseModel):
    """Alerts that somebody has looked at."""

    alerts: list[UUID] = Field(min_length=1, max_length=1_000)


class AlertCount(BaseModel):
    """How many alerts wait."""

    waiting: int


@router.get("/history", dependencies=[permit("classification.read")], responses=may_fail())
async def list_label_history(
    history: History,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    asset: Text | None = None,
    column: Text | None = None,
    source: Text | None = None,
    label: Text | None = None,
    kind: Happened | None = None,
    cause: Cause | None = None,
    alerts: Annotated[
        bool | None, Query(description="Only what deserves a look and nobody has looked at.")
    ] = None,
) -> Page[LabelEventOut]:
    """What happened to labels of columns and assets, the latest first."""
    wanted = HistoryFilter(
        asset=asset,
        column=column,
        source=source,
        label=label,
        kind=None if kind is None else kind.value,
        cause=None if cause is None else cause.value,
        alerts=alerts,
    )
    return (await history.page(seen, wanted, page)).map(LabelEventOut.model_validate)


@router.get("/alerts", dependencies=[permit("classification.read")], responses=may_fail())
async def count_label_alerts(history: History, seen: Seen) -> AlertCount:
    """How many columns hold something else than they did, and nobody has looked."""
    return AlertCount(waiting=await history.waiting(seen))


@router.post(
    "/alerts/acknowledge",
    dependencies=[permit("classification.decide")],
    responses=may_fail(NotFound),
)
async def acknowledge_label_alerts(
    body: AcknowledgeIn, history: HistoryToChange, seen: Seen
) -> list[LabelEventOut]:
    """Say that alerts were looked at; what they tell stays in the history."""
    rows = await history.acknowledge(body.alerts, seen)
    return [LabelEventOut.model_validate(row) for row in rows]
