"""Whether one value is what a classifier looks for: the fast paths must agree with it."""

import re
from collections.abc import Iterable
from functools import lru_cache

from muniment.classification.engine.dictionaries import in_dictionary
from muniment.classification.engine.exact import on_list
from muniment.classification.engine.header import folded
from muniment.classification.engine.validators import validator
from muniment.classification.model import Classifier
from muniment.kernel.errors import Invalid

_NOT_LINEAR = (
    ("(?=", "a look-ahead"),
    ("(?!", "a look-ahead"),
    ("(?<=", "a look-behind"),
    ("(?<!", "a look-behind"),
    ("(?P=", "a back-reference"),
    ("(?P<", "a named group"),
    ("(?>", "an atomic group"),
    ("(?(", "a conditional"),
    ("(?#", "a comment"),
    ("(?i", "an inline flag"),
    ("(?s", "an inline flag"),
    ("(?m", "an inline flag"),
    ("(?x", "an inline flag"),
    ("(?a", "an inline flag"),
    ("(?u", "an inline flag"),
    ("(?-", "an inline flag"),
)
LONGEST_PATTERN = 2000
LARGEST_REPEAT = 1000


@lru_cache(maxsize=4096)
def _compiled(pattern: str, *, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | (re.IGNORECASE if ignore_case else 0))


def check_pattern(pattern: str) -> None:
    """Refuse what no linear-time engine can run; Invalid says which part and what to do.

    The same subset as vectorscan and RE2: no back-references, no look-around.
    """
    if not pattern or len(pattern) > LONGEST_PATTERN:
        raise Invalid(f"A pattern has between 1 and {LONGEST_PATTERN} characters.")
    try:
        compiled = _compiled(pattern, ignore_case=False)
    except (re.error, RecursionError, OverflowError) as error:
        raise Invalid(f"The pattern cannot be read: {error}.") from error
    outside = _without_classes(pattern)
    for sign, name in _NOT_LINEAR:
        if sign in outside:
            raise Invalid(
                f"The pattern uses {name}, which is not searched here, "
                "so that every search ends in linear time. Write the pattern without it.",
                part=sign,
            )
    if re.search(r"\\[1-9]|\\k", outside):
        raise Invalid(
            "The pattern refers back to a group, which cannot be searched in linear time."
        )
    if re.search(r"[*+?}]\+", outside):
        raise Invalid("The pattern uses a possessive repeat; write a plain one.")
    if any(int(n) > LARGEST_REPEAT for n in re.findall(r"[{,](\d+)", outside)):
        raise Invalid(f"A repeat in the pattern is larger than {LARGEST_REPEAT}.")
    if compiled.fullmatch("") is not None:
        raise Invalid("The pattern matches an empty value; it would match everything.")


def _without_classes(pattern: str) -> str:
    """The pattern with escaped backslashes, escaped brackets and character classes taken out."""
    plain = re.sub(r"\\[^\w]", "x", pattern)
    return re.sub(r"\[\^?\]?[^\]]*\]", "x", plain)


def matches(classifier: Classifier, value: str) -> bool:
    """Whether form, validator and dictionary all say yes to the whole of a trimmed value."""
    text = value.strip()
    if is_allowed(classifier, text):
        return False
    if classifier.dictionary is not None and in_dictionary(classifier.dictionary, folded(text)):
        return True
    if classifier.words and folded(text) in known_words(classifier):
        return True
    if classifier.exact_match and on_list(classifier.exact_match, [folded(text)])[0]:
        return True
    forms = (*classifier.patterns, *classifier.sure, *classifier.plain)
    if not _fits(classifier, text, forms) or _fits(classifier, text, classifier.never):
        return False
    return classifier.validator is None or validator(classifier.validator).check(text)


def _fits(classifier: Classifier, text: str, forms: Iterable[str]) -> bool:
    return any(_compiled(p, ignore_case=classifier.ignore_case).fullmatch(text) for p in forms)


def known_words(classifier: Classifier) -> frozenset[str]:
    """The classifier's own words, folded."""
    return _folded_words(classifier.words)


def is_allowed(classifier: Classifier, value: str) -> bool:
    """Whether a value stands on the classifier's allow list, whatever its case and accents."""
    return bool(classifier.allowed) and folded(value) in allowed_values(classifier)


def allowed_values(classifier: Classifier) -> frozenset[str]:
    """The classifier's allow list, folded."""
    return _folded_words(classifier.allowed)


@lru_cache(maxsize=1024)
def _folded_words(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(folded(word) for word in words)
