"""A small sequence model: logistic regression over looks, decoded from left to right."""

import json
import lzma
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from muniment.classification.engine.text.look import Look
from muniment.classification.engine.text.looks import features
from muniment.classification.engine.text.tokens import Token

TAGS: Final = ("O", "B-person", "I-person", "B-place", "I-place", "B-org", "I-org")
OUTSIDE: Final = 0
WEIGHTS: Final = "weights.json.xz"
SCALE: Final = 1 << 6
"""Weights are kept as whole numbers of this part of one."""

Weights = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tag of a token, and how likely a tag of its kind is."""

    tag: int
    chance: float


NOTHING = Tagged(OUTSIDE, 0.0)


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The trained weights that travel with the package."""
    packed = (files(__package__) / WEIGHTS).read_bytes()
    read: dict[str, list[int]] = json.loads(lzma.decompress(packed))
    return {name: tuple(value / SCALE for value in values) for name, values in read.items()}


def with_history(said: list[str], before: int, before2: int, look: Look) -> list[str]:
    """The features together with what was decided before."""
    return [
        *said,
        f"t={before}",
        f"tt={before2}|{before}",
        f"tf={before}|{look.flags}",
        f"tk={before}|{look.key}",
    ]


def scores(said: list[str], learned: Weights) -> list[float]:
    """How well each tag fits; written out, because nearly all the time is spent here."""
    a = b = c = d = e = f = g = 0.0
    known = learned.get
    for name in said:
        row = known(name)
        if row is not None:
            a += row[0]
            b += row[1]
            c += row[2]
            d += row[3]
            e += row[4]
            f += row[5]
            g += row[6]
    return [a, b, c, d, e, f, g]


_ALLOWED: Final = tuple(
    tuple(tag for tag in range(len(TAGS)) if tag == 0 or tag % 2 or before in (tag, tag - 1))
    for before in range(len(TAGS))
)
"""The tags that may follow each tag: a name is continued only where it began."""


def best(total: list[float], before: int) -> int:
    """The best tag that may follow."""
    return max(_ALLOWED[before], key=total.__getitem__)


def tag_all(tokens: list[Token], looks: list[Look], learned: Weights | None = None) -> list[Tagged]:
    """A tag for every token; only candidates can be part of a name."""
    learned = weights() if learned is None else learned
    tagged: list[Tagged] = []
    before = before2 = OUTSIDE
    for i, look in enumerate(looks):
        if not look.candidate:
            tagged.append(NOTHING)
            before, before2 = OUTSIDE, before
            continue
        total = scores(with_history(features(tokens, looks, i), before, before2, look), learned)
        tag = best(total, before)
        tagged.append(Tagged(tag, _chance(total, tag)))
        before, before2 = tag, before
    return tagged


def _chance(total: list[float], tag: int) -> float:
    """How likely a kind of name is, wherever in the name the token stands."""
    highest = max(total)
    powers = [math.exp(value - highest) for value in total]
    kind = (tag + 1) // 2
    return sum(p for t, p in enumerate(powers) if (t + 1) // 2 == kind) / sum(powers)
