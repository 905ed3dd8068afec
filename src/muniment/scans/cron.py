"""When a schedule is due: pure, in the schedule's own time zone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter

from muniment.kernel.errors import Invalid


def check(cron: str, time_zone: str) -> None:
    """Invalid when the expression or the zone is not one."""
    if len(cron.split()) != 5 or not croniter.is_valid(cron):
        raise Invalid(
            "The schedule is not a cron expression. Write minute, hour, day of month, month and "
            "day of week, such as '0 2 * * *' for every night at two.",
            problems=[{"field": "cron", "message": "not a cron expression of five fields"}],
        )
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            "The time zone is not known. Write a name such as 'Europe/Berlin' or 'UTC'.",
            problems=[{"field": "time_zone", "message": "not a known time zone"}],
        ) from error


def next_run(cron: str, time_zone: str, after: datetime) -> datetime:
    """The first tick after a moment, in UTC."""
    return upcoming(cron, time_zone, after, count=1)[0]


def upcoming(cron: str, time_zone: str, after: datetime, *, count: int) -> Sequence[datetime]:
    """The next ticks after a moment, in UTC and in order."""
    ticks = croniter(cron, after.astimezone(ZoneInfo(time_zone)))
    found: list[datetime] = []
    for _ in range(count):
        tick: datetime = ticks.get_next(datetime)
        found.append(tick.astimezone(UTC))
    return found
