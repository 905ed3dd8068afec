"""Builds the quality half of the Data Catalogue on one transaction."""

from dataclasses import dataclass

from muniment.catalog.quality.repository.assets import AssetGate
from muniment.catalog.quality.repository.checks import CheckRepository
from muniment.catalog.quality.repository.incidents import IncidentRepository
from muniment.catalog.quality.repository.keys import KeyRepository
from muniment.catalog.quality.repository.profiles import ProfileRepository
from muniment.catalog.quality.repository.scores import ScoreRepository
from muniment.catalog.quality.service.checks import CheckService
from muniment.catalog.quality.service.incidents import IncidentService
from muniment.catalog.quality.service.planning import CheckPlanner
from muniment.catalog.quality.service.profiles import ProfileService
from muniment.catalog.quality.service.publishing import AnalysisStore
from muniment.catalog.quality.service.references import ReferenceService
from muniment.catalog.quality.service.scores import ScoreService
from muniment.composition.ground import Ground
from muniment.contracts.classification import LabelReader


@dataclass(frozen=True, slots=True)
class CatalogQualityServices:
    """What the other layers use of the half of the catalogue that looks at data."""

    planner: CheckPlanner
    """Answers ``contracts.catalog.QualityPlanner``."""
    analysis: AnalysisStore
    """Answers ``catalog.model.AnalysisPublisher``."""
    scores: ScoreService
    """Answers ``catalog.model.QualityReader``."""
    profiles: ProfileService
    """Answers ``catalog.model.ProfileReader``."""
    checks: CheckService
    incidents: IncidentService
    references: ReferenceService


def build_catalog_quality(ground: Ground, *, labels: LabelReader) -> CatalogQualityServices:
    """Wire the half; it needs to know the labels, because rules may ask for them."""
    session, clock = ground.session, ground.clock
    assets, checks = AssetGate(session), CheckRepository(session)
    profiles, scores = ProfileRepository(session), ScoreRepository(session)
    references = ReferenceService(KeyRepository(session))
    incidents = IncidentService(IncidentRepository(session), ground.outbox, clock, ground.caller)
    return CatalogQualityServices(
        planner=CheckPlanner(checks, profiles, labels, clock),
        analysis=AnalysisStore(
            profiles, checks, scores, incidents, references, ground.outbox, clock
        ),
        scores=ScoreService(scores, assets, clock),
        profiles=ProfileService(profiles, assets),
        checks=CheckService(checks, assets, clock, ground.caller),
        incidents=incidents,
        references=references,
    )
