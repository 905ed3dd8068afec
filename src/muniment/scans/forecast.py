"""When a run will be done, from its own pace and from the last run: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SETTLED_SECONDS = 2.0
"""Before this the run's own pace says nothing yet."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a run's speed. ``usual_seconds`` is how long the last full run took."""

    rows_done: int
    rows_expected: int | None
    assets_done: int
    assets_total: int
    seconds: float
    usual_seconds: float | None = None


def rate(pace: Pace) -> float | None:
    """Rows per second so far; None before the pace has settled."""
    if pace.seconds < SETTLED_SECONDS or pace.rows_done <= 0:
        return None
    return pace.rows_done / pace.seconds


def remaining(pace: Pace) -> timedelta | None:
    """How long it will still take; None when there is nothing to judge by."""
    if pace.assets_total and pace.assets_done >= pace.assets_total:
        return timedelta()
    speed = rate(pace)
    if speed is not None and pace.rows_expected:
        left = max(pace.rows_expected - pace.rows_done, 0)
        return timedelta(seconds=left / speed)
    if pace.usual_seconds is not None:
        return timedelta(seconds=max(pace.usual_seconds - pace.seconds, 0.0))
    return None


def arrival(pace: Pace, now: datetime) -> datetime | None:
    """The moment the run should be done."""
    left = remaining(pace)
    return None if left is None else now + left
