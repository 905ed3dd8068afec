"""The laws of samples: every row is as likely as any other, and margins hold as they say."""

import numpy as np
import pyarrow as pa
import pytest

from muniment.contracts.sampling import Strategy, statement
from muniment.scans.engine.sampling import by_reservoir, by_rows

ROWS = 1_000


def batches(rows: int = ROWS, size: int = 130) -> list[pa.RecordBatch]:
    return pa.table({"n": np.arange(rows)}).to_batches(max_chunksize=size)


def test_a_reservoir_holds_every_row_equally_often() -> None:
    chance = np.random.default_rng(1)
    runs, size = 400, 60
    met = np.zeros(ROWS)
    for _ in range(runs):
        found = by_reservoir(batches(), size, chance)
        assert found is not None
        rows = found.column("n").to_numpy()
        assert len(rows) == len(set(rows.tolist())) == size
        met[rows] += 1
    expected = runs * size / ROWS
    chi_square = float(((met - expected) ** 2 / expected).sum())
    assert chi_square < ROWS + 5 * (2 * ROWS) ** 0.5
    few = by_reservoir(batches(40), size, chance)
    assert few is not None
    assert few.column("n").to_pylist() == list(range(40))
    assert by_reservoir([], size, chance) is None


@pytest.mark.parametrize("share", [0.03, 0.5, 0.9])
def test_the_margin_holds_as_often_as_it_says(share: float) -> None:
    chance = np.random.default_rng(2)
    held = 0
    for _ in range(400):
        is_hit = pa.table({"hit": chance.random(4_000) < share})
        true = float(np.mean(is_hit.column("hit").to_numpy()))
        parts = [pa.table(part) for part in by_rows(is_hit.to_batches(), 0.2, chance)]
        found = pa.concat_tables(parts).column("hit").to_numpy()
        held += abs(found.mean() - true) <= statement(Strategy.ROWS, len(found), 4_000).margin
    assert held / 400 >= 0.93


def test_a_statement_says_what_it_is_worth() -> None:
    assert statement(Strategy.BLOCKS, 50, 50).words == "All 50 rows were read."
    rows = statement(Strategy.ROWS, 10_000, 10**6)
    blocks = statement(Strategy.BLOCKS, 10_000, 10**6, blocks=100)
    assert rows.margin == pytest.approx(0.00975, abs=1e-4)
    assert rows.cautious is None
    assert blocks.cautious == pytest.approx(0.0975, abs=1e-3)
    assert "10,000 rows (1.00%), in blocks: shares are within 0.98%" in blocks.words
    assert "up to 9.8% if the rows of a block are alike" in blocks.words
    assert "0.030% of the rows" in blocks.words
    assert "nothing is known" in statement(Strategy.ROWS, 0, 10).words
