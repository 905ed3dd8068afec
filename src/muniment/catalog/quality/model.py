"""What the words of data quality mean: origins of checks, scores, the life of an incident."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import fsum
from typing import Final

from muniment.catalog.analysis.results import CheckOutcome
from muniment.kernel.values import Dimension, Severity

FORMULA_VERSION: Final = "2"
FORMULA: Final = (
    "A check that passes earns 1. One that fails earns at most 1/2, and less the more is wrong: "
    "1/2 (1 - f/t), never below 0, where f is the share that fails and t is 5% for critical, 10% "
    "for high, 20% for medium and 50% for low checks. A dimension scores 100 x sum(w e) / sum(w) "
    "of what its checks earn; the weight w is 8 for critical, 4 for high, 2 for medium and 1 for "
    "low. An asset scores the mean of the dimensions that were checked; one that was not checked "
    "is left out, never counted as 100. The gravest failing check sets a ceiling, by which the "
    "mean is multiplied: 0.6 for critical, 0.8 for high, 0.95 for medium, 1 for low. "
    "The estate scores the mean of its assets, all and by dimension."
)
EARNED_BY_A_FAILURE: Final = 0.5
NOTHING_LEFT: Final[Mapping[Severity, float]] = {
    Severity.CRITICAL: 0.05,
    Severity.HIGH: 0.1,
    Severity.MEDIUM: 0.2,
    Severity.LOW: 0.5,
}
"""The share of failures from which on a failing check earns nothing."""
CEILING: Final[Mapping[Severity, float]] = {
    Severity.CRITICAL: 0.6,
    Severity.HIGH: 0.8,
    Severity.MEDIUM: 0.95,
    Severity.LOW: 1.0,
}
"""So that a failing critical check means poor, and a failing high one never good."""


class Origin(StrEnum):
    """Who asked for a check; earlier ones win where two ask for the same."""

    DECLARED = "declared"
    RULE = "rule"
    METADATA = "metadata"
    DEFAULT = "default"
    SUGGESTED = "suggested"


class CheckStatus(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


class IncidentState(StrEnum):
    """The life of an incident; the last two are its ends."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    ROOT_CAUSE = "root_cause"
    RESOLVED = "resolved"
    FALSE_POSITIVE = "false_positive"

    @property
    def open(self) -> bool:
        return self not in (IncidentState.RESOLVED, IncidentState.FALSE_POSITIVE)


OPEN_STATES: Final = tuple(state for state in IncidentState if state.open)


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What is wrong, before it is known whether somebody works on it already."""

    asset: str
    key: str
    kind: str
    title: str
    detail: str
    severity: Severity
    columns: tuple[str, ...] = ()
    check_type: str | None = None
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents; a field that is None asks nothing."""

    open: bool | None = None
    state: IncidentState | None = None
    severity: Severity | None = None
    asset: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The quality of an asset, 0 to 100; None where nothing could be judged.

    ``coverage`` is the share of the asset's columns that at least one answered check looked at;
    ``capped``: a failing check holds the score below the mean of its dimensions.
    """

    score: float | None
    dimensions: Mapping[Dimension, float] = field(default_factory=dict)
    coverage: float = 0.0
    passed: int = 0
    failed: int = 0
    unanswered: int = 0
    capped: bool = False
    formula: str = FORMULA_VERSION


def score_of(outcomes: Sequence[CheckOutcome], *, columns: int) -> Score:
    """Apply the published formula to the answers of one asset.

    The forms are those of Pipino, Lee and Wang, "Data Quality Assessment" (Communications of the
    ACM 45(4), 2002): a simple ratio for a check, a weighted average for a dimension. Over an asset
    they advise the minimum where one failure spoils the whole; the ceiling is the mild form of it,
    without which a million right rows hide that something is wrong.
    """
    answered = [one for one in outcomes if one.ratio is not None]
    of: dict[Dimension, list[CheckOutcome]] = {}
    for one in answered:
        of.setdefault(Dimension(one.dimension), []).append(one)
    shares = {dimension: _share(of[dimension]) for dimension in sorted(of)}
    failed = [one for one in answered if one.status == CheckStatus.FAILED]
    ceiling = min((CEILING[Severity(one.severity)] for one in failed), default=1.0)
    looked_at = {name for one in answered for name in one.columns}
    return Score(
        score=round(100 * ceiling * fsum(shares.values()) / len(shares), 2) if shares else None,
        dimensions={dimension: round(100 * share, 2) for dimension, share in shares.items()},
        coverage=round(min(len(looked_at) / columns, 1.0), 4) if columns else 0.0,
        passed=len(answered) - len(failed),
        failed=len(failed),
        unanswered=len(outcomes) - len(answered),
        capped=ceiling < 1,
    )


def earned(one: CheckOutcome) -> float:
    """What an answered check is worth, 0 to 1: all if it passes, at most half if it fails."""
    if one.status != CheckStatus.FAILED:
        return 1.0
    wrong = 1 - (one.ratio or 0.0)
    return EARNED_BY_A_FAILURE * max(0.0, 1 - wrong / NOTHING_LEFT[Severity(one.severity)])


def _share(checks: Sequence[CheckOutcome]) -> float:
    weights = [Severity(one.severity).weight for one in checks]
    parts = [weight * earned(one) for weight, one in zip(weights, checks, strict=True)]
    return fsum(parts) / sum(weights)


def opens_incident(one: CheckOutcome) -> bool:
    """Whether a failed check is worth an incident by itself."""
    return one.status == CheckStatus.FAILED and one.severity in (Severity.HIGH, Severity.CRITICAL)


def raised(severity: Severity) -> Severity:
    """One step more severe, critical aside: that is for people to say."""
    return {Severity.LOW: Severity.MEDIUM, Severity.MEDIUM: Severity.HIGH}.get(severity, severity)


def check_key(type_: str, columns: Sequence[str], definition: str | None = None) -> str:
    """The name of a check within its asset, the same in every run."""
    key = f"{type_}:{','.join(columns)}" if columns else type_
    return key if definition is None else f"{key}#{definition[-8:]}"


def incident_title(one: CheckOutcome, asset_name: str) -> str:
    """A sentence for the person who looks after the asset."""
    where = f"{asset_name}.{', '.join(one.columns)}" if one.columns else asset_name
    if one.failed and one.evaluated and one.failed > 1:
        return f"{one.title}: {one.failed:,} of {one.evaluated:,} rows of {where} fail"
    return f"{one.title}: {where} fails"
