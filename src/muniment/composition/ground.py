"""What every group's services stand on within one transaction."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from muniment.kernel.clock import Clock
from muniment.kernel.events import Outbox
from muniment.kernel.principal import Principal
from muniment.platform.settings import Settings
from muniment.platform.vault import Vault


@dataclass(frozen=True, slots=True)
class Ground:
    """One transaction, who acts in it, and the process-wide tools."""

    session: AsyncSession
    outbox: Outbox
    clock: Clock
    settings: Settings
    vault: Vault
    caller: Principal
