"""How a value is shown to those who may not see it."""

import re

_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")

MASK_LIMIT = 64


def mask(text: str) -> str:
    """The shape of a value: letters become ``x`` or ``X``, digits ``9``; the rest stays.

    >>> mask("Anna-42@mail.example")
    'Xxxx-99@xxxx.xxxxxxx'
    """
    shape = _DIGIT.sub("9", _LETTER.sub(_cased, text[:MASK_LIMIT]))
    return shape + "…" if len(text) > MASK_LIMIT else shape


def _cased(letter: re.Match[str]) -> str:
    return "X" if letter.group().isupper() else "x"
