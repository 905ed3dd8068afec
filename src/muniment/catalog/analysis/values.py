"""Which values occur how often: exactly while they are few, the frequent ones beyond."""

from typing import Final

import numpy as np
import polars as pl

from muniment.catalog.analysis import hll
from muniment.catalog.analysis.batches import ColumnBatch, with_numbers
from muniment.catalog.analysis.limits import Limits

HITTER_SHARE: Final = 0.001
"""In a batch, values rarer than this are not followed once a column has too many of them."""
_LONGEST_HITTER: Final = 256


def combine(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Add two tables of counts; a value known on one side only is kept."""
    familiar = _added(left, right)
    if familiar is not None:
        return familiar
    both = pl.concat([left, right])
    known = pl.col("v").max() if both["v"].null_count() else pl.col("v").first()
    return both.group_by("h").agg(pl.col("n").sum(), pl.col("size").first(), known)


def _added(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame | None:
    """Both, where the left one knows every value of the right one: the usual case, and cheap."""
    known, given = left["h"].to_numpy(), right["h"].to_numpy()
    if not len(known) or len(given) > len(known) or left["v"].null_count():
        return None
    if np.array_equal(known, given):
        return with_numbers(left, left["n"].to_numpy() + right["n"].to_numpy())
    order = np.argsort(known)
    rows = order[np.searchsorted(known, given, sorter=order).clip(max=len(known) - 1)]
    if not np.array_equal(known[rows], given):
        return None
    n = left["n"].to_numpy().copy()
    n[rows] += right["n"].to_numpy()
    return with_numbers(left, n)


def fits(counts: pl.DataFrame, limits: Limits) -> bool:
    """Whether the values are still few and short enough to be counted one by one."""
    if len(counts) > limits.distinct:
        return False
    return int(counts["size"].sum()) <= limits.text_bytes or counts["v"].dtype != pl.String


def frequent(counts: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The heaviest values, long text forgotten."""
    kept = counts.sort(["n", "h"], descending=True).head(limits.hitters)
    if kept["v"].dtype != pl.String:
        return kept
    short = pl.when(pl.col("size") <= _LONGEST_HITTER).then(pl.col("v"))
    return kept.with_columns(short.alias("v"))


def hitters_of(column: ColumnBatch) -> pl.DataFrame | None:
    """Values above the share in this batch, found without counting the others."""
    rows = len(column.values)
    least = max(2, round(rows * HITTER_SHARE))
    if column.counted:
        found = column.counts.filter(pl.col("n") >= least)
        return found if len(found) else None
    buckets = hll.buckets_of(column.hashes)
    loads = np.bincount(buckets, minlength=hll.SIZE)
    usual = rows / hll.SIZE
    hot = loads > max(2 * usual + 8 * usual**0.5, least - 1)
    if not hot.any():
        return None
    picked = column.values.filter(pl.Series(hot[buckets]))
    found = ColumnBatch(column.kind, picked).counts.filter(pl.col("n") >= least)
    return found if len(found) else None
