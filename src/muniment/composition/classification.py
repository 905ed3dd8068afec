"""Builds the services of Classifications on one transaction."""

from dataclasses import dataclass

from muniment.classification.repository.asking import AskingRepository
from muniment.classification.repository.classifiers import ClassifierRepository
from muniment.classification.repository.history import HistoryRepository
from muniment.classification.repository.inherited import InheritedRepository
from muniment.classification.repository.kept import KeptRepository
from muniment.classification.repository.labels import LabelRepository
from muniment.classification.repository.models import ModelRepository
from muniment.classification.repository.overview import OverviewRepository
from muniment.classification.repository.revaluation import RevaluationRepository
from muniment.classification.service.asking import AskingService
from muniment.classification.service.classifiers import ClassifierService
from muniment.classification.service.decisions import DecisionService
from muniment.classification.service.inheritance import InheritanceService
from muniment.classification.service.labels import LabelService
from muniment.classification.service.models import ModelService
from muniment.classification.service.record import Recorder
from muniment.classification.service.revaluation import RevaluationService
from muniment.classification.service.review import ReviewService
from muniment.classification.service.risks import RiskService
from muniment.classification.service.rollback import RollbackService
from muniment.classification.subscribers import ClassificationListener
from muniment.composition.ground import Ground
from muniment.contracts.catalog import AssetReader, CopyReader
from muniment.contracts.classification import ClassificationPlanner, LabelPublisher
from muniment.contracts.sources import SourceReader


@dataclass(frozen=True, slots=True)
class ClassificationServices:
    """What the other layers use of the group."""

    labels: LabelService
    """Answers ``contracts.classification.LabelReader``."""
    publisher: LabelPublisher
    classifiers: ClassifierService
    planner: ClassificationPlanner
    decisions: DecisionService
    review: ReviewService
    record: Recorder
    risks: RiskService
    revaluations: RevaluationService
    models: ModelService
    rollback: RollbackService


def build_classification(ground: Ground, *, sources: SourceReader) -> ClassificationServices:
    """Wire the group; it needs the sources because assets inherit their domain."""
    session, outbox, clock = ground.session, ground.outbox, ground.clock
    stored = LabelRepository(session)
    kept = KeptRepository(session)
    record = Recorder(HistoryRepository(session), kept, outbox, clock, ground.caller)
    risks = RiskService(kept, outbox, clock)
    labels = LabelService(stored, sources, outbox, clock, record, risks)
    models = ModelRepository(session)
    classifiers = ClassifierService(
        ClassifierRepository(session), models, outbox, clock, ground.caller, ground.settings
    )
    asking = AskingService(AskingRepository(session), outbox, clock, ground.caller)
    again = RevaluationRepository(session)
    revaluations = RevaluationService(
        again, kept, labels, classifiers, outbox, clock, ground.caller
    )
    return ClassificationServices(
        labels=labels,
        publisher=labels,
        classifiers=classifiers,
        planner=classifiers,
        decisions=DecisionService(stored, labels, classifiers, outbox, clock, ground.caller),
        review=ReviewService(OverviewRepository(session), stored, asking),
        record=record,
        risks=risks,
        revaluations=revaluations,
        models=ModelService(models, classifiers, revaluations, outbox, clock, ground.caller),
        rollback=RollbackService(
            again, record.history, stored, labels, classifiers, outbox, clock, ground.caller
        ),
    )


def build_inheritance(
    ground: Ground, labels: LabelService, *, assets: AssetReader, lineage: CopyReader
) -> InheritanceService:
    """The part that asks the catalogue; apart, because the catalogue itself asks for labels."""
    stored = InheritedRepository(ground.session)
    return InheritanceService(stored, labels, lineage, assets, ground.clock)


def build_classification_listener(
    services: ClassificationServices, inheritance: InheritanceService, *, assets: AssetReader
) -> ClassificationListener:
    """The part that hears events; apart for the same reason."""
    return ClassificationListener(services.labels, services.labels.labels, inheritance, assets)
