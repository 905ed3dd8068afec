"""What the words of scanning mean: priorities, outcomes, failures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from muniment.contracts.scans import RunState
from muniment.kernel.errors import (
    LimitExceeded,
    MunimentError,
    SourceAuthenticationFailed,
    SourceDataUnreadable,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceTimeout,
    SourceUnreachable,
)


class Priority(StrEnum):
    """The classes of the queue, most urgent first."""

    INTERACTIVE = "interactive"
    SCHEDULED = "scheduled"
    BACKFILL = "backfill"

    @property
    def rank(self) -> int:
        """0 is served first."""
        return {"interactive": 0, "scheduled": 1, "backfill": 2}[self.value]


class Stage(StrEnum):
    """Where on its road a run is."""

    QUEUED = "queued"
    PLANNING = "planning"
    APPROVAL = "approval"
    DISCOVERING = "discovering"
    READING = "reading"
    DERIVING = "deriving"
    JUDGING = "judging"
    FINISHED = "finished"


class AssetState(StrEnum):
    """What became of one asset in one run."""

    LISTED = "listed"
    """Its metadata is catalogued; there is no data in it to read."""
    PENDING = "pending"
    READ = "read"
    """Every partition was read; not yet published."""
    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    """Nothing in it changed, so that its published version stays."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """The run ended before its turn came."""

    @property
    def open(self) -> bool:
        return self in (AssetState.PENDING, AssetState.READ)


class ChunkState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (
    RunState.QUEUED,
    RunState.AWAITING_APPROVAL,
    RunState.RUNNING,
    RunState.CANCELLING,
)

WORKER_LOST = "worker-lost"
INTERNAL = "internal"

_REMEDIES: Mapping[type[MunimentError], str] = {
    SourceUnreachable: "Check that the source is up and that this machine may reach it.",
    SourceAuthenticationFailed: "Store the right user and password for the source.",
    SourcePermissionMissing: "Grant the missing permission to the account that scans.",
    SourceTimeout: "Raise the statement time-out in the rule set, or sample fewer rows.",
    SourceObjectGone: "Nothing to do if it was dropped on purpose; the next scan will not list it.",
    SourceDataUnreadable: "Repair or remove the object, or exclude it in the rule set.",
    LimitExceeded: "Raise the limit in the rule set, or exclude the object.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something did not work, fit to be stored and shown: no secret, no value of the data."""

    slug: str
    sentence: str
    remedy: str | None = None
    retryable: bool = False

    @classmethod
    def of(cls, error: BaseException, *, doing: str) -> Self:
        """Describe an error; a foreign text may quote data, so only its class is told."""
        if isinstance(error, MunimentError):
            remedy = error.context.get("remedy")
            named = next(
                (text for kind, text in _REMEDIES.items() if isinstance(error, kind)), None
            )
            return cls(
                slug=error.slug,
                sentence=error.message,
                remedy=str(remedy) if remedy else named,
                retryable=error.retryable,
            )
        return cls(
            slug=INTERNAL,
            sentence=f"Muniment failed while {doing} ({type(error).__name__}{_place(error)}).",
            remedy="Run the scan again; if it fails again, report it with this sentence.",
        )

    @classmethod
    def lost(cls, why: str) -> Self:
        """The process that worked on it ended; it is tried again."""
        return cls(
            slug=WORKER_LOST,
            sentence=why,
            remedy="Give the worker more memory, or sample fewer rows in the rule set.",
            retryable=True,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "sentence": self.sentence,
            "remedy": self.remedy,
            "retryable": self.retryable,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        return cls(body["slug"], body["sentence"], body.get("remedy"), bool(body.get("retryable")))


def _place(error: BaseException) -> str:
    """The innermost place in our own code: where somebody would look first."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if not place or module.startswith("muniment."):
            place = f" at {module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is asked for when a scan is asked for."""

    source: str
    priority: Priority = Priority.INTERACTIVE
    only: tuple[str, ...] | None = None
    """Texts of the assets to read again; None reads all in scope."""
    schedule_id: UUID | None = None
    retry_of: UUID | None = None
    full: bool = False
    """Read what did not change as well."""
    verify: float | None = None
    """The share of what would not be read that is read all the same, to compare it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, at one moment."""

    run_id: UUID
    source: str
    state: RunState
    stage: Stage
    assets_total: int
    assets_done: int
    assets_failed: int
    chunks_total: int
    chunks_done: int
    rows_read: int
    rows_estimated: int | None
    rows_per_second: float | None
    eta_at: datetime | None
    current: tuple[str, ...]
    started_at: datetime | None
    ended_at: datetime | None
    problem: Failure | None = None
    held: str | None = None
    """Why less is read than could be at this moment, in a sentence."""
