"""The mergeable state of one column: exact while its values are few, sketched beyond."""

from dataclasses import dataclass, field, replace
from typing import Final, cast

import numpy as np
import polars as pl

from muniment.catalog.analysis import hll
from muniment.catalog.analysis.batches import ColumnBatch, Kind
from muniment.catalog.analysis.calendar import Calendar
from muniment.catalog.analysis.limits import Limits
from muniment.catalog.analysis.numbers import Floats, Moments, Points
from muniment.catalog.analysis.order import Order
from muniment.catalog.analysis.text import TextFacts, facts, facts_of
from muniment.catalog.analysis.values import combine, fits, frequent, hitters_of

Number = int | float
WIDEST: Final = 2.0**63


@dataclass(frozen=True, slots=True)
class Sketch:
    """What stands for the values once they are too many to be counted one by one."""

    registers: hll.Registers
    hitters: pl.DataFrame | None = None
    moments: Moments = field(default_factory=Moments)
    points: Points = field(default_factory=Points.none)
    calendar: Calendar = field(default_factory=Calendar)


@dataclass(frozen=True, slots=True)
class KindState:
    """The values of one kind in a column; exactly one of ``exact`` and ``sketch`` is set.

    ``masked`` gives the shape of text values by hash, for states that were stored without text.
    ``owed`` says that ``text`` is still to be learnt from the counted values: once at the end,
    not once a batch (see ``settled``).
    """

    kind: Kind
    limits: Limits
    count: int = 0
    nan: int = 0
    infinite: int = 0
    low: Number | None = None
    high: Number | None = None
    zeros: int = 0
    negatives: int = 0
    beyond: int = 0
    """Finite numbers too large for 64 bits; they are floating point, so rounded."""
    exact: pl.DataFrame | None = None
    sketch: Sketch | None = None
    order: Order = field(default_factory=Order)
    text: TextFacts = field(default_factory=TextFacts)
    masked: dict[int, str] = field(default_factory=dict)
    owed: bool = False
    rounded: bool = False
    """Whether long numbers were stored with a few digits only (see ``storing``)."""

    @property
    def heaviest(self) -> pl.DataFrame | None:
        """Counts of the values known by name: all of them, or the frequent ones."""
        if self.exact is not None:
            return self.exact
        return None if self.sketch is None else self.sketch.hitters

    def feed(self, column: ColumnBatch) -> "KindState":
        """The state after one more batch of this kind."""
        if self.kind is Kind.OTHER:
            return replace(self, count=self.count + len(column.values))
        seen = replace(self, count=self.count + len(column.values), nan=self.nan + column.nan)
        if not len(column.values):
            return seen
        after = seen._with_values(column)
        if self.kind is Kind.TEXT:
            return after._with_text(seen, column)
        return after._with_numbers(column) if self.kind.ordered else after

    def settled(self) -> "KindState":
        """The same with nothing owed."""
        if not self.owed or self.exact is None:
            return self
        text = self.text.merge(facts(self.exact["v"], self.exact["n"]))
        return replace(self, text=text, owed=False)

    def _with_text(self, before: "KindState", column: ColumnBatch) -> "KindState":
        fresh = before.exact is None and before.sketch is None
        if self.exact is not None and (fresh or before.owed):
            return replace(self, owed=True)
        text = before.settled().text
        return replace(self, text=text.merge(facts_of(column, text)), owed=False)

    def _with_values(self, column: ColumnBatch) -> "KindState":
        if self.sketch is not None:
            return replace(self, sketch=_sketched(self.sketch, column, self.limits))
        limit = self.limits.distinct
        if (self.exact is None or len(self.exact) * 4 > limit) and column.crowded(limit):
            known = Sketch(hll.empty())
            if self.exact is not None:
                known = _spilled(self.exact, self.kind, self.limits)
            return replace(self, exact=None, sketch=_sketched(known, column, self.limits))
        counts = column.counts
        if self.exact is not None:
            counts = combine(self.exact, counts)
        if fits(counts, self.limits):
            return replace(self, exact=counts)
        return replace(self, exact=None, sketch=_spilled(counts, self.kind, self.limits))

    def _with_numbers(self, column: ColumnBatch) -> "KindState":
        values, floats = column.values, column.floats
        low, high = cast(Number, values.min()), cast(Number, values.max())
        return replace(
            self,
            infinite=self.infinite + len(values) - len(floats),
            low=low if self.low is None else min(self.low, low),
            high=high if self.high is None else max(self.high, high),
            zeros=self.zeros + (int(np.count_nonzero(floats == 0)) if low <= 0 <= high else 0),
            negatives=self.negatives + (int(np.count_nonzero(floats < 0)) if low < 0 else 0),
            beyond=self.beyond + _beyond(floats, low, high),
            order=self.order if self.kind is Kind.BOOLEAN else self.order.then(floats),
        )

    def merge(self, other: "KindState") -> "KindState":
        """Both together; the limits are those of the asset and therefore the same."""
        if self.owed or other.owed:
            return self.settled().merge(other.settled())
        exact, sketch = _merged(self, other)
        return KindState(
            kind=self.kind,
            limits=self.limits,
            count=self.count + other.count,
            nan=self.nan + other.nan,
            infinite=self.infinite + other.infinite,
            low=min((n for n in (self.low, other.low) if n is not None), default=None),
            high=max((n for n in (self.high, other.high) if n is not None), default=None),
            zeros=self.zeros + other.zeros,
            negatives=self.negatives + other.negatives,
            beyond=self.beyond + other.beyond,
            rounded=self.rounded or other.rounded,
            exact=exact,
            sketch=sketch,
            order=self.order.merge(other.order),
            text=self.text.merge(other.text),
            masked=self.masked | other.masked,
        )


