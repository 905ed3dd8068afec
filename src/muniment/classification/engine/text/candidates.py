"""Which words of a text can be part of a name at all."""

from muniment.classification.engine.text.look import Look
from muniment.classification.engine.text.tokens import Token
from muniment.classification.engine.text.words import PARTICLES, common

_JOINERS = "of the and & de van von der den la du del di da for at on le bin ibn al e y"
JOINERS = frozenset(_JOINERS.split())


def mark_shouting(tokens: list[Token], looks: list[Look]) -> None:
    """Lines all in capitals: there capitals say nothing."""
    start = 0
    for i in range(1, len(tokens) + 1):
        if i < len(tokens) and tokens[i].begins != 2:
            continue
        line = [each for each in looks[start:i] if each.shape]
        if sum(each.shape == "AA" for each in line) >= 3 and all(
            each.shape in ("AA", "A", "init") for each in line
        ):
            for each in line:
                each.shape = "AU"
        start = i


_CODE_BEFORE = frozenset("._\\#$@")
_CODE_AFTER = frozenset("._(=\\")


def mark_code(tokens: list[Token], looks: list[Look]) -> None:
    """Words of programs and paths, such as ``com.shop.Total(``, are names of nobody."""
    for i in range(1, len(tokens)):
        before, here = tokens[i - 1], tokens[i]
        if before.end != here.start:
            continue
        if (
            before.text in _CODE_BEFORE
            and here.kind == "word"
            and i > 1
            and tokens[i - 2].end == before.start
        ):
            looks[i].capital, looks[i].shape = False, ""
        follows = i + 1 < len(tokens) and tokens[i + 1].start == here.end
        if here.text in _CODE_AFTER and before.kind == "word" and (follows or here.text in "(="):
            looks[i - 1].capital, looks[i - 1].shape = False, ""


def _small_letters(tokens: list[Token], looks: list[Look]) -> bool:
    """Whether somebody writes without capitals: hardly a sentence begins with one."""
    words_ = [look for look in looks if look.shape]
    first = [look for token, look in zip(tokens, looks, strict=True) if token.begins and look.shape]
    capitals = sum(look.capital for look in first)
    return capitals * 4 <= len(first) and sum(w.capital for w in words_) * 8 <= len(words_)


def mark_candidates(tokens: list[Token], looks: list[Look]) -> None:
    """Capitals, what joins two of them, and names of people and places in small letters."""
    small = _small_letters(tokens, looks)
    for i, each in enumerate(looks):
        if each.shape:
            each.candidate = each.capital or (small and _is_small_name(looks, i))
    for i in range(1, len(looks) - 1):
        if tokens[i + 1].begins == 0 and _joins(looks, i):
            each = looks[i]
            goes_on = _goes_on(looks, i) if each.key in (",", "'s", "’s") else True
            each.candidate = goes_on
    for i in range(len(looks) - 2, -1, -1):
        each = looks[i]
        if each.lower in PARTICLES and not each.candidate and looks[i + 1].candidate:
            each.candidate = looks[i + 1].capital


def _is_small_name(looks: list[Look], i: int) -> bool:
    """A name written without a capital, as far as lists know it and it is no common word."""
    each = looks[i]
    if common(each.lower) is not None:
        return False
    if any(letter in "GFCN" for letter in each.flags):
        return True
    listed = "f" in each.flags or "g" in each.flags
    return listed and i > 0 and looks[i - 1].candidate and looks[i - 1].shape == "aa"


def _joins(looks: list[Look], i: int) -> bool:
    """Whether a small word or mark stands between two capitals that it may join."""
    each = looks[i]
    joiner = each.lower in JOINERS and not each.capital
    mark = each.key in ("&", "'s", "’s", ",") and not each.shape
    if not (joiner or mark) or not (looks[i - 1].candidate and looks[i - 1].capital):
        return False
    after = looks[i + 1]
    further = i + 2 < len(looks) and after.lower in JOINERS and looks[i + 2].capital
    return after.capital or further


def _goes_on(looks: list[Look], i: int) -> bool:
    """Whether a comma or possessive may stand inside of a name: ``Smith, Jones & Co``."""
    ahead = looks[i + 1 : i + 5]
    return any("L" in each.flags or "H" in each.flags or each.key == "&" for each in ahead)
