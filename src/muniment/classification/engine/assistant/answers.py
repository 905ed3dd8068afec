"""How an answer is read, and how far it is believed."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from muniment.classification.engine.assistant.candidates import (
    Agreement,
    agreement,
    by_form,
    contradicted,
    has_check_digit,
    telling,
)
from muniment.classification.engine.assistant.prompt import Asked, Request
from muniment.classification.model import Classifier
from muniment.kernel.errors import Invalid

LONGEST = 200_000
"""Characters of an answer that are read."""


class Outcome(StrEnum):
    """What came of asking about one column."""

    LABELLED = "labelled"
    ABSTAINED = "abstained"
    NOT_OFFERED = "not_offered"
    """The answer was no label that the column may be given."""
    CONTRADICTED = "contradicted"
    """Known values speak against the answer."""
    UNSURE = "unsure"
    """A label, but below what a suggestion needs."""
    UNANSWERED = "unanswered"


class Support(StrEnum):
    """What tier 1 says of an answer."""

    NONE = "none"
    WORDS = "words"
    FORM = "form"
    CHECK_DIGIT = "check_digit"


CEILING = {
    Support.NONE: 0.7,
    Support.WORDS: 0.78,
    Support.FORM: 0.78,
    Support.CHECK_DIGIT: 0.9,
}
"""The most an answer is believed: without a check digit it is a suggestion and never in effect."""


NOTHING_KNOWN = Agreement(0, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is made of the answer on one column."""

    asked: Asked
    outcome: Outcome
    label: str | None = None
    said: float = 0.0
    confidence: float = 0.0
    support: Support = Support.NONE
    agreed: Agreement = NOTHING_KNOWN


def read_answers(
    text: str, request: Request, classifiers: Mapping[str, Classifier], *, least: float
) -> list[Answer]:
    """An answer for each column of the request, in their order; Invalid when it is no answer."""
    said = _parsed(text)
    return [
        _judged(asked, said.get(n), classifiers, least)
        for n, asked in enumerate(request.columns, start=1)
    ]


def _parsed(text: str) -> dict[int, tuple[str | None, float]]:
    if len(text) > LONGEST:
        raise Invalid("The answer is far too long.")
    fenced = re.fullmatch(r"\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*", text, re.DOTALL)
    try:
        tree = json.loads(fenced.group(1) if fenced else text)
    except (ValueError, RecursionError) as error:
        raise Invalid("The answer is not JSON.") from error
    columns = tree.get("columns") if isinstance(tree, dict) else None
    if not isinstance(columns, list):
        raise Invalid("The answer has no list of columns.")
    found: dict[int, tuple[str | None, float]] = {}
    for each in columns:
        number, read = _element(each)
        if number in found:
            raise Invalid("The answer names a column twice.")
        found[number] = read
    return found


def _element(tree: object) -> tuple[int, tuple[str | None, float]]:
    number = tree.get("n") if isinstance(tree, dict) else None
    if not isinstance(tree, dict) or isinstance(number, bool) or not isinstance(number, int):
        raise Invalid("An element of the answer has no number of a column.")
    label, sure = tree.get("label"), tree.get("confidence")
    if label is not None and not isinstance(label, str):
        raise Invalid("A label of the answer is no text.")
    if label is not None and (
        isinstance(sure, bool)
        or not isinstance(sure, int | float)
        or not (math.isfinite(sure) and 0 <= sure <= 1)
    ):
        raise Invalid("A confidence of the answer is no number between 0 and 1.")
    return number, (label, float(sure) if label is not None and sure is not None else 0.0)


def _judged(
    asked: Asked,
    said: tuple[str | None, float] | None,
    classifiers: Mapping[str, Classifier],
    least: float,
) -> Answer:
    if said is None:
        return Answer(asked, Outcome.UNANSWERED)
    label, sure = said
    if label is None:
        return Answer(asked, Outcome.ABSTAINED)
    classifier = classifiers.get(label) if label in asked.labels else None
    if classifier is None:
        return Answer(asked, Outcome.NOT_OFFERED)
    agreed = agreement(classifier, asked.doubt.column)
    if contradicted(classifier, agreed):
        return Answer(asked, Outcome.CONTRADICTED, label, sure, agreed=agreed)
    support = _support(classifier, agreed)
    confidence = round(min(sure, CEILING[support]), 4)
    outcome = Outcome.LABELLED if confidence >= least else Outcome.UNSURE
    return Answer(asked, outcome, label, sure, confidence, support, agreed)


def _support(classifier: Classifier, agreed: Agreement) -> Support:
    if not agreed.known or agreed.share < classifier.min_share:
        return Support.NONE
    if not by_form(classifier):
        return Support.WORDS
    if has_check_digit(classifier):
        return Support.CHECK_DIGIT
    return Support.FORM if telling(classifier) else Support.NONE


def counted(answers: Sequence[Answer]) -> tuple[int, int, int]:
    """How many were labelled, how many were left open, how many were refused."""
    labelled = sum(a.outcome is Outcome.LABELLED for a in answers)
    refused = sum(a.outcome in (Outcome.NOT_OFFERED, Outcome.CONTRADICTED) for a in answers)
    return labelled, len(answers) - labelled - refused, refused
