"""How sure a label is: evidence as log-odds, for and against, each part with its reason."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from muniment.classification.engine.header import STRONG_FROM, HeaderEvidence
from muniment.classification.engine.validators import validator
from muniment.classification.model import (
    Classifier,
    Distribution,
    Kind,
    Strength,
    probability,
    wilson_low,
)

PRIOR = -4.0
"""A column picked blindly holds what one classifier looks for with odds of about 1 to 55."""
WEIGHT: Mapping[Strength, float] = {
    Strength.DECISIVE: 7.5,
    Strength.STRONG: 5.2,
    Strength.MEDIUM: 3.2,
    Strength.WEAK: 1.6,
    Strength.NONE: 1.2,
}
CONTRADICTED = -4.5
HIGHEST = 0.995
LIKELY = 0.05
SMALL = 30
PASSING = 0.93
"""Share of real numbers that pass their check; the rest are slips of the pen."""
PROVEN = 5.5
"""Log-odds of a check digit that has proved itself, before the strength of the form."""
ENDLESS = frozenset(
    ("cities", "given_names", "family_names", "full_names", "companies", "streets", "occupations")
)
"""Lists so long that everyday words are in them."""
A_FEW = 10
LIST_FROM = 6
"""Different values from which on a list proves something; fewer words are in any list."""
CLOSED = 2.4
"""Log-odds for a column that holds nothing but words of one short list."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the values looked at carry a mark: different ones and rows."""

    distinct: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What the score of one column may use. Nothing here is a value."""

    name: str
    kind: Kind
    rows: int
    distinct: int
    tested: Tally
    """Values looked at, those that stand for a missing one left out."""
    checked: Tally
    """The same for the slow detectors."""
    features: Mapping[str, float]
    """Share of different values with each general look."""
    context: frozenset[str] = frozenset()

    def looks(self, feature: str) -> float:
        return self.features.get(f"f|{feature}", 0.0)


@dataclass(frozen=True, slots=True)
class Matched:
    """What one classifier found in one column."""

    base: Tally = field(default_factory=Tally)
    sure: Tally = field(default_factory=Tally)
    plain: Tally = field(default_factory=Tally)
    form: Tally = field(default_factory=Tally)
    """Values of the right form, before the validator; zero where there is none."""
    form_checked: Tally = field(default_factory=Tally)
    """Those of them that the validator looked at."""
    part: Tally = field(default_factory=Tally)
    """Values that hold one inside."""
    read: Tally = field(default_factory=Tally)
    """Of how many, where not all were looked at for it."""
    outside: Tally = field(default_factory=Tally)
    """Values outside what the guards allow."""
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """The verdict with its parts, in log-odds, and the words against it."""

    odds: float
    parts: Mapping[str, float]
    against: tuple[str, ...]
    mode: str
    """``whole`` values, ``part`` of longer text, or ``header`` alone."""
    share: float = 0.0
    wilson: float = 0.0

    @property
    def confidence(self) -> float:
        return round(min(probability(self.odds), HIGHEST), 4)


def beside_rivals(odds: float, rivals: Sequence[float]) -> float:
    """The log-odds of the best reading when others explain the same values.

    Each reading takes its share: of two that are equally good either is right half of the time. A
    reading that was likely alone stays just likely enough to be told, with the others named.
    """
    left = odds - math.log1p(sum(math.exp(each) for each in rivals))
    return left if left > LIKELY else min(odds, LIKELY)


def score(
    classifier: Classifier,
    facts: ColumnFacts,
    matched: Matched,
    header: HeaderEvidence,
    around: tuple[str, ...],
    around_never: tuple[str, ...],
    beside: int = 0,
) -> Score | None:
    """The verdict on one column and one classifier; None where nothing speaks for it."""
    if facts.kind not in classifier.kinds:
        return None
    parts: dict[str, float] = {"prior": PRIOR}
    against: list[str] = []
    share, wilson, content, mode = _content(classifier, facts, matched, header, against)
    if content is None:
        return None
    parts[mode] = content
    if header.odds:
        parts["header"] = header.odds
        against += [f"the column name says “{word}”" for word in header.against]
    if around:
        parts["context"] = min(0.5 * len(around), 1.2)
    of_people = classifier.personal or classifier.category == "geo"
    if beside and of_people and content > 0 and mode in ("values", "distribution"):
        parts["beside_personal_data"] = 0.6 if beside == 1 else 1.0
    if around_never:
        parts["context"] = parts.get("context", 0.0) - 2.0
        against.append(f"the table speaks of {', '.join(around_never)}")
    counter = _counter(classifier, facts, matched, header, against)
    if counter:
        parts["counter"] = counter
    odds = sum(parts.values())
    return Score(odds, parts, tuple(against), mode, share, wilson)


def _content(
    classifier: Classifier,
    facts: ColumnFacts,
    matched: Matched,
    header: HeaderEvidence,
    against: list[str],
) -> tuple[float, float, float | None, str]:
    """Share, its lower bound, the log-odds of the values, and how they were looked at."""
    tested = facts.checked if matched.slow else facts.tested
    if tested.distinct == 0 or not classifier.by_content:
        return 0.0, 0.0, _header_alone(classifier, facts, header), "header_alone"
    spread = _spread(classifier, facts, header)
    if spread is not None:
        return 1.0, wilson_low(tested.distinct, tested.distinct), spread, "distribution"
    hits = max(matched.base.distinct, matched.sure.distinct)
    rows = max(matched.base.rows, matched.sure.rows)
    share = hits / tested.distinct
    if header.strong and share < classifier.min_share:
        share = max(share, rows / max(tested.rows, 1))  # junk differs, what is meant repeats
    wilson = _bound(classifier, share, rows, tested)
    weight = _weight(classifier, facts, matched, share, wilson)
    proof = header.strong and weight >= WEIGHT[Strength.MEDIUM]
    if wilson >= classifier.min_share / (3 if proof else 2):
        quality = min(wilson / classifier.min_share, 1.0)
        return (
            share,
            wilson,
            weight * quality + _chance(classifier, matched, against),
            "values",
        )
    part = _part(facts, matched)
    if part is not None:
        return part[0], part[1], part[2], "inside_text"
    few = _few_values(share, tested, weight)
    if few is not None and header.odds >= 0:
        return share, wilson, few, "values"
    if header.odds < STRONG_FROM:
        return share, wilson, None, "values"
    return share, wilson, _despite(classifier, facts, matched, against), "values"


def _spread(classifier: Classifier, facts: ColumnFacts, header: HeaderEvidence) -> float | None:
    """What the spread of the whole column says, where the header says nothing."""
    if classifier.distribution is not Distribution.BIRTH_DATES or header.odds:
        return None
    decades = [facts.looks("early"), facts.looks("middle"), facts.looks("late")]
    spread = sum(share >= 0.08 for share in decades) >= 2
    return 4.0 if sum(decades) >= 0.97 and spread and facts.tested.distinct >= 30 else None


def _bound(classifier: Classifier, share: float, rows: int, tested: Tally) -> float:
    """The lower bound of the share; words that repeat are judged by their rows as well."""
    if not (classifier.words or classifier.dictionary) or tested.rows == 0:
        return wilson_low(share * tested.distinct, tested.distinct)
    by_rows = rows / tested.rows
    size = min(tested.rows, SMALL) if classifier.words else tested.distinct
    mixed = max(share, (share + by_rows) / 2)
    return wilson_low(mixed * max(size, 1), max(size, 1))


def _few_values(share: float, tested: Tally, weight: float) -> float | None:
    """Two or three values that all match say something, though the bound is low."""
    if share < 1.0 or tested.distinct > 3:
        return None
    return weight * (0.35 + 0.1 * tested.distinct)


def _weight(
    classifier: Classifier, facts: ColumnFacts, matched: Matched, share: float, wilson: float
) -> float:
    """What the matching values are worth; the sure forms among them decide."""
    base = WEIGHT[classifier.strength]
    hits = max(matched.base.distinct, matched.sure.distinct)
    if not hits:
        return base
    if _handful(classifier, facts):
        base = min(base, WEIGHT[Strength.MEDIUM])
    sure = matched.sure.distinct / hits
    plain = matched.plain.distinct / hits
    weak = min(base, WEIGHT[Strength.WEAK])
    mixed = base + (WEIGHT[Strength.DECISIVE] - base) * sure + (weak - base) * plain
    return max(mixed, _proven(classifier, matched), _listed(classifier, facts, share, wilson))


def _proven(classifier: Classifier, matched: Matched) -> float:
    """What a check digit proves: values of the form pass far more often than by chance.

    The strength still tells rivals apart whose check digits are computed alike.
    """
    if classifier.validator is None or not matched.form_checked.distinct:
        return 0.0
    rule = validator(classifier.validator)
    if not rule.check_digit:
        return 0.0
    chance = min(max(rule.chance, 0.001), 0.5)
    tried = matched.form_checked.distinct
    passed = min(max(matched.base.distinct, matched.sure.distinct), tried)
    gain = passed * math.log(PASSING / chance)
    loss = (tried - passed) * math.log((1 - PASSING) / (1 - chance))
    return min(gain + loss, PROVEN + 0.35 * WEIGHT[classifier.strength])


def handful(classifier: Classifier, distinct: int, rows: int) -> bool:
    """Whether a few words repeat that a list without end would hold by chance."""
    return distinct < A_FEW and rows >= 5 * distinct and classifier.dictionary in ENDLESS


def _handful(classifier: Classifier, facts: ColumnFacts) -> bool:
    return handful(classifier, facts.tested.distinct, facts.tested.rows)


def _listed(classifier: Classifier, facts: ColumnFacts, share: float, wilson: float) -> float:
    """What many different words of one list prove, and a closed set that holds all there is."""
    if classifier.needs_header:
        return 0.0
    tested = facts.tested
    if classifier.dictionary and tested.distinct >= LIST_FROM:
        handful = tested.distinct < SMALL and tested.rows >= 5 * tested.distinct
        if _handful(classifier, facts) or (handful and classifier.personal):
            return 0.0
        return 10.0 * (wilson - 0.2)
    if classifier.words and share >= 0.97 and tested.distinct >= 2 and tested.rows >= SMALL:
        return WEIGHT[classifier.strength] + CLOSED
    return 0.0


def _chance(classifier: Classifier, matched: Matched, against: list[str]) -> float:
    """A check digit that passes no more often than by chance is no evidence."""
    if classifier.validator is None or not matched.form_checked.distinct:
        return 0.0
    rule = validator(classifier.validator)
    if not rule.check_digit:
        return 0.0
    passed = max(matched.base.distinct, matched.sure.distinct) / matched.form_checked.distinct
    if passed < 0.75:
        against.append(f"only {passed:.0%} of the values of this form pass the check digit")
        return -2.0 if passed > 0.5 else CONTRADICTED
    return 0.0


def _part(facts: ColumnFacts, matched: Matched) -> tuple[float, float, float] | None:
    """Entities inside text: worth less, because some other thing owns the column."""
    hits, rows = matched.part.distinct, matched.part.rows
    tested = matched.read.distinct or facts.tested.distinct
    if not hits or not tested:
        return None
    share = hits / tested
    if rows < 2 or (share < 0.002 and hits < 10):
        return None
    low = wilson_low(hits, tested)
    return share, low, 4.3 + 1.4 * min(share / 0.2, 1.0)


def _header_alone(
    classifier: Classifier, facts: ColumnFacts, header: HeaderEvidence
) -> float | None:
    """What a fitting type adds where values are not looked at, or there are none."""
    if header.odds < STRONG_FROM:
        return None
    empty = facts.tested.distinct == 0
    if not classifier.header.alone and not empty:
        return None
    return 0.3 if empty else 1.4


def _despite(
    classifier: Classifier, facts: ColumnFacts, matched: Matched, against: list[str]
) -> float:
    """A header that says it over values that do not match."""
    checked = classifier.validator is not None and validator(classifier.validator).check_digit
    if checked and matched.form.distinct >= max(0.6 * facts.tested.distinct, 1):
        against.append("values have the form but fail the check digit; they may be test data")
        return -0.3
    lookup_only = bool(classifier.dictionary or classifier.words) and not classifier.patterns
    if lookup_only and classifier.header.alone and facts.looks("wordy") >= 0.8:
        return 0.4
    against.append("most values do not look like it")
    return CONTRADICTED


def _outside(facts: ColumnFacts, matched: Matched, header: HeaderEvidence) -> bool:
    """Whether too much lies outside the guards; under a telling name by rows: junk all differs."""
    if header.strong:
        return matched.outside.rows > 0.5 * max(facts.checked.rows, 1)
    return matched.outside.distinct > 0.3 * max(facts.checked.distinct, 1)


def _counter(
    classifier: Classifier,
    facts: ColumnFacts,
    matched: Matched,
    header: HeaderEvidence,
    against: list[str],
) -> float:
    """What the column as a whole says against it."""
    guards = classifier.guards
    total = 0.0
    if not guards.flags and facts.looks("flag") >= 0.95 and facts.distinct <= 4:
        against.append("the column holds flags")
        total += CONTRADICTED
    if not guards.years and facts.looks("year") >= 0.9 and facts.distinct >= 2:
        against.append("the values look like years")
        total += CONTRADICTED
    if _outside(facts, matched, header):
        against.append("values lie outside its length or range")
        total += CONTRADICTED
    if facts.rows and facts.tested.distinct and facts.distinct < guards.min_distinct:
        against.append(f"fewer than {guards.min_distinct} different values")
        total += -2.5
    if not guards.repeats and facts.rows >= 100 and 0 < facts.distinct <= facts.rows / 100:
        small = facts.distinct <= 20
        if small and header.odds < STRONG_FROM:
            against.append("a handful of values repeat over and over")
            total += -3.0
    return total
