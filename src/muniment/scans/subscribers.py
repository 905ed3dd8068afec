"""What scans listen to: a source that is gone, or whose limits were changed."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from muniment.contracts.sources import SourceChanged, SourceReader, SourceRemoved
from muniment.platform.bus import Bus
from muniment.scans.service.runs import RunService
from muniment.scans.service.schedules import ScheduleService

NAME = "scans.keeper"


@dataclass(frozen=True, slots=True)
class ScansListener:
    """Ends what was planned for a source; its runs stay as history."""

    runs: RunService
    schedules: ScheduleService
    sources: SourceReader

    async def on_source_removed(self, event: SourceRemoved) -> None:
        """Safe to repeat; when the name is in use again by now, nothing is ended."""
        if event.name in {source.name for source in await self.sources.sources()}:
            return
        await self.schedules.forget(event.name)
        await self.runs.cancel_active(event.name)
        await self.runs.forget(event.name)

    async def on_source_changed(self, event: SourceChanged) -> None:
        """What people now allow a scan holds for the one that is under way, too."""
        known = {source.name: source for source in await self.sources.sources()}
        if event.name in known:
            await self.runs.keep_limits(known[event.name])


OpenListener = Callable[[], AbstractAsyncContextManager[ScansListener]]


def subscribe(bus: Bus, open_listener: OpenListener) -> None:
    """Each delivery runs in its own unit of work."""

    async def on_source_removed(event: SourceRemoved) -> None:
        async with open_listener() as listener:
            await listener.on_source_removed(event)

    async def on_source_changed(event: SourceChanged) -> None:
        async with open_listener() as listener:
            await listener.on_source_changed(event)

    bus.on(SourceRemoved, on_source_removed, name=NAME)
    bus.on(SourceChanged, on_source_changed, name=NAME)
