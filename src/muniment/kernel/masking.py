"""How a value is shown to those who may not see it."""

import re
from string import ascii_lowercase, ascii_uppercase, digits

_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")

_ASCII = str.maketrans(ascii_lowercase + ascii_uppercase + digits, "x" * 26 + "X" * 26 + "9" * 10)
"""What the patterns say of plain letters and digits, many times as fast."""

MASK_LIMIT = 64


def mask(text: str) -> str:
    """The shape of a value: letters become ``x`` or ``X``, digits ``9``; the rest stays.

    >>> mask("Anna-42@mail.example")
    'Xxxx-99@xxxx.xxxxxxx'
    """
    shown = text[:MASK_LIMIT]
    if shown.isascii():
        shape = shown.translate(_ASCII)
    else:
        shape = _DIGIT.sub("9", _LETTER.sub(_cased, shown))
    return shape + "…" if len(text) > MASK_LIMIT else shape


def _cased(letter: re.Match[str]) -> str:
    return "X" if letter.group().isupper() else "x"
