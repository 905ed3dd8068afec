"""/overview and /tree: the catalogue at a glance, and leafed through."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen
from muniment.api.routes.catalog_assets import Assets, Plain, Sensitive
from muniment.api.security import permit
from muniment.catalog.assets.service import Overview
from muniment.catalog.model import Certification
from muniment.kernel.values import AssetKind

router = APIRouter(tags=["catalog"])


class CountOut(BaseModel):
    value: str
    count: int


class TotalsOut(BaseModel):
    """Each count of assets is the total of the list of assets narrowed in the same way."""

    model_config = ConfigDict(from_attributes=True)

    assets: int = Field(
        description="Everything the catalogue lists now: schemas, tables, views, data sets and "
        "routines. The total of /assets, of an empty search, and the sum of by_kind and of "
        "by_source."
    )
    columns: int
    rows: int = Field(description="Counted where a scan read the asset, else as its source says.")
    sensitive_assets: int = Field(description="Confidential or restricted: /assets?sensitive=true.")
    without_owner: int = Field(description="The total of /assets?unowned=true.")
    without_description: int = Field(
        description="What neither people nor the source describe: /assets?undescribed=true."
    )
    copies: int = Field(description="The total of /assets?copies=true.")
    quality_score: float | None = Field(description="The mean score of the assets that have one.")


class ChangeSummaryOut(BaseModel):
    """One thing that changed lately."""

    asset_id: UUID
    ref: str
    name: str
    kind: AssetKind
    at: datetime
    changed: list[str]
    actor: str | None = None


class OverviewOut(BaseModel):
    totals: TotalsOut
    sensitive_columns: int
    by_kind: list[CountOut]
    by_source: list[CountOut]
    by_sensitivity: list[CountOut]
    changed: list[ChangeSummaryOut] = Field(description="What the last day changed.")
    vanished: list[ChangeSummaryOut]

    @classmethod
    def of(cls, overview: Overview) -> "OverviewOut":
        return cls(
            totals=TotalsOut.model_validate(overview.totals),
            sensitive_columns=overview.sensitive_columns,
            by_kind=_counts(overview.by_kind),
            by_source=_counts(overview.by_source),
            by_sensitivity=_counts(overview.by_sensitivity),
            changed=[
                ChangeSummaryOut(
                    asset_id=asset.id,
                    ref=asset.ref,
                    name=asset.name,
                    kind=AssetKind(asset.kind),
                    at=version.at,
                    changed=version.changed,
                    actor=version.actor,
                )
                for asset, version in overview.changed
            ],
            vanished=[
                ChangeSummaryOut(
                    asset_id=asset.id,
                    ref=asset.ref,
                    name=asset.name,
                    kind=AssetKind(asset.kind),
                    at=asset.vanished_at or asset.updated_at,
                    changed=["vanished"],
                )
                for asset in overview.vanished
            ],
        )


class BranchOut(BaseModel):
    """A child in the tree; one without an id groups others and is no asset itself."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID | None = None
    ref: str
    name: str
    kind: AssetKind
    columns: int = 0
    rows: int | None = None
    sensitivity: Sensitive = None
    certification: Certification = Certification.NONE
    children: int | None = Field(default=None, description="Number of assets below, if counted.")


@router.get("/overview", dependencies=[permit("catalog.read")])
async def get_overview(assets: Assets, seen: Seen) -> OverviewOut:
    """Counts of what the caller may see, and what the last day changed."""
    return OverviewOut.of(await assets.overview(seen))


@router.get("/tree", dependencies=[permit("catalog.read")])
async def list_tree(
    assets: Assets,
    seen: Seen,
    parent: Annotated[Plain | None, Query(description="Ref of a source, schema or folder.")] = None,
) -> list[BranchOut]:
    """The sources, or what is directly below one ref."""
    return [BranchOut.model_validate(branch) for branch in await assets.branches(seen, parent)]


def _counts(pairs: Iterable[tuple[str, int]]) -> list[CountOut]:
    return [CountOut(value=value, count=count) for value, count in pairs]
