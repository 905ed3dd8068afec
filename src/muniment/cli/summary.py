"""What a scan found, in figures: for the terminal, for machines and for a page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from muniment.cli.words import plain
from muniment.compliance.model import FindingFilter, FindingState
from muniment.compliance.service.findings import FindingView
from muniment.composition.product import Product
from muniment.composition.unit import Unit
from muniment.contracts.scans import RunState
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING

TOP = 10
OPEN = (FindingState.OPEN, FindingState.ACKNOWLEDGED, FindingState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class TopFinding:
    """One of the findings to look at first."""

    severity: str
    title: str
    subject: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The estate as it is known now. Seconds are of this run; ``quality_score`` is 0 to 100.

    ``assets`` counts what the catalogue lists, as /overview and /assets do: schemas, tables,
    views, data sets and routines.
    """

    sources: int
    assets: int
    columns: int
    rows_scanned: int
    labels: int
    sensitive_columns: int
    lineage_edges: int
    checks_run: int
    checks_failed: int
    quality_score: float | None
    findings: int
    findings_by_severity: Mapping[str, int]
    findings_by_framework: Mapping[str, int]
    framework_scores: Mapping[str, float | None]
    top_findings: tuple[TopFinding, ...]
    audit_events: int
    audit_verified: bool
    scan_seconds: float
    total_seconds: float
    url: str

    def as_json(self) -> Mapping[str, object]:
        return asdict(self)


async def summarise(
    product: Product, *, url: str, scan_seconds: float, total_seconds: float
) -> Summary:
    """Ask every group what it knows; a constant number of statements."""
    async with product.reading() as unit:
        overview = await unit.catalog.assets.overview(EVERYTHING)
        quality = await unit.quality.scores.estate()
        compliance = await unit.compliance.overview.overview(EVERYTHING)
        frameworks = await unit.compliance.frameworks.list(EVERYTHING)
        top = await unit.compliance.findings.page(
            FindingFilter(states=OPEN), EVERYTHING, PageQuery(limit=TOP)
        )
        verified = await unit.compliance.trail.verify()
        sources = [source.name for source in await unit.sources.sources.sources()]
        labels = await unit.classification.labels.labels_of(None)
        return Summary(
            sources=len(sources),
            assets=overview.totals.assets,
            columns=overview.totals.columns,
            rows_scanned=await _rows_read(unit, sources),
            labels=sum(len(each) for each in labels.values()),
            sensitive_columns=overview.sensitive_columns,
            lineage_edges=sum([await unit.catalog.lineage.edges.count(name) for name in sources]),
            checks_run=quality.passed + quality.failed,
            checks_failed=quality.failed,
            quality_score=None if quality.score is None else round(quality.score, 1),
            findings=compliance.open,
            findings_by_severity={
                severity.value: number for severity, number in compliance.by_severity.items()
            },
            findings_by_framework={
                view.framework.id: view.open_findings
                for view in frameworks
                if view.activation.active
            },
            framework_scores={
                name: None if score.score is None else round(score.score, 1)
                for name, score in compliance.scores.items()
            },
            top_findings=tuple(
                TopFinding(view.finding.severity, _title(view), view.finding.subject)
                for view in top.items
            ),
            audit_events=verified.events,
            audit_verified=verified.ok,
            scan_seconds=round(scan_seconds, 2),
            total_seconds=round(total_seconds, 2),
            url=url,
        )


async def _rows_read(unit: Unit, sources: Sequence[str]) -> int:
    """Rows that the last ended scan of each source read."""
    ended = (RunState.SUCCEEDED, RunState.PARTIAL)
    rows = 0
    for source in sources:
        page = await unit.scans.runs.page(PageQuery(limit=1), source=source, states=ended)
        rows += sum(run.rows_done for run in page.items)
    return rows


def _title(view: FindingView) -> str:
    return view.check.title if view.check is not None else view.finding.check


def show(summary: Summary, console: Console) -> None:
    """The figures as a person reads them, the gravest findings below."""
    facts = Table.grid(padding=(0, 3))
    quality = (
        "not measured" if summary.quality_score is None else f"{summary.quality_score:.0f}/100"
    )
    facts.add_row("Catalogue", f"{summary.assets:,} assets, {summary.columns:,} columns")
    facts.add_row("Read", f"{summary.rows_scanned:,} rows in {summary.scan_seconds:.1f} s")
    facts.add_row(
        "Classified", f"{summary.labels:,} labels, {summary.sensitive_columns:,} sensitive columns"
    )
    facts.add_row("Lineage", f"{summary.lineage_edges:,} column edges")
    facts.add_row(
        "Quality", f"{quality}, {summary.checks_failed} of {summary.checks_run} checks failed"
    )
    grave = ", ".join(
        f"{n} {name}" for name, n in reversed(list(summary.findings_by_severity.items()))
    )
    facts.add_row("Findings", f"{summary.findings} open ({grave})")
    scores = ", ".join(
        f"{name} {'–' if score is None else round(score)}"
        for name, score in summary.framework_scores.items()
    )
    facts.add_row("Compliance", scores)
    sealed = "verified" if summary.audit_verified else "[bold red]BROKEN[/]"
    facts.add_row("Audit trail", f"{summary.audit_events:,} events, {sealed}")
    console.print()
    console.print(facts)
    if summary.top_findings:
        table = Table(title="To look at first", title_justify="left", box=None, padding=(0, 2))
        for heading in ("severity", "finding", "where"):
            table.add_column(heading, overflow="fold")
        for finding in summary.top_findings:
            table.add_row(finding.severity, plain(finding.title), plain(finding.subject))
        console.print(table)
