"""Windows as people write them, over midnight and where the clock is put on or back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.kernel.errors import Invalid
from muniment.kernel.windows import DAYS, Window, checked, free_from

BERLIN = ZoneInfo("Europe/Berlin")
minutes = st.integers(0, 24 * 60 - 1)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minute: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN).astimezone(UTC)  # type: ignore[misc, arg-type]  # year to minute


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("Mon-Fri 8:00-18:00 Europe/Berlin", "Mon-Fri 08:00-18:00 Europe/Berlin"),
        ("daily 22:00-06:00", "Mon-Sun 22:00-06:00 UTC"),
        ("saturday, sun 00:00 - 24:00 UTC", "Sat,Sun 00:00-24:00 UTC"),
        ("Fri-Mon 10:00-10:00 Asia/Tokyo", "Mon,Fri-Sun 10:00-10:00 Asia/Tokyo"),
    ],
)
def test_windows_are_read_as_people_write_them(text: str, usual: str) -> None:
    assert checked([text]) == (usual,)
    assert checked([usual]) == (usual,)


@pytest.mark.parametrize(
    "text", ["", "noon", "Mon 8-18", "Mon 25:00-26:00", "Moo 08:00-09:00", "Mon 08:00-09:00 Mars/X"]
)
def test_what_is_no_window_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid, match=r"is not a window\. .+"):
        checked([text])


def test_windows_that_leave_no_hour_are_refused() -> None:
    with pytest.raises(Invalid, match="no hour of the week"):
        checked(["Mon-Fri 00:00-24:00", "Fri 12:00-12:00", "Sat,Sun 00:00-24:00"])


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    window = Window.parse("Fri 22:00-06:00 Europe/Berlin")
    end = berlin(2026, 3, 7, 6)
    assert window.end_of(berlin(2026, 3, 6, 21, 59)) is None
    assert window.end_of(berlin(2026, 3, 6, 22)) == end
    assert window.end_of(berlin(2026, 3, 7, 5, 59)) == end
    assert window.end_of(end) is None
    assert window.end_of(berlin(2026, 3, 6, 3)) is None


def test_summer_time_is_kept() -> None:
    office = Window.parse("daily 08:00-18:00 Europe/Berlin")
    assert office.end_of(datetime(2026, 1, 5, 7, tzinfo=UTC)) == datetime(
        2026, 1, 5, 17, tzinfo=UTC
    )
    assert office.end_of(datetime(2026, 7, 6, 6, tzinfo=UTC)) == datetime(
        2026, 7, 6, 16, tzinfo=UTC
    )
    night = Window.parse("Sat 23:00-03:00 Europe/Berlin")
    # The clock goes from 2 to 3 on 29 March, and from 3 back to 2 on 25 October 2026.
    assert night.end_of(datetime(2026, 3, 28, 23, tzinfo=UTC)) == datetime(
        2026, 3, 29, 1, tzinfo=UTC
    )
    assert night.end_of(datetime(2026, 10, 24, 23, tzinfo=UTC)) == datetime(
        2026, 10, 25, 2, tzinfo=UTC
    )
    twice = Window.parse("Sun 02:00-02:30 Europe/Berlin")
    assert twice.end_of(datetime(2026, 10, 25, 0, 15, tzinfo=UTC)) == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


@given(st.sets(st.sampled_from(DAYS), min_size=1), minutes, minutes, zones, moments)
def test_a_moment_is_inside_exactly_when_the_clock_there_says_so(
    days: set[str], begins: int, ends: int, zone: str, moment: datetime
) -> None:
    window = Window.parse(f"{','.join(days)} {clock(begins)}-{clock(ends)} {zone}")
    end = window.end_of(moment)
    there = moment.astimezone(ZoneInfo(zone))
    near = moment + timedelta(hours=3)
    if there.utcoffset() != near.astimezone(ZoneInfo(zone)).utcoffset() or (
        there.utcoffset() != (moment - timedelta(days=1)).astimezone(ZoneInfo(zone)).utcoffset()
    ):
        return  # the hours around a change of the clock have examples of their own
    minute = there.hour * 60 + there.minute
    today, before = DAYS[there.weekday()], DAYS[there.weekday() - 1]
    if begins < ends:
        inside = today in days and begins <= minute < ends
    else:
        inside = (today in days and minute >= begins) or (before in days and minute < ends)
    assert (end is not None) == inside
    if end is not None:
        assert moment < end <= moment + timedelta(hours=25)
        assert window.end_of(end) is None or begins == ends


@given(st.lists(st.tuples(minutes, minutes), min_size=1, max_size=3), moments)
def test_what_is_free_is_free(hours: list[tuple[int, int]], moment: datetime) -> None:
    windows = [Window.parse(f"daily {clock(a)}-{clock(b)} Europe/Berlin") for a, b in hours]
    free = free_from(windows, moment)
    if free is None:
        return
    assert free >= moment
    assert all(window.end_of(free) is None for window in windows)
    if free > moment:
        just_before = free - timedelta(seconds=1)
        assert any(window.end_of(just_before) is not None for window in windows)
