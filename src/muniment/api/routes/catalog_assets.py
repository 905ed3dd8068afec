"""/assets: what there is, what people say of it, how it came to be what it is."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    computed_field,
)

from muniment.api.deps import Caller, Running, Seen, reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.catalog.assets.annotations import MAX_BULK, Annotation, AnnotationService
from muniment.catalog.assets.samples import ColumnSample
from muniment.catalog.assets.service import AssetService
from muniment.catalog.model import AssetFilter, Certification, QualityBand, quality_band
from muniment.kernel.errors import NotFound, StaleVersion
from muniment.kernel.values import AssetKind, Sensitivity
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/assets", tags=["catalog"])

Assets = Annotated[AssetService, reading(lambda unit: unit.catalog.assets)]
Annotations = Annotated[AnnotationService, writing(lambda unit: unit.catalog.annotations)]
Plain = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")]
Words = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Level = Literal["public", "internal", "confidential", "restricted"]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), le=datetime(9000, 1, 1, tzinfo=UTC)),
]
VersionNumber = Annotated[int, Field(ge=1, le=2_000_000_000)]


def level_word(level: object) -> object:
    """The stored number of a sensitivity level as its word."""
    return Sensitivity(level).word if isinstance(level, int) else level


Sensitive = Annotated[
    Level | None, BeforeValidator(level_word), Field(description="The highest of its columns.")
]


class AssetOut(BaseModel):
    """An asset as lists show it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    ref: str
    source: str
    kind: AssetKind
    name: str
    path: list[str]
    domain: str | None
    owner: str | None
    description: str | None = Field(description="What people say of it.")
    comment: str | None = Field(description="What its source says of it.")
    tags: list[str]
    certification: Certification
    labels: list[str]
    sensitivity: Sensitive
    rows: int | None
    size_bytes: int | None
    columns: int = Field(description="Number of columns.")
    quality_score: float | None
    open_incidents: int
    copy_of: str | None = Field(description="The asset it looks like an abandoned copy of.")
    version: int
    first_seen_at: datetime
    last_scanned_at: datetime | None
    vanished_at: datetime | None

    @computed_field
    def quality(self) -> QualityBand:
        return quality_band(self.quality_score)


class KeyOut(BaseModel):
    name: str
    kind: Literal["primary", "unique", "foreign"]
    columns: list[str]
    references: list[str]
    referenced_columns: list[str]


class AssetDetail(AssetOut):
    """Everything about one asset but its columns."""

    parent_ref: str
    purpose: str | None
    retention_days: int | None
    annotated: list[str] = Field(description="What a person set; a scan leaves it alone.")
    definition: str | None = Field(description="The SQL of a view, the code of a routine.")
    properties: dict[str, str]
    keys: list[KeyOut]
    public_grants: list[str] = Field(description="What everybody may do with it at the source.")
    failed_checks: list[str]
    last_seen_at: datetime
    updated_at: datetime
    revision: int = Field(description="The ETag to send back with a change.")


