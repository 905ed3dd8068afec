"""What happened to labels, in words that people read later: a pure account of changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from muniment.classification.model import is_effective
from muniment.kernel.values import LabelState

SHARE_MOVED = 0.2
"""A share of matching values that moves so far in what is in effect deserves a look."""
MOVED = 0.1
"""A change of confidence or share below it is not written down."""


class Happened(StrEnum):
    """What became of a label."""

    APPEARED = "appeared"
    GONE = "gone"
    MOVED = "moved"
    ASKED_AGAIN = "asked_again"
    MISSING = "missing"
    """A scan does not find any more what a person confirmed; the label stays."""
    FOUND_AGAIN = "found_again"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNDONE = "undone"
    TAKEN_BACK = "taken_back"
    """A version of a classifier was taken back, and what it did with it."""


class Cause(StrEnum):
    """Why it happened."""

    SCAN = "scan"
    CLASSIFIERS = "classifiers"
    """The scan looked with other classifiers than the one before."""
    REVALUATION = "revaluation"
    PERSON = "person"
    LINEAGE = "lineage"
    ASSISTANT = "assistant"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Standing:
    """A label at one moment, as far as its history tells it."""

    state: LabelState
    confidence: float
    share: float | None = None

    @property
    def effective(self) -> bool:
        return is_effective(self.state, self.confidence)


@dataclass(frozen=True, slots=True)
class Origin:
    """What led to changes, and when."""

    cause: Cause
    at: datetime
    actor: str | None = None
    run_id: UUID | None = None
    revaluation_id: UUID | None = None
    alerts: bool = False
    """Whether what the data hold may have changed, and not only who looks at them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """What a history is narrowed to."""

    asset: str | None = None
    column: str | None = None
    source: str | None = None
    label: str | None = None
    kind: str | None = None
    cause: str | None = None
    alerts: bool | None = None
    """True: only what somebody should look at and nobody has."""


def moved(before: Standing, after: Standing) -> bool:
    """Whether a label that was found again is worth a line in its history."""
    return (
        abs(before.confidence - after.confidence) >= MOVED
        or before.effective is not after.effective
        or abs((before.share or 0.0) - (after.share or 0.0)) >= MOVED
    )


def drifts(kind: Happened, before: Standing | None, after: Standing | None) -> bool:
    """Whether somebody should look: a column starts or stops holding something, or shifts."""
    match kind:
        case Happened.APPEARED:
            return after is not None and after.effective
        case Happened.GONE:
            return before is not None and before.effective
        case Happened.MISSING | Happened.ASKED_AGAIN:
            return True
        case Happened.MOVED if before is not None and after is not None:
            if before.effective is not after.effective:
                return True
            far = abs((before.share or 0.0) - (after.share or 0.0)) >= SHARE_MOVED
            return far and after.effective
        case _:
            return False


def says(kind: Happened, title: str, before: Standing | None, after: Standing | None) -> str:
    """The change in a sentence."""
    match kind:
        case Happened.APPEARED:
            sure = "" if after is None else f" with {_sure(after)}"
            return f"The column was found to hold “{title}”{sure}."
        case Happened.GONE:
            return f"Nothing speaks for “{title}” any more; the suggestion was withdrawn."
        case Happened.MISSING:
            return f"The last scan does not find “{title}”, which a person confirmed."
        case Happened.FOUND_AGAIN:
            return f"“{title}” is found again."
        case Happened.ASKED_AGAIN:
            return f"“{title}” was rejected, but the evidence became much stronger."
        case Happened.MOVED if before is not None and after is not None:
            return f"“{title}” went from {_sure(before)} to {_sure(after)}."
        case _:
            return f"“{title}” was {kind.value.replace('_', ' ')}."


def _sure(standing: Standing) -> str:
    sure = f"a confidence of {standing.confidence:.0%}"
    return sure if standing.share is None else f"{sure} ({standing.share:.0%} of values)"


def share_of(evidence: Mapping[str, Any]) -> float | None:
    """The share of values that matched, where values were looked at."""
    share = evidence.get("share")
    return float(share) if isinstance(share, int | float) and evidence.get("tested") else None
