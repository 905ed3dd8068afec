"""What people say of assets: one at a time or many at once, each change a version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from muniment.catalog.assets.documents import ANNOTATIONS, changed_fields
from muniment.catalog.assets.store import AssetStore
from muniment.catalog.model import Certification
from muniment.catalog.repository import CatalogRepository
from muniment.catalog.tables import NOW_XID, Asset, AssetColumn
from muniment.contracts.catalog import AssetAnnotated
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Invalid, MunimentError, NotFound, StaleVersion
from muniment.kernel.events import Outbox
from muniment.kernel.principal import Principal
from muniment.kernel.refs import AssetRef
from muniment.platform.policy import Visibility

MAX_BULK = 1000


@dataclass(frozen=True, slots=True)
class Annotation:
    """Changes to one asset: field to new value; None takes back what a person said.

    ``revision`` is the one that was read; None when any will do.
    """

    asset_id: UUID
    values: Mapping[str, Any]
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Annotated:
    """The outcome for one asset of a bulk change: its new revision, or what went wrong."""

    asset_id: UUID
    revision: int | None = None
    problem: MunimentError | None = None


@dataclass(frozen=True, slots=True)
class AnnotationService:
    assets: CatalogRepository
    store: AssetStore
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def annotate(self, annotation: Annotation, seen: Visibility) -> Asset:
        """Change one asset. NotFound, Invalid, or StaleVersion when somebody was quicker."""
        [outcome] = await self.annotate_many([annotation], seen)
        if outcome.problem is not None:
            raise outcome.problem
        [asset] = await self.assets.locked([annotation.asset_id], seen)
        return asset

    async def annotate_many(
        self, annotations: Sequence[Annotation], seen: Visibility
    ) -> Sequence[Annotated]:
        """Change many assets; one that cannot be changed does not keep the others back."""
        if len({annotation.asset_id for annotation in annotations}) != len(annotations):
            raise Invalid("An asset is named twice in one bulk change. Put its changes together.")
        held = await self.assets.locked([a.asset_id for a in annotations], seen)
        found = {asset.id: asset for asset in held}
        documents = await self.assets.documents(held)
        outcomes: list[Annotated] = []
        versions: list[dict[str, Any]] = []
        for annotation in annotations:
            asset = found.get(annotation.asset_id)
            try:
                changed = self._apply(annotation, asset, seen)
            except MunimentError as problem:
                outcomes.append(Annotated(annotation.asset_id, problem=problem))
                continue
            asset = found[annotation.asset_id]
            if changed:
                versions.append(self._version(asset, documents.get(asset.id, {}), changed))
                event = AssetAnnotated(
                    asset=AssetRef.parse(asset.ref), fields=changed, actor=self.caller.name
                )
                await self.outbox.publish(event)
            outcomes.append(Annotated(asset.id, revision=asset.revision))
        await self.assets.session.flush()
        await self.store.add_versions(versions)
        return outcomes

    def _apply(
        self, annotation: Annotation, asset: Asset | None, seen: Visibility
    ) -> tuple[str, ...]:
        """Set the fields on the asset; the names of those that differ now."""
        if asset is None:
            raise NotFound("There is no such asset.", asset=str(annotation.asset_id))
        if annotation.revision is not None and annotation.revision != asset.revision:
            raise StaleVersion(
                "The asset was changed since it was read. Read it again, then repeat the change.",
                revision=asset.revision,
            )
        domain = annotation.values.get("domain")
        if domain is not None and not seen.allows(domain):
            raise Invalid(f"The domain {domain} is not one in which you may annotate.")
        before = {name: getattr(asset, name) for name in ANNOTATIONS}
        for name, value in annotation.values.items():
            _set(asset, name, value)
        changed = changed_fields(before, {name: getattr(asset, name) for name in ANNOTATIONS})
        if changed:
            asset.annotated = sorted(
                {*asset.annotated, *annotation.values}
                - {name for name, value in annotation.values.items() if value is None}
            )
            asset.version += 1
            asset.revision += 1
            asset.updated_at = self.clock.now()
            asset.changed_xid = NOW_XID
        return changed

    def _version(
        self, asset: Asset, document: Mapping[str, Any], changed: Sequence[str]
    ) -> dict[str, Any]:
        said = {name: getattr(asset, name) for name in ANNOTATIONS}
        said["tags"] = list(said["tags"])
        after = {**document, **said}
        return {
            "asset_id": str(asset.id),
            "version": asset.version,
            "at": self.clock.now().isoformat(),
            "changed": list(changed),
            "document": after,
            "actor": self.caller.name,
            "run_id": None,
        }

    async def describe_column(
        self, asset_id: UUID, name: str, description: str | None, seen: Visibility
    ) -> AssetColumn:
        """Say what a column means. NotFound when there is none of that name."""
        held = await self.assets.locked([asset_id], seen)
        column = await self.assets.column(asset_id, name) if held else None
        if column is None:
            raise NotFound("There is no such column.", asset=str(asset_id), column=name)
        if column.description == description:
            return column
        column.description = description
        [asset] = held
        asset.updated_at = self.clock.now()
        asset.changed_xid = NOW_XID
        await self.outbox.publish(
            AssetAnnotated(
                asset=AssetRef.parse(asset.ref),
                fields=(f"columns.{name}.description",),
                actor=self.caller.name,
            )
        )
        return column


def _set(asset: Asset, name: str, value: Any) -> None:
    if name not in ANNOTATIONS:
        raise Invalid(f"{name} is not something that can be annotated.")
    if name == "tags":
        asset.tags = sorted({tag.strip() for tag in value or () if tag.strip()})
    elif name == "certification":
        asset.certification = Certification(value or Certification.NONE).value
    else:
        setattr(asset, name, value)
