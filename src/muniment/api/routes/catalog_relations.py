"""/relations: which columns join with which, and which tables hold much of the same."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from muniment.api.deps import Seen, reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.catalog.relations.service import RelationService
from muniment.kernel.errors import NotFound
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/relations", tags=["catalog"])

Relations = Annotated[RelationService, reading(lambda unit: unit.catalog.relations)]
Plain = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[^\x00]+$")]
Asset = Annotated[
    Plain, Query(description="Text of the asset's ref.", examples=["warehouse/sales/orders"])
]


class JoinOut(BaseModel):
    """A column whose values are in the key of another table."""

    model_config = ConfigDict(from_attributes=True)

    asset: str
    column: str
    other: str = Field(description="The asset that holds the key.")
    key: str
    containment: float = Field(description="Share of the column's values that are in the key.")
    containment_error: float = Field(description="Half of its 95 % interval; 0 is exact.")
    coverage: float = Field(description="Share of the key's values that the column uses.")
    name: float = Field(description="How well the names fit, 0 to 1.")
    confidence: float = Field(description="That a reference is meant; 1 where it is declared.")
    likely: bool = Field(description="Told as a reference, not as a mere possibility.")
    declared: bool = Field(description="The source declares it as a foreign key.")
    reasons: list[str]


class TwinsOut(BaseModel):
    """Two tables that hold much of the same."""

    model_config = ConfigDict(from_attributes=True)

    left: str
    right: str
    similarity: float = Field(
        description="Mean overlap of columns, or how much of a part is in the whole."
    )
    columns: int = Field(description="Columns of one name whose values overlap.")
    left_in_right: float = Field(description="Share of the left one's values in the right one.")
    right_in_left: float


class RelatedOut(BaseModel):
    """The relationships of an asset with those that you see."""

    model_config = ConfigDict(from_attributes=True)

    joins: list[JoinOut] = Field(description="What its columns refer to, the surest first.")
    joined_by: list[JoinOut] = Field(description="What refers to it.")
    twins: list[TwinsOut]


@router.get("", dependencies=[permit("catalog.read")], responses=may_fail(NotFound))
async def get_relations(relations: Relations, seen: Seen, asset: Asset) -> RelatedOut:
    """What an asset joins with by values and names, and its near-duplicates."""
    return RelatedOut.model_validate(await relations.related(AssetRef.parse(asset), seen))


@router.get("/near-duplicates", dependencies=[permit("catalog.read")], responses=may_fail())
async def list_near_duplicates(
    relations: Relations, seen: Seen, page: Annotated[PageQuery, Query()]
) -> Page[TwinsOut]:
    """Pairs of tables of the estate that hold much of the same, the most alike first."""
    found = await relations.near_duplicates(seen, page)
    return found.map(TwinsOut.model_validate)
