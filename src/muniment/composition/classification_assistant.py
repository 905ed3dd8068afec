"""Builds what classification learns from profiles, on one transaction: assistant and mining."""

from dataclasses import dataclass

from muniment.classification.repository.assistant import AssistantRepository
from muniment.classification.repository.labels import LabelRepository
from muniment.classification.repository.mined import MinedRepository
from muniment.classification.service.assistant import AssistantService
from muniment.classification.service.assistant_asking import AskingService
from muniment.classification.service.mining import MiningService
from muniment.composition.classification import ClassificationServices
from muniment.composition.ground import Ground
from muniment.contracts.catalog import ProfileReader


@dataclass(frozen=True, slots=True)
class AssistantServices:
    """What people set and see, what a worker needs to ask, and what unlabelled columns share."""

    assistant: AssistantService
    asking: AskingService
    mining: MiningService


def build_assistant(
    ground: Ground, classification: ClassificationServices, *, profiles: ProfileReader
) -> AssistantServices:
    """Wire the third tier; apart, because it asks the catalogue for profiles."""
    stored = AssistantRepository(ground.session)
    assistant = AssistantService(
        stored,
        classification.classifiers,
        profiles,
        ground.vault,
        ground.outbox,
        ground.clock,
        ground.caller,
    )
    return AssistantServices(
        assistant,
        AskingService(
            assistant,
            stored,
            classification.labels,
            LabelRepository(ground.session),
            ground.outbox,
            ground.clock,
        ),
        MiningService(
            MinedRepository(ground.session),
            classification.classifiers,
            profiles,
            ground.outbox,
            ground.clock,
            ground.caller,
        ),
    )
