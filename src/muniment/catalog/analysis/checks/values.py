"""Checks of single values: each value that is there holds or does not, whatever its neighbours."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import polars as pl

from muniment.catalog.analysis.batches import ColumnBatch, Kind
from muniment.catalog.analysis.castable import CASTS, Test
from muniment.catalog.analysis.checks.formats import FORMATS
from muniment.catalog.analysis.checks.tally import Tally, tallied
from muniment.catalog.analysis.spec import CheckSpec
from muniment.catalog.analysis.text import is_placeholder
from muniment.kernel.errors import Invalid

Judge = Callable[[pl.Series, Kind], pl.Series | None]
"""From values of a kind to a verdict for each; None where the question makes no sense of them."""

_MICROSECONDS_OF_DAY: Final = 86_400_000_000
_DATES: Final = (Kind.DATE, Kind.DATETIME)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def value_tally(judge: Judge, column: ColumnBatch) -> Tally:
    """Judge the values of a batch, each distinct one once where that is cheaper."""
    values, weights = column.weighted
    if not len(values) or column.kind in (Kind.OTHER, Kind.BINARY):
        return Tally()
    verdict = judge(values, column.kind)
    return Tally() if verdict is None else tallied(verdict, weights, values, column.kind)


def as_text(values: pl.Series, kind: Kind) -> pl.Series:
    """Values as people write them."""
    match kind:
        case Kind.BOOLEAN:
            return values.cast(pl.Boolean).cast(pl.String)
        case Kind.DATE:
            return values.cast(pl.Int32).cast(pl.Date).cast(pl.String)
        case Kind.DATETIME:
            return values.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
        case Kind.TIME:
            return values.cast(pl.Time).cast(pl.String)
        case _:
            return values.cast(pl.String)


def as_number(values: pl.Series, kind: Kind) -> pl.Series:
    """Values as floating point numbers; null where text is none."""
    if kind is Kind.TEXT:
        return values.str.strip_chars().cast(pl.Float64, strict=False)
    return values.cast(pl.Float64)


def as_moment(values: pl.Series, kind: Kind) -> pl.Series:
    """Values as microseconds since 1970 UTC; null where they are no date."""
    if kind is Kind.DATETIME:
        return values
    if kind is Kind.DATE:
        return values * _MICROSECONDS_OF_DAY
    if kind is not Kind.TEXT:
        return pl.repeat(None, len(values), dtype=pl.Int64, eager=True)
    day = values.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    clock = values.str.slice(0, 19).str.replace("T", " ", literal=True)
    moment = clock.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    days = day.to_physical().cast(pl.Int64) * _MICROSECONDS_OF_DAY
    return moment.to_physical().fill_null(days)


def moment_of(text: str) -> int:
    """A parameter that is a date or a moment, in microseconds; Invalid when it is neither."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("A limit that is a date must be written like 2026-11-01.") from error
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return int((when - _EPOCH).total_seconds() * 1_000_000)


def text_judge(test: Test) -> Judge:
    return lambda values, kind: test(as_text(values, kind))


def in_set(spec: CheckSpec, *, inside: bool) -> Judge:
    """Whether a value is (or is not) one of the listed ones; text compares as it is written."""
    listed = spec.values("values")
    texts = sorted({_written(one) for one in listed})
    numbers = sorted({float(one) for one in listed if isinstance(one, int | float)})

    def judge(values: pl.Series, kind: Kind) -> pl.Series:
        if kind.numeric and numbers:
            found = values.cast(pl.Float64).is_in(numbers)
        else:
            found = as_text(values, kind).is_in(texts)
        return found if inside else ~found

    return judge


def _written(value: object) -> str:
    return str(value) if not isinstance(value, float) or not value.is_integer() else str(int(value))


def in_range(spec: CheckSpec) -> Judge:
    """Whether a value lies between ``min`` and ``max`` (numbers, or dates written in ISO form)."""
    low, high = spec.params.get("min"), spec.params.get("max")
    if low is None and high is None:
        raise Invalid("The check in_range needs min, max or both.")
    if isinstance(low, str) or isinstance(high, str):
        ends = tuple(None if one is None else moment_of(str(one)) for one in (low, high))

        def judge_dates(values: pl.Series, kind: Kind) -> pl.Series | None:
            if kind not in _DATES and kind is not Kind.TEXT:
                return None
            return _between(as_moment(values, kind), *ends)

        return judge_dates
    numbers = spec.number("min"), spec.number("max")

    def judge(values: pl.Series, kind: Kind) -> pl.Series | None:
        if kind in _DATES:
            return None
        return _between(as_number(values, kind), *numbers)

    return judge


