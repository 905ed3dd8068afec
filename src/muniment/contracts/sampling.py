"""What a sample can tell of the whole, by how it was chosen: margins, and what it may have missed.

Loaded everywhere: pure, and no part of the data plane.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Z95: Final = 1.96
_RULE_OF_THREE: Final = 3


class Strategy(StrEnum):
    """How the rows of a sample were chosen."""

    ALL = "all"
    SOURCE = "source"
    """As the source chooses: pages or row groups mostly, rows where tables are small."""
    ROWS = "rows"
    """Each row for itself, with one probability or by a fixed step."""
    BLOCKS = "blocks"
    """Pages, row groups or ranges of keys with all their rows."""
    RESERVOIR = "reservoir"
    """So many rows of a stream, each with the same probability (Vitter 1985)."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What shares that are told of ``rows`` of about ``total`` rows (None: nobody knows) are worth.

    ``margin`` is the largest half width of the 95 % interval of any share, for rows that are
    unrelated to their neighbours. ``cautious`` is the same where every block is all alike, which
    no figure of the sample excludes; None where no blocks were chosen. What at most ``unseen`` of
    the rows have may not be in the sample at all.
    """

    strategy: Strategy
    rows: int
    total: int | None
    blocks: int | None
    margin: float
    cautious: float | None
    unseen: float

    @property
    def words(self) -> str:
        """The statement in a sentence."""
        if self.strategy is Strategy.ALL:
            return f"All {self.rows:,} rows were read."
        if not self.rows:
            return "No row was read, so nothing is known of the others."
        share = f" ({self.rows / self.total:.2%})" if self.total else ""
        how = {
            Strategy.SOURCE: "chosen by the source",
            Strategy.ROWS: "chosen one by one",
            Strategy.BLOCKS: "in blocks",
            Strategy.RESERVOIR: "chosen evenly from all that came",
        }[self.strategy]
        said = (
            f"A sample of {self.rows:,} rows{share}, {how}: shares are within"
            f" {self.margin:.2%} with 95 % confidence"
        )
        if self.cautious is not None:
            said += f", up to {self.cautious:.1%} if the rows of a block are alike"
        elif self.strategy is Strategy.SOURCE:
            said += " if neighbouring rows are unrelated, and less near if they are alike"
        return f"{said}. What fewer than {self.unseen:.3%} of the rows have may be missing."


def statement(
    strategy: Strategy, rows: int, total: int | None, *, blocks: int | None = None
) -> Statement:
    """What a sample of so many rows tells; ``blocks`` is how many were chosen, where they were."""
    if strategy is Strategy.ALL or (total is not None and rows >= total):
        return Statement(Strategy.ALL, rows, rows, None, 0.0, None, 0.0)
    # Drawn without putting back: the nearer to the whole, the surer.
    left = 1.0 if total is None else ((total - rows) / max(total - 1, 1)) ** 0.5
    margin = _margin(rows) * left
    cautious = None
    if strategy is Strategy.BLOCKS:
        cautious = max(margin, _margin(blocks or 1) * left)
    unseen = min(1.0, _RULE_OF_THREE / rows) if rows else 1.0
    return Statement(strategy, rows, total, blocks, margin, cautious, unseen)


def _margin(n: int) -> float:
    """Half of the 95 % interval of a share of one half, which is the widest."""
    return min(1.0, Z95 * 0.5 / n**0.5) if n else 1.0
