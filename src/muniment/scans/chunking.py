"""How reading is cut into chunks worth a few seconds each: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TARGET_WEIGHT = 160_000
"""Rows of about ten columns that one core reads and analyses in 1-5 s."""
TASK_WEIGHT = 4_000
"""What opening a table costs, in rows."""
MOST_TASKS = 200
UNKNOWN_ROWS = 50_000
"""What a partition of unknown size is taken for."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One partition of one asset, as the planner sees it."""

    asset: str
    partition: int
    rows: int | None
    columns: int

    @property
    def weight(self) -> int:
        """Work in rows of ten columns."""
        rows = UNKNOWN_ROWS if self.rows is None else self.rows
        return TASK_WEIGHT + rows * max(self.columns, 1) // 10


def bundle(
    pieces: Iterable[Piece], *, target: int = TARGET_WEIGHT, at_most: int = MOST_TASKS
) -> Sequence[tuple[Piece, ...]]:
    """Chunks in the order they should run: the largest first, small ones together.

    Every piece is in exactly one chunk; a chunk passes the target only when it holds one piece.
    """
    chunks: list[tuple[Piece, ...]] = []
    small: list[Piece] = []
    for piece in sorted(pieces, key=lambda each: (-each.weight, each.asset, each.partition)):
        if piece.weight >= target:
            chunks.append((piece,))
        else:
            small.append(piece)
    current: list[Piece] = []
    weight = 0
    for piece in small:
        if current and (weight + piece.weight > target or len(current) >= at_most):
            chunks.append(tuple(current))
            current, weight = [], 0
        current.append(piece)
        weight += piece.weight
    if current:
        chunks.append(tuple(current))
    return chunks
