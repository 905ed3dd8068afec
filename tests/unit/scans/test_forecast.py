"""When a run will be done."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from muniment.scans.forecast import Pace, rate, remaining


def test_half_done_in_ten_seconds_takes_ten_more() -> None:
    pace = Pace(500, 1000, assets_done=1, assets_total=2, seconds=10.0)
    assert rate(pace) == 50.0
    assert remaining(pace) == timedelta(seconds=10)


def test_before_the_pace_has_settled_the_last_run_tells() -> None:
    pace = Pace(0, 1000, assets_done=0, assets_total=2, seconds=1.0, usual_seconds=30.0)
    assert remaining(pace) == timedelta(seconds=29)
    assert remaining(Pace(0, None, 0, 0, 0.0)) is None


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.floats(0.1, 1e5))
def test_what_remains_is_never_negative(done: int, expected: int, seconds: float) -> None:
    left = remaining(Pace(done, expected, 0, 5, seconds, usual_seconds=10.0))
    assert left is None or left >= timedelta()
