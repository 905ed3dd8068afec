"""What one scan found in one source: in the terminal, as JSON, and as a page to send around."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from jinja2 import Environment, select_autoescape
from rich.console import Console
from rich.table import Table

from muniment.catalog.model import AssetFilter
from muniment.cli.words import plain_lines
from muniment.compliance.model import FindingFilter, FindingState
from muniment.composition.product import Product
from muniment.composition.unit import Unit
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Sensitivity
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING
from muniment.scans.model import Progress

ALL = PageQuery(limit=1000)
SHOWN = 20
LOG_PAGES = 20
OPEN = (FindingState.OPEN, FindingState.ACKNOWLEDGED, FindingState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class AssetLine:
    asset: str
    kind: str
    rows: int | None
    columns: int
    sensitivity: str | None
    labels: tuple[str, ...]
    quality: float | None


@dataclass(frozen=True, slots=True)
class FindingLine:
    severity: str
    title: str
    subject: str
    remedy: str | None


@dataclass(frozen=True, slots=True)
class FailureLine:
    asset: str
    sentence: str
    remedy: str | None


@dataclass(frozen=True, slots=True)
class LeftOutLine:
    """Something was read in part: rows that could not be decoded, for instance."""

    asset: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """One scan of one source. Lists hold the first thousand, the counts are of all."""

    source: str
    state: str
    rows: int
    seconds: float
    assets: tuple[AssetLine, ...]
    columns: int
    labels: int
    sensitive_assets: int
    findings: tuple[FindingLine, ...]
    failures: tuple[FailureLine, ...]
    left_out: tuple[LeftOutLine, ...]
    problem: str | None
    made_at: datetime

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "made_at": self.made_at.isoformat()}


async def report_of(product: Product, source: str, run: Progress) -> Report:
    """Gather what is known of ``source`` after ``run``."""
    async with product.reading() as unit:
        assets = (await unit.catalog.assets.page(EVERYTHING, AssetFilter(source=source), ALL)).items
        labels = await unit.classification.labels.labels_of(
            [AssetRef.parse(asset.ref) for asset in assets]
        )
        took = (
            (run.ended_at - run.started_at).total_seconds()
            if run.ended_at and run.started_at
            else 0.0
        )
        return Report(
            source=source,
            state=run.state.value,
            rows=run.rows_read,
            seconds=round(took, 2),
            assets=tuple(_asset(asset) for asset in assets),
            columns=sum(asset.columns for asset in assets),
            labels=sum(len(each) for each in labels.values()),
            sensitive_assets=sum(
                (asset.sensitivity or 0) >= Sensitivity.CONFIDENTIAL for asset in assets
            ),
            findings=await _findings(unit, source),
            failures=await _failures(unit, run.run_id),
            left_out=await _left_out(unit, run.run_id),
            problem=run.problem.sentence if run.problem else None,
            made_at=product.clock.now(),
        )


def _asset(asset: Any) -> AssetLine:
    level = asset.sensitivity
    return AssetLine(
        asset=".".join(asset.path),
        kind=asset.kind,
        rows=asset.rows,
        columns=asset.columns,
        sensitivity=None if level is None else Sensitivity(level).word,
        labels=tuple(asset.labels),
        quality=asset.quality_score,
    )


async def _findings(unit: Unit, source: str) -> tuple[FindingLine, ...]:
    wanted = FindingFilter(states=OPEN, source=source)
    page = await unit.compliance.findings.page(wanted, EVERYTHING, ALL)
    return tuple(
        FindingLine(
            severity=view.finding.severity,
            title=view.check.title if view.check else view.finding.check,
            subject=view.finding.subject,
            remedy=view.check.remedy if view.check else None,
        )
        for view in page.items
    )


async def _failures(unit: Unit, run_id: UUID) -> tuple[FailureLine, ...]:
    page = await unit.scans.runs.assets(run_id, ALL, EVERYTHING, state="failed")
    return tuple(
        FailureLine(
            asset=".".join(AssetRef.parse(failed.asset).path),
            sentence=(failed.failure or {}).get("sentence", "No reason was given."),
            remedy=(failed.failure or {}).get("remedy"),
        )
        for failed in page.items
    )


async def _left_out(unit: Unit, run_id: UUID) -> tuple[LeftOutLine, ...]:
    """The warnings of the run's log that are about an asset, one each."""
    told: dict[LeftOutLine, None] = {}
    cursor: str | None = None
    for _ in range(LOG_PAGES):
        page = await unit.scans.runs.log(run_id, PageQuery(limit=1000, cursor=cursor), EVERYTHING)
        for line in page.items:
            if line.level == "warning" and line.asset is not None:
                path = ".".join(AssetRef.parse(line.asset).path)
                told[LeftOutLine(path, line.message)] = None
        cursor = page.next_cursor
        if cursor is None:
            break
    return tuple(told)


def show(report: Report, console: Console) -> None:
    """The report in a terminal: the most sensitive assets and the gravest findings first."""
    console.print(
        f"\n[bold]{report.source}[/]: {len(report.assets):,} assets, {report.columns:,} columns, "
        f"{report.rows:,} rows read in {report.seconds:.1f} s; {report.labels:,} labels, "
        f"{len(report.findings):,} findings"
    )
    if report.problem:
        console.print(f"[red]{plain_lines(report.problem)}[/]")
    _table(
        console,
        "Assets, most sensitive first",
        ("asset", "rows", "sensitivity", "labels", "quality"),
        [
            (
                line.asset,
                "–" if line.rows is None else f"{line.rows:,}",
                line.sensitivity or "–",
                ", ".join(line.labels) or "–",
                "–" if line.quality is None else f"{line.quality:.0f}",
            )
            for line in by_sensitivity(report.assets)
        ],
    )
    _table(
        console,
        "Findings, gravest first",
        ("severity", "finding", "where"),
        [(line.severity, line.title, line.subject) for line in report.findings],
    )
    _table(
        console,
        "What could not be read",
        ("asset", "why", "what to do"),
        [(line.asset, line.sentence, line.remedy or "") for line in report.failures],
    )
    _table(
        console,
        "What was read in part",
        ("asset", "what"),
        [(line.asset, line.sentence) for line in report.left_out],
    )


def by_sensitivity(assets: Sequence[AssetLine]) -> Sequence[AssetLine]:
    """Most sensitive first, then by name."""

    def key(line: AssetLine) -> tuple[int, str]:
        level = -1 if line.sensitivity is None else int(Sensitivity.of(line.sensitivity))
        return (-level, line.asset)

    return sorted(assets, key=key)


def _table(
    console: Console, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows[:SHOWN]:
        table.add_row(*map(plain_lines, row))
    console.print()
    console.print(table)
    if len(rows) > SHOWN:
        console.print(f"... and {len(rows) - SHOWN:,} more")


def as_html(report: Report) -> str:
    """A page that needs nothing beside itself."""
    environment = Environment(autoescape=select_autoescape(default=True), trim_blocks=True)
    text = files("muniment.cli").joinpath("templates/scan.html").read_text("utf-8")
    return environment.from_string(text).render(report=report, assets=by_sensitivity(report.assets))
