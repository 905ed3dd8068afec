"""Who is served next: priority with ageing, fair share by virtual time, strict caps. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from muniment.scans.model import Priority

AGEING = timedelta(minutes=10)
"""Waiting this long without being served lifts a run by one priority class."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run with chunks that are ready, at the moment of the decision."""

    run_id: UUID
    source: str
    priority: Priority
    waiting_since: datetime
    running: int
    cap: int
    ready: tuple[tuple[UUID, int], ...]
    """The first ready chunks in their order, each with its weight."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The chunks to start, and the virtual times after that."""

    chunks: tuple[UUID, ...]
    virtual_times: Mapping[str, float]


def choose(
    candidates: Sequence[Candidate],
    virtual_times: Mapping[str, float],
    *,
    slots: int,
    now: datetime,
    weights: Mapping[str, float] | None = None,
) -> Admission:
    """Fill ``slots``: the most urgent class first, inside it the source that had least.

    A source new to the race starts at the smallest virtual time of the active ones, so that it
    neither waits for others to catch up nor spends what it saved while idle. Never more than a
    source's cap runs at once, and no slot stays empty while an uncapped source has ready chunks.
    """
    shares = weights or {}
    times = _caught_up(candidates, virtual_times)
    waiting = list(candidates)
    chosen: list[UUID] = []
    while len(chosen) < slots:
        eligible = [each for each in waiting if each.ready and each.running < each.cap]
        if not eligible:
            break
        best = min(eligible, key=lambda each: _order(each, times[each.source], now))
        chunk, weight = best.ready[0]
        chosen.append(chunk)
        times[best.source] += weight / shares.get(best.source, 1.0)
        waiting[waiting.index(best)] = replace(
            best, ready=best.ready[1:], running=best.running + 1, waiting_since=now
        )
    return Admission(tuple(chosen), times)


def _order(each: Candidate, virtual_time: float, now: datetime) -> tuple[int, float, datetime, str]:
    waited = max(now - each.waiting_since, timedelta())
    lifted = each.priority.rank - waited // AGEING
    return lifted, virtual_time, each.waiting_since, str(each.run_id)


def _caught_up(
    candidates: Sequence[Candidate], virtual_times: Mapping[str, float]
) -> dict[str, float]:
    busy = [
        virtual_times[each.source]
        for each in candidates
        if each.running and each.source in virtual_times
    ]
    known = [virtual_times[each.source] for each in candidates if each.source in virtual_times]
    floor = min(busy or known or [0.0])
    return {each.source: max(virtual_times.get(each.source, floor), floor) for each in candidates}
