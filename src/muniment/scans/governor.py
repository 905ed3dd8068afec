"""How much a scan asks of a source whose answers become slower: pure.

A scan is background work, and whoever else uses the source feels it as waiting. So it is steered
by waiting, as background transfers on a network are: the measured answer is compared with the
shortest usual one, as LEDBAT does (RFC 6817, *Low Extra Delay Background Transport*: base delay,
yield when the queue it adds grows), and the share of work follows additive increase and
multiplicative decrease (Chiu and Jain 1989, *Analysis of the Increase and Decrease Algorithms for
Congestion Avoidance*). With ``slowness`` = shortest of the last answers (one hiccup
is none) / usual answer::

    slowness > TOLERATED   ->  level := level / 2          (a pause when LOWEST was reached before)
    otherwise, level < 1   ->  level := min(1, 2 * level)  (slow start)
    otherwise              ->  level := min(cap, level + STEP)

A level of 1 and more is how many reads run at once; below it one read runs, and rests so that it
works that share of the time. After a decrease it takes ``JUDGED_BY`` fresh answers before the next
decision, so that one event is not punished twice and the level cannot swing faster than that.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

TOLERATED = 2.5
LOWEST = 0.125
STEP = 0.5
JUDGED_BY = 2
QUICK_MS = 15.0
"""Answers as quick as this are never called slow: their ratio is noise."""
FORGETS = 1 / 2000
"""How fast the usual answer follows the present one upwards, at each measurement: so a source that
is slower for good is taken as usual after an hour or two."""
PAUSE = timedelta(seconds=20)
EVERY_SECONDS = 1.0
"""From one measurement of a source to the next, over all workers."""


@dataclass(frozen=True, slots=True)
class SourcePace:
    """What is known of a source's answers, and how much is asked of it."""

    usual_ms: float | None = None
    recent: tuple[float, ...] = ()
    level: float | None = None
    """None until it was ever lowered: as much as the limits allow."""
    slowness: float = 1.0
    paused_until: datetime | None = None

    def allowed(self, cap: int, now: datetime) -> int:
        """How many reads may run at once now; 0 in a pause only."""
        if self.paused(now):
            return 0
        return cap if self.level is None else max(1, min(cap, math.floor(self.level)))

    def rest(self, now: datetime) -> float:
        """Seconds to rest after each second of work."""
        if self.level is None or self.level >= 1:
            return 0.0
        return 1 / max(self.level, LOWEST) - 1

    def paused(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until

    def slowed(self, cap: int) -> bool:
        """Whether less is asked than the limits allow."""
        return self.paused_until is not None or (self.level is not None and self.level < cap)


def measured(pace: SourcePace, milliseconds: float, *, cap: int, now: datetime) -> SourcePace:
    """The pace after one more measured answer."""
    recent = (*pace.recent, milliseconds)[-JUDGED_BY:]
    present = min(recent)
    usual = pace.usual_ms
    if usual is None:
        usual = present
    elif len(recent) == JUDGED_BY:  # a single answer proves nothing
        usual = present if present < usual else usual + (present - usual) * FORGETS
    slowness = present / max(usual, QUICK_MS)
    seen = replace(pace, usual_ms=usual, recent=recent, slowness=max(slowness, 1.0))
    if pace.paused(now):
        # Judged by what is answered while it reads: else a source that is slow without us as well
        # would never be tried again.
        return replace(seen, recent=())
    if len(recent) < JUDGED_BY:
        return seen
    level = float(cap) if pace.level is None else min(pace.level, float(cap))
    if slowness > TOLERATED:
        return _lowered(seen, level, now)
    return _raised(seen, level, cap)


def _lowered(pace: SourcePace, level: float, now: datetime) -> SourcePace:
    if level <= LOWEST:
        return replace(pace, level=LOWEST, recent=(), paused_until=now + PAUSE)
    return replace(pace, level=max(LOWEST, level / 2), recent=(), paused_until=None)


def _raised(pace: SourcePace, level: float, cap: int) -> SourcePace:
    higher = min(1.0, level * 2) if level < 1 else level + STEP
    return replace(pace, level=None if higher >= cap else higher, paused_until=None)
