"""The six groups on one transaction, wired to one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from muniment.catalog.quality.content import check_types
from muniment.classification.service.inheritance import InheritanceService
from muniment.composition.catalog import CatalogServices, build_catalog
from muniment.composition.catalog_quality import CatalogQualityServices, build_catalog_quality
from muniment.composition.classification import (
    ClassificationServices,
    build_classification,
    build_inheritance,
)
from muniment.composition.classification_assistant import AssistantServices, build_assistant
from muniment.composition.compliance import ComplianceServices, build_compliance
from muniment.composition.ground import Ground
from muniment.composition.rulesets import Known, RuleSetServices, build_rulesets
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
    def classification(self) -> ClassificationServices:
        return build_classification(self.ground, sources=self.sources.sources)

    @cached_property
    def quality(self) -> CatalogQualityServices:
        """The half of the catalogue that looks at data."""
        return build_catalog_quality(self.ground, labels=self.classification.labels)

    @cached_property
    def assistant(self) -> AssistantServices:
        """The tier of classification that asks an endpoint; off unless it is turned on."""
        return build_assistant(self.ground, self.classification, profiles=self.quality.profiles)

    @cached_property
    def catalog(self) -> CatalogServices:
        """The half of the catalogue that knows things."""
        return build_catalog(
            self.ground,
            sources=self.sources.sources,
            quality=self.quality.scores,
            analysis=self.quality.analysis,
            profiles=self.quality.profiles,
        )

    @cached_property
    def inheritance(self) -> InheritanceService:
        """The half of classification that follows lineage."""
        return build_inheritance(
            self.ground,
            self.classification.labels,
            assets=self.catalog.facts,
            lineage=self.catalog.lineage,
        )

    @cached_property
    def rulesets(self) -> RuleSetServices:
        return build_rulesets(
            self.ground,
            assets=self.catalog.facts,
            sources=self.sources.sources,
            known=Known(self.classification.classifiers.known_ids, _check_type_ids),
        )

    @cached_property
    def compliance(self) -> ComplianceServices:
        return build_compliance(
            self.ground,
            assets=self.catalog.facts,
            labels=self.classification.labels,
            risks=self.classification.risks,
            lineage=self.catalog.lineage,
            sources=self.sources.sources,
            scans=self.scans.facts,
            accounts=self.identity,
            rule_sets=self.rulesets.sets,
        )

    @cached_property
    def scans(self) -> ScansServices:
        return build_scans(self.ground, sources=self.sources.sources)


async def _check_type_ids() -> Sequence[str]:
    return list(check_types())
