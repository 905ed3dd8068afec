"""What the words of classification mean: classifiers, labels, decisions, effectiveness."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from muniment.kernel.values import JsonObject, LabelState, Sensitivity, Tier

EFFECTIVE_FROM = 0.8
"""A suggested label at least this sure counts as in effect until a person says otherwise."""

MUCH_STRONGER = 2.0
"""Log-odds by which new evidence must beat the rejected one before the question is asked again."""


class Kind(StrEnum):
    """What a column can hold, as far as a classifier cares."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    BOOLEAN = "boolean"


class Strength(StrEnum):
    """What matching values say by themselves, without a word from the header."""

    DECISIVE = "decisive"
    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"
    NONE = "none"


class Distribution(StrEnum):
    """How the values of a column are spread."""

    BIRTH_DATES = "birth_dates"
    """Days over several decades, and hardly any of the last ten years."""


@dataclass(frozen=True, slots=True)
class HeaderWords:
    """Words of column names: ``strong`` say it, ``weak`` hint at it, ``never`` deny it."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    alone: bool = False
    """A strong header on a fitting column is enough for a suggestion."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What a column must be like; a column outside is counter-evidence, not a hit."""

    min_length: int | None = None
    max_length: int | None = None
    lowest: float | None = None
    highest: float | None = None
    min_distinct: int = 1
    years: bool = False
    """Values that look like years may still be it."""
    flags: bool = False
    """A column of yes and no, or 0 and 1, may still be it."""
    repeats: bool = True
    """False for what belongs to one person or thing: a few values on many rows speak against it."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Values and headers that hit, and near misses that do not."""

    hit: tuple[str, ...] = ()
    miss: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    not_headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Composition:
    """A label made of other labels, whose ids may be patterns such as ``*.passport``."""

    all_of: tuple[str, ...] = ()
    """Labels that the column itself must all carry."""
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    beside_all: tuple[str, ...] = ()
    """Labels that other columns of the table must carry."""
    beside_any: tuple[str, ...] = ()
    within: int | None = None
    """How many columns apart they may stand; None: anywhere in the table."""

    @property
    def named(self) -> tuple[str, ...]:
        """All labels it speaks of."""
        own = (*self.all_of, *self.any_of, *self.none_of)
        return (*own, *self.beside_all, *self.beside_any)


@dataclass(frozen=True, slots=True)
class ExactMatch:
    """A list of values of which only salted hashes are kept."""

    salt: str
    """16 bytes in hexadecimal digits."""
    digests: str
    """Eight bytes for each value, ascending as unsigned little-endian numbers, in base64."""
    count: int


@dataclass(frozen=True, slots=True)
class Classifier:
    """One kind of data and how it is recognised."""

    id: str
    title: str
    category: str
    sensitivity: Sensitivity
    jurisdiction: str = "ANY"
    personal: bool = False
    special: bool = False
    kinds: frozenset[Kind] = frozenset({Kind.TEXT})
    patterns: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    """Patterns whose form alone decides."""
    never: tuple[str, ...] = ()
    """Patterns of whole values that are something else: no hit, whatever ``patterns`` say."""
    plain: tuple[str, ...] = ()
    """Patterns too plain to be looked for unless the header calls for it."""
    contains: tuple[str, ...] = ()
    """Patterns looked for inside longer text."""
    validator: str | None = None
    dictionary: str | None = None
    words: tuple[str, ...] = ()
    exact_match: ExactMatch | None = None
    allowed: tuple[str, ...] = ()
    """Values that are never a hit: a published number, an address of one's own, test data."""
    compose: Composition | None = None
    """Other labels it is made of; then it looks at no value and no name itself."""
    distribution: Distribution | None = None
    """How the values of the whole column are spread, where single values say little."""
    strength: Strength = Strength.MEDIUM
    min_share: float = 0.6
    min_count: int = 1
    """Rows that must match, beside the share; fewer are told only where ``rare`` is set."""
    rare: bool = False
    """One hit in a million rows may be told: form and check leave no doubt about a single value."""
    ignore_case: bool = False
    header: HeaderWords = field(default_factory=HeaderWords)
    context: tuple[str, ...] = ()
    context_never: tuple[str, ...] = ()
    guards: Guards = field(default_factory=Guards)
    examples: Examples = field(default_factory=Examples)
    description: str | None = None
    titles: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The title by ISO 639-1 language; shipped entries hold English and the country's own."""
    source: str | None = None
    """The law, standard or authority that fixes the format."""
    version: int = 1
    custom: bool = False

    @property
    def by_content(self) -> bool:
        """Whether values are looked at, or only the header and the type."""
        forms = self.patterns or self.sure or self.plain
        return bool(forms or self.dictionary or self.words or self.exact_match)

    def title_in(self, language: str) -> str:
        """The title in a language, where there is one, else as it stands."""
        return self.titles.get(language[:2].lower(), self.title)

    @property
    def needs_header(self) -> bool:
        """Values too plain to be looked at before the header hints at it."""
        return self.strength in (Strength.WEAK, Strength.NONE)


