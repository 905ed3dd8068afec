"""When to try again: a pure decision, so that it can be tested without waiting."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from muniment.kernel.errors import (
    SourceTimeout,
    SourceUnreachable,
    TooManyRequests,
    Unavailable,
)
from muniment.scans.model import WORKER_LOST, Failure


@dataclass(frozen=True, slots=True)
class Retry:
    """Full-jitter exponential back-off: spread the herd, cap the wait, stop at the limit."""

    attempts: int = 3
    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=1)

    def wait(self, attempt: int, chance: Random) -> timedelta | None:
        """How long to wait after failed attempt number ``attempt`` (from 1); None gives up."""
        if attempt >= self.attempts:
            return None
        ceiling = min(self.longest, self.first * 2.0 ** min(attempt - 1, 30))
        return ceiling * chance.random()


NEVER = Retry(attempts=1)

BY_CLASS: Mapping[str, Retry] = {
    SourceUnreachable.slug: Retry(attempts=5),
    SourceTimeout.slug: Retry(attempts=2),
    TooManyRequests.slug: Retry(attempts=6, first=timedelta(seconds=5)),
    Unavailable.slug: Retry(attempts=5),
    WORKER_LOST: Retry(attempts=3, first=timedelta(seconds=1)),
}


def wait_for(failure: Failure, attempt: int, chance: Random) -> timedelta | None:
    """The wait before the next attempt by the class of the failure; None when it has failed."""
    if not failure.retryable:
        return None
    return BY_CLASS.get(failure.slug, Retry()).wait(attempt, chance)


UNREACHABLE_IN_A_ROW = 5
"""So many failures to reach a source, with no success between, open its circuit breaker."""


REFUSED_AT_ONCE = 1_000
"""What one refusal of the account counts for: asking again and again could lock it."""


def refused(unreachable_in_a_row: int) -> bool:
    """Whether the source turned the account away."""
    return unreachable_in_a_row >= REFUSED_AT_ONCE


def breaker_opens(unreachable_in_a_row: int) -> bool:
    """Whether a run should stop asking a source that does not answer."""
    return unreachable_in_a_row >= UNREACHABLE_IN_A_ROW
