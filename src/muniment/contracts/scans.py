"""What Scan Logic tells the other groups, and what they may ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from muniment.kernel.events import Event


class RunState(StrEnum):
    """The life of a run: queued, (awaiting approval), running, then one of the ends."""

    QUEUED = "queued"
    AWAITING_APPROVAL = "awaiting_approval"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    """Ended, and some assets failed; what was done is published."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"

    @property
    def over(self) -> bool:
        return self in (
            RunState.SUCCEEDED,
            RunState.PARTIAL,
            RunState.FAILED,
            RunState.CANCELLED,
            RunState.REJECTED,
        )


class Trigger(StrEnum):
    MANUAL = "manual"
    SCHEDULE = "schedule"
    API = "api"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequested(Event):
    topic: ClassVar[str] = "scans.run-requested.v1"
    run_id: UUID
    source: str
    trigger: Trigger
    actor: str

    @property
    def subject(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    """``assets`` is all that was listed, schemas included, which the catalogue does not count."""

    topic: ClassVar[str] = "scans.run-finished.v1"
    run_id: UUID
    source: str
    state: RunState
    assets: int
    failed_assets: int
    rows: int

    @property
    def subject(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested(Event):
    topic: ClassVar[str] = "scans.approval-requested.v1"
    run_id: UUID
    source: str
    reasons: tuple[str, ...]

    @property
    def subject(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecided(Event):
    topic: ClassVar[str] = "scans.approval-decided.v1"
    run_id: UUID
    source: str
    approved: bool
    actor: str
    reason: str

    @property
    def subject(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCancelled(Event):
    topic: ClassVar[str] = "scans.run-cancelled.v1"
    run_id: UUID
    source: str
    actor: str

    @property
    def subject(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChanged(Event):
    topic: ClassVar[str] = "scans.schedule-changed.v1"
    schedule_id: UUID
    source: str
    cron: str | None
    actor: str

    @property
    def subject(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True)
class ScanFact:
    """The scanning of one source, as compliance checks see it."""

    source: str
    last_success_at: datetime | None
    last_state: RunState | None
    failed_assets: int
    scheduled: bool
    runs: int


class ScanReader(Protocol):
    async def scan_facts(self) -> Sequence[ScanFact]: ...
