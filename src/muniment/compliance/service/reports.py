"""Reports for auditors: framework posture and control detail as a page, a table or data."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, select_autoescape
from pydantic import TypeAdapter

from muniment.compliance.audit.service import AuditTrail
from muniment.compliance.engine.scoring import FORMULA
from muniment.compliance.model import FindingFilter, FindingState, WaiverState
from muniment.compliance.service.findings import FindingService
from muniment.compliance.service.frameworks import FrameworkService, FrameworkView
from muniment.compliance.service.waivers import WaiverService
from muniment.kernel.clock import Clock
from muniment.kernel.principal import SYSTEM
from muniment.platform.paging import PageQuery
from muniment.platform.policy import Visibility

MOST_ROWS = 1_000
COLUMNS = (
    "framework",
    "requirement",
    "section",
    "title",
    "automation",
    "status",
    "score",
    "subjects",
    "failing",
    "waived",
    "checks",
)
_NEED_WORK = tuple(state for state in FindingState if state.needs_work)


@dataclass(frozen=True, slots=True)
class RequirementLine:
    id: str
    section: str | None
    title: str
    automation: str
    status: str
    score: float | None
    subjects: int
    failed: int
    waived: int
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrameworkPart:
    id: str
    title: str
    version: str
    publisher: str
    link: str
    text_licence: str
    summary: str
    score: float | None
    coverage: float
    met: int
    failing: int
    no_evidence: int
    manual: int
    requirements: tuple[RequirementLine, ...]


@dataclass(frozen=True, slots=True)
class FindingLine:
    id: str
    check: str
    title: str
    remedy: str
    severity: str
    subject: str
    owner: str | None
    state: str
    opened_at: datetime
    due_at: datetime
    overdue: bool
    evidence_hash: str


@dataclass(frozen=True, slots=True)
class WaiverLine:
    check: str
    title: str
    subject: str
    reason: str
    owner: str
    granted_by: str
    granted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report shows; each format is a view of it."""

    title: str
    generated_at: datetime
    made_for: str | None
    """Who asked for it; None when Muniment itself did."""
    part: str | None
    frameworks: tuple[FrameworkPart, ...]
    findings: tuple[FindingLine, ...]
    findings_left_out: int
    waivers: tuple[WaiverLine, ...]
    audit_events: int
    audit_checkpoints: int
    audit_verified_at: datetime | None
    audit_ok: bool | None
    formula: str = FORMULA


@dataclass(frozen=True, slots=True)
class ReportService:
    frameworks: FrameworkService
    findings: FindingService
    waivers: WaiverService
    trail: AuditTrail
    clock: Clock
    actor: str

    async def posture(self, framework_id: str | None, seen: Visibility) -> Report:
        """One framework, or all that are in force."""
        if framework_id is None:
            views = [view for view in await self.frameworks.list(seen) if view.activation.active]
            title = "Compliance posture"
        else:
            views = [await self.frameworks.get(framework_id, seen)]
            title = f"{views[0].framework.title}: posture"
        checks = _checks_of(views)
        page = await self.findings.page(
            FindingFilter(states=_NEED_WORK, checks=checks),
            seen,
            PageQuery(limit=MOST_ROWS),
            with_total=True,
        )
        waivers = await self.waivers.page(
            seen, PageQuery(limit=MOST_ROWS), state=WaiverState.ACTIVE
        )
        library = self.findings.library
        fact = await self.trail.fact()
        return Report(
            title=title,
            generated_at=self.clock.now(),
            made_for=None if self.actor == SYSTEM.name else self.actor,
            part=None if seen.everything else "the domains you may read",
            frameworks=tuple(_part(view) for view in views),
            findings=tuple(
                FindingLine(
                    id=str(each.finding.id),
                    check=each.finding.check,
                    title=each.check.title if each.check else each.finding.check,
                    remedy=each.check.remedy if each.check else "",
                    severity=each.finding.severity.value,
                    subject=each.finding.subject,
                    owner=each.finding.owner,
                    state=each.finding.state.value,
                    opened_at=each.finding.opened_at,
                    due_at=each.finding.due_at,
                    overdue=each.overdue,
                    evidence_hash=each.finding.evidence_hash,
                )
                for each in page.items
            ),
            findings_left_out=(page.total or 0) - len(page.items),
            waivers=tuple(
                WaiverLine(
                    check=each.check,
                    title=library.checks[each.check].title
                    if each.check in library.checks
                    else each.check,
                    subject=each.subject,
                    reason=each.reason,
                    owner=each.owner,
                    granted_by=each.granted_by,
                    granted_at=each.granted_at,
                    expires_at=each.expires_at,
                )
                for each in waivers.items
                if each.check in checks
            ),
            audit_events=fact.events,
            audit_checkpoints=fact.checkpoints,
            audit_verified_at=fact.last_verified_at,
            audit_ok=fact.last_verified_ok,
        )


def as_html(report: Report) -> str:
    """One self-contained page: no script, no request to anywhere, fit for print."""
    return _templates().get_template("report.html.j2").render(report=report)


def as_json(report: Report) -> str:
    return TypeAdapter(Report).dump_json(report, indent=2).decode()


def as_csv(report: Report) -> str:
    """Control detail: one row for each requirement."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "framework",
            "requirement",
            "section",
            "title",
            "automation",
            "status",
            "score",
            "subjects",
            "failing",
            "waived",
            "checks",
        ]
    )
    for framework in report.frameworks:
        for line in framework.requirements:
            writer.writerow(
                _safe(cell)
                for cell in (
                    framework.id,
                    line.id,
                    line.section or "",
                    line.title,
                    line.automation,
                    line.status,
                    "" if line.score is None else f"{line.score:.1f}",
                    line.subjects,
                    line.failed,
                    line.waived,
                    " ".join(line.checks),
                )
            )
    return out.getvalue()


def _safe(cell: object) -> str:
    """A spreadsheet must not take a cell for a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _part(view: FrameworkView) -> FrameworkPart:
    framework, score = view.framework, view.score
    return FrameworkPart(
        id=framework.id,
        title=framework.title,
        version=framework.version,
        publisher=framework.publisher,
        link=framework.link,
        text_licence=framework.text_licence,
        summary=framework.summary,
        score=score.score,
        coverage=score.coverage,
        met=score.met,
        failing=score.failing,
        no_evidence=score.no_evidence,
        manual=score.manual,
        requirements=tuple(
            RequirementLine(
                id=part.requirement.id,
                section=part.requirement.section,
                title=part.requirement.title,
                automation=part.requirement.automation.value,
                status=part.status.value,
                score=part.score,
                subjects=part.subjects,
                failed=part.failed,
                waived=part.waived,
                checks=part.checks,
            )
            for part in score.requirements
        ),
    )


def _checks_of(views: Sequence[FrameworkView]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            check for view in views for part in view.score.requirements for check in part.checks
        )
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("muniment.compliance"),
        autoescape=select_autoescape(("html", "j2")),
        trim_blocks=True,
    )
