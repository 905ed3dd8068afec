"""What Scan Rule Sets tells the other groups, and what they may ask of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from muniment.kernel.events import Event
from muniment.kernel.values import JsonObject, Severity


@dataclass(frozen=True, slots=True)
class QualityRule:
    """A check that a rule set asks for, wherever its column pattern matches.

    ``check`` is a check type of the catalogue (``not_null``, ``unique`` ...); ``assets`` and
    ``columns`` are glob patterns over the dotted path and the column name; ``label`` instead of
    columns asks for every column with that label.
    """

    check: str
    assets: str = "*"
    columns: str | None = None
    label: str | None = None
    params: JsonObject = field(default_factory=dict)
    severity: Severity = Severity.MEDIUM


@dataclass(frozen=True, slots=True)
class HighWater:
    """Of the assets that match the glob, new are the rows with a higher ``column`` than before."""

    assets: str
    column: str


@dataclass(frozen=True, slots=True)
class EffectiveRules:
    """What a scan of one source does, after base and overlays were laid over one another.

    ``origins`` tells for each setting (dotted) which rule set and version it comes from.
    """

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    sample_rows: int | None = None
    rows_per_partition: int = 500_000
    metadata_only: bool = False
    """No row is read: columns are judged by what the source declares of them."""
    classifiers: tuple[str, ...] = ("*",)
    """Glob patterns over classifier ids; ``!pattern`` takes out."""
    min_confidence: float = 0.5
    """Labels below it are not even suggested."""
    quality_rules: tuple[QualityRule, ...] = ()
    high_water: tuple[HighWater, ...] = ()
    """Of several that match an asset the last one counts."""
    suggest_quality: bool = True
    lineage: bool = True
    max_concurrency: int = 2
    statement_timeout_seconds: float = 120.0
    max_run_minutes: float | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    """Rule set name to version, for everything that took part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSetPublished(Event):
    topic: ClassVar[str] = "rulesets.rule-set-published.v1"
    name: str
    version: int
    author: str

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSetRetired(Event):
    topic: ClassVar[str] = "rulesets.rule-set-retired.v1"
    name: str

    @property
    def subject(self) -> str:
        return self.name


class RuleSetReader(Protocol):
    async def effective(self, source: str, kind: str, domain: str | None) -> EffectiveRules:
        """Defaults of the source type, then base, then overlays that match, in order."""
        ...


class RuleSetWriter(Protocol):
    async def require(self, name: str, title: str, body: JsonObject, *, reason: str) -> int:
        """Publish a rule set that another group needs (a framework's); returns its version.

        Publishing the same content again changes nothing.
        """
        ...

    async def withdraw(self, names: Sequence[str]) -> None:
        """Retire rule sets that were published by ``require``; unknown names are ignored."""
        ...


class KnownIds(Protocol):
    """Asked when a rule set is validated: the ids that it may name."""

    async def classifier_ids(self) -> Sequence[str]:
        """Ids of all classifiers, custom ones included."""
        ...

    async def check_types(self) -> Sequence[str]:
        """Ids of the check types of the catalogue."""
        ...
