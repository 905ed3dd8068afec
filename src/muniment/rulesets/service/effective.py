"""The effective view of a source, and what a scan with it would do."""

from collections.abc import Sequence
from dataclasses import dataclass

from muniment.contracts.catalog import AssetReader
from muniment.contracts.rulesets import EffectiveRules, KnownIds
from muniment.contracts.sources import SourceInfo, SourceReader
from muniment.kernel.errors import NotFound
from muniment.platform.policy import Visibility
from muniment.rulesets.content import as_laid, shipped_defaults
from muniment.rulesets.engine.effective import lay_over
from muniment.rulesets.engine.preview import Preview, preview
from muniment.rulesets.model import AppliesTo, Laid, Layer, RuleSetBody
from muniment.rulesets.repository import RuleSetRepository


@dataclass(frozen=True, slots=True)
class DraftLayer:
    """A body that is not published, tried as if it were."""

    name: str
    layer: Layer
    position: int
    applies_to: AppliesTo
    body: RuleSetBody


@dataclass(frozen=True, slots=True)
class EffectiveService:
    """Implements ``contracts.rulesets.RuleSetReader``."""

    repository: RuleSetRepository
    known: KnownIds
    assets: AssetReader
    sources: SourceReader

    async def effective(self, source: str, kind: str, domain: str | None) -> EffectiveRules:
        """Defaults of the source type, then base, frameworks and overlays that match."""
        return lay_over(await self._layers(source, kind, domain))

    async def of_source(self, name: str, seen: Visibility) -> EffectiveRules:
        """The effective view of a registered source."""
        source = await self._source(name, seen)
        return await self.effective(source.name, source.kind, source.domain)

    async def dry_run(
        self, name: str, seen: Visibility, draft: DraftLayer | None = None
    ) -> tuple[EffectiveRules, Preview]:
        """Rules and preview for a source, with a draft in place of its published version."""
        source = await self._source(name, seen)
        layers = list(await self._layers(source.name, source.kind, source.domain))
        if draft is not None:
            layers = [laid for laid in layers if laid.name != draft.name]
            if draft.applies_to.matches(source.name, source.kind, source.domain):
                layers.append(Laid(draft.name, 0, draft.layer, draft.position, draft.body))
        rules = lay_over(layers)
        facts = [
            fact
            for fact in await self.assets.asset_facts(None)
            if fact.asset.source == source.name and seen.allows(fact.domain or source.domain)
        ]
        return rules, preview(rules, facts, await self.known.classifier_ids())

    async def _layers(self, source: str, kind: str, domain: str | None) -> Sequence[Laid]:
        defaults = [
            as_laid(entry)
            for entry in shipped_defaults()
            if entry.applies_to.matches(source, kind, domain)
        ]
        stored = await self.repository.in_force()
        return [
            *defaults,
            *(laid for laid, applies in stored if applies.matches(source, kind, domain)),
        ]

    async def _source(self, name: str, seen: Visibility) -> SourceInfo:
        source = await self.sources.source(name)
        if not seen.allows(source.domain):
            raise NotFound(f"There is no source named {name}.", source=name)
        return source
