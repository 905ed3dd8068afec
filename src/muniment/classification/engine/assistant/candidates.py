"""The closed set of labels that one column may be given, narrowed by all that is known of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from muniment.classification.engine.assistant.columns import ColumnView, Doubt
from muniment.classification.engine.header import read_context, read_header
from muniment.classification.engine.rules import matches
from muniment.classification.engine.validators import validator
from muniment.classification.model import Classifier

MOST = 90
"""Labels that one column may be given, where nothing speaks for any of them."""
FEW = 25
"""The same where the column's name does."""
ENOUGH = 3
"""So many known values can contradict a label."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many of the known values one classifier takes for its own."""

    matched: int
    known: int

    @property
    def share(self) -> float:
        return self.matched / self.known if self.known else 0.0


def agreement(classifier: Classifier, column: ColumnView) -> Agreement:
    """Ask tier 1 about the values that are known here."""
    hits = sum(matches(classifier, value) for value in column.values)
    return Agreement(hits, len(column.values))


def by_form(classifier: Classifier) -> bool:
    """Whether its values have a form that others lack, so that values can contradict it."""
    return bool(classifier.patterns or classifier.sure or classifier.plain) and not (
        classifier.words or classifier.dictionary
    )


def telling(classifier: Classifier) -> bool:
    """Whether values of its form say anything without a word from the header."""
    return not (classifier.needs_header or classifier.plain)


def contradicted(classifier: Classifier, agreed: Agreement) -> bool:
    """Whether the known values speak against a label that has a form."""
    return by_form(classifier) and agreed.known >= ENOUGH and agreed.share < classifier.min_share


def fits(classifier: Classifier, column: ColumnView) -> bool:
    """Whether type and lengths allow a label at all."""
    guards = classifier.guards
    if column.kind not in classifier.kinds or column.distinct < guards.min_distinct:
        return False
    too_short = guards.min_length is not None and _below(column.longest, guards.min_length)
    too_long = guards.max_length is not None and _below(guards.max_length, column.shortest)
    return not (too_short or too_long)


def candidates(
    doubt: Doubt, table: str, siblings: Sequence[str], classifiers: Iterable[Classifier]
) -> tuple[str, ...]:
    """Ids of at most ``MOST`` labels the column may be given, the likeliest first.

    Of labels that are as likely, those that are worse to overlook come first.
    """
    column = doubt.column
    ranked: list[tuple[float, int, str]] = []
    named = False
    for classifier in classifiers:
        if classifier.id not in doubt.suggested and not fits(classifier, column):
            continue
        agreed = agreement(classifier, column) if classifier.by_content else Agreement(0, 0)
        if contradicted(classifier, agreed):
            continue
        around = read_context(table, siblings, classifier.context)
        header = read_header(column.name, classifier.header)
        named = named or header.strong
        worth = (
            header.odds
            + 3.0 * agreed.share * telling(classifier)
            + 0.7 * bool(around)
            + 4.0 * (classifier.id in doubt.suggested)
            - 1.0 * (classifier.jurisdiction != "ANY")
            - 1.0 * (by_form(classifier) and not column.values)
        )
        ranked.append((-worth, -int(classifier.sensitivity), classifier.id))
    ranked.sort()
    return tuple(name for _, _, name in ranked[: FEW if named else MOST])


def has_check_digit(classifier: Classifier) -> bool:
    return classifier.validator is not None and validator(classifier.validator).check_digit


def _below(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one < other
