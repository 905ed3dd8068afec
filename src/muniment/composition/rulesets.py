"""The services of scan rule sets on one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from muniment.composition.ground import Ground
from muniment.contracts.catalog import AssetReader
from muniment.contracts.rulesets import KnownIds
from muniment.contracts.sources import SourceReader
from muniment.rulesets.repository import RuleSetRepository
from muniment.rulesets.service.effective import EffectiveService
from muniment.rulesets.service.sets import RuleSetService
from muniment.rulesets.subscribers import RuleSetListener

AskIds = Callable[[], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Known:
    """``contracts.rulesets.KnownIds`` from two questions, each answered by its group."""

    ask_classifiers: AskIds
    ask_check_types: AskIds

    async def classifier_ids(self) -> Sequence[str]:
        return await self.ask_classifiers()

    async def check_types(self) -> Sequence[str]:
        return await self.ask_check_types()


@dataclass(frozen=True, slots=True)
class RuleSetServices:
    """``effective`` answers ``RuleSetReader``, ``sets`` answers ``RuleSetWriter``."""

    sets: RuleSetService
    effective: EffectiveService
    listener: RuleSetListener


def build_rulesets(
    ground: Ground, *, assets: AssetReader, sources: SourceReader, known: KnownIds
) -> RuleSetServices:
    repository = RuleSetRepository(ground.session)
    sets = RuleSetService(repository, known, ground.outbox, ground.clock, ground.caller.name)
    return RuleSetServices(
        sets=sets,
        effective=EffectiveService(repository, known, assets, sources),
        listener=RuleSetListener(sets, sources),
    )
