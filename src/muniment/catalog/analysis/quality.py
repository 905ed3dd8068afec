"""The analyzer that answers quality checks in the same pass that profiles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Protocol, Self, TypeVar

import pyarrow as pa

from muniment.catalog.analysis.batches import BatchView, view_of
from muniment.catalog.analysis.checks.figures import (
    FIGURES,
    READABLE,
    ROW_FIGURES,
    SHOWS_A_VALUE,
    Figure,
)
from muniment.catalog.analysis.checks.keys import (
    FOREIGN,
    SENSITIVE,
    UNREAD,
    kinds_of,
    named,
    refers_of,
    sketch_of,
)
from muniment.catalog.analysis.checks.outcomes import (
    of_figure,
    of_sample,
    of_tally,
    outcome,
    unanswerable,
)
from muniment.catalog.analysis.checks.rows import LOOKS, Look, row_hashes
from muniment.catalog.analysis.checks.schema import SCHEMA
from muniment.catalog.analysis.checks.tally import Tally
from muniment.catalog.analysis.checks.uniqueness import TYPES as UNIQUENESS
from muniment.catalog.analysis.checks.values import Judge, judge_of, value_tally
from muniment.catalog.analysis.codec import Tree, branch, number, pack, twigs, unpack
from muniment.catalog.analysis.column import ColumnState
from muniment.catalog.analysis.hashing import HASH_NAME
from muniment.catalog.analysis.limits import Limits
from muniment.catalog.analysis.results import (
    QUALITY_VERSION,
    CheckOutcome,
    KeySketch,
    QualityResult,
)
from muniment.catalog.analysis.sample import ValueSample
from muniment.catalog.analysis.spec import CheckSpec, QualityPlan
from muniment.catalog.analysis.storing import column_of, column_tree
from muniment.contracts.connectors import AssetMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.errors import Invalid
from muniment.kernel.masking import mask
from muniment.kernel.values import JsonObject, Sensitivity

_MAGIC = b"MQUA"

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The checks of an asset, sorted by how they are answered; ``broken`` cannot be."""

    judges: Mapping[str, tuple[str, Judge]]
    looks: Mapping[str, Look]
    samples: frozenset[Names]
    columns: frozenset[str]
    broken: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sampled:
    """The values of one or more columns together, and the kinds they were of."""

    values: ValueSample = field(default_factory=ValueSample)
    kinds: frozenset[str] = frozenset()

    def merge(self, other: "Sampled") -> "Sampled":
        return Sampled(self.values.merge(other.values), self.kinds | other.kinds)

    def tree(self) -> Tree:
        return {"values": self.values.tree(), "kinds": [*sorted(self.kinds)]}

    @classmethod
    def of_tree(cls, tree: Tree) -> "Sampled":
        part = branch(tree)
        kinds = frozenset(str(one) for one in twigs(part["kinds"]))
        return cls(ValueSample.of_tree(part["values"]), kinds)


@dataclass(frozen=True, slots=True)
class QualityState:
    """What the checks have counted so far, by their keys; the rest by the columns it is of."""

    limits: Limits
    asked: Asked | None
    rows: int = 0
    unreadable: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    samples: dict[Names, Sampled] = field(default_factory=dict)
    columns: dict[str, ColumnState] = field(default_factory=dict)


def sort_checks(plan: QualityPlan) -> Asked:
    """Decide how each check is answered; what cannot be is kept with the reason."""
    judges: dict[str, tuple[str, Judge]] = {}
    looks: dict[str, Look] = {}
    samples: set[Names] = set(plan.keys)
    columns: set[str] = set()
    broken: dict[str, str] = {}
    for spec in plan.checks:
        try:
            if spec.type in LOOKS:
                looks[spec.key] = LOOKS[spec.type](spec)
            elif spec.type in UNIQUENESS:
                samples.add(spec.columns or (spec.column,))
            elif spec.type == FOREIGN:
                samples.add(named(spec))
            elif spec.type in FIGURES:
                columns.add(spec.column)
            elif spec.type not in SCHEMA and spec.type not in (*ROW_FIGURES, READABLE):
                judge = judge_of(spec, plan.reference_time)
                if judge is None:
                    raise Invalid(f"There is no check type {spec.type}.")
                judges[spec.key] = (spec.column, judge)
        except Invalid as error:
            broken[spec.key] = error.message
    return Asked(judges, looks, frozenset(samples), frozenset(columns), broken)


