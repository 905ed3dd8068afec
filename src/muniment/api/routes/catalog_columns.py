"""/assets/{id}/columns: what an asset is made of."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.routes.catalog_assets import Assets, Level, Plain, Sensitive, Words
from muniment.api.security import permit
from muniment.catalog.assets.annotations import AnnotationService
from muniment.catalog.model import SparkReader
from muniment.kernel.errors import NotFound
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/assets/{asset_id}/columns", tags=["catalog"])

Annotations = Annotated[AnnotationService, writing(lambda unit: unit.catalog.annotations)]
Sparks = Annotated[SparkReader, reading(lambda unit: unit.quality.profiles)]


class LabelOut(BaseModel):
    """What the column holds, how sure that is, and who says so."""

    label: str
    title: str
    category: str
    sensitivity: Level
    confidence: float
    state: Literal["suggested", "confirmed", "rejected"]
    tier: Literal["rule", "model", "assistant", "manual", "lineage"]
    personal: bool
    special: bool
    path: str | None = Field(
        default=None, description="Where in the documents of the column, such as $.customer.email."
    )


class ColumnOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    position: int
    type: str
    nullable: bool
    default: str | None
    comment: str | None
    description: str | None
    is_primary: bool
    is_unique: bool
    references: str | None = Field(description="Ref of the column that a foreign key points to.")
    labels: list[LabelOut]
    sensitivity: Sensitive
    spark: list[int] | None = Field(
        default=None, description="Bins of the histogram of its values, where it was profiled."
    )


class DescribeColumn(BaseModel):
    description: Words | None


@router.get("", dependencies=[permit("catalog.read")], responses=may_fail(NotFound))
async def list_asset_columns(
    assets: Assets,
    sparks: Sparks,
    seen: Seen,
    asset_id: UUID,
    page: Annotated[PageQuery, Query()],
) -> Page[ColumnOut]:
    """Columns in their own order, with labels and the shape of their values."""
    asset = await assets.get(asset_id, seen)
    found = await assets.columns(asset_id, seen, page)
    bins = (await sparks.sparks_of([asset.ref])).get(asset.ref, {})

    def shown(column: Any) -> ColumnOut:
        out = ColumnOut.model_validate(column)
        spark = bins.get(out.name)
        return out.model_copy(update={"spark": None if spark is None else list(spark)})

    return found.map(shown)


@router.patch(
    "/{column:path}", dependencies=[permit("catalog.annotate")], responses=may_fail(NotFound)
)
async def describe_column(
    annotations: Annotations, seen: Seen, asset_id: UUID, column: Plain, body: DescribeColumn
) -> ColumnOut:
    """Say what a column means."""
    changed = await annotations.describe_column(asset_id, column, body.description, seen)
    return ColumnOut.model_validate(changed)
