"""The six groups on one transaction, wired to one another."""

from dataclasses import dataclass
from functools import cached_property

from muniment.composition.ground import Ground
from muniment.platform.identity.repository import AccountRepository
from muniment.platform.identity.service import IdentityService


@dataclass(frozen=True)
class Unit:
    """Services are built at first use: a request pays for what it touches."""

    ground: Ground

    @cached_property
    def identity(self) -> IdentityService:
        return IdentityService(
            AccountRepository(self.ground.session),
            self.ground.outbox,
            self.ground.clock,
            self.ground.caller,
        )
