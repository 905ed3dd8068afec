"""The switch by which the review queue stops asking where people always agreed."""

from collections.abc import Sequence
from dataclasses import dataclass

from muniment.classification.asking import Agreement, Asking
from muniment.classification.repository.asking import AskingRepository
from muniment.contracts.classification import AskingChanged
from muniment.kernel.clock import Clock
from muniment.kernel.events import Outbox
from muniment.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class AskingService:
    stored: AskingRepository
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def current(self) -> Asking:
        """The switch and the bar; on, with the bar of the house, until somebody says otherwise."""
        row = await self.stored.the_one()
        if row is None:
            return Asking()
        return Asking(row.enabled, row.bar, row.updated_by, row.updated_at)

    async def agreements(self) -> Sequence[Agreement]:
        """How often people agreed, by label and confidence."""
        return await self.stored.agreements()

    async def learned(self) -> Sequence[Agreement]:
        """The kinds of labels that are asked about no more."""
        asking = await self.current()
        return asking.learned(await self.stored.agreements()) if asking.enabled else ()

    async def put(self, *, enabled: bool, bar: float) -> Asking:
        """Switch it, and set the agreement from which on nothing is asked."""
        now = self.clock.now()
        row = {
            "enabled": enabled,
            "bar": bar,
            "updated_by": self.caller.name,
            "updated_at": now,
        }
        await self.stored.keep(row)
        await self.outbox.publish(AskingChanged(enabled=enabled, bar=bar, actor=self.caller.name))
        return Asking(enabled, bar, self.caller.name, now)
