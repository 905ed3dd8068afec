"""The laws of relationships: parts merge to what one pass says; what is stored tells nothing."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.catalog.analysis.tables import context

from muniment.catalog.analysis.relations import rowsample
from muniment.catalog.analysis.relations.analyzer import RelationsAnalyzer, RelationsState
from muniment.catalog.analysis.relations.lowest import Lowest
from muniment.catalog.relations.model import RelationsResult
from muniment.kernel.values import JsonObject

ANALYZER = RelationsAnalyzer()
KEY = "07" * 32
ASKED: JsonObject = {"key": KEY, "rows": True}
TYPES: dict[str, pa.DataType] = {
    "n": pa.int64(),
    "f": pa.float64(),
    "t": pa.string(),
    "m": pa.int64(),
}
SCHEMA = pa.schema(TYPES)

rows = st.lists(
    st.fixed_dictionaries(
        {
            "n": st.none() | st.integers(-50, 50),
            "f": st.none() | st.floats(-1e6, 1e6) | st.just(float("nan")),
            "t": st.none() | st.text(max_size=3),
            "m": st.none() | st.integers(0, 3),
        }
    ),
    max_size=60,
)
Rows = list[dict[str, object]]


def state_of(part: Rows, params: JsonObject = ASKED) -> RelationsState:
    batch = pa.RecordBatch.from_pylist(part, schema=SCHEMA)
    return ANALYZER.feed(ANALYZER.start(context(SCHEMA.names, params), SCHEMA), batch)


def said(state: RelationsState, params: JsonObject = ASKED) -> RelationsResult:
    return RelationsResult.from_json(ANALYZER.finish(state, context(SCHEMA.names, params)))


def same(left: RelationsResult, right: RelationsResult) -> None:
    assert left.sketches == right.sketches
    assert left.dependencies == right.dependencies
    by_pair = {(one.left, one.right): one for one in right.correlations}
    assert len(by_pair) == len(left.correlations)
    for one in left.correlations:
        other = by_pair[one.left, one.right]
        assert one.rows == other.rows
        assert one.coefficient == pytest.approx(other.coefficient, abs=2e-6)


@settings(max_examples=25, deadline=None)
@given(rows, rows, rows)
def test_parts_in_any_order_say_what_one_pass_says(a: Rows, b: Rows, c: Rows) -> None:
    x, y, z = state_of(a), state_of(b), ANALYZER.load(ANALYZER.dump(state_of(c)))
    whole = said(state_of([*a, *b, *c]))
    same(said(ANALYZER.merge(ANALYZER.merge(x, y), z)), whole)
    same(said(ANALYZER.merge(z, ANALYZER.merge(y, x))), whole)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=40), max_size=6))
def test_the_choice_does_not_depend_on_the_parts(parts: list[list[int]]) -> None:
    def chosen(hashes: list[int]) -> Lowest:
        found, counts = np.unique(np.array(hashes, np.uint64), return_counts=True)
        return Lowest().merge(Lowest(0, found, counts.astype(np.int64)), 16)

    whole = chosen([one for part in parts for one in part])
    merged = Lowest()
    for part in reversed(parts):
        merged = merged.merge(chosen(part), 16)
    assert merged.level == whole.level
    assert merged.hashes.tolist() == whole.hashes.tolist()
    assert merged.counts.tolist() == whole.counts.tolist()


def test_many_values_and_rows_are_bounded_and_merge_exactly() -> None:
    chance = np.random.default_rng(5)
    n = 120_000
    table = pa.table(
        {
            "n": chance.integers(0, 60_000, n),
            "f": chance.normal(size=n),
            "t": pa.array([f"v{one}" for one in chance.integers(0, 40_000, n).tolist()]),
            "m": chance.integers(0, 4, n),
        }
    )
    cut = [one.combine_chunks().to_batches()[0] for one in (table[:50_000], table[50_000:])]
    whole = ANALYZER.start(context(SCHEMA.names, ASKED), table.schema)
    for batch in cut:
        whole = ANALYZER.feed(whole, batch)
    parts = [ANALYZER.feed(ANALYZER.start(context([], ASKED), table.schema), b) for b in cut]
    same(said(whole), said(ANALYZER.merge(parts[1], parts[0])))
    assert whole.sample is not None
    assert len(whole.sample.rows) == rowsample.MOST_ROWS
    for sketch in said(whole).sketches:
        assert sketch.kept <= 1_024
        exact = len(set(table.column(sketch.column).to_pylist()))
        assert abs(sketch.distinct - exact) <= 4 * exact / max(sketch.kept, 1) ** 0.5


def test_correlations_and_dependencies_agree_with_an_exact_computation() -> None:
    chance = np.random.default_rng(7)
    n = 5_000
    city = chance.integers(0, 60, n)
    land = city // 6
    wrong = chance.random(n) < 0.004
    x = chance.normal(size=n)
    y = 0.8 * x + 0.6 * chance.normal(size=n)
    table = pa.table({"city": city, "land": np.where(wrong, 99, land), "x": x, "y": y})
    state = ANALYZER.start(context(table.column_names, ASKED), table.schema)
    for batch in table.to_batches(max_chunksize=700):
        state = ANALYZER.feed(state, batch)
    told = said(state)
    strongest = next(one for one in told.correlations if {one.left, one.right} == {"x", "y"})
    assert strongest.coefficient == pytest.approx(float(np.corrcoef(x, y)[0, 1]), abs=1e-5)
    [settled] = told.dependencies
    assert (settled.determinant, settled.dependent, settled.exact) == ("city", "land", True)
    assert settled.error == pytest.approx(float(wrong.mean()), abs=1e-6)


def test_what_leaves_is_of_no_use_without_the_key() -> None:
    part: Rows = [{"n": n, "f": None, "t": f"{n}@mail.example", "m": 1} for n in range(300)]
    state = state_of(part)
    one, again = said(state), said(state)
    other = said(state, {"key": "08" * 32})
    assert one == again
    for sketch, elsewhere in zip(one.sketches, other.sketches, strict=True):
        assert sketch.at == elsewhere.at
        assert sketch.values != elsewhere.values
    assert said(state, {}).sketches == ()
    assert b"mail.example" not in ANALYZER.dump(state)
