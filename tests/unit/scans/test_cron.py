"""When schedules fire, clocks that change included."""

from datetime import UTC, datetime, timedelta

import pytest

from muniment.kernel.errors import Invalid
from muniment.scans.cron import check, next_run, upcoming


def test_every_night_at_two_in_berlin_is_so_in_summer_and_in_winter() -> None:
    winter = next_run("0 2 * * *", "Europe/Berlin", datetime(2026, 1, 10, 12, tzinfo=UTC))
    summer = next_run("0 2 * * *", "Europe/Berlin", datetime(2026, 7, 10, 12, tzinfo=UTC))
    assert (winter.hour, summer.hour) == (1, 0)


def test_ticks_come_in_order_and_after_the_moment() -> None:
    moment = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    ticks = upcoming("*/15 * * * *", "Europe/Berlin", moment, count=20)
    assert list(ticks) == sorted(set(ticks))
    assert moment < ticks[0] <= moment + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("cron", "zone"),
    [("every night", "UTC"), ("0 2 * *", "UTC"), ("61 * * * *", "UTC"), ("* * * * *", "Mars")],
)
def test_what_is_not_a_schedule_is_refused_with_the_field(cron: str, zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(cron, zone)
    assert refused.value.context["problems"]