class Annotate(BaseModel):
    """Only what is given changes; null takes back what was said."""

    model_config = ConfigDict(extra="forbid")

    owner: Short | None = None
    domain: Short | None = None
    description: Words | None = None
    tags: list[Short] | None = Field(default=None, max_length=100)
    certification: Certification | None = None
    purpose: Plain | None = None
    retention_days: int | None = Field(default=None, ge=0, le=36_500)

    def values_given(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


class AnnotateOne(Annotate):
    """Changes to one of many assets."""

    asset_id: UUID
    revision: int | None = Field(default=None, description="Refuse when it has changed since.")

    def values_given(self) -> dict[str, Any]:
        given = super().values_given()
        return {name: given[name] for name in given if name not in ("asset_id", "revision")}


class AnnotateMany(BaseModel):
    items: list[AnnotateOne] = Field(min_length=1, max_length=MAX_BULK)


class AnnotatedOut(BaseModel):
    """The outcome for one asset: its new revision, or the problem that kept it as it was."""

    asset_id: UUID
    revision: int | None = None
    problem: str | None = None
    code: str | None = None


class VersionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    version: int
    at: datetime
    changed: list[str]
    actor: str
    run_id: UUID | None


class VersionDetail(VersionOut):
    document: dict[str, Any] = Field(description="The asset as it was.")


class DifferenceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    where: str = Field(examples=["columns.email.type"])
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any


class SampleValueOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    value: str
    count: int
    masked: bool


class ColumnSampleOut(BaseModel):
    """Frequent values of one column; ``why`` says why they are masked."""

    column: str
    sensitivity: Sensitive
    values: list[SampleValueOut]
    why: str | None

    @classmethod
    def of(cls, sample: ColumnSample) -> "ColumnSampleOut":
        return cls(
            column=sample.column,
            sensitivity=None if sample.sensitivity is None else sample.sensitivity.word,
            values=[SampleValueOut.model_validate(value) for value in sample.values],
            why=sample.why,
        )


class AssetQuery(BaseModel):
    """What a list of assets is narrowed to."""

    source: Plain | None = None
    kind: AssetKind | None = None
    domain: Plain | None = None
    owner: Plain | None = None
    label: Plain | None = None
    tag: Plain | None = None
    sensitivity: Level | None = None
    certification: Certification | None = None
    parent: Plain | None = Field(default=None, description="Ref of the schema or folder.")
    unowned: bool = Field(default=False, description="Only what has no owner.")
    undescribed: bool = Field(
        default=False, description="Only what neither people nor the source describe."
    )
    sensitive: bool = Field(default=False, description="Only what is confidential or restricted.")
    copies: bool = Field(default=False, description="Only abandoned copies.")
    vanished: bool = Field(default=False, description="Only what is gone.")
    q: Plain | None = Field(default=None, description="A part of the path.")
    total: bool = Field(default=False, description="Count them all as well.")

    def wanted(self) -> AssetFilter:
        return AssetFilter(
            source=self.source,
            kind=self.kind,
            domain=self.domain,
            owner=self.owner,
            label=self.label,
            tag=self.tag,
            sensitivity=None if self.sensitivity is None else Sensitivity.of(self.sensitivity),
            certification=self.certification,
            parent=self.parent,
            unowned=self.unowned,
            undescribed=self.undescribed,
            sensitive=self.sensitive,
            copies=self.copies,
            vanished=self.vanished,
            text=self.q,
        )


class AssetListQuery(AssetQuery, PageQuery):
    """Filters and paging in one query string."""


@router.get("", dependencies=[permit("catalog.read")])
async def list_assets(
    assets: Assets, seen: Seen, query: Annotated[AssetListQuery, Query()]
) -> Page[AssetOut]:
    """Assets in the order of their paths."""
    page = await assets.page(seen, query.wanted(), query, with_total=query.total)
    return page.map(AssetOut.model_validate)


@router.get("/by-ref", dependencies=[permit("catalog.read")], responses=may_fail(NotFound))
async def get_asset_by_ref(
    assets: Assets,
    seen: Seen,
    response: Response,
    ref: Annotated[Plain, Query(examples=["warehouse/sales/orders"])],
) -> AssetDetail:
    """One asset by the text of its ref."""
    asset = await assets.by_ref(ref, seen)
    set_etag(response, asset.revision)
    return AssetDetail.model_validate(asset)


@router.post("/annotate-many", dependencies=[permit("catalog.annotate")])
async def annotate_assets(
    annotations: Annotations, seen: Seen, body: AnnotateMany
) -> list[AnnotatedOut]:
    """Change many assets at once; each has its own outcome."""
    outcomes = await annotations.annotate_many(
        [Annotation(item.asset_id, item.values_given(), item.revision) for item in body.items],
        seen,
    )
    return [
        AnnotatedOut(
            asset_id=outcome.asset_id,
            revision=outcome.revision,
            problem=outcome.problem.message if outcome.problem else None,
            code=outcome.problem.slug if outcome.problem else None,
        )
        for outcome in outcomes
    ]


@router.get("/{asset_id}", dependencies=[permit("catalog.read")], responses=may_fail(NotFound))
async def get_asset(assets: Assets, seen: Seen, response: Response, asset_id: UUID) -> AssetDetail:
    """One asset."""
    asset = await assets.get(asset_id, seen)
    set_etag(response, asset.revision)
    return AssetDetail.model_validate(asset)


@router.patch(
    "/{asset_id}",
    dependencies=[permit("catalog.annotate")],
    responses=may_fail(NotFound, StaleVersion),
)
async def annotate_asset(
    annotations: Annotations,
    seen: Seen,
    response: Response,
    asset_id: UUID,
    body: Annotate,
    if_match: IfMatch = None,
) -> AssetDetail:
    """Set owner, domain, description, tags, certification, purpose or retention."""
    annotation = Annotation(asset_id, body.values_given(), expected_version(if_match))
    asset = await annotations.annotate(annotation, seen)
    set_etag(response, asset.revision)
    return AssetDetail.model_validate(asset)


@router.get(
    "/{asset_id}/versions", dependencies=[permit("catalog.read")], responses=may_fail(NotFound)
)
async def list_asset_versions(
    assets: Assets, seen: Seen, asset_id: UUID, page: Annotated[PageQuery, Query()]
) -> Page[VersionOut]:
    """How the asset came to be what it is, the newest version first."""
    return (await assets.versions(asset_id, seen, page)).map(VersionOut.model_validate)


@router.get(
    "/{asset_id}/versions/{version}",
    dependencies=[permit("catalog.read")],
    responses=may_fail(NotFound),
)
async def get_asset_version(
    assets: Assets, seen: Seen, asset_id: UUID, version: Annotated[VersionNumber, Path()]
) -> VersionDetail:
    """The asset as one version had it."""
    return VersionDetail.model_validate(await assets.version(asset_id, seen, version))


@router.get(
    "/{asset_id}/as-of", dependencies=[permit("catalog.read")], responses=may_fail(NotFound)
)
async def get_asset_as_of(
    assets: Assets, seen: Seen, asset_id: UUID, at: Annotated[Moment, Query()]
) -> VersionDetail:
    """The asset as it was at a moment."""
    return VersionDetail.model_validate(await assets.version_at(asset_id, seen, at))


@router.get("/{asset_id}/diff", dependencies=[permit("catalog.read")], responses=may_fail(NotFound))
async def diff_asset_versions(
    assets: Assets,
    seen: Seen,
    asset_id: UUID,
    before: Annotated[VersionNumber, Query()],
    after: Annotated[VersionNumber, Query()],
) -> list[DifferenceOut]:
    """What changed from one version to another."""
    found = await assets.diff(asset_id, seen, before, after)
    return [DifferenceOut.model_validate(difference) for difference in found]


@router.get(
    "/{asset_id}/sample", dependencies=[permit("catalog.read")], responses=may_fail(NotFound)
)
async def get_asset_sample(
    assets: Assets, seen: Seen, product: Running, caller: Caller, asset_id: UUID
) -> list[ColumnSampleOut]:
    """Frequent values by column, masked by classification and by what the caller may see."""
    asset = await assets.get(asset_id, seen)
    values = product.decider.visibility(caller, "catalog.samples")
    may_see = values is not None and values.allows(asset.domain)
    return [ColumnSampleOut.of(sample) for sample in await assets.sample(asset, may_see=may_see)]
