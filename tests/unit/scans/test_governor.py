"""The laws of how much is asked of a source whose answers become slower."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from muniment.scans.governor import JUDGED_BY, LOWEST, PAUSE, TOLERATED, SourcePace, measured

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVERY = timedelta(seconds=2)
caps = st.integers(1, 64)
answers = st.lists(st.floats(0.1, 100_000), max_size=60)


def after(pace: SourcePace, latencies: Sequence[float], cap: int) -> list[SourcePace]:
    """The pace after each answer, one every two seconds."""
    found = []
    for place, latency in enumerate(latencies):
        pace = measured(pace, latency, cap=cap, now=NOW + place * EVERY)
        found.append(pace)
    return found


def warm(cap: int, usual: float = 20.0) -> SourcePace:
    return after(SourcePace(), [usual] * 5, cap)[-1]


@given(answers, caps)
def test_never_above_the_cap_and_never_below_one_unless_it_pauses(
    latencies: list[float], cap: int
) -> None:
    for place, pace in enumerate(after(SourcePace(), latencies, cap)):
        now = NOW + place * EVERY
        allowed = pace.allowed(cap, now)
        assert 0 <= allowed <= cap
        assert (allowed == 0) == pace.paused(now)
        assert pace.level is None or LOWEST <= pace.level <= cap
        assert 0 <= pace.rest(now) <= 1 / LOWEST - 1
        assert pace.paused_until is None or pace.paused_until <= now + PAUSE


@given(answers, caps, st.floats(20, 500))
def test_whatever_happened_it_recovers_when_answers_are_as_usual(
    latencies: list[float], cap: int, usual: float
) -> None:
    troubled = after(warm(cap, usual), latencies, cap)
    pace = troubled[-1] if troubled else warm(cap, usual)
    # The shortest answers are what is usual; so quick they are again.
    quick = min([usual, *latencies])
    begun = NOW + len(latencies) * EVERY + PAUSE
    for place in range(JUDGED_BY + 4 + 2 * cap):
        pace = measured(pace, quick, cap=cap, now=begun + place * EVERY)
    assert (pace.level, pace.slowed(cap)) == (None, False)
    assert pace.allowed(cap, begun + timedelta(days=1)) == cap


@given(caps, st.floats(TOLERATED + 0.5, 100))
def test_it_yields_to_a_source_that_stays_slow_and_goes_on_trying(cap: int, factor: float) -> None:
    slow = 20.0 * factor
    paces = after(warm(cap), [slow] * 120, cap)
    levels = [float(cap) if each.level is None else each.level for each in paces]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == LOWEST
    working = [not each.paused(NOW + place * EVERY) for place, each in enumerate(paces)]
    assert any(working[60:])
    assert not all(working[60:])


@given(caps, st.floats(0, 1), st.randoms(use_true_random=False))
def test_noise_within_what_is_tolerated_changes_nothing(
    cap: int, share: float, chance: object
) -> None:
    pace = warm(cap)
    noisy = [20.0 * (1 + (TOLERATED - 1) * share * (n % 3) / 2) for n in range(50)]
    assert all(each.level is None for each in after(pace, noisy, cap))


@given(caps, st.lists(st.booleans(), min_size=20, max_size=80))
def test_the_swing_is_bounded_by_one_halving_in_two_answers(cap: int, slow: list[bool]) -> None:
    paces = after(warm(cap), [400.0 if each else 20.0 for each in slow], cap)
    levels = [float(cap) if each.level is None else each.level for each in paces]
    falls = [n for n in range(1, len(levels)) if levels[n] < levels[n - 1]]
    assert all(levels[n] >= levels[n - 1] / 2 for n in falls)
    assert all(later - earlier >= JUDGED_BY for earlier, later in pairwise(falls))


def test_a_source_that_is_slower_for_good_becomes_usual() -> None:
    pace = warm(4)
    paces = after(pace, [80.0] * 8000, 4)
    assert paces[-1].level is None
