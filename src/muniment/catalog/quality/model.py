"""What the words of data quality mean: origins of checks, scores, the life of an incident."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from muniment.catalog.analysis.results import CheckOutcome
from muniment.kernel.values import Dimension, Severity

FORMULA_VERSION: Final = "1"
FORMULA: Final = (
    "Each check has a pass ratio r from 0 to 1. A dimension scores 100 x sum(w r) / sum(w); "
    "the weight w is 8 for critical, 4 for high, 2 for medium and 1 for low checks. "
    "An asset scores the mean of the dimensions that were checked; one that was not checked is "
    "left out, never counted as 100. A failing critical check caps the asset at 59. "
    "The estate scores the mean of its assets."
)
CAP: Final = 59.0


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

    ``coverage`` is the share of the asset's columns that at least one answered check looked at.
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
    """Apply the published formula to the answers of one asset."""
    answered = [one for one in outcomes if one.ratio is not None]
    sums: dict[Dimension, tuple[float, float]] = {}
    for one in answered:
        weight = Severity(one.severity).weight
        good, total = sums.get(Dimension(one.dimension), (0.0, 0.0))
        sums[Dimension(one.dimension)] = (good + weight * (one.ratio or 0.0), total + weight)
    dimensions = {dim: round(100 * good / total, 2) for dim, (good, total) in sums.items()}
    failed = [one for one in answered if one.status == CheckStatus.FAILED]
    mean = sum(dimensions.values()) / len(dimensions) if dimensions else None
    capped = mean is not None and mean > CAP and any(map(_critical, failed))
    looked_at = {name for one in answered for name in one.columns}
    return Score(
        score=None if mean is None else CAP if capped else round(mean, 2),
        dimensions=dimensions,
        coverage=round(min(len(looked_at) / columns, 1.0), 4) if columns else 0.0,
        passed=len(answered) - len(failed),
        failed=len(failed),
        unanswered=len(outcomes) - len(answered),
        capped=capped,
    )


def _critical(one: CheckOutcome) -> bool:
    return one.severity == Severity.CRITICAL


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
