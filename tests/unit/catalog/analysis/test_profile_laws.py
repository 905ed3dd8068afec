"""The laws of the profile: parts merged in any order say what one pass says, stored or not."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.catalog.analysis.tables import Arrays, batches, profile, profile_state

from muniment.catalog.analysis.column import ColumnState
from muniment.catalog.analysis.profile import ProfileAnalyzer, ProfileState
from muniment.catalog.analysis.results import ColumnProfile

ANALYZER = ProfileAnalyzer()

rows = st.lists(
    st.fixed_dictionaries(
        {
            "n": st.none() | st.integers(-(2**62), 2**62),
            "f": st.none() | st.floats(width=32),
            "t": st.none() | st.text(max_size=12),
            "d": st.none() | st.dates(),
            "b": st.none() | st.booleans(),
        }
    ),
    min_size=1,
    max_size=40,
)
TYPES: dict[str, pa.DataType] = {
    "n": pa.int64(),
    "f": pa.float64(),
    "t": pa.string(),
    "d": pa.date32(),
    "b": pa.bool_(),
}
SCHEMA = pa.schema(TYPES)


def state_of(part: list[dict[str, object]]) -> ProfileState:
    return profile_state([pa.RecordBatch.from_pylist(part, schema=SCHEMA)])


def exact_part(column: ColumnProfile) -> tuple[object, ...]:
    return (
        column.rows, column.nulls, column.count, column.nan, column.infinite, column.distinct,
        column.unique, column.min, column.max, column.zeros, column.negatives, column.blanks,
        column.placeholders, column.lengths, column.shapes, column.castable, column.examined,
        sorted((str(top.value), top.count) for top in column.top if column.distinct <= 10),
    )  # fmt: skip


def said(state: ProfileState) -> dict[str, tuple[object, ...]]:
    return {name: exact_part(column) for name, column in profile(state).items()}


@settings(max_examples=60, deadline=None)
@given(rows, st.data())
def test_merging_parts_equals_one_pass(part: list[dict[str, object]], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(part)))
    left, right = state_of(part[:at]), state_of(part[at:])
    assert said(ANALYZER.merge(left, right)) == said(state_of(part))
    assert said(ANALYZER.merge(right, left)) == said(state_of(part))


@settings(max_examples=30, deadline=None)
@given(rows, rows, rows)
def test_merging_is_associative(
    a: list[dict[str, object]], b: list[dict[str, object]], c: list[dict[str, object]]
) -> None:
    x, y, z = state_of(a), state_of(b), state_of(c)
    merge = ANALYZER.merge
    assert said(merge(merge(x, y), z)) == said(merge(x, merge(y, z)))


@settings(max_examples=40, deadline=None)
@given(rows)
def test_a_stored_state_says_the_same_of_counts(part: list[dict[str, object]]) -> None:
    state = state_of(part)
    again = ANALYZER.load(ANALYZER.dump(state))
    for before, after in zip(profile(state).values(), profile(again).values(), strict=True):
        assert (before.rows, before.nulls, before.distinct, before.unique, before.blanks) == (
            after.rows, after.nulls, after.distinct, after.unique, after.blanks
        )  # fmt: skip
        assert [top.count for top in before.top] == [top.count for top in after.top]


@pytest.fixture(scope="module")
def crowded() -> Arrays:
    chance = np.random.default_rng(5)
    return {
        "id": pa.array(np.arange(300_000)),
        "amount": pa.array(chance.lognormal(3, 1, 300_000)),
        "mail": pa.array([f"u{n}@x.example" for n in chance.integers(0, 90_000, 300_000)]),
    }


def test_crowded_columns_are_estimated_within_the_stated_error(
    crowded: Arrays,
) -> None:
    parts = [
        profile_state(batches({k: v[at::3] for k, v in crowded.items()}, 20_000)) for at in range(3)
    ]
    merged = ANALYZER.merge(ANALYZER.merge(parts[2], parts[0]), parts[1])
    found = profile(ANALYZER.load(ANALYZER.dump(merged)))
    for name, exact in (("id", 300_000), ("mail", len(crowded["mail"].unique()))):
        assert not found[name].distinct_exact
        assert abs(found[name].distinct / exact - 1) < 4 * found[name].distinct_error
    amounts = np.sort(crowded["amount"].to_numpy())
    assert found["amount"].mean == pytest.approx(amounts.mean(), rel=1e-9)
    assert found["amount"].std == pytest.approx(amounts.std(ddof=1), rel=1e-9)
    assert found["amount"].quantile_error < 0.01
    for share, value in found["amount"].quantiles.items():
        assert isinstance(value, float)
        rank = np.searchsorted(amounts, value) / len(amounts)
        assert abs(rank - float(share)) <= found["amount"].quantile_error
    assert found["mail"].unique is False
    assert found["id"].unique is None


def test_order_is_seen_across_parts(crowded: Arrays) -> None:
    ids = crowded["id"]
    halves = [
        profile_state(batches({"id": half}, 50_000)) for half in (ids[:150_000], ids[150_000:])
    ]
    assert profile(ANALYZER.merge(halves[1], halves[0]))["id"].order == "rising"
    mixed = [profile_state(batches({"id": ids[at::2]}, 50_000)) for at in range(2)]
    assert profile(ANALYZER.merge(*mixed))["id"].order is None


def test_states_stay_bounded_for_a_wide_table() -> None:
    wide = {f"c{n}": pa.array([f"value {n} {row}" for row in range(2_000)]) for n in range(400)}
    state = profile_state(batches(wide, 2_000))
    kept = [one for column in state.columns.values() for one in column.kinds.values()]
    assert max(0 if one.exact is None else len(one.exact) for one in kept) <= 1_000
    assert len(ANALYZER.dump(state)) < 24_000_000
    assert isinstance(state.columns["c0"], ColumnState)
