"""The analyzer that learns how columns relate, to those of other tables and to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

import numpy as np
import polars as pl
import pyarrow as pa

from muniment.catalog.analysis.batches import BatchView, ColumnBatch, Kind, view_of
from muniment.catalog.analysis.codec import Tree, branch, number, pack, twigs, unpack
from muniment.catalog.analysis.hashing import HASH_NAME, SEED
from muniment.catalog.analysis.relations import comoments, rowsample
from muniment.catalog.analysis.relations.comoments import CoMoments
from muniment.catalog.analysis.relations.keyed import KEY_BYTES, sketch_of
from muniment.catalog.analysis.relations.lowest import MOST, Lowest
from muniment.catalog.analysis.relations.rowsample import RowSample
from muniment.catalog.relations.model import RELATIONS_VERSION, RelationsResult
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.errors import Invalid
from muniment.kernel.values import AssetKind, JsonObject, Sensitivity

_MAGIC = b"MREL"
_OF_TABLE: Final = 400_000
_LEAST: Final = 128
NOT_COMPARED: Final = (Kind.BOOLEAN, Kind.OTHER, Kind.TIME)
"""Kinds with too few values, or none, to be recognised by."""
MADE_FROM_TABLES: Final = (AssetKind.VIEW, AssetKind.MATERIALIZED_VIEW)
"""Lineage tells better where their values are from."""


@dataclass(frozen=True, slots=True)
class Met:
    """One column: its chosen values by kind, and how many rows had which."""

    rows: int = 0
    nulls: int = 0
    values: Mapping[Kind, Lowest] = field(default_factory=dict)

    def add(self, column: ColumnBatch, most: int) -> "Met":
        values = self.values
        if column.nulls < column.rows and column.kind not in NOT_COMPARED:
            known = values.get(column.kind, Lowest())
            values = {**values, column.kind: known.add(column, most)}
        return Met(self.rows + column.rows, self.nulls + column.nulls, values)

    def merge(self, other: "Met", most: int) -> "Met":
        values = dict(self.values)
        for kind, low in other.values.items():
            values[kind] = values[kind].merge(low, most) if kind in values else low
        return Met(self.rows + other.rows, self.nulls + other.nulls, values)


@dataclass(frozen=True, slots=True)
class RelationsState:
    """The columns of an asset, and what was asked of its rows."""

    most: int
    rows: int = 0
    columns: dict[str, Met] = field(default_factory=dict)
    together: CoMoments | None = None
    sample: RowSample | None = None


class RelationsAnalyzer:
    """Chooses values of every column by hash, so that columns of the whole estate can be compared.

    Costs next to nothing after the profile, whose hashes it uses. With the parameter ``rows``,
    correlations of the first 24 numeric columns and dependencies between the first 32 columns too.
    Memory: 16 KB a column (6.4 MB an asset at most), and 4.2 MB for the rows. Merging is
    associative and commutative; choices come out exactly as in one pass, co-moments up to rounding.

    ``key`` (hex) makes what leaves of a value of no use to others; without it no value leaves.
    ``sampled`` says that not all rows are read.
    """

    name: ClassVar[str] = "relations"
    version: ClassVar[int] = 1
    order: ClassVar[int] = 25

    def start(self, context: AnalysisContext, schema: pa.Schema) -> RelationsState:
        names = list(dict.fromkeys(schema.names))
        most = max(_LEAST, min(MOST, _OF_TABLE // max(len(names), 1)))
        state = RelationsState(most, 0, {name: Met() for name in names})
        if not context.params.get("rows"):
            return state
        numeric = [one.name for one in schema if _is_number(one.type)][: comoments.MOST_COLUMNS]
        return replace(
            state,
            together=CoMoments.none(list(dict.fromkeys(numeric))),
            sample=RowSample.none(names[: rowsample.MOST_COLUMNS]),
        )

    def feed(self, state: RelationsState, batch: pa.RecordBatch) -> RelationsState:
        view = view_of(batch)
        columns = dict(state.columns)
        for name in view.names:
            column = view.column(name)
            if column is not None:
                columns[name] = columns.get(name, Met()).add(column, state.most)
        return replace(
            state,
            rows=state.rows + view.rows,
            columns=columns,
            together=None if state.together is None else _together(state.together, view),
            sample=None if state.sample is None else _rows(state.sample, view),
        )

    def merge(self, left: RelationsState, right: RelationsState) -> RelationsState:
        columns = dict(left.columns)
        for name, met in right.columns.items():
            columns[name] = columns[name].merge(met, left.most) if name in columns else met
        together, sample = left.together, left.sample
        if together is not None and right.together is not None:
            together = together.merge(right.together)
        if sample is not None and right.sample is not None:
            sample = sample.merge(right.sample)
        return RelationsState(left.most, left.rows + right.rows, columns, together, sample)

    def finish(self, state: RelationsState, context: AnalysisContext) -> JsonObject:
        key = bytes.fromhex(str(context.params.get("key", "")))
        if key and len(key) != KEY_BYTES:
            raise Invalid(f"The key of the relations analyzer must have {KEY_BYTES} bytes.")
        made = context.meta.kind in MADE_FROM_TABLES
        sketches = [
            sketch_of(name, kind, met.rows, met.nulls, low, key)
            for name, met in state.columns.items()
            for kind, low in _main(met)
            if key and not made and len(low.hashes)
        ]
        return RelationsResult(
            version=RELATIONS_VERSION,
            rows=state.rows,
            sampled=bool(context.params.get("sampled")),
            sketches=tuple(sketches),
            correlations=tuple(state.together.correlations()) if state.together else (),
            dependencies=tuple(state.sample.dependencies()) if state.sample else (),
        ).to_json()

    def labels(self, result: JsonObject) -> Mapping[str, Sensitivity]:
        return {}

    def dump(self, state: RelationsState) -> bytes:
        columns: list[Tree] = [
            [
                name,
                met.rows,
                met.nulls,
                {kind.value: low.tree() for kind, low in met.values.items()},
            ]
            for name, met in state.columns.items()
        ]
        return pack(
            _MAGIC,
            self.version,
            {
                "hash": HASH_NAME,
                "most": state.most,
                "rows": state.rows,
                "columns": columns,
                "together": None if state.together is None else state.together.tree(),
                "sample": None if state.sample is None else state.sample.tree(),
            },
        )

    def load(self, raw: bytes) -> RelationsState:
        tree = branch(unpack(_MAGIC, self.version, raw))
        if tree["hash"] != HASH_NAME:
            raise Invalid(
                "This analysis state was made with another hash (another version or processor). "
                "Scan the asset again; such states are never merged."
            )
        columns = {}
        for name, rows, nulls, values in (twigs(one) for one in twigs(tree["columns"])):
            kinds = {Kind(kind): Lowest.of_tree(low) for kind, low in branch(values).items()}
            columns[str(name)] = Met(number(rows), number(nulls), kinds)
        together, sample = tree["together"], tree["sample"]
        return RelationsState(
            number(tree["most"]),
            number(tree["rows"]),
            columns,
            None if together is None else CoMoments.of_tree(together),
            None if sample is None else RowSample.of_tree(sample),
        )


def _main(met: Met) -> list[tuple[Kind, Lowest]]:
    """The kind of which most values were met; a column of several kinds is compared by it alone."""
    heaviest = max(met.values.items(), key=lambda one: (one[1].distinct, one[0]), default=None)
    return [] if heaviest is None else [heaviest]


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _together(known: CoMoments, view: BatchView) -> CoMoments:
    columns = [(name, view.column(name)) for name in known.names]
    numeric = [(n, c) for n, c in columns if c is not None and c.kind.numeric and view.rows]
    if not numeric:
        return known
    rows = np.column_stack(
        [one.series.cast(pl.Float64).fill_null(float("nan")).to_numpy() for _, one in numeric]
    )
    fresh = CoMoments.of([name for name, _ in numeric], rows)
    if len(numeric) == len(known.names):
        return known.merge(fresh)
    return known.merge(_widened(fresh, known.names))  # a column holds nothing in this batch


def _widened(found: CoMoments, names: tuple[str, ...]) -> CoMoments:
    wide = [np.zeros((len(names), len(names))) for _ in range(4)]
    at = np.ix_(*[[names.index(name) for name in found.names]] * 2)
    for matrix, part in zip(wide, (found.n, found.mean, found.co, found.square), strict=True):
        matrix[at] = part
    return CoMoments(names, *wide)


def _rows(known: RowSample, view: BatchView) -> RowSample:
    columns = [view.column(name) for name in known.names]
    if not view.rows or not columns:
        return known
    frame = pl.DataFrame(
        {
            str(at): pl.repeat(None, view.rows, dtype=pl.Int64, eager=True)
            if column is None or column.kind is Kind.OTHER
            else column.series
            for at, column in enumerate(columns)
        }
    )
    rows = frame.hash_rows(SEED).to_numpy()
    if not known.all:
        near = pl.Series(rows <= known.rows[-1])
        frame, rows = frame.filter(near), rows[near.to_numpy()]
    cells = np.column_stack(
        [
            np.where(one.is_null().to_numpy(), np.uint64(0), one.hash(SEED).to_numpy())
            for one in frame.get_columns()
        ]
    )
    return known.add(rows, cells)
