"""The services of Data Sources on one transaction."""

from dataclasses import dataclass

from muniment.composition.ground import Ground
from muniment.sources.repository.health import HealthRepository
from muniment.sources.repository.snapshots import SnapshotRepository
from muniment.sources.repository.sources import SourceRepository
from muniment.sources.service.health import HealthService
from muniment.sources.service.snapshots import SnapshotService
from muniment.sources.service.sources import SourceService


@dataclass(frozen=True, slots=True)
class SourcesServices:
    """``sources`` answers SourceReader and ConnectionResolver, ``snapshots`` SnapshotKeeper."""

    sources: SourceService
    health: HealthService
    snapshots: SnapshotService


def build_sources(ground: Ground) -> SourcesServices:
    """Wire the group; it needs none of its siblings."""
    session, outbox, clock = ground.session, ground.outbox, ground.clock
    sources = SourceService(
        SourceRepository(session), outbox, clock, ground.vault, ground.caller.name
    )
    return SourcesServices(
        sources=sources,
        health=HealthService(HealthRepository(session), sources, outbox, clock),
        snapshots=SnapshotService(SnapshotRepository(session), sources, outbox, clock),
    )
