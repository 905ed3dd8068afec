"""/classify: the engine on values at hand."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from muniment.api.deps import reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.service.classifiers import ClassifierService
from muniment.classification.trial import MOST_VALUES, classify_values
from muniment.kernel.errors import Invalid

router = APIRouter(prefix="/classify", tags=["classification"])

Classifiers = Annotated[ClassifierService, reading(lambda unit: unit.classification.classifiers)]


class ColumnIn(BaseModel):
    """A column: its name, what the table is called, and values. Nothing is stored."""

    column: str = Field(min_length=1, max_length=1_000, examples=["cust_email"])
    table: str = Field(default="", max_length=1_000, examples=["customers"])
    values: list[str | None] = Field(default_factory=list, max_length=MOST_VALUES)
    classifiers: list[str] = Field(
        default_factory=lambda: ["*"],
        max_length=200,
        description="Glob patterns over classifier ids; with ! they take out.",
    )
    min_confidence: float = Field(default=0.5, ge=0, le=1)


class LabelFound(BaseModel):
    """A label with its evidence; examples are masked."""

    label: str
    title: str
    category: str
    sensitivity: str
    personal: bool
    special: bool
    tier: str
    confidence: float
    effective: bool
    version: int
    evidence: dict[str, Any]


class ColumnOut(BaseModel):
    """What the column holds."""

    column: str
    kind: str
    rows: int
    nulls: int
    distinct: int
    tested: int
    header: str
    signature: str
    labels: list[LabelFound]


@router.post("", dependencies=[permit("classification.read")], responses=may_fail(Invalid))
async def classify_column(body: ColumnIn, classifiers: Classifiers) -> ColumnOut:
    """Say what a column holds, from its name and values, with the classifiers in force."""
    params = await classifiers.params(body.classifiers, body.min_confidence)
    result = await classify_values(body.column, body.table, body.values, params)
    return ColumnOut.model_validate(result["columns"][0])  # type: ignore[index]  # one column in, one out