def _between(values: pl.Series, low: float | None, high: float | None) -> pl.Series:
    good = values.is_not_null()
    if low is not None:
        good &= values >= low
    if high is not None:
        good &= values <= high
    return good


def by_pattern(spec: CheckSpec, *, wanted: bool) -> Judge:
    """Whether text holds the pattern; Rust's regular expressions take linear time."""
    pattern = spec.text("pattern")
    try:
        pl.Series(["x"]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        raise Invalid(
            "The pattern cannot be used: look-around and back-references are not possible, "
            "because they could run without end."
        ) from error

    def judge(values: pl.Series, kind: Kind) -> pl.Series:
        found = as_text(values, kind).str.contains(pattern)
        return found if wanted else ~found

    return judge


def by_length(spec: CheckSpec) -> Judge:
    low, high = spec.number("min"), spec.number("max")
    if low is None and high is None:
        raise Invalid("The check length_between needs min, max or both.")
    return lambda values, kind: _between(as_text(values, kind).str.len_chars(), low, high)


def by_cast(spec: CheckSpec) -> Judge:
    """Whether text can be read as the type ``to``."""
    wanted = spec.text("to")
    if wanted not in CASTS:
        raise Invalid(f"The parameter to of castable must be one of {', '.join(CASTS)}.")
    return text_judge(CASTS[wanted])


def by_date_format(spec: CheckSpec) -> Judge:
    """Whether text is a date in the strftime ``format``."""
    form = spec.text("format", "%Y-%m-%d")
    timed = any(one in form for one in ("%H", "%I", "%M", "%S", "%T", "%R", "%s"))

    def judge(values: pl.Series, kind: Kind) -> pl.Series:
        if kind is not Kind.TEXT:
            return pl.repeat(kind in (Kind.DATE, Kind.DATETIME), len(values), eager=True)
        if timed:
            return values.str.to_datetime(form, strict=False, time_unit="us").is_not_null()
        return values.str.to_date(form, strict=False).is_not_null()

    return judge


def not_in_future(spec: CheckSpec, now: datetime | None) -> Judge:
    """Whether a date is not after the reference time (and ``days_ahead`` more days)."""
    if now is None:
        raise Invalid("The check not_in_future needs the reference time of the scan.")
    ahead = spec.number("days_ahead") or 0.0
    limit = moment_of(now.isoformat()) + int(ahead * _MICROSECONDS_OF_DAY)

    def judge(values: pl.Series, kind: Kind) -> pl.Series | None:
        if kind not in _DATES and kind is not Kind.TEXT:
            return None
        moments = as_moment(values, kind)
        bound = limit // _MICROSECONDS_OF_DAY * _MICROSECONDS_OF_DAY if kind is Kind.DATE else limit
        return (moments <= bound) if kind is not Kind.TEXT else (moments <= bound).fill_null(True)

    return judge


def not_blank(values: pl.Series, kind: Kind) -> pl.Series:
    if kind is not Kind.TEXT:
        return pl.repeat(True, len(values), eager=True)
    return values.str.strip_chars().str.len_bytes() > 0


_PLACEHOLDER_DAYS: Final = ("0001-01-01", "1899-12-30", "1900-01-01", "1970-01-01", "9999-12-31")
"""What systems write where they know no date: their zero, or their end of time."""


def no_placeholder(values: pl.Series, kind: Kind) -> pl.Series:
    """No stand-in for a value that is not known: ``n/a``, ``unknown``, 1900-01-01 at midnight."""
    if kind in _DATES:
        moments = [moment_of(day) for day in _PLACEHOLDER_DAYS]
        return ~as_moment(values, kind).is_in(moments)
    if kind is not Kind.TEXT:
        return pl.repeat(True, len(values), eager=True)
    return ~is_placeholder(values)


def judge_of(spec: CheckSpec, now: datetime | None) -> Judge | None:
    """The judge of a check of single values; None when the check is of another sort."""
    match spec.type:
        case "in_set" | "not_in_set":
            return in_set(spec, inside=spec.type == "in_set")
        case "in_range":
            return in_range(spec)
        case "regex" | "not_regex":
            return by_pattern(spec, wanted=spec.type == "regex")
        case "length_between":
            return by_length(spec)
        case "castable":
            return by_cast(spec)
        case "date_format":
            return by_date_format(spec)
        case "not_in_future":
            return not_in_future(spec, now)
        case "not_blank":
            return not_blank
        case "no_placeholder":
            return no_placeholder
        case _:
            test = FORMATS.get(spec.type)
            return None if test is None else text_judge(test)
