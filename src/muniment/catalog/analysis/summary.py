"""From the state of a column to what is said of it; sensitive values leave as shapes only."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import numpy as np

from muniment.catalog.analysis import hll
from muniment.catalog.analysis.batches import Kind
from muniment.catalog.analysis.column import (
    ColumnState,
    KindState,
    Number,
    Sketch,
    calendar_of,
    points_of,
)
from muniment.catalog.analysis.numbers import Moments, Points, histogram, quantiles
from muniment.catalog.analysis.results import (
    ColumnProfile,
    Gaps,
    Histogram,
    Lengths,
    Shape,
    Shown,
    TopValue,
)
from muniment.kernel.masking import mask
from muniment.kernel.values import Sensitivity

BINS: Final = 20
TOP: Final = 10
SHARES: Final = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_LONG_TEXT: Final = 40
_RARE: Final = 5
_COUNTED: Final = 10
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNSEEN: Final = "…"


def summarise(name: str, type_: str, state: ColumnState, level: Sensitivity) -> ColumnProfile:
    """Say what is known of a column; from CONFIDENTIAL on no value is shown."""
    sensitive = level >= Sensitivity.CONFIDENTIAL
    empty = ColumnProfile(
        name=name,
        type=type_,
        kind=Kind.OTHER.value,
        rows=state.rows,
        nulls=state.nulls,
        null_share=_share(state.nulls, state.rows),
        sensitive=sensitive,
    )
    main = state.main()
    if main is None:
        return empty
    said = replace(
        empty,
        kind=main.kind.value,
        count=sum(one.count for one in state.kinds.values()),
        nan=main.nan,
        infinite=main.infinite,
        mixed={k.value: one.count for k, one in state.kinds.items()}
        if len(state.kinds) > 1
        else {},
    )
    if main.kind is Kind.OTHER or not main.count:
        return said
    said = _with_distinct(said, main)
    said = replace(said, top=_top(main, sensitive=sensitive), top_exact=main.exact is not None)
    if main.kind is Kind.TEXT:
        return _with_text(said, main, sensitive=sensitive)
    return _with_numbers(said, main, sensitive=sensitive) if main.kind.ordered else said


def shown(value: Number, kind: Kind) -> Shown:
    """A number of the state in the words of its kind."""
    match kind:
        case Kind.BOOLEAN:
            return bool(value)
        case Kind.DATE:
            return _day(int(value))
        case Kind.DATETIME:
            return _moment(int(value))
        case Kind.TIME:
            seconds, rest = divmod(int(value), 1_000_000_000)
            clock = time(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, rest // 1000)
            return clock.isoformat()
        case Kind.INTEGER:
            return int(value)
        case _:
            return float(value) if np.isfinite(value) else str(value)


def _day(days: int) -> str:
    try:
        return (date(1970, 1, 1) + timedelta(days=days)).isoformat()
    except OverflowError:
        return f"day {days} from 1970"


def _moment(microseconds: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=microseconds)).isoformat()
    except OverflowError:
        return f"second {microseconds // 1_000_000} from 1970"


def _with_distinct(said: ColumnProfile, main: KindState) -> ColumnProfile:
    if main.exact is not None:
        distinct = len(main.exact)
        return replace(
            said, distinct=distinct, unique=distinct == main.count, constant=distinct == 1
        )
    sketch = main.sketch or Sketch(hll.empty())
    distinct = min(round(hll.estimate(sketch.registers)), main.count)
    surely_repeats = distinct < main.count * (1 - 4 * hll.RELATIVE_ERROR)
    return replace(
        said,
        distinct=distinct,
        distinct_exact=False,
        distinct_error=round(hll.RELATIVE_ERROR, 5),
        unique=False if surely_repeats else None,
    )


def _top(main: KindState, *, sensitive: bool) -> tuple[TopValue, ...]:
    counts = main.heaviest
    if counts is None:
        return ()
    heaviest = counts.top_k(TOP, by=["n", "h"]).sort(["n", "h"], descending=True)
    tops = []
    for h, n, v in heaviest.select("h", "n", "v").rows():
        value, hidden = _top_value(main, h, n, v, sensitive=sensitive)
        tops.append(TopValue(value, n, _share(n, main.count), masked=hidden))
    return tuple(tops)


def _top_value(
    main: KindState, h: int, n: int, v: object, *, sensitive: bool
) -> tuple[Shown, bool]:
    if main.kind is Kind.BINARY:
        return _UNSEEN, True
    if isinstance(v, str):
        free = (main.text.longest or 0) > _LONG_TEXT and n < _RARE
        return (mask(v), True) if sensitive or free or len(v) > 200 else (v, False)
    if isinstance(v, int | float):
        plain = shown(v, main.kind)
        hidden = sensitive and main.kind is not Kind.BOOLEAN
        return (mask(str(plain)), True) if hidden else (plain, False)
    return main.masked.get(h, _UNSEEN), True


def _with_text(said: ColumnProfile, main: KindState, *, sensitive: bool) -> ColumnProfile:
    text = main.text
    if not text.values:
        return said
    low, high = _ends(main, sensitive=sensitive)
    shapes = sorted(text.shapes.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    return replace(
        said,
        min=low,
        max=high,
        lengths=Lengths(text.shortest or 0, text.characters / text.values, text.longest or 0),
        blanks=text.blanks,
        placeholders=text.placeholders,
        shapes=tuple(Shape(shape, n, _share(n, text.examined)) for shape, n in shapes),
        castable={k: _share(n, text.examined) for k, n in sorted(text.casts.items()) if n},
        examined=text.examined,
    )


def _ends(main: KindState, *, sensitive: bool) -> tuple[str | None, str | None]:
    # The first and last text in the alphabet say something of short lists only.
    if main.exact is None or main.exact["v"].null_count() or (main.text.longest or 0) > _LONG_TEXT:
        return None, None
    low, high = str(main.exact["v"].min()), str(main.exact["v"].max())
    return (mask(low), mask(high)) if sensitive else (low, high)


def _with_numbers(said: ColumnProfile, main: KindState, *, sensitive: bool) -> ColumnProfile:
    moments, points = _numbers_of(main)
    if not len(points.values):
        return replace(said, order=main.order.direction)
    finite = points.ordered()
    low, high = main.low, main.high
    if low is None or high is None:
        return said
    measured = main.kind.numeric
    ends = (float(finite.values[0]), float(finite.values[-1]))
    if np.isfinite(low) and np.isfinite(high):
        ends = (float(low), float(high))
    bins = histogram(finite, *ends, BINS) if ends[0] < ends[1] else [moments.n]
    said = replace(
        said,
        order=main.order.direction,
        zeros=main.zeros if measured else None,
        negatives=main.negatives if measured else None,
        mean=moments.mean if measured or main.kind is Kind.BOOLEAN else None,
        std=moments.std if measured else None,
        skewness=_rounded(moments.skewness) if measured else None,
        kurtosis=_rounded(moments.kurtosis) if measured else None,
        beyond_64_bits=main.beyond,
        rounded=main.rounded,
        quantile_error=round(finite.error, 5),
    )
    said = _with_calendar(said, main) if not measured else replace(said, gaps=_holes(main))
    if sensitive and main.kind is not Kind.BOOLEAN:
        hidden = (mask(str(shown(low, main.kind))), mask(str(shown(high, main.kind))))
        return replace(said, min=hidden[0], max=hidden[1], histogram=Histogram(tuple(bins)))
    at = quantiles(finite, SHARES)
    if main.kind is not Kind.FLOAT:  # the points of a summary may lie between whole numbers
        at = [float(round(value)) for value in at]
    return replace(
        said,
        min=shown(low, main.kind),
        max=shown(high, main.kind),
        quantiles={str(q): shown(v, main.kind) for q, v in zip(SHARES, at, strict=True)},
        histogram=Histogram(tuple(bins), shown(ends[0], main.kind), shown(ends[1], main.kind)),
    )


def _with_calendar(said: ColumnProfile, main: KindState) -> ColumnProfile:
    if main.kind not in (Kind.DATE, Kind.DATETIME):
        return said
    sketch = main.sketch or Sketch(hll.empty())
    known = sketch.calendar if main.exact is None else calendar_of(main.exact, main.kind)
    gaps = None if known.gaps is None else Gaps(*known.gaps)
    return replace(said, granularity=known.granularity, gaps=gaps)


def _holes(main: KindState) -> Gaps | None:
    """Numbers left out of a count; None where most are, as the numbers are no count then."""
    if main.exact is None or main.kind is not Kind.INTEGER or len(main.exact) < _COUNTED:
        return None
    values = np.sort(main.exact["v"].to_numpy())
    missing = int(values[-1]) - int(values[0]) + 1 - len(values)
    if missing > len(values):
        return None
    return Gaps("number", missing, int(np.diff(values).max()) - 1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _numbers_of(main: KindState) -> tuple[Moments, Points]:
    if main.exact is not None:
        return points_of(main.exact)
    sketch = main.sketch or Sketch(hll.empty())
    return sketch.moments, sketch.points


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
