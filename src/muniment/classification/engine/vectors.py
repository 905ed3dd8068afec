"""The common check digits over many values at once, in numpy."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from muniment.classification.engine.validators import card_form, digits_of

Flags = npt.NDArray[np.bool_]
WIDTH = 24


def digit_matrix(values: Sequence[str]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int64]]:
    """Digits of each value, right-aligned in rows of 24 (zeros to the left), and their number."""
    plain = [v if v.isascii() and v.isdigit() else digits_of(v) for v in values]
    lengths = np.fromiter((len(p) for p in plain), dtype=np.int64, count=len(plain))
    padded = "".join(p[-WIDTH:].rjust(WIDTH, "0") for p in plain)
    matrix = np.frombuffer(padded.encode("ascii", "replace"), dtype=np.uint8).astype(np.int8) - 48
    return matrix.reshape(len(plain), WIDTH), lengths


def _luhn_sum(matrix: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
    doubled = matrix[:, -2::-2].astype(np.int64) * 2
    doubled = np.where(doubled > 9, doubled - 9, doubled)
    plain = matrix[:, -1::-2].astype(np.int64)
    total: npt.NDArray[np.int64] = doubled.sum(axis=1) + plain.sum(axis=1)
    return total


def luhn(values: Sequence[str]) -> Flags:
    """Which values pass the Luhn check; at least two digits, at most 24."""
    matrix, lengths = digit_matrix(values)
    flags: Flags = (_luhn_sum(matrix) % 10 == 0) & (lengths >= 2) & (lengths <= WIDTH)
    return flags


def _varied(matrix: npt.NDArray[np.int8], lengths: npt.NDArray[np.int64], least: int) -> Flags:
    kinds = np.zeros(len(matrix), dtype=np.int64)
    inside = np.arange(WIDTH)[None, :] >= (WIDTH - lengths)[:, None]
    for digit in range(10):
        kinds += ((matrix == digit) & inside).any(axis=1)
    flags: Flags = kinds > least
    return flags


def card(values: Sequence[str]) -> Flags:
    """Which values are payment cards: issuer prefix, length, check digit, more than one digit."""
    matrix, lengths = digit_matrix(values)
    flags: Flags = (_luhn_sum(matrix) % 10 == 0) & _varied(matrix, lengths, 1)
    for place in np.flatnonzero(flags):
        flags[place] = card_form(values[int(place)])
    return flags


def imei(values: Sequence[str]) -> Flags:
    matrix, lengths = digit_matrix(values)
    first = matrix[:, WIDTH - 15]
    flags: Flags = (
        (lengths == 15) & (first != 0) & (_luhn_sum(matrix) % 10 == 0) & _varied(matrix, lengths, 3)
    )
    return flags


def iccid(values: Sequence[str]) -> Flags:
    matrix, lengths = digit_matrix(values)
    rows = np.arange(len(values))
    at = np.clip(WIDTH - lengths, 0, WIDTH - 2)
    start = matrix[rows, at] * 10 + matrix[rows, at + 1] == 89
    flags: Flags = ((lengths == 19) | (lengths == 20)) & start & (_luhn_sum(matrix) % 10 == 0)
    return flags


def npi(values: Sequence[str]) -> Flags:
    """Luhn over 80840 and ten digits: the prefix adds a constant 24."""
    matrix, lengths = digit_matrix(values)
    first = matrix[:, WIDTH - 10]
    flags: Flags = (
        (lengths == 10) & ((first == 1) | (first == 2)) & ((_luhn_sum(matrix) + 24) % 10 == 0)
    )
    return flags


VECTOR: Mapping[str, Callable[[Sequence[str]], Flags]] = {
    "luhn": luhn,
    "card": card,
    "imei": imei,
    "iccid": iccid,
    "npi": npi,
}
