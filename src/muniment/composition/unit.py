"""The six groups on one transaction, wired to one another."""

from dataclasses import dataclass
from functools import cached_property

from muniment.composition.ground import Ground
from muniment.composition.scans import ScansServices, build_scans
from muniment.composition.sources import SourcesServices, build_sources
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

    @cached_property
    def sources(self) -> SourcesServices:
        return build_sources(self.ground)

    @cached_property
    def scans(self) -> ScansServices:
        return build_scans(self.ground, sources=self.sources.sources)
