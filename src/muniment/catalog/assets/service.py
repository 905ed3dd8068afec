"""What one can ask of assets: lists, one asset, its columns, history, samples, and an overview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from muniment.catalog.assets.documents import Difference, differences
from muniment.catalog.assets.samples import ColumnSample, samples
from muniment.catalog.model import AssetFilter, ProfileReader
from muniment.catalog.repository import CatalogRepository
from muniment.catalog.tables import Asset, AssetColumn, AssetVersion
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, NotFound
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, Sensitivity
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

EVERY_COLUMN = PageQuery(limit=1000)


@dataclass(frozen=True, slots=True)
class Overview:
    """The catalogue at a glance, for one caller."""

    totals: Any
    sensitive_columns: int
    by_kind: Sequence[tuple[str, int]]
    by_source: Sequence[tuple[str, int]]
    by_sensitivity: Sequence[tuple[str, int]]
    changed: Sequence[tuple[Asset, AssetVersion]]
    vanished: Sequence[Asset]


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the tree that is no asset itself."""

    ref: str
    name: str
    kind: AssetKind
    children: int


@dataclass(frozen=True, slots=True)
class AssetService:
    """Reads only; ``seen`` is what the caller may see, and nothing else comes out."""

    assets: CatalogRepository
    profiles: ProfileReader
    clock: Clock

    async def page(
        self, seen: Visibility, wanted: AssetFilter, query: PageQuery, *, with_total: bool = False
    ) -> Page[Asset]:
        return await self.assets.page(seen, wanted, query, with_total=with_total)

    async def get(self, asset_id: UUID, seen: Visibility) -> Asset:
        """NotFound also for what the caller may not see."""
        return _found(await self.assets.get(asset_id, seen), str(asset_id))

    async def by_ref(self, ref: str, seen: Visibility) -> Asset:
        return _found(await self.assets.by_ref(ref, seen), ref)

    async def meant(self, text: str, seen: Visibility) -> Asset:
        """The asset that a person means by a ref, a dotted path or a name.

        NotFound when there is none, Conflict when it could be several.
        """
        found = await self.assets.named(text, seen)
        if not found:
            raise NotFound(f"There is no asset named {text}. Try: muniment catalog search {text}")
        first = found[0]
        dotted = ".".join(first.path)
        exact = text == first.ref or text.lower() in (
            dotted.lower(),
            f"{first.source}.{dotted}".lower(),
        )
        if len(found) > 1 and not exact:
            listed = ", ".join(asset.ref for asset in found)
            raise Conflict(f"{text} could be one of these; name one of them: {listed}")
        return first

    async def columns(
        self, asset_id: UUID, seen: Visibility, query: PageQuery
    ) -> Page[AssetColumn]:
        asset = await self.get(asset_id, seen)
        return await self.assets.columns(asset.id, query)

    async def versions(
        self, asset_id: UUID, seen: Visibility, query: PageQuery
    ) -> Page[AssetVersion]:
        asset = await self.get(asset_id, seen)
        return await self.assets.versions(asset.id, query)

    async def version(self, asset_id: UUID, seen: Visibility, version: int) -> AssetVersion:
        asset = await self.get(asset_id, seen)
        found = await self.assets.version(asset.id, version)
        if found is None:
            raise NotFound("The asset has no such version.", version=version)
        return found

    async def version_at(self, asset_id: UUID, seen: Visibility, moment: datetime) -> AssetVersion:
        """What the asset was at a moment; NotFound before it was first seen."""
        asset = await self.get(asset_id, seen)
        found = await self.assets.version_at(asset.id, moment)
        if found is None:
            raise NotFound("The asset was not known at that time.", at=moment.isoformat())
        return found

    async def diff(
        self, asset_id: UUID, seen: Visibility, before: int, after: int
    ) -> Sequence[Difference]:
        """What changed from one version to another."""
        old = await self.version(asset_id, seen, before)
        new = await self.version(asset_id, seen, after)
        return differences(old.document, new.document)

    async def sample(self, asset: Asset, *, may_see: bool) -> Sequence[ColumnSample]:
        """Frequent values by column, masked by classification; empty before the first profile."""
        profile = await self.profiles.profile_of(asset.ref)
        if profile is None:
            return []
        columns = await self.assets.columns(asset.id, EVERY_COLUMN)
        sensitivities = {
            column.name: None if column.sensitivity is None else Sensitivity(column.sensitivity)
            for column in columns.items
        }
        return samples(profile, sensitivities, may_see=may_see)

    async def branches(self, seen: Visibility, parent: str | None) -> Sequence[Asset | Branch]:
        """The sources of which the caller sees something, or what lies directly below a ref.

        Folders and schemas that are no assets themselves group what is below them.
        """
        if parent is None:
            counts = sorted(await self.assets.counts(seen, Asset.source))
            return [
                Branch(str(AssetRef(source)), source, AssetKind.SOURCE, count)
                for source, count in counts
            ]
        held = await self.assets.children(seen, parent)
        known = {asset.ref for asset in held}
        groups = await self.assets.groups(seen, AssetRef.parse(parent))
        return [
            *(
                Branch(str(ref), ref.name, AssetKind.SCHEMA, count)
                for ref, count in groups
                if str(ref) not in known
            ),
            *held,
        ]

    async def overview(self, seen: Visibility) -> Overview:
        """Counts of the whole estate and what the last day changed."""
        yesterday = self.clock.now() - timedelta(days=1)
        by_sensitivity = await self.assets.counts(seen, Asset.sensitivity)
        return Overview(
            totals=await self.assets.totals(seen),
            sensitive_columns=await self.assets.sensitive_columns(seen),
            by_kind=await self.assets.counts(seen, Asset.kind),
            by_source=await self.assets.counts(seen, Asset.source),
            by_sensitivity=[(sensitivity_word(level), count) for level, count in by_sensitivity],
            changed=await self.assets.changes_since(seen, yesterday, limit=20),
            vanished=await self.assets.vanished_since(seen, yesterday, limit=20),
        )


def sensitivity_word(level: int | None) -> str:
    """The level's name; ``unlabelled`` where no label says anything."""
    return "unlabelled" if level is None else Sensitivity(level).word


def _found(asset: Asset | None, named: str) -> Asset:
    if asset is None:
        raise NotFound("There is no such asset, or you may not see it.", asset=named)
    return asset
