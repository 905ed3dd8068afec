"""The laws of higher moments and calendars, and what a profile says of them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.catalog.analysis.tables import batches, profile, profile_state

from muniment.catalog.analysis.calendar import Calendar
from muniment.catalog.analysis.numbers import Moments
from muniment.catalog.analysis.profile import ProfileAnalyzer

ANALYZER = ProfileAnalyzer()
DAY = 86_400_000_000
floats = st.lists(st.floats(-1e6, 1e6), max_size=30)
moments = st.lists(
    st.integers(-(10**15), 10**15)
    | st.integers(-20_000, 20_000).map(lambda n: n * DAY)
    | st.integers(-400_000, 400_000).map(lambda n: n * DAY // 24),
    max_size=20,
)


def of(values: list[float]) -> Moments:
    return Moments.of(np.asarray(values, np.float64))


@settings(max_examples=60, deadline=None)
@given(floats, floats, floats)
def test_moments_of_parts_are_those_of_the_whole(
    a: list[float], b: list[float], c: list[float]
) -> None:
    whole = of([*a, *b, *c])
    for merged in (of(a).merge(of(b)).merge(of(c)), of(c).merge(of(a).merge(of(b)))):
        assert merged.n == whole.n
        scale = max([1.0, *(abs(x) for x in (*a, *b, *c))])
        for power, name in ((1, "mean"), (2, "m2"), (3, "m3"), (4, "m4")):
            left, right = getattr(merged, name), getattr(whole, name)
            assert left == pytest.approx(right, rel=1e-8, abs=1e-9 * scale**power * max(whole.n, 1))


@settings(max_examples=80, deadline=None)
@given(moments, moments)
def test_calendars_of_parts_are_those_of_the_whole(a: list[int], b: list[int]) -> None:
    def calendar(values: list[int]) -> Calendar:
        return Calendar.of(np.asarray(values, np.int64), dates=False)

    whole, left, right = calendar([*a, *b]), calendar(a), calendar(b)
    stored = Calendar.of_tree(right.tree())
    for merged in (
        left.merge(right),
        stored.merge(left),
        left.then(np.asarray(b, np.int64), dates=False),
    ):
        assert merged.grain == whole.grain
        assert merged.gaps == whole.gaps


@pytest.mark.parametrize(
    ("dates", "grain", "gaps"),
    [
        (["2020-01-01", "2023-01-01"], "year", ("year", 2, 2)),
        (["2020-01-01", "2020-02-01", "2020-06-01"], "month", ("month", 3, 3)),
        (["2020-01-01", "2020-01-02", "2020-01-09", "2020-01-11"], "day", ("day", 7, 6)),
        (["0001-01-01", "0001-01-03"], "day", ("day", 1, 1)),
    ],
)
def test_dates_say_how_fine_they_are_and_what_is_missing(
    dates: list[str], grain: str, gaps: tuple[str, int, int]
) -> None:
    days = pa.array(np.asarray(dates, "datetime64[D]"), pa.date32())
    said = profile(profile_state(batches({"d": days}, 2)))["d"]
    assert said.granularity == grain
    assert said.gaps is not None
    assert (said.gaps.unit, said.gaps.missing, said.gaps.longest) == gaps


def test_a_crowded_column_of_moments_knows_its_days_and_seconds() -> None:
    chance = np.random.default_rng(3)
    seconds = chance.integers(0, 40 * 86_400, 60_000)
    seconds = seconds[(seconds // 86_400 != 7) & (seconds // 86_400 != 8)]
    column = pa.array(seconds * 1_000_000, pa.timestamp("us"))
    parts = batches({"t": column}, 20_000)
    state = profile_state(parts[:2])
    merged = ANALYZER.merge(ANALYZER.load(ANALYZER.dump(profile_state(parts[2:]))), state)
    said = profile(merged)["t"]
    assert not said.distinct_exact
    assert said.granularity == "second"
    assert said.gaps is not None
    assert (said.gaps.unit, said.gaps.missing, said.gaps.longest) == ("day", 2, 2)


def test_numbers_say_their_lean_their_holes_and_what_is_no_number() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 100.0])
    huge = pa.array([1e19, -1e30, float("nan"), float("inf"), 2.0])
    counted = pa.array([n for n in range(100, 130) if n not in (110, 111, 120)])
    said = profile(profile_state(batches({"v": values}, 2)))["v"]
    away = values - values.mean()
    deviation = np.sqrt((away**2).mean())
    assert said.skewness == pytest.approx(float((away**3).mean() / deviation**3), abs=1e-5)
    assert said.kurtosis == pytest.approx(float((away**4).mean() / deviation**4 - 3), abs=1e-5)
    told = profile(profile_state(batches({"h": huge}, 2)))["h"]
    assert (told.beyond_64_bits, told.nan, told.infinite) == (2, 1, 1)
    holes = profile(profile_state(batches({"n": counted}, 7)))["n"].gaps
    assert holes is not None
    assert (holes.unit, holes.missing, holes.longest) == ("number", 3, 2)
    flat = profile(profile_state(batches({"f": np.full(20, 0.1)}, 3)))["f"]
    assert flat.skewness is None
