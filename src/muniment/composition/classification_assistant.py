"""Builds the assistant of Classifications on one transaction."""

from dataclasses import dataclass

from muniment.classification.repository.assistant import AssistantRepository
from muniment.classification.repository.labels import LabelRepository
from muniment.classification.service.assistant import AssistantService
from muniment.classification.service.assistant_asking import AskingService
from muniment.composition.classification import ClassificationServices
from muniment.composition.ground import Ground
from muniment.contracts.catalog import ProfileReader


@dataclass(frozen=True, slots=True)
class AssistantServices:
    """What people set and see, and what a worker needs to ask."""

    assistant: AssistantService
    asking: AskingService


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
    )
