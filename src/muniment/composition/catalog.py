"""Builds the asset half of the Data Catalogue on one transaction."""

from dataclasses import dataclass

from muniment.catalog.assets.annotations import AnnotationService
from muniment.catalog.assets.copyfinder import CopyFinder
from muniment.catalog.assets.labels import LabelKeeper
from muniment.catalog.assets.publisher import Publisher
from muniment.catalog.assets.registrar import Registrar
from muniment.catalog.assets.service import AssetService
from muniment.catalog.assets.store import AssetStore
from muniment.catalog.facts import Facts
from muniment.catalog.lineage.checking import ChangeChecker
from muniment.catalog.lineage.deriver import Deriver
from muniment.catalog.lineage.graph import LineageGraph
from muniment.catalog.lineage.openlineage.intake import PipelineIntake
from muniment.catalog.lineage.openlineage.reading import PipelineService
from muniment.catalog.lineage.openlineage.store import PipelineStore
from muniment.catalog.lineage.service import LineageService
from muniment.catalog.lineage.store import EdgeStore
from muniment.catalog.model import AnalysisPublisher, ProfileReader, QualityReader
from muniment.catalog.quality.repository.assets import AssetGate
from muniment.catalog.relations.finder import RelationFinder
from muniment.catalog.relations.repository import RelationRepository
from muniment.catalog.relations.service import RelationService
from muniment.catalog.repository import CatalogRepository
from muniment.catalog.search.service import SearchService
from muniment.catalog.subscribers import CatalogListener
from muniment.composition.ground import Ground
from muniment.contracts.sources import SourceReader


@dataclass(frozen=True, slots=True)
class CatalogServices:
    """What the other layers use of the half of the catalogue that knows things."""

    assets: AssetService
    annotations: AnnotationService
    facts: Facts
    """Answers ``contracts.catalog.AssetReader``."""
    registrar: Registrar
    """Answers ``contracts.catalog.CatalogRegistrar``."""
    publisher: Publisher
    """Answers ``contracts.catalog.AssetPublisher``."""
    deriver: Deriver
    """Answers ``contracts.catalog.LineageDeriver``."""
    lineage: LineageService
    """Answers ``contracts.catalog.LineageReader``."""
    changes: ChangeChecker
    intake: PipelineIntake
    """Takes what producers of OpenLineage events send."""
    pipelines: PipelineService
    relations: RelationService
    relation_finder: RelationFinder
    """Answers ``contracts.catalog.RelationFinder``."""
    search: SearchService
    listener: CatalogListener


def build_catalog(
    ground: Ground,
    *,
    sources: SourceReader,
    quality: QualityReader,
    analysis: AnalysisPublisher,
    profiles: ProfileReader,
) -> CatalogServices:
    """Wire the half; the last three are answered by the quality half."""
    session, outbox, clock = ground.session, ground.outbox, ground.clock
    assets, store = CatalogRepository(session), AssetStore(session)
    edges, graph = EdgeStore(session), LineageGraph(session)
    registrar = Registrar(store, outbox, clock)
    relations = RelationRepository(session)
    finder = RelationFinder(relations, clock)
    publisher = Publisher(session, analysis, quality, finder, outbox, clock)
    deriver = Deriver(edges, CopyFinder(store), sources, outbox, clock)
    lineage = LineageService(graph, assets, edges, outbox, clock, ground.caller)
    return CatalogServices(
        assets=AssetService(assets, profiles, clock),
        annotations=AnnotationService(assets, store, outbox, clock, ground.caller),
        facts=Facts(session, graph, quality),
        registrar=registrar,
        publisher=publisher,
        deriver=deriver,
        lineage=lineage,
        changes=ChangeChecker(lineage),
        intake=PipelineIntake(PipelineStore(session), edges, sources, outbox, clock),
        pipelines=PipelineService(session),
        relations=RelationService(relations, AssetGate(session)),
        relation_finder=finder,
        search=SearchService(assets),
        listener=CatalogListener(LabelKeeper(session), registrar, deriver, publisher, sources),
    )
