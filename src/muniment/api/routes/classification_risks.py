"""/reidentification: which columns together tell people apart."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.risk import RiskLevel
from muniment.classification.service.risks import RiskService
from muniment.kernel.errors import NotFound
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/reidentification", tags=["classification"])

Risks = Annotated[RiskService, reading(lambda unit: unit.classification.risks)]
Text = Annotated[str, Query(max_length=2_000, pattern=r"^[^\x00]+$")]


class RiskOut(BaseModel):
    """How far the rows of an asset can be told apart by what others may know of a person."""

    model_config = ConfigDict(from_attributes=True)

    asset: str
    level: RiskLevel
    unique_share: float = Field(description="Rows that share their combination with no other.")
    smallest: int = Field(description="The smallest group of rows that are alike: the k in force.")
    columns: list[str]
    detail: dict[str, Any] = Field(
        description="Every combination with its groups; whether rows were a sample; columns that "
        "name a person by themselves."
    )
    run_id: UUID
    measured_at: datetime


@router.get("", dependencies=[permit("classification.read")], responses=may_fail())
async def list_reidentification_risks(
    risks: Risks,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    level: RiskLevel | None = None,
    source: Text | None = None,
    asset: Text | None = None,
) -> Page[RiskOut]:
    """Assets whose rows can be told apart, the worst first; of one asset when it is named."""
    wanted = None if level is None else level.value
    found = await risks.page(seen, page, level=wanted, source=source, asset=asset)
    return found.map(RiskOut.model_validate)


@router.get("/asset", dependencies=[permit("classification.read")], responses=may_fail(NotFound))
async def get_reidentification_risk(risks: Risks, seen: Seen, asset: Text) -> RiskOut:
    """The risk of one asset, with every combination of columns that was counted."""
    return RiskOut.model_validate(await risks.of(AssetRef.parse(asset), seen))
