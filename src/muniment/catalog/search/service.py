"""Search and suggestions: the index finds, the database shows and decides once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muniment.catalog.repository import CatalogRepository, ColumnWords
from muniment.catalog.search.index import Found, SearchIndex
from muniment.catalog.search.query import SearchRequest
from muniment.catalog.search.why import Described, Reason, explained
from muniment.catalog.tables import Asset
from muniment.platform.policy import Visibility

NO_COLUMNS = ColumnWords()


@dataclass(frozen=True, slots=True)
class Result:
    """``missing``: the words that were typed and are not in the asset."""

    asset: Asset
    score: float
    why: Sequence[Reason]
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """``complete`` of the ``total`` have all the words that were typed, and come first."""

    items: Sequence[Result]
    total: int
    facets: Mapping[str, Sequence[tuple[str, int]]]
    complete: int
    partial: bool


@dataclass(frozen=True, slots=True)
class SearchService:
    assets: CatalogRepository

    async def search(
        self, index: SearchIndex, request: SearchRequest, seen: Visibility, *, facets: bool = True
    ) -> Results:
        """Results best first, each with why it is one."""
        found = index.search(request, seen, facets=facets)
        items = await self._shown(found, request.text, seen)
        return Results(items, found.total, found.facets, found.complete, found.partial)

    async def _shown(self, found: Found, text: str, seen: Visibility) -> Sequence[Result]:
        ids = [hit.id for hit in found.hits]
        assets = {asset.id: asset for asset in await self.assets.visible(ids, seen)}
        columns = await self.assets.column_words(ids) if text.strip() else {}
        return [
            _result(asset, hit.score, text, columns.get(hit.id, NO_COLUMNS))
            for hit in found.hits
            if (asset := assets.get(hit.id)) is not None
        ]


def _result(asset: Asset, score: float, text: str, columns: ColumnWords) -> Result:
    said = (asset.description, asset.comment, asset.purpose)
    described = Described(
        asset.name,
        asset.path,
        columns.names,
        asset.labels,
        asset.tags,
        asset.owner,
        " ".join(part for part in said if part),
        asset.source,
        columns.said,
        columns.titles,
    )
    why = explained(text, described)
    return Result(asset, score, why.reasons, why.missing)
