"""Samples of a stream of batches, for sources that must be read through: rows and a reservoir."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from muniment.contracts.sampling import Strategy
from muniment.scans.jobs import Thinning

Numbers = npt.NDArray[np.float64]
_SLACK: Final = 4


def thinned(batches: Iterable[pa.RecordBatch], asked: Thinning) -> Iterator[pa.RecordBatch]:
    """The rows that a task asks for of those that come."""
    chance = np.random.default_rng()
    if asked.strategy is Strategy.ROWS:
        yield from by_rows(batches, asked.share, chance)
        return
    table = by_reservoir(batches, asked.rows, chance)
    if table is not None:
        yield from table.combine_chunks().to_batches()


def by_rows(
    batches: Iterable[pa.RecordBatch], share: float, chance: np.random.Generator
) -> Iterator[pa.RecordBatch]:
    """Each row for itself with the probability ``share``; the order stays."""
    for batch in batches:
        chosen = chance.random(batch.num_rows) < share
        yield batch.filter(pa.array(chosen))


def by_reservoir(
    batches: Iterable[pa.RecordBatch], rows: int, chance: np.random.Generator
) -> pa.Table | None:
    """Exactly ``rows`` rows (or all, if fewer came), every choice of them as likely as any other.

    Each row draws a number and those with the lowest stay, so that reservoirs of parts merge by
    their numbers. Holds at most four times the rows asked for. None when no batch came.
    """
    kept: list[pa.RecordBatch] = []
    drawn: list[Numbers] = []
    ceiling, held = 1.0, 0
    for batch in batches:
        numbers = chance.random(batch.num_rows)
        near = numbers < ceiling
        kept.append(batch.filter(pa.array(near)))
        drawn.append(numbers[near])
        held += int(near.sum())
        if held > _SLACK * rows:
            table, lowest = _lowest(kept, drawn, rows)
            kept, drawn, held = table.to_batches(), [lowest], len(lowest)
            ceiling = float(lowest.max(initial=0.0))
    if not kept:
        return None
    return _lowest(kept, drawn, rows)[0]


def _lowest(
    kept: list[pa.RecordBatch],
    drawn: list[Numbers],
    rows: int,
) -> tuple[pa.Table, Numbers]:
    numbers = np.concatenate(drawn)
    table = pa.Table.from_batches(kept)
    if len(numbers) <= rows:
        return table, numbers
    chosen = np.sort(np.argpartition(numbers, rows - 1)[:rows])  # in the order they came
    return table.take(chosen), numbers[chosen]
