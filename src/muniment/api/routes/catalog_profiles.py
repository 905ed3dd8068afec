"""/profiles: what the columns of an asset hold, now and at earlier scans."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from muniment.api.deps import Caller, Running, Seen, reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.catalog.quality.service.profiles import ProfileService, ShownProfile
from muniment.kernel.errors import NotFound
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

router = APIRouter(prefix="/profiles", tags=["quality"])

Profiles = Annotated[ProfileService, reading(lambda unit: unit.quality.profiles)]
Plain = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[^\x00]+$")]
Asset = Annotated[
    Plain, Query(description="Text of the asset's ref.", examples=["warehouse/sales/orders"])
]


async def values_seen_by(product: Running, caller: Caller) -> Visibility | None:
    """Where the caller may see values of the data; None: nowhere."""
    return product.decider.visibility(caller, "catalog.samples")


ValuesSeen = Annotated[Visibility | None, Depends(values_seen_by)]


class TopValueOut(BaseModel):
    """A frequent value; ``masked`` when only its shape is shown."""

    value: str | int | float | bool | None
    count: int
    share: float
    masked: bool


class ShapeOut(BaseModel):
    """What values look like: letters in a row ``x`` or ``X``, each digit ``9``."""

    shape: str
    count: int
    share: float


class LengthsOut(BaseModel):
    min: int
    mean: float
    max: int


class HistogramOut(BaseModel):
    """Equal steps from low to high; both are absent for a sensitive column."""

    counts: list[int]
    low: str | int | float | bool | None
    high: str | int | float | bool | None


class GapsOut(BaseModel):
    """What is missing between the least and the greatest value, in units."""

    unit: str = Field(description="year, month, day or number.")
    missing: int
    longest: int = Field(description="The longest run of missing ones.")


class ColumnProfileOut(BaseModel):
    """What a column holds. Shares are of ``rows``; ``distinct`` may be an estimate."""

    name: str
    type: str
    kind: str
    rows: int
    nulls: int
    null_share: float
    count: int
    nan: int
    infinite: int
    distinct: int
    distinct_exact: bool
    distinct_error: float
    unique: bool | None
    constant: bool
    order: str | None
    min: str | int | float | bool | None
    max: str | int | float | bool | None
    mean: float | None
    std: float | None
    skewness: float | None
    kurtosis: float | None = Field(description="Beyond that of a normal distribution.")
    zeros: int | None
    negatives: int | None
    beyond_64_bits: int = Field(description="Numbers too large to be read exactly.")
    rounded: bool = Field(description="Numbers of nine digits and more are told with four.")
    granularity: str | None = Field(description="Dates are whole ones of it: year to microsecond.")
    gaps: GapsOut | None
    quantiles: dict[str, str | int | float | bool | None]
    quantile_error: float
    histogram: HistogramOut | None
    top: list[TopValueOut]
    top_exact: bool
    lengths: LengthsOut | None
    blanks: int
    placeholders: int
    shapes: list[ShapeOut]
    castable: dict[str, float]
    examined: int
    mixed: dict[str, int]
    sensitive: bool = Field(description="Shapes are shown instead of values.")


class ProfileOut(BaseModel):
    """The profile of an asset after one run."""

    asset: str
    run_id: UUID
    at: datetime
    rows: int
    columns: list[ColumnProfileOut]

    @classmethod
    def of(cls, shown: ShownProfile) -> "ProfileOut":
        return cls(
            asset=shown.stored.asset,
            run_id=shown.stored.run_id,
            at=shown.stored.at,
            rows=shown.result.rows,
            columns=[ColumnProfileOut.model_validate(asdict(one)) for one in shown.result.columns],
        )


class ProfileRef(BaseModel):
    """When a profile was made."""

    model_config = ConfigDict(from_attributes=True)

    run_id: UUID
    at: datetime
    rows: int
    columns: int
    latest: bool


@router.get("", dependencies=[permit("catalog.read")], responses=may_fail(NotFound))
async def get_profile(
    profiles: Profiles,
    seen: Seen,
    values: ValuesSeen,
    asset: Asset,
    run_id: UUID | None = None,
) -> ProfileOut:
    """The latest profile of an asset, or that of a run; values only where you may see samples."""
    ref = AssetRef.parse(asset)
    return ProfileOut.of(await profiles.shown(ref, seen, run_id=run_id, values=values))


@router.get("/history", dependencies=[permit("catalog.read")], responses=may_fail(NotFound))
async def list_profiles(
    profiles: Profiles, seen: Seen, asset: Asset, page: Annotated[PageQuery, Query()]
) -> Page[ProfileRef]:
    """When an asset was profiled, the newest first."""
    found = await profiles.history(AssetRef.parse(asset), seen, page)
    return found.map(ProfileRef.model_validate)
