"""What classification listens to: vanished columns and assets, and domains that change."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from muniment.classification.repository.labels import LabelRepository
from muniment.classification.service.labels import LabelService
from muniment.contracts.catalog import AssetAnnotated, AssetReader, AssetVanished
from muniment.contracts.sources import ChangeKind, SchemaChanged, SourceChanged
from muniment.kernel.refs import AssetRef
from muniment.platform.bus import Bus

NAME = "classification.keeper"


@dataclass(frozen=True, slots=True)
class ClassificationListener:
    """Keeps labels in step with the estate."""

    labels: LabelService
    stored: LabelRepository
    assets: AssetReader

    async def on_schema_changed(self, event: SchemaChanged) -> None:
        """Labels of removed columns are no longer present; decisions about them are kept."""
        if event.kind is ChangeKind.REMOVED:
            await self.labels.forget(event.asset)
            return
        gone = [change.column for change in event.columns if change.kind is ChangeKind.REMOVED]
        if gone:
            await self.labels.forget(event.asset, gone)

    async def on_asset_vanished(self, event: AssetVanished) -> None:
        await self.labels.forget(event.asset)

    async def on_asset_annotated(self, event: AssetAnnotated) -> None:
        """Who may see labels follows the domain of the asset."""
        if "domain" in event.fields:
            await self._take_domains([event.asset])

    async def on_source_changed(self, event: SourceChanged) -> None:
        """Assets inherit the domain of their source unless they have their own."""
        if "domain" in event.fields:
            known = await self.stored.assets_of(event.name)
            await self._take_domains([AssetRef.parse(asset) for asset in known])

    async def _take_domains(self, assets: list[AssetRef]) -> None:
        facts = await self.assets.asset_facts(assets) if assets else ()
        await self.stored.set_domains(
            [
                {
                    "asset": str(fact.asset),
                    "source": fact.asset.source,
                    "domain": fact.domain,
                    "columns": fact.columns,
                    "rows": fact.rows or 0,
                    "present": True,
                }
                for fact in facts
            ]
        )


OpenListener = Callable[[], AbstractAsyncContextManager[ClassificationListener]]


def subscribe(bus: Bus, open_listener: OpenListener) -> None:
    """Each delivery runs in its own unit of work."""

    async def on_schema_changed(event: SchemaChanged) -> None:
        async with open_listener() as listener:
            await listener.on_schema_changed(event)

    async def on_asset_vanished(event: AssetVanished) -> None:
        async with open_listener() as listener:
            await listener.on_asset_vanished(event)

    async def on_asset_annotated(event: AssetAnnotated) -> None:
        async with open_listener() as listener:
            await listener.on_asset_annotated(event)

    async def on_source_changed(event: SourceChanged) -> None:
        async with open_listener() as listener:
            await listener.on_source_changed(event)

    bus.on(SchemaChanged, on_schema_changed, name=NAME)
    bus.on(AssetVanished, on_asset_vanished, name=NAME)
    bus.on(AssetAnnotated, on_asset_annotated, name=NAME)
    bus.on(SourceChanged, on_source_changed, name=NAME)
