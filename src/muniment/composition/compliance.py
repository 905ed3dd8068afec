"""The services of compliance on one transaction."""

from dataclasses import dataclass

from muniment.compliance.audit.keys import KeyKeeper
from muniment.compliance.audit.repository import AuditRepository
from muniment.compliance.audit.service import AuditTrail
from muniment.compliance.content import shipped_library
from muniment.compliance.repository.findings import FindingRepository
from muniment.compliance.repository.frameworks import FrameworkRepository
from muniment.compliance.repository.results import ResultRepository
from muniment.compliance.repository.waivers import WaiverRepository
from muniment.compliance.service.checks import CheckService
from muniment.compliance.service.findings import FindingService
from muniment.compliance.service.frameworks import FrameworkService
from muniment.compliance.service.judging import Facts, JudgeService
from muniment.compliance.service.overview import OverviewService
from muniment.compliance.service.reports import ReportService
from muniment.compliance.service.scan_policy import ScanPolicyService
from muniment.compliance.service.scores import ScoreKeeper
from muniment.compliance.service.waivers import WaiverService
from muniment.composition.ground import Ground
from muniment.contracts.catalog import AssetReader, LineageReader
from muniment.contracts.classification import LabelReader, RiskReader
from muniment.contracts.identity import AccountReader
from muniment.contracts.rulesets import RuleSetWriter
from muniment.contracts.scans import ScanReader
from muniment.contracts.sources import SourceReader


@dataclass(frozen=True, slots=True)
class ComplianceServices:
    """``judge`` and ``scan_policy`` answer the ports of ``contracts.compliance``."""

    judge: JudgeService
    scan_policy: ScanPolicyService
    findings: FindingService
    waivers: WaiverService
    frameworks: FrameworkService
    checks: CheckService
    overview: OverviewService
    reports: ReportService
    trail: AuditTrail


def build_trail(ground: Ground) -> AuditTrail:
    """The audit trail alone: it asks nothing of the other groups."""
    repository = AuditRepository(ground.session)
    return AuditTrail(
        repository=repository,
        keys=KeyKeeper(repository, ground.vault),
        clock=ground.clock,
        head_file=ground.settings.state_dir / "audit" / "head.json",
        actor=ground.caller.name,
    )


def build_compliance(
    ground: Ground,
    *,
    assets: AssetReader,
    labels: LabelReader,
    risks: RiskReader,
    lineage: LineageReader,
    sources: SourceReader,
    scans: ScanReader,
    accounts: AccountReader,
    rule_sets: RuleSetWriter,
) -> ComplianceServices:
    session, outbox, clock, actor = (
        ground.session,
        ground.outbox,
        ground.clock,
        ground.caller.name,
    )
    library = shipped_library()
    results = ResultRepository(session)
    finding_rows = FindingRepository(session)
    waiver_rows = WaiverRepository(session)
    framework_rows = FrameworkRepository(session)
    trail = build_trail(ground)
    scores = ScoreKeeper(results, finding_rows, framework_rows, clock, library)
    findings = FindingService(finding_rows, outbox, clock, library, actor)
    waivers = WaiverService(waiver_rows, finding_rows, outbox, clock, actor)
    frameworks = FrameworkService(
        frameworks=framework_rows,
        results=results,
        findings=finding_rows,
        scores=scores,
        rule_sets=rule_sets,
        outbox=outbox,
        clock=clock,
        library=library,
        actor=actor,
    )
    return ComplianceServices(
        judge=JudgeService(
            facts=Facts(assets, labels, risks, lineage, sources, scans, accounts),
            results=results,
            findings=finding_rows,
            waivers=waiver_rows,
            scores=scores,
            trail=trail,
            outbox=outbox,
            clock=clock,
            library=library,
        ),
        scan_policy=ScanPolicyService(results),
        findings=findings,
        waivers=waivers,
        frameworks=frameworks,
        checks=CheckService(results, library),
        overview=OverviewService(results, finding_rows, scores, clock, library),
        reports=ReportService(frameworks, findings, waivers, trail, clock, actor),
        trail=trail,
    )
