"""Search and suggestions: the index finds, the database shows and decides once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muniment.catalog.repository import CatalogRepository
from muniment.catalog.search.index import Found, SearchIndex
from muniment.catalog.search.query import SearchRequest
from muniment.catalog.search.why import Described, Reason, reasons
from muniment.catalog.tables import Asset
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class Result:
    asset: Asset
    score: float
    why: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Results:
    items: Sequence[Result]
    total: int
    facets: Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class SearchService:
    assets: CatalogRepository

    async def search(
        self, index: SearchIndex, request: SearchRequest, seen: Visibility, *, facets: bool = True
    ) -> Results:
        """Results best first, each with why it is one."""
        found = index.search(request, seen, facets=facets)
        return Results(await self._shown(found, request.text, seen), found.total, found.facets)

    async def _shown(self, found: Found, text: str, seen: Visibility) -> Sequence[Result]:
        ids = [hit.id for hit in found.hits]
        assets = {asset.id: asset for asset in await self.assets.visible(ids, seen)}
        columns = await self.assets.column_names(ids) if text.strip() else {}
        return [
            Result(asset, hit.score, reasons(text, _described(asset, columns.get(hit.id, ()))))
            for hit in found.hits
            if (asset := assets.get(hit.id)) is not None
        ]


def _described(asset: Asset, columns: Sequence[str]) -> Described:
    said = (asset.description, asset.comment, asset.purpose)
    return Described(
        asset.name,
        asset.path,
        columns,
        asset.labels,
        asset.tags,
        asset.owner,
        " ".join(part for part in said if part),
    )
