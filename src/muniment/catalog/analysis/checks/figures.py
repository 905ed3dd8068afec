"""Checks of one figure of a column or table: its mean, its newest date, its number of rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from muniment.catalog.analysis.batches import Kind
from muniment.catalog.analysis.calendar import Calendar
from muniment.catalog.analysis.checks.values import moment_of
from muniment.catalog.analysis.column import ColumnState, calendar_of, points_of
from muniment.catalog.analysis.numbers import Moments, Points, quantiles
from muniment.catalog.analysis.results import Shown
from muniment.catalog.analysis.spec import CheckSpec
from muniment.catalog.analysis.summary import shown
from muniment.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Figure:
    """What a figure came to; ``value`` None when there is nothing to compute it from."""

    value: float | None
    good: bool = True
    said: Shown = None
    expected: str = ""
    error: float = 0.0


Judge = Callable[[CheckSpec, ColumnState, datetime | None], Figure]


def between(spec: CheckSpec, value: float | None, said: Shown = None, error: float = 0.0) -> Figure:
    """Whether a figure lies between the parameters ``min`` and ``max``."""
    low, high = spec.number("min"), spec.number("max")
    if low is None and high is None:
        raise Invalid(f"The check {spec.type} needs min, max or both.")
    good = value is not None and (low is None or value >= low) and (high is None or value <= high)
    expected = _limits(low, high)
    return Figure(value, good, said if said is not None else value, expected, error)


def _limits(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {_plain(high)}"
    return f"at least {_plain(low)}" if high is None else f"{_plain(low)} to {_plain(high)}"


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def rows_between(spec: CheckSpec, rows: int) -> Figure:
    return between(spec, float(rows), rows)


def rows_changed(spec: CheckSpec, rows: int) -> Figure:
    """How much the number of rows changed since the scan before, as a share of it."""
    previous, most = spec.number("previous"), spec.number("max_change")
    if most is None:
        raise Invalid("The check row_count_change needs max_change, a share such as 0.5.")
    if not previous:
        return Figure(None)
    change = rows / previous - 1
    expected = f"at most {most:.0%} away from {previous:,.0f} rows"
    return Figure(change, abs(change) <= most, rows, expected)


def _numbers(state: ColumnState) -> tuple[Moments, Points, Kind] | None:
    main = state.main()
    if main is None or not main.kind.ordered:
        return None
    if main.exact is not None:
        return (*points_of(main.exact), main.kind)
    return None if main.sketch is None else (main.sketch.moments, main.sketch.points, main.kind)


def mean(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    found = _numbers(state)
    return between(spec, found[0].mean if found and found[0].n else None)


def deviation(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    found = _numbers(state)
    return between(spec, found[0].std if found else None)


def total(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    found = _numbers(state)
    return between(spec, found[0].mean * found[0].n if found and found[0].n else None)


def least(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    main = state.main()
    return between(spec, None if main is None or main.low is None else float(main.low))


def greatest(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    main = state.main()
    return between(spec, None if main is None or main.high is None else float(main.high))


def quantile(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    """The value below which the share ``q`` of all values lies; the median by default."""
    share = spec.number("q")
    share = 0.5 if share is None else share
    if not 0 <= share <= 1:
        raise Invalid("The parameter q of quantile_between is a share from 0 to 1.")
    found = _numbers(state)
    if not found or not len(found[1].values):
        return between(spec, None)
    points = found[1].ordered()
    return between(spec, quantiles(points, [share])[0], error=points.error)


def most_frequent(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    """The share of rows that hold the most frequent value, at most ``max``."""
    main = state.main()
    if main is None or not main.count:
        return between(spec, None)
    counts = main.heaviest
    heaviest = 0 if counts is None else max(counts["n"].to_list(), default=0)
    error = 0.0 if main.exact is not None else 0.001
    return between(spec, heaviest / main.count, error=error)


def entropy(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    """How evenly values are spread, in bits; not told of columns with very many values."""
    main = state.main()
    if main is None or main.exact is None or not main.count:
        return Figure(None)
    shares = main.exact["n"].to_numpy() / main.count
    return between(spec, float(-(shares * np.log2(shares)).sum()) + 0.0)


def history(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    """The longest run of days (or months, years, if dates are whole ones) that have no row."""
    most = spec.number("max_missing")
    if most is None:
        raise Invalid("The check history_complete needs max_missing, a number such as 0.")
    main = state.main()
    if main is None or main.kind not in (Kind.DATE, Kind.DATETIME):
        return Figure(None)
    known = Calendar() if main.sketch is None else main.sketch.calendar
    gaps = (calendar_of(main.exact, main.kind) if main.exact is not None else known).gaps
    if gaps is None:
        return Figure(None)
    unit, _missing, longest = gaps
    expected = f"at most {_plain(most)} {unit}s in a row without any"
    return Figure(float(longest), longest <= most, f"{longest:,} {unit}s", expected)


def freshness(spec: CheckSpec, state: ColumnState, now: datetime | None) -> Figure:
    """The newest date is at most ``max_age_hours`` before the reference time."""
    hours = spec.number("max_age_hours")
    if hours is None or now is None:
        raise Invalid("The check freshness needs max_age_hours and the reference time of the scan.")
    main = state.main()
    if main is None or main.high is None:
        return Figure(None)
    if main.kind not in (Kind.DATE, Kind.DATETIME):
        return Figure(None)
    newest = main.high * (86_400_000_000 if main.kind is Kind.DATE else 1)
    age = (moment_of(now.isoformat()) - newest) / 3_600_000_000
    said = shown(main.high, main.kind)
    return Figure(age, age <= hours, said, f"newest at most {_plain(hours)} hours old")


def monotonic(spec: CheckSpec, state: ColumnState, _: datetime | None) -> Figure:
    """Values rise (or fall) from row to row."""
    wanted = spec.text("direction", "rising")
    if wanted not in ("rising", "falling"):
        raise Invalid("The parameter direction of monotonic is rising or falling.")
    main = state.main()
    if main is None or not main.count:
        return Figure(None)
    found = main.order.direction
    constant = main.low is not None and main.low == main.high
    return Figure(1.0, constant or found == wanted, found or "neither", wanted)


FIGURES: Final[dict[str, Judge]] = {
    "mean_between": mean,
    "stddev_between": deviation,
    "sum_between": total,
    "min_between": least,
    "max_between": greatest,
    "quantile_between": quantile,
    "most_frequent_share": most_frequent,
    "entropy_between": entropy,
    "history_complete": history,
    "freshness": freshness,
    "monotonic": monotonic,
}
"""By check type: the figure of a column's state."""

ROW_FIGURES: Final[dict[str, Callable[[CheckSpec, int], Figure]]] = {
    "row_count_between": rows_between,
    "row_count_change": rows_changed,
}
"""By check type: the figure of a table's number of rows."""

READABLE: Final = "rows_readable"
"""The check whose figure is the rows that could not be decoded."""

SHOWS_A_VALUE: Final = frozenset(
    {"min_between", "max_between", "quantile_between", "sum_between", "freshness"}
)
"""Figures that may be a value of one row; they are masked on sensitive columns."""
