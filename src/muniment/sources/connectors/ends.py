"""Ends of high-water marks as text: a number or a moment, and nothing else, ever enters SQL."""

import re

from muniment.kernel.errors import Invalid, SourceDataUnreadable

NUMBER = re.compile(r"-?\d{1,1000}(\.\d{1,1000})?")
MOMENT = re.compile(
    r"-?\d{1,7}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?(Z|[+-]\d\d(:?\d\d){0,2})?( BC)?"
)


def checked(end: str | None) -> str | None:
    """The end itself. SourceDataUnreadable when it is neither; its text is not repeated."""
    if end is None or NUMBER.fullmatch(end) or MOMENT.fullmatch(end):
        return end
    raise SourceDataUnreadable(
        "The highest value of the high-water column is neither a number nor a moment."
    )


def refused(column: str, kind: str) -> Invalid:
    """Of a column whose order says nothing of when its rows came."""
    return Invalid(
        f"{column} is of type {kind}; a high-water column is a whole or decimal number, a date or"
        " a moment. Choose another in the rule set."
    )


def missing(column: str) -> Invalid:
    return Invalid(f"There is no column {column} here. Correct the rule set.")
