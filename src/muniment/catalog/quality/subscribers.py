"""What quality listens to."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from muniment.catalog.quality.service.incidents import IncidentService
from muniment.contracts.sources import SchemaChanged
from muniment.platform.bus import Bus

OpenIncidents = Callable[[], AbstractAsyncContextManager[IncidentService]]


def subscribe(bus: Bus, open_incidents: OpenIncidents) -> None:
    """Each delivery runs in its own unit of work."""

    async def on_schema_changed(event: SchemaChanged) -> None:
        async with open_incidents() as incidents:
            await incidents.on_schema_changed(event)

    bus.on(SchemaChanged, on_schema_changed, name="catalog.quality")
