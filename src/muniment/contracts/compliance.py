"""What Compliance Rules tells the other groups, and what they may ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

from muniment.kernel.events import Event
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingOpened(Event):
    topic: ClassVar[str] = "compliance.finding-opened.v1"
    finding_id: UUID
    check: str
    severity: Severity
    subject_ref: str
    """Text of the AssetRef, or the name of what else was judged (a user, a source)."""
    title: str

    @property
    def subject(self) -> str:
        return self.subject_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingResolved(Event):
    topic: ClassVar[str] = "compliance.finding-resolved.v1"
    finding_id: UUID
    check: str
    subject_ref: str
    resolution: str

    @property
    def subject(self) -> str:
        return self.subject_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChanged(Event):
    """Owner, state or due date was changed by a person."""

    topic: ClassVar[str] = "compliance.finding-changed.v1"
    finding_id: UUID
    fields: tuple[str, ...]
    actor: str

    @property
    def subject(self) -> str:
        return str(self.finding_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverGranted(Event):
    topic: ClassVar[str] = "compliance.waiver-granted.v1"
    waiver_id: UUID
    check: str
    subject_ref: str
    reason: str
    actor: str
    expires_at: datetime

    @property
    def subject(self) -> str:
        return self.subject_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverEnded(Event):
    topic: ClassVar[str] = "compliance.waiver-ended.v1"
    waiver_id: UUID
    check: str
    subject_ref: str
    why: str

    @property
    def subject(self) -> str:
        return self.subject_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkActivated(Event):
    topic: ClassVar[str] = "compliance.framework-activated.v1"
    framework: str
    actor: str

    @property
    def subject(self) -> str:
        return self.framework


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkDeactivated(Event):
    topic: ClassVar[str] = "compliance.framework-deactivated.v1"
    framework: str
    actor: str

    @property
    def subject(self) -> str:
        return self.framework


@dataclass(frozen=True, slots=True)
class ScanVerdict:
    """Whether a scan may run at once. ``reasons`` are sentences for the approver."""

    approval_needed: bool
    reasons: tuple[str, ...] = ()


class ScanPolicy(Protocol):
    async def judge_scan(self, source: str, *, sensitive: bool) -> ScanVerdict: ...


class Judge(Protocol):
    async def judge(self, assets: Sequence[AssetRef] | None, *, run_id: UUID | None) -> int:
        """Evaluate active checks for what changed (None: everything); returns open findings."""
        ...
