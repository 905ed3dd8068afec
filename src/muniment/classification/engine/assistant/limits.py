"""What may still be spent, and when an endpoint that fails is left alone; pure."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES = 4
"""So many calls may fail one after another."""
REST = timedelta(minutes=5)
LONGEST_REST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls, tokens and money, of a run or of a day."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0

    def plus(self, other: "Spent") -> "Spent":
        return Spent(self.calls + other.calls, self.tokens + other.tokens, self.cost + other.cost)


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent; None is without limit."""

    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None

    def refusal(self, spent: Spent, more: Spent, *, of: str) -> str | None:
        """Why ``more`` may not be spent on top of ``spent``, as a sentence; None when it may."""
        after = spent.plus(more)
        for what, limit, would in (
            ("calls", self.calls, float(after.calls)),
            ("tokens", self.tokens, float(after.tokens)),
            ("cost", self.cost, after.cost),
        ):
            if limit is not None and would > limit:
                return f"The budget of {what} {of} is spent ({limit:g})."
        return None


def price(prompt: int, completion: int, *, per_1k_in: float, per_1k_out: float) -> float:
    """What a call costs, from the prices of a thousand tokens."""
    return round((prompt * per_1k_in + completion * per_1k_out) / 1000, 6)


def quota(columns: int, *, share: float, most: int) -> int:
    """How many columns of a run may be asked about; at least one where there are any."""
    return min(math.ceil(columns * share), most)


def rests_until(failures: int, now: datetime) -> datetime | None:
    """Until when to leave an endpoint alone after so many failures; None: try again at once."""
    if failures < FAILURES:
        return None
    doubled: int = 1 << min(failures - FAILURES, 10)
    return now + min(REST * doubled, LONGEST_REST)
