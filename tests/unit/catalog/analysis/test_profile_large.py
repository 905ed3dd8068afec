"""Batches large enough for the short cuts: recognised values, dense counts, narrow bins."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from tests.unit.catalog.analysis.tables import profile, profile_state

from muniment.catalog.analysis.profile import ProfileAnalyzer

ROWS = 262_144
PER_BATCH = 65_536
ANALYZER = ProfileAnalyzer()


@pytest.fixture(scope="module")
def table() -> pa.Table:
    chance = np.random.default_rng(7)
    words = np.array([f"word {n}" for n in range(900)])
    drifting = np.repeat(np.arange(8), ROWS // 8) * 700 + chance.integers(0, 900, ROWS)
    return pa.table(
        {
            "word": words[chance.integers(0, 900, ROWS)],
            "drifting": np.array([f"d{n}" for n in range(7_000)])[drifting],
            "dense": chance.integers(-40_000, 20_000, ROWS),
            "price": chance.integers(0, 50, ROWS) / 4,
            "even": chance.normal(5, 2, ROWS),
            "crowded": np.exp(chance.normal(0, 3, ROWS)),
            "key": chance.permutation(ROWS) * 1_000_003,
            "note": np.array([f"{n} is a note" for n in range(ROWS)]),
            "blank": np.where(chance.random(ROWS) < 0.25, " \u00a0\t", "n/A"),
        }
    )


@pytest.mark.parametrize("parts", [1, 4])
def test_counts_are_exact_and_quantiles_within_their_error(table: pa.Table, parts: int) -> None:
    size = ROWS // parts
    states = [
        profile_state(table.slice(at, size).to_batches(max_chunksize=PER_BATCH))
        for at in range(0, ROWS, size)
    ]
    state = states[0]
    for other in states[1:]:
        state = ANALYZER.merge(state, other)
    said = profile(state)
    for name in table.column_names:
        exact, column = pl.Series(pl.from_arrow(table[name])), said[name]
        distinct = exact.n_unique()
        assert column.count == ROWS
        if column.distinct_exact:
            top = exact.value_counts(name="n")["n"].sort(descending=True).head(10).to_list()
            assert (column.distinct, [one.count for one in column.top]) == (distinct, top), name
        else:
            assert column.distinct == pytest.approx(distinct, rel=5 * (column.distinct_error or 0))
        for share, value in column.quantiles.items():
            below, within = int((exact < value).sum()) / ROWS, int((exact <= value).sum()) / ROWS
            gap = max(below - float(share), float(share) - within)
            assert gap <= (column.quantile_error or 0), (name, share)
    assert {name for name in said if said[name].distinct_exact} == {
        "word", "drifting", "price", "blank",
    }  # fmt: skip
    assert (said["blank"].blanks or 0) + (said["blank"].placeholders or 0) == ROWS
    assert said["price"].zeros == (pl.Series(pl.from_arrow(table["price"])) == 0).sum()
