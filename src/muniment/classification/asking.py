"""When it is worth asking people no more: where they agreed so often that asking tells nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from muniment.classification.model import EFFECTIVE_FROM, wilson_low

BAR: Final = 0.9
"""What people must have agreed with at least, unless somebody sets another bar."""
RECENT: Final = 200
"""Judgements that count, the latest: what people say now weighs, not what they once said."""
BANDS: Final = ((EFFECTIVE_FROM, 0.9), (0.9, 0.95), (0.95, 1.01))
"""Confidence from, and below; a label that does not act yet is asked about for ever."""
REASKED_WITH: Final = "0"
"""How the keys of groups begin that are asked about all the same, to notice when people think
otherwise: of hexadecimal digests one in sixteen, always the same ones."""
REASKED: Final = 16


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often people confirmed a label of some confidence; one click counts once."""

    label: str
    title: str
    low: float
    high: float
    confirmed: int
    decided: int

    @property
    def at_least(self) -> float:
        """The share that people agree with, at its lower bound (95 %)."""
        return wilson_low(self.confirmed, self.decided)

    def reaches(self, bar: float) -> bool:
        return self.at_least >= bar

    def holds(self, label: str, confidence: float) -> bool:
        """Whether it tells of labels like this one."""
        return self.label == label and self.low <= confidence < self.high


@dataclass(frozen=True, slots=True)
class Asking:
    """Whether the queue may stop asking, from which agreement on, and who said so."""

    enabled: bool = True
    bar: float = BAR
    updated_by: str | None = None
    updated_at: datetime | None = None

    def learned(self, agreements: Sequence[Agreement]) -> tuple[Agreement, ...]:
        """The kinds of labels that are asked about no more."""
        return tuple(a for a in agreements if a.reaches(self.bar)) if self.enabled else ()
