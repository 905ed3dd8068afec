"""The laws of stopping early: how often a share is put on the wrong side, looked at ever again."""

import json

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from muniment.classification.engine.sequential import HIGH, LOW, Side, evidence_against, side
from muniment.classification.looking import look
from muniment.contracts.connectors import AssetMeta, ColumnMeta, Partition
from muniment.contracts.reading import ReadPlan
from muniment.kernel.values import AssetKind

LOOKED_AT = (10, 20, 40, 80, 160, 320, 640, 1_280, 2_560)
ERROR = 0.05


@pytest.mark.parametrize(
    ("share", "wrong"),
    [
        (LOW, Side.FEW),
        (0.07, Side.FEW),
        (HIGH, Side.MOST),
        (0.7, Side.MOST),
        (0.3, Side.FEW),
        (LOW, Side.SOME),
        (HIGH, Side.SOME),
    ],
)
def test_a_share_is_seldom_on_the_wrong_side_however_often_one_looks(
    share: float, wrong: Side
) -> None:
    chance = np.random.default_rng(int(share * 1_000))
    runs = 3_000
    hits = (chance.random((runs, LOOKED_AT[-1])) < share).cumsum(axis=1)
    lost = sum(any(side(int(run[n - 1]), n, ERROR) is wrong for n in LOOKED_AT) for run in hits)
    assert lost / runs <= ERROR


@pytest.mark.parametrize(("share", "right"), [(0.0, Side.FEW), (1.0, Side.MOST), (0.95, Side.MOST)])
def test_clear_shares_are_told_soon(share: float, right: Side) -> None:
    assert side(round(share * 1_000), 1_000, 1e-6) is right
    assert side(300, 1_000, 1e-6) is Side.SOME
    assert side(30, 100, 1e-6) is Side.OPEN
    assert evidence_against(0.5, 500, 1_000) < 0


class Table:
    """An honest connector of one table in memory, which counts what is read of it."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.cells = 0
        self.skipped_rows = 0

    def partitions(self, asset: AssetMeta, plan: ReadPlan) -> list[Partition]:
        rows = self.frame.height
        fraction = min(1.0, (plan.sample_rows or rows) / rows)
        return [Partition(0, {}, round(rows * fraction), fraction=fraction)]

    def read(self, asset: AssetMeta, partition: Partition, plan: ReadPlan) -> list[pa.RecordBatch]:
        names = [column.name for column in plan.narrowed(asset).columns]
        n = round(self.frame.height * partition.fraction)
        part = self.frame.select(names).sample(n, seed=n, shuffle=True)
        self.cells += part.height * part.width
        return part.to_arrow().to_batches()


def test_reading_stops_at_certainty_and_says_the_same() -> None:
    chance = np.random.default_rng(2)
    n = 80_000
    numbers = chance.integers(0, 10**6, n).tolist()
    frame = pl.DataFrame(
        {
            "email": [f"anna.{k}@mail{k % 40}.example.org" for k in numbers],
            "amount": chance.lognormal(3, 1, n).round(2),
            "status": [("open", "paid", "sent")[k % 3] for k in numbers],
            "note": [f"call {k}" if k % 4 else f"write to bob{k}@mail.example" for k in numbers],
            "empty": pl.repeat(None, n, dtype=pl.String, eager=True),
        }
    )
    columns = tuple(ColumnMeta(name, str(kind)) for name, kind in frame.schema.items())
    meta = AssetMeta(("shop", "orders"), AssetKind.TABLE, columns=columns, row_estimate=n)

    def labels(early: bool) -> tuple[dict[str, list[str]], int]:
        table = Table(frame)
        found = look(table, meta, rows=60_000, params={"classifiers": ["contact.*"]}, early=early)  # type: ignore[arg-type]  # reads only
        assert found is not None
        assert found.cells == table.cells
        columns = json.loads(json.dumps(found.result["columns"]))
        told = {each["column"]: [one["label"] for one in each["labels"]] for each in columns}
        return told, table.cells

    early, few = labels(early=True)
    whole, all_ = labels(early=False)
    assert early == whole
    assert early["email"]
    assert few < all_ / 5
