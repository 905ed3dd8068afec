"""Health has hysteresis: one lost packet rings no bell, a wrong password does at once."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from muniment.contracts.sources import Health
from muniment.sources.model import Probe, Pulse

GOOD = Probe(12.0)
SLOW = Probe(9_000.0)
LOST = Probe(100.0, "source-unreachable", "gone")
REFUSED = Probe(100.0, "source-authentication-failed", "no", lasting=True)


def after(*probes: Probe) -> Pulse:
    pulse = Pulse()
    for probe in probes:
        pulse = pulse.after(probe)
    return pulse


def test_the_states_follow_the_story() -> None:
    assert after(GOOD).health is Health.HEALTHY
    assert after(GOOD, LOST).health is Health.DEGRADED
    assert after(GOOD, LOST, LOST).health is Health.DEGRADED
    assert after(GOOD, LOST, LOST, LOST).health is Health.DOWN
    assert after(GOOD, LOST, LOST, LOST, GOOD).health is Health.DEGRADED
    assert after(GOOD, LOST, LOST, LOST, GOOD, GOOD).health is Health.HEALTHY
    assert after(GOOD, REFUSED).health is Health.DOWN
    assert after(GOOD, SLOW).health is Health.DEGRADED
    assert after(GOOD, SLOW, GOOD, GOOD).health is Health.HEALTHY


def test_a_source_that_is_down_and_fails_again_stays_down() -> None:
    assert after(REFUSED, GOOD, LOST).health is Health.DEGRADED
    assert after(REFUSED, LOST).health is Health.DOWN


@given(st.lists(st.sampled_from([GOOD, SLOW, LOST, REFUSED])), st.floats(0, 1))
def test_two_good_probes_always_heal_and_waits_are_bounded(
    probes: list[Probe], spread: float
) -> None:
    pulse = after(*probes)
    assert timedelta(seconds=50) <= pulse.wait(spread) <= timedelta(minutes=17)
    assert pulse.after(GOOD).after(GOOD).health is Health.HEALTHY


def test_waiting_grows_with_failures() -> None:
    waits = [after(*[LOST] * n).wait(0.5) for n in range(1, 8)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] == timedelta(minutes=15)
