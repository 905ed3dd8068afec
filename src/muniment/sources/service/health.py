"""The health of sources: what is due, what a probe changes, and the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from muniment.contracts.connectors import SourceConnection
from muniment.contracts.sources import HealthChanged
from muniment.kernel.clock import Clock
from muniment.kernel.events import Outbox
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import EVERYTHING, Visibility
from muniment.sources.model import Probe, Pulse
from muniment.sources.repository.health import Availability, HealthRepository
from muniment.sources.service.sources import SourceService
from muniment.sources.tables import ProbeRecord

LEASE = timedelta(minutes=2)
KEPT = timedelta(days=30)
FORGET_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class HealthService:
    repository: HealthRepository
    sources: SourceService
    outbox: Outbox
    clock: Clock

    async def claim_due(self, limit: int = 50) -> Sequence[SourceConnection]:
        """Connections of the sources whose probe is due; nobody else gets them meanwhile."""
        names = await self.repository.claim_due(self.clock.now(), LEASE, limit)
        return [await self.sources.connection(name) for name in names]

    async def record(self, name: str, probe: Probe) -> Pulse:
        """Add a probe to the history and tell when it changed the state."""
        source = await self.sources.get(name)
        before = await self.repository.pulse(source.id)
        after = before.after(probe)
        now = self.clock.now()
        spread = source.id.int % 1000 / 1000
        await self.repository.record(
            source.id, probe, after, now=now, next_at=now + after.wait(spread)
        )
        if after.health is not before.health:
            await self.outbox.publish(
                HealthChanged(
                    source_id=source.id,
                    name=name,
                    before=before.health,
                    after=after.health,
                    reason=probe.message,
                )
            )
        return after

    async def history(
        self, name: str, query: PageQuery, seen: Visibility = EVERYTHING
    ) -> Page[ProbeRecord]:
        source = await self.sources.get(name, seen)
        return await self.repository.history(source.id, query)

    async def availability(
        self, name: str, over: timedelta, seen: Visibility = EVERYTHING
    ) -> Availability:
        """Probes of the last ``over``, counted."""
        source = await self.sources.get(name, seen)
        return await self.repository.availability(source.id, self.clock.now() - over)

    async def forget_old(self) -> int:
        """Drop history that is older than a month; returns how many probes."""
        return await self.repository.forget_before(self.clock.now() - KEPT, FORGET_AT_ONCE)
