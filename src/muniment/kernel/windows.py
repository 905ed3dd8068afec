"""Hours of the week in a time zone, as people write them: ``Mon-Fri 08:00-18:00 Europe/Berlin``."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from muniment.kernel.errors import Invalid

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LOOK_AHEAD = timedelta(days=8)
EXAMPLE = "Mon-Fri 08:00-18:00 Europe/Berlin"

_WINDOW = re.compile(
    r"(?P<days>[A-Za-z][A-Za-z, -]*?)\s+(?P<begins>\d{1,2}:\d\d)\s*-\s*(?P<ends>\d{1,2}:\d\d)"
    r"(?:\s+(?P<zone>\S+))?"
)
_EVERY_DAY = ("daily", "every day")


@dataclass(frozen=True, slots=True)
class Window:
    """Hours that recur on some days of the week.

    ``days`` (0 is Monday) are those on which it begins. It ends the next day when ``ends`` is not
    after ``begins``, so that equal times mean 24 hours.
    """

    days: frozenset[int]
    begins: time
    ends: time
    zone: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a person wrote; the zone is UTC when there is none. Invalid says how to."""
        found = _WINDOW.fullmatch(text.strip())
        if found is None:
            raise _unreadable(text, f"Write days, hours and a time zone, such as '{EXAMPLE}'.")
        return cls(
            _days(found["days"], text),
            _time(found["begins"], text),
            _time(found["ends"], text),
            _zone(found["zone"] or "UTC", text),
        )

    def __str__(self) -> str:
        ends = "24:00" if self.ends == time() else f"{self.ends:%H:%M}"
        return f"{_told(self.days)} {self.begins:%H:%M}-{ends} {self.zone}"

    def end_of(self, moment: datetime) -> datetime | None:
        """When the hours that a moment falls into end, in UTC; None outside of them.

        Where the clock is put forward or back in them, the longer reading counts.
        """
        today = moment.astimezone(ZoneInfo(self.zone)).date()
        for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
            if day.weekday() not in self.days:
                continue
            last = day + timedelta(days=1) if self.ends <= self.begins else day
            begins = min(self._readings(day, self.begins))
            ends = max(self._readings(last, self.ends))
            if begins <= moment < ends:
                return ends
        return None

    def _readings(self, day: date, at: time) -> Sequence[datetime]:
        local = datetime.combine(day, at, ZoneInfo(self.zone))
        return [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]


def free_from(windows: Iterable[Window], moment: datetime) -> datetime | None:
    """The first moment from this one on that is in none of the windows; None when there is none."""
    known = list(windows)
    found, limit = moment, moment + LOOK_AHEAD
    while found < limit:
        ends = [end for end in (each.end_of(found) for each in known) if end is not None]
        if not ends:
            return found
        found = max(ends)
    return None


def checked(texts: Sequence[str]) -> tuple[str, ...]:
    """The windows in their usual spelling; Invalid when one is none, or when no hour is left."""
    windows = [Window.parse(text) for text in texts]
    if free_from(windows, datetime(2026, 1, 5, tzinfo=UTC)) is None:
        raise Invalid(
            "The windows leave no hour of the week to scan in. Leave some of it free.",
            problems=[{"field": "blackouts", "problem": "cover the whole week"}],
        )
    return tuple(str(window) for window in windows)


def _days(text: str, whole: str) -> frozenset[int]:
    if text.strip().lower() in _EVERY_DAY:
        return frozenset(range(7))
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin = _day(first, whole)
        end = _day(last, whole) if last else begin
        days |= {(begin + n) % 7 for n in range((end - begin) % 7 + 1)}
    return frozenset(days)


def _day(text: str, whole: str) -> int:
    name = text.strip()[:3].title()
    if name not in DAYS:
        raise _unreadable(whole, f"'{text.strip()}' is no day; write {', '.join(DAYS)}.")
    return DAYS.index(name)


def _time(text: str, whole: str) -> time:
    hour, minute = (int(part) for part in text.split(":"))
    if (hour, minute) == (24, 0):
        return time()
    if hour > 23 or minute > 59:
        raise _unreadable(whole, f"'{text}' is no time of day; write it as 08:00.")
    return time(hour, minute)


def _zone(name: str, whole: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        advice = f"The time zone '{name}' is not known; write a name such as Europe/Berlin or UTC."
        raise _unreadable(whole, advice) from error
    return name


def _told(days: frozenset[int]) -> str:
    """Runs of three days and more as a range: ``Mon-Wed,Fri``."""
    parts: list[str] = []
    rest = sorted(days)
    while rest:
        run = 1
        while run < len(rest) and rest[run] == rest[0] + run:
            run += 1
        if run >= 3:
            parts.append(f"{DAYS[rest[0]]}-{DAYS[rest[run - 1]]}")
        else:
            parts += [DAYS[day] for day in rest[:run]]
        rest = rest[run:]
    return ",".join(parts)


def _unreadable(text: str, advice: str) -> Invalid:
    return Invalid(
        f"'{text[:80]}' is not a window. {advice}",
        problems=[{"field": "blackouts", "problem": advice}],
    )
