"""How often random values of the right form pass each check: the figures of engine/chances.py.

    python benchmarks/validator_chances.py > src/muniment/classification/engine/chances.py

Values are drawn from the patterns of every classifier that names the check, and the greatest share
of its patterns counts. A check that a tenth of all values pass says little about one value and much
about a hundred.
"""

import random
import sys
from collections.abc import Iterator
from functools import cache
from re import _parser as parser  # type: ignore[attr-defined]  # the only parser of patterns there is
from typing import Any

from muniment.classification.content import builtin
from muniment.classification.engine.national import NATIONAL
from muniment.classification.engine.validators import validator

TRIES = 1_500
RARE_TRIES = 20_000
LEAST = 0.001
STDNUM = "stdnum:"

HEAD = '''"""How often a random value of the right form passes a check: measured, not guessed.

Drawn from the patterns of the classifiers that name the check; made by
``benchmarks/validator_chances.py``.
"""

from collections.abc import Mapping

CHANCE: Mapping[str, float] = {'''


@cache
def _parsed(pattern: str) -> Any:
    return parser.parse(pattern)


def draw(pattern: str, chance: random.Random) -> str:
    """A random value that a pattern of ours matches; open repeats are kept short."""
    return "".join(_drawn(_parsed(pattern), chance))


def _drawn(parts: Any, chance: random.Random) -> Iterator[str]:
    for kind, what in parts:
        name = str(kind)
        if name == "LITERAL":
            yield chr(what)
        elif name == "IN":
            yield chr(chance.choice([code for part in what for code in _codes(*part)]))
        elif name == "ANY":
            yield chance.choice("AB1")
        elif name == "SUBPATTERN":
            yield from _drawn(what[3], chance)
        elif name == "BRANCH":
            yield from _drawn(chance.choice(what[1]), chance)
        else:
            least, most, repeated = what
            for _ in range(chance.randint(least, min(int(most), least + 12))):
                yield from _drawn(repeated, chance)


def _codes(kind: Any, what: Any) -> range:
    return range(what[0], what[1] + 1) if str(kind) == "RANGE" else range(what, what + 1)


def passing(name: str, pattern: str) -> float:
    """The share of random values of a form that pass a check."""
    check, chance = validator(name).check, random.Random(name)
    passed = sum(check(draw(pattern, chance)) for _ in range(TRIES)) / TRIES
    if passed:
        return passed
    return sum(check(draw(pattern, chance)) for _ in range(RARE_TRIES)) / RARE_TRIES


def measure() -> dict[str, float]:
    """The chance of every check that national classifiers name, by its name."""
    found: dict[str, float] = {}
    for classifier in builtin().classifiers.values():
        name = classifier.validator
        if name is None or not (name.startswith(STDNUM) or name in NATIONAL):
            continue
        for pattern in (*classifier.patterns, *classifier.sure) or classifier.plain:
            share = max(passing(name, pattern), LEAST)
            key = name.removeprefix(STDNUM)
            found[key] = max(found.get(key, 0.0), share)
    return found


def main() -> None:
    lines, line = [HEAD], "   "
    for name, share in sorted(measure().items()):
        item = f' "{name}": {float(f"{share:.2g}")},'
        if len(line) + len(item) > 98:
            lines.append(line)
            line = "   "
        line += item
    sys.stdout.write("\n".join([*lines, line, "}  # fmt: skip"]) + "\n")


if __name__ == "__main__":
    main()
