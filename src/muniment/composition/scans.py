"""Builds the services of Scan Logic on one transaction."""

from dataclasses import dataclass

from muniment.composition.ground import Ground
from muniment.contracts.sources import SourceReader
from muniment.scans.service.approvals import ApprovalService
from muniment.scans.service.facts import ScanFacts
from muniment.scans.service.runs import RunService
from muniment.scans.service.schedules import ScheduleService
from muniment.scans.service.workers import WorkerService
from muniment.scans.subscribers import ScansListener


@dataclass(frozen=True, slots=True)
class ScansServices:
    """What the other layers use of the group."""

    runs: RunService
    approvals: ApprovalService
    schedules: ScheduleService
    workers: WorkerService
    facts: ScanFacts
    """Answers ``contracts.scans.ScanReader``."""
    listener: ScansListener


def build_scans(ground: Ground, *, sources: SourceReader) -> ScansServices:
    """Wire the group; it needs to know which sources there are."""
    runs = RunService(ground.session, ground.outbox, ground.clock, ground.caller, sources)
    schedules = ScheduleService(
        ground.session, ground.outbox, ground.clock, ground.caller, sources, runs
    )
    return ScansServices(
        runs=runs,
        approvals=ApprovalService(ground.session, ground.outbox, ground.clock, ground.caller),
        schedules=schedules,
        workers=WorkerService(ground.session, ground.clock),
        facts=ScanFacts(ground.session),
        listener=ScansListener(runs, schedules, sources),
    )