@dataclass(frozen=True, slots=True)
class Category:
    """A branch of the taxonomy; ``parent`` absent at the top."""

    id: str
    title: str
    description: str
    sensitivity: Sensitivity
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A sensitivity level in the words of the taxonomy."""

    sensitivity: Sensitivity
    title: str
    description: str
    handling: str


@dataclass(frozen=True, slots=True)
class Taxonomy:
    id: str
    title: str
    version: int
    levels: tuple[Level, ...]
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """All classifiers that may take part, with a fingerprint of the whole."""

    classifiers: Mapping[str, Classifier]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the analyzer says of one column and one label."""

    column: str
    label: str
    title: str
    category: str
    sensitivity: Sensitivity
    personal: bool
    special: bool
    tier: Tier
    confidence: float
    version: int
    evidence: JsonObject

    @classmethod
    def of(
        cls,
        classifier: Classifier,
        column: str,
        tier: Tier,
        confidence: float,
        evidence: JsonObject,
    ) -> "Found":
        """A label as its classifier describes it."""
        return cls(
            column=column,
            label=classifier.id,
            title=classifier.title,
            category=classifier.category,
            sensitivity=classifier.sensitivity,
            personal=classifier.personal,
            special=classifier.special,
            tier=tier,
            confidence=confidence,
            version=classifier.version,
            evidence=evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFilter:
    """What a list of labels is narrowed to."""

    source: str | None = None
    asset: str | None = None
    column: str | None = None
    label: str | None = None
    category: str | None = None
    state: str | None = None
    tier: str | None = None
    sensitivity: Sensitivity | None = None
    personal: bool | None = None
    special: bool | None = None
    min_confidence: float | None = None
    effective: bool | None = None
    look_alike: str | None = None


def is_effective(state: LabelState, confidence: float) -> bool:
    """Whether masking, access and compliance act on a label now."""
    if state is LabelState.CONFIRMED:
        return True
    return state is LabelState.SUGGESTED and confidence >= EFFECTIVE_FROM


def asks_again(rejected_confidence: float, confidence: float) -> bool:
    """Whether evidence grew so much that a rejected label deserves a second look."""
    return log_odds(confidence) - log_odds(rejected_confidence) >= MUCH_STRONGER


def log_odds(probability: float) -> float:
    """Probability to log-odds, kept finite."""
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def probability(odds: float) -> float:
    """Log-odds to probability."""
    return 1.0 / (1.0 + math.exp(-odds))


def wilson_low(hits: float, tested: int, z: float = 1.96) -> float:
    """The lower bound of the true share, with 95 % certainty (Wilson 1927)."""
    if tested == 0:
        return 0.0
    share = min(hits / tested, 1.0)
    spread = z * z / tested
    middle = share + spread / 2
    width = z * math.sqrt(share * (1 - share) / tested + spread / (4 * tested))
    return max(0.0, (middle - width) / (1 + spread))


def review_weight(confidence: float, sensitivity: Sensitivity) -> float:
    """How much a decision is worth: uncertainty times the harm of being wrong."""
    uncertainty = 1.0 - abs(2.0 * confidence - 1.0)
    return round((0.1 + uncertainty) * (1 + int(sensitivity)), 6)


def top_sensitivity(levels: Sequence[Sensitivity]) -> Sensitivity:
    """The strictest of several; public where there is none."""
    return max(levels, default=Sensitivity.PUBLIC)
