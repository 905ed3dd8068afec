"""What type the texts of a column have, by their looks; needs no Arrow."""

import re
from collections.abc import Iterable

INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})?(\.\d{1,30})?([eE][+-]?\d{1,2})?")
BOOLEAN = re.compile(r"true|false", re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d\d-\d\d")
CLOCK = r"[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?"
TIMESTAMP = re.compile(rf"{DATE.pattern}({CLOCK})?")
"""A date alone is a moment too, where others of its column have a time of day."""
ZONED = re.compile(rf"{DATE.pattern}{CLOCK}(Z|[+-]\d\d:?\d\d)")

DIGIT_OR_WORD = re.compile(r"^-?\.?\d|^[tTfF]")

ORDER = (
    ("integer", INTEGER),
    ("number", NUMBER),
    ("boolean", BOOLEAN),
    ("date", DATE),
    ("timestamp", TIMESTAMP),
    ("timestamp with time zone", ZONED),
)
KINDS = (*(name for name, _ in ORDER), "text")


def looks_like(value: str) -> frozenset[str]:
    """All the types a text could be; leading zeros and long digits make no number."""
    if not DIGIT_OR_WORD.search(value[:40]):
        return frozenset()
    return frozenset(name for name, shape in ORDER if shape.fullmatch(value))


def guess(values: Iterable[str | None]) -> str:
    """The narrowest type that all given texts have; ``text`` when there are none."""
    possible: frozenset[str] | None = None
    for value in values:
        if value:
            looks = looks_like(value)
            possible = looks if possible is None else possible & looks
            if not possible:
                return "text"
    return narrowest(possible)


def narrowest(possible: frozenset[str] | None) -> str:
    return next((name for name, _ in ORDER if possible and name in possible), "text")
