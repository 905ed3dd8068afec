"""What a value is like, as a row of bytes: lengths, kinds of characters, hashed pieces."""

import math
from collections.abc import Sequence
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

from muniment.classification.model import Kind

VERSION: Final = 1
"""Rises when a row of bytes means something else."""
TRAITS: Final = 200
"""Values of a column whose traits are kept: those with the smallest hashes."""
LONGEST: Final = 80
"""Characters of a value that are looked at here."""
PUNCTUATION: Final = "-.,/:@_('+#&"
COUNTS: Final = (
    "length", "words", "digits", "upper", "lower", "letters beyond ASCII", "spaces",
    *(f"“{sign}”" for sign in PUNCTUATION), "other signs",
    "first kind", "last kind", "number", "magnitude", "negative", "decimals", "leading digit",
    "longest run of digits", "capitalised words", "script", "vowels", "different characters",
    "longest word",
)  # fmt: skip
"""The first bytes of a row, in this order."""
KINDS: Final = 6
"""Kinds that a first or last character can be of: none, digit, upper, lower, other letter, sign."""
SCRIPTS: Final = (
    0x0250, 0x0370, 0x0400, 0x0530, 0x0590, 0x0600, 0x0900, 0x0E00, 0x1100, 0x3040, 0x3100,
    0xAC00, 0x10000,
)  # fmt: skip
"""First code points of blocks of letters; Latin before them."""
PAIRS: Final = 224
ENDS: Final = 128
WORDS: Final = 160
BITS: Final = PAIRS + ENDS + WORDS
WIDTH: Final = len(COUNTS) + BITS // 8
_DIGITS: Final = str.maketrans("123456789", "000000000")
_SCALE: Final = 16.0
"""Steps of a byte for each doubling of a number's magnitude."""

Rows = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
_VOWELS: Final = np.frombuffer("aeiouyAEIOUY".encode("utf-32-le"), np.uint32)


def none() -> Rows:
    """The traits of no values."""
    return np.zeros((0, WIDTH), np.uint8)


def traits_of(values: pl.Series, kind: Kind) -> Rows:
    """One row of bytes for each of the first ``TRAITS`` values, given as text.

    From a row the value cannot be written down again: it tells how many characters of which kind
    there are, and which of 512 places pieces of it fell on; of numbers only their size.
    """
    texts = [str(value)[:LONGEST] for value in values.head(TRAITS).to_list()]
    rows = np.zeros((len(texts), WIDTH), np.uint8)
    if not texts:
        return rows
    rows[:, : len(COUNTS)] = np.clip(_counts(texts), 0, 255)
    if kind is Kind.TEXT:
        rows[:, len(COUNTS) :] = _bits(texts)
    return rows


def _points(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], Numbers, Numbers]:
    """All characters one after the other, which text each is of, where each text begins."""
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    return points, np.repeat(np.arange(len(texts)), lengths), starts


