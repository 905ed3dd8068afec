"""What the asset half of the catalogue listens to."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from muniment.catalog.assets.labels import LabelKeeper
from muniment.catalog.assets.publisher import Publisher
from muniment.catalog.assets.registrar import Registrar
from muniment.catalog.lineage.deriver import Deriver
from muniment.contracts.catalog import IncidentOpened, IncidentResolved, QualityEvaluated
from muniment.contracts.classification import AssetLabelled
from muniment.contracts.sources import (
    SchemaChanged,
    SourceChanged,
    SourceReader,
    SourceRemoved,
)
from muniment.platform.bus import Bus

NAME = "catalog.assets"


@dataclass(frozen=True, slots=True)
class CatalogListener:
    """What the catalogue does when it hears of something; every reaction is safe to repeat."""

    labels: LabelKeeper
    registrar: Registrar
    deriver: Deriver
    publisher: Publisher
    sources: SourceReader

    async def labelled(self, event: AssetLabelled) -> None:
        await self.labels.keep(event.asset, event.labels)

    async def source_changed(self, event: SourceChanged) -> None:
        """Domain and owner of a source are those of its assets, unless a person said otherwise."""
        if {"domain", "owner"} & set(event.fields):
            source = await self.sources.source(event.name)
            await self.registrar.store.adopt(source.name, source.domain, source.owner)

    async def quality_changed(
        self, event: QualityEvaluated | IncidentOpened | IncidentResolved
    ) -> None:
        await self.publisher.refresh_quality([str(event.asset)])


OpenListener = Callable[[], AbstractAsyncContextManager[CatalogListener]]


def subscribe(bus: Bus, open_listener: OpenListener) -> None:
    """Each delivery runs in its own unit of work."""

    async def on_labelled(event: AssetLabelled) -> None:
        async with open_listener() as catalog:
            await catalog.labelled(event)

    async def on_source_changed(event: SourceChanged) -> None:
        async with open_listener() as catalog:
            await catalog.source_changed(event)

    async def on_source_removed(event: SourceRemoved) -> None:
        async with open_listener() as catalog:
            await catalog.registrar.remove_source(event.name)
            await catalog.deriver.forget_source(event.name)

    async def on_schema_changed(event: SchemaChanged) -> None:
        async with open_listener() as catalog:
            await catalog.deriver.on_schema_changed(event)

    async def on_quality(event: QualityEvaluated | IncidentOpened | IncidentResolved) -> None:
        async with open_listener() as catalog:
            await catalog.quality_changed(event)

    bus.on(AssetLabelled, on_labelled, name=NAME)
    bus.on(SourceChanged, on_source_changed, name=NAME)
    bus.on(SourceRemoved, on_source_removed, name=NAME)
    bus.on(SchemaChanged, on_schema_changed, name=NAME)
    bus.on(QualityEvaluated, on_quality, name=NAME)
    bus.on(IncidentOpened, on_quality, name=NAME)
    bus.on(IncidentResolved, on_quality, name=NAME)
