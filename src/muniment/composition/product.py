"""The running product: what lives as long as its process, and how a transaction begins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession

from muniment.compliance.audit.recorder import AuditRecorder
from muniment.composition.ground import Ground
from muniment.composition.unit import Unit
from muniment.kernel.clock import Clock, SystemClock
from muniment.kernel.principal import SYSTEM, Principal
from muniment.platform.bus import Bus
from muniment.platform.db import Database
from muniment.platform.identity.gate import AccountGate
from muniment.platform.outbox import TransactionalOutbox
from muniment.platform.policy import Decider
from muniment.platform.settings import Settings
from muniment.platform.vault import Vault


@dataclass(frozen=True, slots=True)
class Product:
    """One per process; every request and every job step opens one ``Unit`` on it."""

    settings: Settings
    database: Database
    vault: Vault
    clock: Clock
    accounts: AccountGate
    decider: Decider
    bus: Bus

    @classmethod
    def on(
        cls,
        settings: Settings,
        url: str,
        *,
        clock: Clock | None = None,
        pool_size: int = 5,
        application_name: str = "muniment",
    ) -> Self:
        """A product over a migrated database."""
        database = Database(url, pool_size=pool_size, application_name=application_name)
        return cls(
            settings=settings,
            database=database,
            vault=Vault.from_file(settings.key_file),
            clock=clock or SystemClock(),
            accounts=AccountGate(database),
            decider=Decider(),
            bus=Bus(),
        )

    @asynccontextmanager
    async def reading(self, caller: Principal = SYSTEM) -> AsyncIterator[Unit]:
        """Services on one read-only transaction."""
        async with self.database.reading() as session:
            yield self._unit(session, caller)

    @asynccontextmanager
    async def writing(self, caller: Principal = SYSTEM) -> AsyncIterator[Unit]:
        """Services on one transaction that is committed at the end."""
        async with self.database.writing() as session:
            yield self._unit(session, caller)

    def _unit(self, session: AsyncSession, caller: Principal) -> Unit:
        ground = Ground(
            session=session,
            outbox=TransactionalOutbox(
                session, caller.name, (AuditRecorder(session, caller.name),)
            ),
            clock=self.clock,
            settings=self.settings,
            vault=self.vault,
            caller=caller,
        )
        return Unit(ground)

    async def close(self) -> None:
        await self.database.close()
