"""What rule sets listen to: a source that is gone takes the sets that were only for it along."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from muniment.contracts.sources import SourceReader, SourceRemoved
from muniment.platform.bus import Bus
from muniment.rulesets.service.sets import RuleSetService

NAME = "rulesets.keeper"


@dataclass(frozen=True, slots=True)
class RuleSetListener:
    """Keeps rule sets in step with the sources they are for."""

    sets: RuleSetService
    sources: SourceReader

    async def on_source_removed(self, event: SourceRemoved) -> None:
        """Safe to repeat; when the name is in use again by now, nothing is retired."""
        registered = {source.name for source in await self.sources.sources()}
        if event.name not in registered:
            await self.sets.retire_orphans(event.name, registered)


OpenListener = Callable[[], AbstractAsyncContextManager[RuleSetListener]]


def subscribe(bus: Bus, open_listener: OpenListener) -> None:
    """Each delivery runs in its own unit of work."""

    async def on_source_removed(event: SourceRemoved) -> None:
        async with open_listener() as listener:
            await listener.on_source_removed(event)

    bus.on(SourceRemoved, on_source_removed, name=NAME)
