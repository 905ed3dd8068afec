"""How fine dates are and which days have none: what calendars hold beside their extremes."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from muniment.catalog.analysis.codec import Tree, array, branch, number

Whole = npt.NDArray[np.int64]

GRAINS: Final = (
    "year", "month", "day", "hour", "minute", "second", "millisecond", "microsecond",
)  # fmt: skip
"""From coarse to fine: moments of a grain are all whole ones of it."""
_DAY: Final = GRAINS.index("day")
_MICROSECONDS: Final = (0, 0, 86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000, 1_000, 1)
_MOST_DAYS: Final = 40_000
"""More than a century of different days is not followed (160 KB)."""
_PEEK: Final = 64


def _no_days() -> Whole:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The grain that all values keep, and the days on which there is any (None: too many).

    Both come out alike however the values were cut into parts.
    """

    grain: int = 0
    days: Whole | None = field(default_factory=_no_days)

    @classmethod
    def of(cls, values: Whole, *, dates: bool) -> "Calendar":
        """The calendar of days since 1970 (``dates``), or of microseconds since then."""
        return cls().then(values, dates=dates)

    def then(self, values: Whole, *, dates: bool) -> "Calendar":
        """The calendar with more values in it."""
        if not len(values):
            return self
        found = values if dates else values // _MICROSECONDS[_DAY]
        grain = self.grain
        for part in (values[:_PEEK], values):  # a few values mostly settle it
            while not _whole(part, found[: len(part)], grain, dates=dates):
                grain += 1
        return Calendar(grain, None if self.days is None else _joined(self.days, _distinct(found)))

    def merge(self, other: "Calendar") -> "Calendar":
        grain = max(self.grain, other.grain)
        if self.days is None or other.days is None:
            return Calendar(grain, None)
        return Calendar(grain, _joined(self.days, other.days))

    @property
    def granularity(self) -> str:
        return GRAINS[self.grain]

    @property
    def gaps(self) -> tuple[str, int, int] | None:
        """The unit looked at (a day at the finest), how many are missing, the longest run of them.

        None where there are too many days, or none at all.
        """
        if self.days is None or not len(self.days):
            return None
        unit = min(self.grain, _DAY)
        at = np.unique(_units(self.days, unit))
        missing = int(at[-1] - at[0]) + 1 - len(at)
        return GRAINS[unit], missing, int(np.diff(at).max(initial=1)) - 1

    def tree(self) -> Tree:
        return {"grain": self.grain, "days": self.days}

    @classmethod
    def of_tree(cls, tree: Tree) -> "Calendar":
        part = branch(tree)
        days = None if part["days"] is None else array(part["days"]).astype(np.int64)
        return cls(number(part["grain"]), days)


def _whole(values: Whole, days: Whole, grain: int, *, dates: bool) -> bool:
    if grain >= _DAY:
        return dates or bool((values % _MICROSECONDS[grain] == 0).all())
    if not dates and not (values % _MICROSECONDS[_DAY] == 0).all():
        return False
    moments = days.astype("datetime64[D]")
    unit = "datetime64[Y]" if grain == 0 else "datetime64[M]"
    return bool((moments.astype(unit).astype("datetime64[D]") == moments).all())


def _units(days: Whole, unit: int) -> Whole:
    if unit == _DAY:
        return days
    spelled = "datetime64[Y]" if unit == 0 else "datetime64[M]"
    return days.astype("datetime64[D]").astype(spelled).astype(np.int64)


def _distinct(days: Whole) -> Whole:
    low, high = int(days.min()), int(days.max())
    if high - low > 4 * len(days) + _MOST_DAYS:
        return np.unique(days)
    return np.flatnonzero(np.bincount(days - low)) + low


def _joined(left: Whole, right: Whole) -> Whole | None:
    both = np.union1d(left, right) if len(left) and len(right) else (left if len(left) else right)
    return both if len(both) <= _MOST_DAYS else None
