"""What the words of the catalogue mean, and what its asset half asks of its quality half."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias
from uuid import UUID

from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject, Sensitivity


class Certification(StrEnum):
    """What the stewards say of an asset's fitness for use."""

    NONE = "none"
    CERTIFIED = "certified"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """What a list of assets is narrowed to; every field given must hold."""

    source: str | None = None
    kind: AssetKind | None = None
    domain: str | None = None
    owner: str | None = None
    label: str | None = None
    tag: str | None = None
    sensitivity: Sensitivity | None = None
    certification: Certification | None = None
    parent: str | None = None
    unowned: bool = False
    undescribed: bool = False
    """Neither people nor the source say what it is."""
    sensitive: bool = False
    """Confidential or restricted."""
    copies: bool = False
    vanished: bool = False
    text: str | None = None
    """A part of the name or of the path, whatever the case."""


@dataclass(frozen=True, slots=True)
class QualityNow:
    """The present quality of one asset: score 0 to 100 (None where nothing was checked)."""

    score: float | None = None
    failed_checks: tuple[str, ...] = ()
    open_incidents: int = 0


class QualityReader(Protocol):
    """Asked of the quality half by the asset half."""

    async def quality_of(self, refs: Sequence[str] | None) -> Mapping[str, QualityNow]:
        """Present quality by asset ref (text form); None asks for the whole estate.

        Assets that were never checked may be left out.
        """
        ...


class AnalysisPublisher(Protocol):
    """The quality half's store of profiles and check results."""

    async def publish_analysis(
        self, asset: AssetRef, results: Mapping[str, JsonObject], *, run_id: UUID
    ) -> None:
        """Store profile and quality results of one asset; safe to repeat for one run."""
        ...


class ProfileReader(Protocol):
    """Asked of the quality half where sample values are shown."""

    async def profile_of(self, ref: str) -> JsonObject | None:
        """The latest profile of an asset as the analyzer gave it; None where there is none."""
        ...


class SparkReader(Protocol):
    """Asked of the quality half where columns are listed."""

    async def sparks_of(self, refs: Sequence[str]) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """By asset and column: the bins of the histogram of its values."""
        ...


QualityBand: TypeAlias = Literal["good", "fair", "poor", "unchecked"]


def quality_band(score: float | None) -> QualityBand:
    """The band that search and the overview group by: 90 and up is good, 70 and up fair."""
    if score is None:
        return "unchecked"
    if score >= 90:
        return "good"
    return "fair" if score >= 70 else "poor"