def _kinds(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """The kind of each character: 1 digit, 2 upper, 3 lower, 4 other letter, 5 sign or space."""
    digit = (points >= 48) & (points <= 57)
    upper = (points >= 65) & (points <= 90)
    lower = (points >= 97) & (points <= 122)
    beyond = points >= 0xC0
    return np.select([digit, upper, lower, beyond], [1, 2, 3, 4], 5).astype(np.int64)


def _counts(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    points, owner, starts = _points(texts)
    count = len(texts)
    kinds = _kinds(points)
    found = np.zeros((count, len(COUNTS)))

    def tally(flags: npt.NDArray[np.bool_]) -> Numbers:
        return np.bincount(owner[flags], minlength=count)

    lengths = np.fromiter(map(len, texts), np.int64, count)
    space = points == 32
    found[:, 0] = lengths
    found[:, 1] = [len(text.split()) for text in texts]
    for at, kind in enumerate((1, 2, 3, 4), 2):
        found[:, at] = tally(kinds == kind)
    found[:, 6] = tally(space)
    for at, sign in enumerate(PUNCTUATION, 7):
        found[:, at] = tally(points == ord(sign))
    at = 7 + len(PUNCTUATION)
    found[:, at] = tally(kinds == 5) - found[:, 6:at].sum(axis=1)
    some = lengths > 0
    found[some, at + 1] = kinds[starts[some]]
    found[some, at + 2] = kinds[(starts + lengths - 1)[some]]
    found[:, at + 3 : at + 8] = [_number(text) for text in texts]
    found[:, at + 8] = _runs(kinds == 1, owner, count)
    fresh = np.ones(len(points), np.bool_)
    fresh[1:] = space[:-1] | (owner[1:] != owner[:-1])
    found[:, at + 9] = tally(fresh & (kinds == 2))
    script = np.searchsorted(np.array(SCRIPTS, np.uint32), points, side="right")
    np.maximum.at(found[:, at + 10], owner, script)
    found[:, at + 11] = 200 * tally(np.isin(points, _VOWELS)) / np.maximum(lengths, 1)
    found[:, at + 12] = [len(set(text)) for text in texts]
    found[:, at + 13] = _runs(~space, owner, count)
    return found


def _number(text: str) -> tuple[float, float, float, float, float]:
    """Whether it is a number, its magnitude in steps, its sign, its decimals, its first digit."""
    plain = text.replace(",", "").strip(" $€£%")
    try:
        value = float(plain)
    except ValueError:
        return 0, 0, 0, 0, 0
    if not math.isfinite(value):
        return 0, 0, 0, 0, 0
    size = _SCALE * math.log2(1 + abs(value))
    decimals = len(plain.partition(".")[2])
    first = next((int(c) for c in plain if c.isascii() and c.isdigit() and c != "0"), 0)
    return 1, round(size), value < 0, decimals, first


def _runs(flags: npt.NDArray[np.bool_], owner: Numbers, count: int) -> Numbers:
    """The longest run of set flags within each text."""
    longest = np.zeros(count, np.int64)
    if len(flags):
        change = np.flatnonzero(np.diff(owner) != 0) + 1
        breaks = np.zeros(len(flags), np.bool_)
        breaks[change] = True
        last = np.where(flags & ~breaks, -1, np.arange(len(flags)))
        last = np.maximum.accumulate(np.where(flags & breaks, np.arange(len(flags)) - 1, last))
        np.maximum.at(longest, owner[flags], (np.arange(len(flags)) - last)[flags])
    return longest


def _bits(texts: Sequence[str]) -> Rows:
    """Which places the pairs of characters, the ends of words and the words fall on."""
    flags = np.zeros((len(texts), BITS), np.uint8)
    lowered = [f" {' '.join(text.lower().split())} " for text in texts]
    points, owner, _ = _points(lowered)
    points = np.where((points >= 48) & (points <= 57), 48, points).astype(np.uint64)
    whole = owner[1:] == owner[:-1]
    pairs = _mixed(points[:-1] * np.uint64(0x1F123BB5) + points[1:]) % np.uint64(PAIRS)
    flags[owner[1:][whole], pairs[whole].astype(np.int64)] = 1
    space = points == 32
    for shift in (1, 0):  # the three characters that begin a word, and the three that end it
        if len(points) < 4:
            break
        inside = (owner[3:] == owner[:-3]) & (space[:-3] if shift else space[3:])
        three = [points[shift + n : len(points) - 3 + shift + n] for n in range(3)]
        spelled = (three[0] * np.uint64(65599) + three[1]) * np.uint64(65599) + three[2]
        place = _mixed(spelled + np.uint64(shift)) % np.uint64(ENDS)
        flags[owner[3:][inside], PAIRS + place[inside].astype(np.int64)] = 1
    words = [text.split() for text in lowered]
    of = np.repeat(np.arange(len(texts)), [len(each) for each in words])
    places = np.fromiter((_word(w) for each in words for w in each), np.int64, len(of))
    flags[of, PAIRS + ENDS + places] = 1
    return np.packbits(flags, axis=1)


def _word(word: str) -> int:
    """The place of a whole word, its digits taken as one; the same on every machine."""
    return crc32(word[:16].translate(_DIGITS).encode("utf-8", "surrogatepass")) % WORDS


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        mixed = numbers * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ (mixed >> np.uint64(29))


def bits_of(rows: Rows) -> npt.NDArray[np.uint8]:
    """The places of each row again, as zeros and ones."""
    return np.unpackbits(np.ascontiguousarray(rows[:, len(COUNTS) :]), axis=1)
