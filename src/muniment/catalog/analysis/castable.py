"""Which type a text could be read as: linear-time tests of a whole series at once."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

Test = Callable[[pl.Series], pl.Series]

INTEGER: Final = r"^\s*[+-]?\d{1,18}\s*$"
NUMBER: Final = r"^\s*[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?\s*$"
BOOLEAN: Final = r"^(?i:true|false|yes|no|t|f|y|n|0|1)$"
DATE: Final = (
    r"^(?:\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"|\d{4}/(?:0[1-9]|1[0-2])/(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])[./]\d{4}"
    r"|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/\d{4}"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))$"
)
DATETIME: Final = (
    r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:Z|[+-]\d{2}:?\d{2})?$"
)
UUID: Final = r"^\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?$"
JSON_LIKE: Final = r"^\s*(?:\{(?s:.*)\}|\[(?s:.*)\])\s*$"


def matching(pattern: str) -> Test:
    """A test by a regular expression of Rust's engine, which takes linear time whatever comes."""

    def test(values: pl.Series) -> pl.Series:
        return values.str.contains(pattern)

    return test


def is_json(values: pl.Series) -> pl.Series:
    """Whether each text is a JSON object or list; only what looks like one is parsed."""
    likely = values.str.contains(JSON_LIKE)
    if not likely.any():
        return likely
    picked = likely.arg_true()
    good = [_parses(text) for text in values.gather(picked).to_list()]
    return likely.scatter(picked, good)


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


FORMS: Final = (
    ("integer", INTEGER),
    ("number", NUMBER),
    ("boolean", BOOLEAN),
    ("date", DATE),
    ("datetime", DATETIME),
    ("uuid", UUID),
)
"""Types that a pattern tells, with the pattern."""

CASTS: Final[Mapping[str, Test]] = MappingProxyType(
    {name: matching(form) for name, form in FORMS} | {"json": is_json}
)
"""By the name of a type: whether text can be read as it."""
