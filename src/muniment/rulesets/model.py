"""What the words of scan rule sets mean: layers, what a set applies to, versions, bodies."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from muniment.kernel.values import Severity

Glob = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]


class Layer(StrEnum):
    """Which sets are laid over which; a later layer has the last word."""

    DEFAULT = "default"
    BASE = "base"
    FRAMEWORK = "framework"
    """What a compliance framework needs: it adds and raises, and takes nothing away."""
    OVERLAY = "overlay"

    @property
    def rank(self) -> int:
        return list(Layer).index(self)


class VersionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Scope(Strict):
    """Which assets, as globs over the dotted path (``sales.*``); excludes win."""

    include: tuple[Glob, ...] | None = Field(default=None, min_length=1, max_length=500)
    exclude: tuple[Glob, ...] = Field(default=(), max_length=500)


class Sampling(Strict):
    """How much of an asset is read."""

    rows: Annotated[int, Field(ge=100, le=1_000_000_000)] | Literal["all"] | None = None
    rows_per_partition: int | None = Field(default=None, ge=1_000, le=10_000_000)
    metadata_only: bool | None = None
    """Read no row at all: where data may not be read, names and types have to do."""


class QualityEntry(Strict):
    """A check asked for wherever the patterns match; ``label`` instead of ``columns``."""

    check: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    assets: Glob = "*"
    columns: Glob | None = None
    label: str | None = Field(default=None, max_length=120)
    params: dict[str, JsonValue] = Field(default_factory=dict)
    severity: Severity = Severity.MEDIUM

    @property
    def key(self) -> tuple[str, str, str | None, str | None]:
        """Two entries with one key are the same rule; the later one replaces the earlier."""
        return self.check, self.assets, self.columns, self.label


class HighWaterEntry(Strict):
    """Of these assets only rows with a higher value in this column than before are new."""

    assets: Glob
    column: Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Limits(Strict):
    """What a scan may do to its source."""

    max_concurrency: int | None = Field(default=None, ge=1, le=64)
    statement_timeout_seconds: float | None = Field(default=None, ge=1, le=86_400)
    max_run_minutes: float | None = Field(default=None, ge=1, le=10_080)


class RuleSetBody(Strict):
    """What a version of a rule set says. What is left out is left to the layers below."""

    scope: Scope = Scope()
    sampling: Sampling = Sampling()
    classifiers: tuple[Glob, ...] | None = Field(default=None, min_length=1, max_length=500)
    min_confidence: float | None = Field(default=None, ge=0, le=1)
    quality_rules: tuple[QualityEntry, ...] = Field(default=(), max_length=1_000)
    high_water: tuple[HighWaterEntry, ...] = Field(default=(), max_length=1_000)
    suggest_quality: bool | None = None
    lineage: bool | None = None
    limits: Limits = Limits()


class AppliesTo(Strict):
    """For which sources: globs over kind, name and domain; all three must match."""

    kinds: tuple[Glob, ...] = ("*",)
    sources: tuple[Glob, ...] = ("*",)
    domains: tuple[Glob, ...] = ("*",)

    def matches(self, source: str, kind: str, domain: str | None) -> bool:
        return (
            _any(self.kinds, kind)
            and _any(self.sources, source)
            and (self.domains == ("*",) or (domain is not None and _any(self.domains, domain)))
        )

    def only_for(self, gone: str, registered: Collection[str]) -> bool:
        """Whether it names the source that is gone, and apart from it none that may come to be."""
        plain = not any(sign in name for name in self.sources for sign in "*?[")
        return plain and gone in self.sources and not set(self.sources) & set(registered)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A named rule set without its bodies."""

    name: str
    title: str
    description: str
    layer: Layer
    position: int
    """Order inside the layer; a higher one is laid over a lower one."""
    applies_to: AppliesTo
    managed_by: str | None
    """The part of Muniment that keeps it; people change only what is None."""
    retired: bool
    published: int | None
    """Number of the version in force."""
    draft: int | None
    """Number of the draft, when there is one."""
    version: int
    """Counts changes of the set itself; the ETag."""
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleSetVersion:
    name: str
    number: int
    state: VersionState
    body: RuleSetBody
    digest: str
    note: str
    author: str
    created_at: datetime | None
    """None for what is shipped."""
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Laid:
    """One published body with its place among the layers."""

    name: str
    version: int
    layer: Layer
    position: int
    body: RuleSetBody

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def order(self) -> tuple[int, int, str]:
        return self.layer.rank, self.position, self.name


def matches_any(patterns: Sequence[str], text: str) -> bool:
    return _any(patterns, text)


def _any(patterns: Sequence[str], text: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
