"""General looks of values (whole numbers, years, flags, dates, words, text), told from their bytes.

A class of bytes that a look cannot have rules most values out; the rest is for an expression.
"""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from muniment.classification.engine.texts import (
    BLANK,
    BRACKET,
    DIGIT,
    LOW_LINE,
    MINUS,
    POINT,
    SIGN,
    SLASH,
    UPPER,
    WIDE,
    Flags,
    Joined,
)
from muniment.classification.model import Kind

NULLISH = (
    "", "-", "--", "?", ".", "n/a", "na", "n.a.", "null", "none", "nil", "nan", "unknown",
    "unbekannt",
    "inconnu", "tbd", "xxx", "not available", "not applicable", "missing", "undefined", "(null)",
    "#n/a",
)  # fmt: skip
"""What people write where there is no value."""
_LONGEST_NULLISH = max(len(text) for text in NULLISH)
_NULLISH = pl.Series(NULLISH)


def _nullish(joined: Joined) -> Flags:
    flags = np.zeros(joined.count, dtype=np.bool_)
    places = np.flatnonzero(joined.sizes <= _LONGEST_NULLISH)
    if len(places):
        flags[places] = (
            joined.series.gather(places).str.to_lowercase().is_in(_NULLISH.implode()).to_numpy()
        )
    return flags


def _only(joined: Joined, allowed: int, needed: int) -> Flags:
    """Values of bytes of some classes only, with at least one of the classes needed."""
    classes = joined.classes
    flags: Flags = ((classes & (0xFFFF ^ allowed)) == 0) & ((classes & needed) != 0)
    return flags


def _int(joined: Joined) -> Flags:
    signed = _only(joined, DIGIT | MINUS | POINT, MINUS | POINT)
    flags: Flags = joined.classes == DIGIT
    return flags | joined.where(signed, r"^-?[0-9]+(?:\.0)?$")


def _year(joined: Joined) -> Flags:
    short = (joined.sizes == 4) | (joined.sizes == 6)
    return joined.where(short & _only(joined, DIGIT | POINT, DIGIT), r"^(?:19|20)[0-9]{2}(?:\.0)?$")


def _flag(joined: Joined) -> Flags:
    return joined.where(
        joined.sizes <= 8, r"(?i)^(?:0|1|y|n|yes|no|true|false|t|f|ja|nein|oui|non|si)$"
    )


def _decimal(joined: Joined) -> Flags:
    return joined.where(_only(joined, DIGIT | MINUS | POINT, POINT), r"^-?[0-9]*[.,][0-9]+$")


def _wordy(joined: Joined) -> Flags:
    sizes = joined.series.str.len_chars().to_numpy()
    plain = (joined.classes & (DIGIT | SLASH | LOW_LINE | SIGN)) == 0
    flags: Flags = plain & (sizes >= 2) & (sizes <= 60)
    return flags


def _text(joined: Joined) -> Flags:
    spaced = ((joined.classes & BLANK) != 0) & (joined.sizes >= 7)
    if spaced.any():
        spaced &= joined.count_of(BLANK) >= 3
    return joined.where(
        spaced | ((joined.classes & (WIDE | BRACKET)) != 0),
        r"\S+\s+\S+\s+\S+\s+\S+|^[{\[]\s*[\"{\[].{12,}",
    )


def _date(joined: Joined) -> Flags:
    first = joined.bytes[joined.starts] if joined.count else joined.bytes[:0]
    likely = (first >= 48) & (first <= 57) & ((joined.classes & (MINUS | POINT | SLASH)) != 0)
    return joined.where(
        likely & (joined.sizes >= 6),
        r"^(?:(?:18|19|20)[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9]"
        r"|[0-3]?[0-9][-/.][0-3]?[0-9][-/.](?:19|20)?[0-9]{2})(?:[T ].*)?$",
    )


def _code(joined: Joined) -> Flags:
    apart = MINUS | POINT | SLASH | LOW_LINE
    return joined.where(
        _only(joined, UPPER | DIGIT | apart, apart), r"^[A-Z0-9]+(?:[-_./][A-Z0-9]+)+$"
    )


_LOOKS: Mapping[str, Callable[[Joined], Flags]] = {
    "f|nullish": _nullish,
    "f|int": _int,
    "f|year": _year,
    "f|flag": _flag,
    "f|decimal": _decimal,
    "f|wordy": _wordy,
    "f|text": _text,
    "f|date": _date,
    "f|code": _code,
}
_BORN: Mapping[str, str] = {
    "f|early": r"^(?:19[2-5][0-9]-|.*[-/.]19[2-5][0-9]$)",
    "f|middle": r"^(?:19[67][0-9]-|.*[-/.]19[67][0-9]$)",
    "f|late": (
        r"^(?:(?:19[89][0-9]|200[0-9]|201[0-5])-|.*[-/.](?:19[89][0-9]|200[0-9]|201[0-5])$)"
    ),
}
"""The decades of dates."""
_OF_KIND: Mapping[Kind, tuple[str, ...]] = {
    Kind.INTEGER: ("f|int", "f|year", "f|flag"),
    Kind.DECIMAL: ("f|int", "f|flag", "f|decimal"),
    Kind.DATE: ("f|date",),
}
"""What numbers and dates can look like; text is looked at in every way."""


def looks(joined: Joined, kind: Kind) -> dict[str, Flags]:
    """The general looks that values of a kind can have, and which values have each."""
    found = {name: _LOOKS[name](joined) for name in _OF_KIND.get(kind, tuple(_LOOKS))}
    dates = found.get("f|date")
    if dates is not None:
        found |= {name: joined.where(dates, born) for name, born in _BORN.items()}
    return found
