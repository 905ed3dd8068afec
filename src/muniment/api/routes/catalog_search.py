"""/search: find anything in the catalogue, exact name first."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading
from muniment.api.problems import may_fail
from muniment.api.routes.catalog_assets import AssetOut, Plain
from muniment.api.security import permit
from muniment.catalog.search.index import SearchIndex
from muniment.catalog.search.query import FACETS, SearchRequest
from muniment.catalog.search.service import Result, SearchService
from muniment.kernel.errors import Invalid
from muniment.kernel.values import AssetKind
from muniment.platform.paging import decode_cursor, encode_cursor

router = APIRouter(prefix="/search", tags=["search"])

Search = Annotated[SearchService, reading(lambda unit: unit.catalog.search)]
DEEPEST = 10_000
SUGGESTIONS = 8
Text = Annotated[Plain, Field(max_length=200)]


def index_of(request: Request) -> SearchIndex:
    """The index that this process keeps fresh in the background."""
    index: SearchIndex = request.app.state.background.search
    return index


Indexed = Annotated[SearchIndex, Depends(index_of)]


class ReasonOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    field: str
    term: str
    how: Literal["exact", "word", "prefix", "synonym", "typo"]


class HitOut(BaseModel):
    """A result and why it is one."""

    asset: AssetOut
    score: float = Field(description="Says which of two results of one search is better.")
    why: list[ReasonOut]
    missing: list[str] = Field(description="Words that were typed and are not in the asset.")

    @classmethod
    def of(cls, result: Result) -> "HitOut":
        return cls(
            asset=AssetOut.model_validate(result.asset),
            score=result.score,
            why=[ReasonOut.model_validate(reason) for reason in result.why],
            missing=list(result.missing),
        )


class FacetValueOut(BaseModel):
    value: str
    count: int


class SearchOut(BaseModel):
    items: list[HitOut]
    next_cursor: str | None
    total: int
    match: Literal["all", "some"] = Field(
        description="All: each result has every word that matters. Some: hardly any has, so those "
        "that have some of the words follow, those with most of them first."
    )
    complete: int = Field(description="How many of the results have every word that matters.")
    facets: dict[str, list[FacetValueOut]] = Field(
        description="Values of each facet with their counts among what the caller may see."
    )


class SuggestionOut(BaseModel):
    id: UUID
    ref: str
    name: str
    kind: AssetKind
    source: str
    path: list[str]
    why: list[ReasonOut]


class SearchQuery(BaseModel):
    """What is searched for; of each facet any of the given values."""

    q: Text = ""
    source: list[Plain] = Field(default_factory=list, max_length=50)
    kind: list[Plain] = Field(default_factory=list, max_length=50)
    domain: list[Plain] = Field(default_factory=list, max_length=50)
    owner: list[Plain] = Field(default_factory=list, max_length=50)
    label: list[Plain] = Field(default_factory=list, max_length=50)
    sensitivity: list[Plain] = Field(default_factory=list, max_length=50)
    certification: list[Plain] = Field(default_factory=list, max_length=50)
    quality: list[Plain] = Field(default_factory=list, max_length=50)
    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=2_000)

    def request(self) -> SearchRequest:
        return SearchRequest(
            self.q,
            {facet: getattr(self, facet) for facet in FACETS},
            self.limit,
            _offset(self.cursor),
        )


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    [offset] = decode_cursor(cursor, 1)
    if not isinstance(offset, int) or not 0 <= offset <= DEEPEST:
        raise Invalid("The cursor is not one of this list. Begin again without it.")
    return offset


@router.get("", dependencies=[permit("catalog.read")], responses=may_fail(Invalid))
async def search_assets(
    search: Search, index: Indexed, seen: Seen, query: Annotated[SearchQuery, Query()]
) -> SearchOut:
    """Assets by name, column, label or text; typing errors and word forms are forgiven.

    Words such as "by" and "the" are not looked for. Where hardly anything has all the
    words, what has most of them follows, and ``match`` says so.
    """
    request = query.request()
    results = await search.search(index, request, seen)
    end = request.offset + request.limit
    return SearchOut(
        items=[HitOut.of(result) for result in results.items],
        next_cursor=encode_cursor([end]) if end < min(results.total, DEEPEST) else None,
        total=results.total,
        match="some" if results.partial else "all",
        complete=results.complete,
        facets={
            facet: [FacetValueOut(value=value, count=count) for value, count in values]
            for facet, values in results.facets.items()
        },
    )


@router.get("/suggest", dependencies=[permit("catalog.read")])
async def suggest_assets(
    search: Search, index: Indexed, seen: Seen, q: Annotated[Text, Query(min_length=1)]
) -> list[SuggestionOut]:
    """The best few while somebody types."""
    results = await search.search(index, SearchRequest(q, limit=SUGGESTIONS), seen, facets=False)
    return [
        SuggestionOut(
            id=result.asset.id,
            ref=result.asset.ref,
            name=result.asset.name,
            kind=AssetKind(result.asset.kind),
            source=result.asset.source,
            path=result.asset.path,
            why=[ReasonOut.model_validate(reason) for reason in result.why],
        )
        for result in results.items
    ]
