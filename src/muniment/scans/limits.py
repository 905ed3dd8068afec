"""What a scan may do to its source: the stricter of its rule set and of the source. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from muniment.contracts.rulesets import EffectiveRules
from muniment.contracts.sources import SourceInfo
from muniment.kernel.windows import Window, free_from
from muniment.scans.governor import SourcePace
from muniment.scans.jobs import SourceLimits

MEGABYTE = 1_000_000
STATEMENTS_PER_READ = 2
"""What a connector sends at most to read one partition: a look at the columns, and the reading."""
BATCHES_PER_SECOND = 4
ASSUMED_ROW_BYTES = 200
SMALLEST_BATCH = 250
SMALLEST_PARTITION = 5_000
SHARE_OF_TIMEOUT = 0.5
"""A partition is cut so that it takes at most this share of the statement time-out at the rate."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force for one run. ``blackouts`` are windows in which nothing is begun."""

    max_concurrency: int = 2
    statement_timeout_seconds: float = 120.0
    idle_timeout_seconds: float = 60.0
    rows_per_second: int | None = None
    megabytes_per_second: float | None = None
    statements_per_minute: int | None = None
    governed: bool = True
    blackouts: tuple[str, ...] = ()

    @classmethod
    def stricter(cls, rules: EffectiveRules, source: SourceInfo) -> Self:
        return cls(
            max(1, min(rules.max_concurrency, source.max_concurrency)),
            min(rules.statement_timeout_seconds, source.statement_timeout_seconds),
            source.idle_timeout_seconds,
            source.rows_per_second,
            source.megabytes_per_second,
            source.statements_per_minute,
            source.governed,
            source.blackouts,
        )

    @classmethod
    def of_plan(cls, plan: Mapping[str, Any] | None) -> Self:
        """As a run keeps them; a run that was planned by an older version has the usual ones."""
        known = (plan or {}).get("limits", {})
        return cls(**{**known, "blackouts": tuple(known.get("blackouts", ()))})

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "blackouts": list(self.blackouts)}

    @property
    def metered(self) -> bool:
        """Whether reading has to ask before it goes on."""
        rates = (self.rows_per_second, self.megabytes_per_second, self.statements_per_minute)
        return any(rate is not None for rate in rates)

    @property
    def slowest(self) -> float | None:
        """Rows a second that the rates leave, as far as that can be known before reading."""
        by_size = self.megabytes_per_second
        known = (
            None if self.rows_per_second is None else float(self.rows_per_second),
            None if by_size is None else by_size * MEGABYTE / ASSUMED_ROW_BYTES,
        )
        return min((rate for rate in known if rate is not None), default=None)

    def for_job(self, rows: int = 0) -> SourceLimits:
        """What a pool child heeds. While it waits for its turn the statement at the source is open,
        so the time that so many rows have to wait is added to the statement's."""
        rate = self.slowest
        waiting = 0.0 if rate is None else 1.5 * rows * self.max_concurrency / rate
        batch = None if rate is None else max(SMALLEST_BATCH, int(rate / BATCHES_PER_SECOND))
        return SourceLimits(
            self.statement_timeout_seconds + waiting,
            idle_timeout_seconds=self.idle_timeout_seconds,
            metered=self.metered,
            rows_per_batch=batch,
        )

    def rows_per_partition(self, wanted: int) -> int:
        """Partitions small enough that a limited rate leaves no statement open for long."""
        rate = self.slowest
        if rate is None:
            return wanted
        share = rate / self.max_concurrency * self.statement_timeout_seconds * SHARE_OF_TIMEOUT
        return min(wanted, max(SMALLEST_PARTITION, int(share)))

    def closed_until(self, now: datetime) -> datetime | None:
        """When the window that holds the source now ends; None while it may be read.

        A source whose windows leave no hour free is looked at again after eight days.
        """
        windows = [Window.parse(text) for text in self.blackouts]
        if all(window.end_of(now) is None for window in windows):
            return None
        return free_from(windows, now) or max(
            end for end in (window.end_of(now) for window in windows) if end is not None
        )


def said(source: str, limits: Limits, pace: SourcePace | None, now: datetime) -> str | None:
    """Why a run reads less than it could at this moment, in a sentence; None when it does not."""
    until = limits.closed_until(now)
    if until is not None:
        return f"waits for the window of {source} until {clock(until, limits, now)}"
    if pace is None or not limits.governed or not pace.slowed(limits.max_concurrency):
        return None
    taking = f"answers of {source} take {pace.slowness:.0f}x as long as usual"
    if pace.paused(now):
        return f"pauses for a moment: {taking}"
    if pace.slowness < 1.5:
        return f"speeds up again: answers of {source} are as quick as usual"
    return f"slowed down: {taking}"


def clock(moment: datetime, limits: Limits, now: datetime) -> str:
    """A moment as the people of the source read their clocks."""
    zone = next((Window.parse(text).zone for text in limits.blackouts), "UTC")
    there, here = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    day = "" if there.date() == here.date() else f"{there:%a} "
    place = "" if zone == "UTC" else f" ({zone})"
    return f"{day}{there:%H:%M}{' UTC' if zone == 'UTC' else place}"
