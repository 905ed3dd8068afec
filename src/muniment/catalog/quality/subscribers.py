"""What quality listens to."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from muniment.catalog.quality.service.incidents import IncidentService
from muniment.catalog.quality.service.references import ReferenceService
from muniment.contracts.scans import RunFinished
from muniment.contracts.sources import SchemaChanged, SourceRemoved
from muniment.platform.bus import Bus

OpenIncidents = Callable[[], AbstractAsyncContextManager[IncidentService]]
OpenReferences = Callable[[], AbstractAsyncContextManager[ReferenceService]]


def subscribe(bus: Bus, open_incidents: OpenIncidents, open_references: OpenReferences) -> None:
    """Each delivery runs in its own unit of work."""

    async def on_schema_changed(event: SchemaChanged) -> None:
        async with open_incidents() as incidents:
            await incidents.on_schema_changed(event)

    async def on_source_removed(event: SourceRemoved) -> None:
        async with open_incidents() as incidents:
            await incidents.on_source_removed(event)

    async def on_run_finished(event: RunFinished) -> None:
        async with open_references() as references:
            await references.forget(event.run_id)

    bus.on(SchemaChanged, on_schema_changed, name="catalog.quality")
    bus.on(SourceRemoved, on_source_removed, name="catalog.quality")
    bus.on(RunFinished, on_run_finished, name="catalog.quality")
