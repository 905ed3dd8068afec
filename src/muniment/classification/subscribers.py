"""What classification listens to: columns and assets that go, domains, and lineage."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from muniment.classification.repository.labels import LabelRepository
from muniment.classification.service.inheritance import InheritanceService
from muniment.classification.service.labels import LabelService
from muniment.contracts.catalog import (
    AssetAnnotated,
    AssetReader,
    AssetVanished,
    LineageBroken,
    LineageChanged,
)
from muniment.contracts.classification import AssetLabelled
from muniment.contracts.sources import ChangeKind, SchemaChanged, SourceChanged
from muniment.kernel.refs import AssetRef
from muniment.platform.bus import Bus

NAME = "classification.keeper"


@dataclass(frozen=True, slots=True)
class ClassificationListener:
    """Keeps labels in step with the estate."""

    labels: LabelService
    stored: LabelRepository
    inheritance: InheritanceService
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

    async def on_asset_labelled(self, event: AssetLabelled) -> None:
        """What is copied from the asset follows; a run lets it follow as one of its steps."""
        await self.inheritance.follow([event.asset])

    async def on_lineage_changed(self, event: LineageChanged) -> None:
        await self.inheritance.follow_source(event.source)

    async def on_lineage_broken(self, event: LineageBroken) -> None:
        await self.inheritance.follow(event.downstream)

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

    async def on_asset_labelled(event: AssetLabelled) -> None:
        if event.run_id is None:
            async with open_listener() as listener:
                await listener.on_asset_labelled(event)

    async def on_lineage_changed(event: LineageChanged) -> None:
        if event.run_id is None:
            async with open_listener() as listener:
                await listener.on_lineage_changed(event)

    async def on_lineage_broken(event: LineageBroken) -> None:
        async with open_listener() as listener:
            await listener.on_lineage_broken(event)

    bus.on(SchemaChanged, on_schema_changed, name=NAME)
    bus.on(AssetVanished, on_asset_vanished, name=NAME)
    bus.on(AssetAnnotated, on_asset_annotated, name=NAME)
    bus.on(SourceChanged, on_source_changed, name=NAME)
    bus.on(AssetLabelled, on_asset_labelled, name=NAME)
    bus.on(LineageChanged, on_lineage_changed, name=NAME)
    bus.on(LineageBroken, on_lineage_broken, name=NAME)