class QualityAnalyzer:
    """Answers the checks it is given.

    Memory: a count per check, 2 MB per key or column whose repetition is asked for, and the bounded
    state of a column for each column whose mean, extremes or order is.
    """

    name: ClassVar[str] = "quality"
    version: ClassVar[int] = 4
    order: ClassVar[int] = 30

    def start(self, context: AnalysisContext, schema: pa.Schema) -> QualityState:
        limits = Limits.for_columns(len(schema.names))
        return QualityState(limits, sort_checks(QualityPlan.of_json(context.params)))

    def feed(self, state: QualityState, batch: pa.RecordBatch) -> QualityState:
        asked = state.asked
        if asked is None:
            raise Invalid("A stored quality state can be merged and finished, not fed.")
        view = view_of(batch)
        return replace(
            state,
            rows=state.rows + view.rows,
            tallies=state.tallies | _tallies(asked, state.tallies, view),
            samples=state.samples | _samples(asked, state.samples, view),
            columns=state.columns | _columns(state, asked, view),
        )

    def skip(self, state: QualityState, rows: int) -> QualityState:
        """Count rows that the connector could not decode."""
        return replace(state, unreadable=state.unreadable + rows)

    def merge(self, left: QualityState, right: QualityState) -> QualityState:
        return QualityState(
            left.limits,
            left.asked or right.asked,
            left.rows + right.rows,
            left.unreadable + right.unreadable,
            _joined(left.tallies, right.tallies),
            _joined(left.samples, right.samples),
            _joined(left.columns, right.columns),
        )

    def finish(self, state: QualityState, context: AnalysisContext) -> JsonObject:
        plan = QualityPlan.of_json(context.params)
        broken = (state.asked or sort_checks(plan)).broken
        outcomes = tuple(
            unanswerable(spec, broken[spec.key])
            if spec.key in broken
            else _answer(spec, state, context, plan.reference_time)
            for spec in plan.checks
        )
        keys = tuple(_sketches(plan, state, context))
        return QualityResult(QUALITY_VERSION, state.rows, outcomes, keys).to_json()

    def labels(self, result: JsonObject) -> Mapping[str, Sensitivity]:
        return {}

    def dump(self, state: QualityState) -> bytes:
        return pack(
            _MAGIC,
            self.version,
            {
                "hash": HASH_NAME,
                "limits": state.limits.tree(),
                "rows": state.rows,
                "unreadable": state.unreadable,
                "tallies": {key: one.tree() for key, one in state.tallies.items()},
                "samples": [[list(key), one.tree()] for key, one in state.samples.items()],
                "columns": {name: column_tree(name, one) for name, one in state.columns.items()},
            },
        )

    def load(self, raw: bytes) -> QualityState:
        tree = branch(unpack(_MAGIC, self.version, raw))
        if tree["hash"] != HASH_NAME:
            raise Invalid(
                "This analysis state was made with another hash (another version or processor). "
                "Scan the asset again; such states are never merged."
            )
        limits = Limits(*(number(one) for one in twigs(tree["limits"])))
        return QualityState(
            limits,
            None,
            number(tree["rows"]),
            number(tree["unreadable"]),
            {key: Tally.of_tree(one) for key, one in branch(tree["tallies"]).items()},
            dict(_sample_of(one) for one in twigs(tree["samples"])),
            {name: column_of(one, limits) for name, one in branch(tree["columns"]).items()},
        )


def _tallies(asked: Asked, known: dict[str, Tally], view: BatchView) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for key, look in asked.looks.items():
        found[key] = known.get(key, Tally()).merge(look(view))
    for key, (name, judge) in asked.judges.items():
        column = view.column(name)
        if column is not None:
            found[key] = known.get(key, Tally()).merge(value_tally(judge, column))
    return found


