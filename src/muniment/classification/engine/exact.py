"""Exact match against lists of which only salted hashes are kept: the first eight bytes of SHA-256.

A hash tells a value from all others, and whether a guessed value is on the list to whoever has salt
and hashes; values that can be counted through, such as short numbers, are hidden from nobody who
reads the database.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from muniment.classification.engine.header import folded
from muniment.classification.model import ExactMatch
from muniment.kernel.errors import Invalid

MOST: Final = 50_000
"""Values of one list: 0.5 MB in each version of its classifier."""
LONGEST: Final = 1_000
_WIDTH: Final = 8

Hashes = npt.NDArray[np.uint64]


def exact_match_of(values: Iterable[str]) -> ExactMatch:
    """A list with a salt of its own. Case, accents and blanks do not matter, nor do repeats.

    Invalid when there is no value, when there are more than ``MOST``, or one is too long.
    """
    known = {folded(value) for value in values} - {""}
    if not known or len(known) > MOST:
        raise Invalid(f"A list has between 1 and {MOST:,} different values.", given=len(known))
    if any(len(value) > LONGEST for value in known):
        raise Invalid(f"A value of a list has at most {LONGEST} characters.")
    salt = secrets.token_hex(16)
    packed = np.unique(_hashes(salt, known)).astype("<u8").tobytes()
    return ExactMatch(salt, base64.b64encode(packed).decode(), len(packed) // _WIDTH)


def check_exact_match(rule: ExactMatch) -> None:
    """Invalid when the hashes are no list as ``exact_match_of`` makes them."""
    hashes = _known(rule)
    if len(hashes) != rule.count or (hashes[1:] <= hashes[:-1]).any():
        raise Invalid("The hashes of the list are incomplete or out of order; send it again.")


def on_list(rule: ExactMatch, plain: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which folded values are on the list."""
    known, asked = _known(rule), _hashes(rule.salt, plain)
    places = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.asarray(known[places] == asked, np.bool_)


def _hashes(salt: str, plain: Iterable[str]) -> Hashes:
    begun = hashlib.sha256(bytes.fromhex(salt))
    found = bytearray()
    for value in plain:
        one = begun.copy()
        one.update(value.encode("utf-8", "surrogatepass"))
        found += one.digest()[:_WIDTH]
    return np.frombuffer(bytes(found), "<u8").astype(np.uint64)


@lru_cache(maxsize=64)
def _known(rule: ExactMatch) -> Hashes:
    try:
        raw = base64.b64decode(rule.digests, validate=True)
    except binascii.Error as error:
        raise Invalid("The hashes of the list cannot be read; send it again.") from error
    if not raw or len(raw) % _WIDTH:
        raise Invalid("The hashes of the list are incomplete; send it again.")
    return np.frombuffer(raw, "<u8").astype(np.uint64)