@dataclass(frozen=True, slots=True)
class ColumnState:
    """One column over all that was read; values of different kinds are kept apart."""

    rows: int = 0
    nulls: int = 0
    kinds: dict[Kind, KindState] = field(default_factory=dict)

    def feed(self, column: ColumnBatch, limits: Limits) -> "ColumnState":
        kinds = self.kinds
        if column.nulls < column.rows:
            state = kinds.get(column.kind) or KindState(column.kind, limits)
            kinds = {**kinds, column.kind: state.feed(column)}
        return ColumnState(self.rows + column.rows, self.nulls + column.nulls, kinds)

    def merge(self, other: "ColumnState") -> "ColumnState":
        kinds = dict(self.kinds)
        for kind, state in other.kinds.items():
            kinds[kind] = kinds[kind].merge(state) if kind in kinds else state
        return ColumnState(self.rows + other.rows, self.nulls + other.nulls, kinds)

    def settled(self) -> "ColumnState":
        """The same with nothing owed; before it is stored or told."""
        if not any(state.owed for state in self.kinds.values()):
            return self
        kinds = {kind: state.settled() for kind, state in self.kinds.items()}
        return ColumnState(self.rows, self.nulls, kinds)

    def main(self) -> KindState | None:
        """The kind most values have."""
        return max(self.kinds.values(), key=lambda one: (one.count, one.kind), default=None)


def _beyond(floats: Floats, low: Number, high: Number) -> int:
    if low >= -WIDEST and high < WIDEST:
        return 0
    return int(np.count_nonzero((floats < -WIDEST) | (floats >= WIDEST)))


def calendar_of(counts: pl.DataFrame, kind: Kind) -> Calendar:
    """The calendar of counted dates or moments; an empty one of anything else."""
    if kind not in (Kind.DATE, Kind.DATETIME):
        return Calendar()
    return Calendar.of(counts["v"].to_numpy(), dates=kind is Kind.DATE)


def points_of(counts: pl.DataFrame) -> tuple[Moments, Points]:
    """Moments and points of counted numbers; infinite ones are left out."""
    values = counts["v"].cast(pl.Float64).to_numpy()
    weights = counts["n"].cast(pl.Float64).to_numpy()
    finite = np.isfinite(values)
    if not finite.all():
        values, weights = values[finite], weights[finite]
    return Moments.of(values, weights), Points(values, weights)


def _sketched(sketch: Sketch, column: ColumnBatch, limits: Limits) -> Sketch:
    registers = column.raised(sketch.registers)
    moments, points = sketch.moments, sketch.points
    if column.kind.ordered:
        moments = moments.merge(Moments.of(column.floats))
        points = points.merge(Points.of(column.floats), limit=limits.points)
    calendar = sketch.calendar
    if column.kind in (Kind.DATE, Kind.DATETIME):
        values = column.values.to_numpy()
        calendar = calendar.then(values, dates=column.kind is Kind.DATE)
    found = hitters_of(column)
    return Sketch(registers, _joined(sketch.hitters, found, limits), moments, points, calendar)


def _spilled(counts: pl.DataFrame, kind: Kind, limits: Limits) -> Sketch:
    registers = hll.empty()
    hll.raise_registers(registers, counts["h"].to_numpy())
    least = max(2, round(int(counts["n"].sum()) / 2_000))
    hitters = frequent(counts.filter(pl.col("n") >= least), limits)
    found = hitters if len(hitters) else None
    if not kind.ordered:
        return Sketch(registers, found)
    moments, points = points_of(counts)
    merged = Points.none().merge(points, limit=limits.points)
    return Sketch(registers, found, moments, merged, calendar_of(counts, kind))


def _merged(left: KindState, right: KindState) -> tuple[pl.DataFrame | None, Sketch | None]:
    kind, limits = left.kind, left.limits
    if left.exact is not None and right.exact is not None:
        counts = combine(left.exact, right.exact)
        return (counts, None) if fits(counts, limits) else (None, _spilled(counts, kind, limits))
    if left.sketch is None and right.sketch is None:
        return (left.exact if left.exact is not None else right.exact), None
    first, second = (
        _spilled(one.exact, kind, limits) if one.exact is not None else one.sketch
        for one in (left, right)
    )
    if first is None or second is None:
        return None, first or second
    return None, Sketch(
        hll.merge(first.registers, second.registers),
        _joined(first.hitters, second.hitters, limits),
        first.moments.merge(second.moments),
        first.points.merge(second.points, limit=limits.points),
        first.calendar.merge(second.calendar),
    )


def _joined(
    left: pl.DataFrame | None, right: pl.DataFrame | None, limits: Limits
) -> pl.DataFrame | None:
    if left is None or right is None:
        found = left if right is None else right
        return None if found is None else frequent(found, limits)
    return frequent(combine(left, right), limits)
