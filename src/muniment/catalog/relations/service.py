"""What one can ask of relationships; the other side is shown only to who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from muniment.catalog.quality.repository.assets import AssetGate
from muniment.catalog.relations.judging import ranked
from muniment.catalog.relations.model import Join, Twins
from muniment.catalog.relations.repository import RelationRepository
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class Related:
    """The relationships of one asset: what it refers to, what refers to it, what is like it."""

    joins: Sequence[Join]
    joined_by: Sequence[Join]
    twins: Sequence[Twins]


@dataclass(frozen=True, slots=True)
class RelationService:
    relations: RelationRepository
    assets: AssetGate

    async def related(self, asset: AssetRef, seen: Visibility) -> Related:
        """NotFound when the caller does not see the asset."""
        ref = str(asset)
        await self.assets.check(ref, seen)
        found = await self.relations.joins_of(ref, seen)
        by_column: dict[str, list[Join]] = {}
        for one in found:
            if one.asset == ref:
                by_column.setdefault(one.column, []).append(one)
        joins = [one for of_column in by_column.values() for one in ranked(of_column)]
        return Related(
            joins=sorted(joins, key=lambda one: (-one.confidence, one.column)),
            joined_by=[one for one in found if one.other == ref],
            twins=await self.relations.twins_of(ref, seen),
        )

    async def near_duplicates(self, seen: Visibility, query: PageQuery) -> Page[Twins]:
        """Pairs of tables that hold much of the same, the most alike first."""
        return await self.relations.all_twins(seen, query)
