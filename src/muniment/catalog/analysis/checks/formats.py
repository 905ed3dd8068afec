"""Formats that a value keeps or does not: addresses, check digits, codes; whole series at once."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from muniment.catalog.analysis.castable import UUID, Test, is_json, matching
from muniment.catalog.analysis.checks.codes import COUNTRIES, CURRENCIES, IBAN_LENGTHS

EMAIL: Final = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$"
)
URL: Final = r"^(?i:https?|ftps?|wss?)://[^\s/?#@:]+(?::\d{1,5})?(?:[/?#]\S*)?$"
IPV4: Final = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_H: Final = r"[0-9A-Fa-f]{1,4}"
IPV6: Final = "|".join(
    [
        rf"(?:{_H}:){{7}}{_H}",
        rf"(?:{_H}:){{1,7}}:",
        *(rf"(?:{_H}:){{1,{7 - n}}}(?::{_H}){{1,{n}}}" for n in range(1, 7)),
        rf":(?::{_H}){{1,7}}",
        "::",
    ]
)
IP: Final = rf"^(?:{IPV4}|(?:{IPV6})|::(?:[Ff]{{4}}:)?{IPV4})(?:/\d{{1,3}})?$"

_LONGEST_IBAN: Final = 34
_LONGEST_CARD: Final = 19


def in_codes(codes: frozenset[str]) -> Test:
    """A test whether text is one of the codes, blanks and case aside."""
    listed = sorted(codes)

    def test(values: pl.Series) -> pl.Series:
        return values.str.strip_chars().str.to_uppercase().is_in(listed)

    return test


def is_luhn(values: pl.Series) -> pl.Series:
    """Whether each text is a number of 12 to 19 digits whose Luhn check digit is right."""
    plain = values.str.replace_all(r"[ -]", "")
    likely = plain.str.contains(r"^\d{12,19}$")
    if not likely.any():
        return likely
    grid = _grid(plain.filter(likely).str.pad_start(_LONGEST_CARD, "0"), _LONGEST_CARD) - ord("0")
    doubled = grid[:, -2::-2] * 2
    total = grid[:, -1::-2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
    return likely.scatter(likely.arg_true(), (total % 10 == 0).tolist())


def is_iban(values: pl.Series) -> pl.Series:
    """Whether each text is an IBAN of its country's length with the right check digits."""
    plain = values.str.replace_all(r"[ -]", "").str.to_uppercase()
    length = plain.str.slice(0, 2).replace_strict(IBAN_LENGTHS, default="0").cast(pl.UInt32)
    likely = plain.str.contains(r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$") & (
        plain.str.len_bytes() == length
    )
    if not likely.any():
        return likely
    picked = plain.filter(likely)
    turned = picked.str.slice(4) + picked.str.slice(0, 4)
    grid = _grid(turned.str.pad_end(_LONGEST_IBAN, " "), _LONGEST_IBAN)
    rest = np.zeros(len(grid), np.int64)
    for column in grid.T:  # 34 steps, each over all values
        digit, letter = (column >= 48) & (column <= 57), column >= 65
        rest = np.where(digit, (rest * 10 + column - 48) % 97, rest)
        rest = np.where(letter, (rest * 100 + column - 55) % 97, rest)
    return likely.scatter(likely.arg_true(), (rest == 1).tolist())


def _grid(values: pl.Series, width: int) -> npt.NDArray[np.int64]:
    joined = values.str.join("").item().encode("ascii")
    return np.frombuffer(joined, np.uint8).reshape(-1, width).astype(np.int64)


FORMATS: Final[dict[str, Test]] = {
    "valid_email": matching(EMAIL),
    "valid_url": matching(URL),
    "valid_ip": matching(IP),
    "valid_uuid": matching(UUID),
    "valid_json": is_json,
    "luhn": is_luhn,
    "iban": is_iban,
    "iso_country": in_codes(COUNTRIES),
    "iso_currency": in_codes(CURRENCIES),
}
"""By check type: the test of a text."""