def _sample_of(tree: Tree) -> tuple[Names, Sampled]:
    names, sampled = twigs(tree)
    return tuple(str(name) for name in twigs(names)), Sampled.of_tree(sampled)


def _samples(asked: Asked, known: dict[Names, Sampled], view: BatchView) -> dict[Names, Sampled]:
    found: dict[Names, Sampled] = {}
    for names in asked.samples:
        values = row_hashes(view, names)
        if values is not None:
            before, kinds = known.get(names, Sampled()), kinds_of(view, names)
            new = before.kinds if kinds is None else before.kinds | {kinds}
            found[names] = Sampled(before.values.add(values), new)
    return found


def _sketches(
    plan: QualityPlan, state: QualityState, context: AnalysisContext
) -> Iterator[KeySketch]:
    """The keys that another table, or the comparison with one, needs; none that is sensitive."""
    foreign = [spec.columns for spec in plan.checks if spec.type == FOREIGN]
    for names in dict.fromkeys((*plan.keys, *foreign)):
        sampled = state.samples.get(names)
        if sampled is not None and not _sensitive(names, context):
            yield sketch_of(names, sampled.kinds, sampled.values)


def _columns(state: QualityState, asked: Asked, view: BatchView) -> dict[str, ColumnState]:
    found: dict[str, ColumnState] = {}
    for name in asked.columns:
        column = view.column(name)
        if column is not None:
            found[name] = state.columns.get(name, ColumnState()).feed(column, state.limits)
    return found


class _Merges(Protocol):
    def merge(self, other: Self, /) -> Self: ...


_M = TypeVar("_M", bound=_Merges)
_K = TypeVar("_K")


def _joined(left: dict[_K, _M], right: dict[_K, _M]) -> dict[_K, _M]:
    both = dict(left)
    for key, one in right.items():
        both[key] = both[key].merge(one) if key in both else one
    return both


def _answer(
    spec: CheckSpec, state: QualityState, context: AnalysisContext, now: datetime | None
) -> CheckOutcome:
    try:
        if spec.type in SCHEMA:
            return of_figure(spec, SCHEMA[spec.type](spec, context.meta), 1)
        if missing := _missing(spec, context.meta):
            return unanswerable(spec, f"The column {missing} is not there any more.")
        if spec.type == READABLE:
            return of_tally(spec, Tally(state.rows + state.unreadable, state.unreadable))
        if spec.type in ROW_FIGURES:
            return of_figure(spec, ROW_FIGURES[spec.type](spec, state.rows), state.rows)
        if spec.type in FIGURES:
            hidden = _sensitive(spec.columns, context)
            column = state.columns.get(spec.column, ColumnState())
            figure = FIGURES[spec.type](spec, column, now)
            return of_figure(spec, _hidden(figure, spec, hidden=hidden), column.rows - column.nulls)
        if spec.type in UNIQUENESS:
            names = spec.columns or (spec.column,)
            return of_sample(spec, state.samples.get(names, Sampled()).values)
        if spec.type == FOREIGN:
            why = SENSITIVE if _sensitive(spec.columns, context) else UNREAD
            return replace(outcome(spec, "skipped"), message=why, refers=refers_of(spec))
    except Invalid as error:
        return unanswerable(spec, error.message)
    return of_tally(spec, state.tallies.get(spec.key, Tally()))


def _missing(spec: CheckSpec, meta: AssetMeta) -> str | None:
    known = {column.name for column in meta.columns}
    return next((name for name in spec.columns if name not in known), None) if known else None


def _sensitive(names: Names, context: AnalysisContext) -> bool:
    levels = [context.labels.get(name, Sensitivity.PUBLIC) for name in names]
    return max(levels, default=Sensitivity.PUBLIC) >= Sensitivity.CONFIDENTIAL


def _hidden(figure: Figure, spec: CheckSpec, *, hidden: bool) -> Figure:
    if not hidden or spec.type not in SHOWS_A_VALUE or figure.said is None:
        return figure
    return replace(figure, said=mask(str(figure.said)))
