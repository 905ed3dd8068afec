"""Trains the tagger of free text on generated sentences and writes its weights; the same each time."""

import argparse
import json
import lzma
import random
from collections import Counter
from pathlib import Path

import numpy as np

from muniment.classification.engine.text import sequence
from muniment.classification.engine.text.addresses import find_addresses
from muniment.classification.engine.text.forms import find_forms
from muniment.classification.engine.text.look import Look
from muniment.classification.engine.text.looks import features, look_at
from muniment.classification.engine.text.model import Entity, without_overlaps
from muniment.classification.engine.text.sequence import (
    OUTSIDE,
    SCALE,
    TAGS,
    best,
    with_history,
)
from muniment.classification.engine.text.tokens import Token, tokenise
from training.text.fill import Filled, Filler, templates, texts

TARGET = Path(__file__).parents[2] / "src/muniment/classification/engine/text" / sequence.WEIGHTS
NAMED = {"person": 1, "place": 3, "org": 5}
FORGETS = 0.15
"""Share of names whose lists are hidden, so that the words around are learned as well."""
RATE = 0.08
DECAY = 1e-4
LEAST = 0.04
"""Smallest weight that is kept."""

Example = tuple[list[Token], list[Look], list[int]]


def example(filled: Filled, chance: random.Random) -> Example:
    """The looks of a text and its true tags."""
    text = filled.text
    given = [
        Entity("contact.street_address", a, b, 1.0)
        for kind, a, b in filled.spans
        if kind == "address"
    ]
    names = [(a, b) for kind, a, b in filled.spans if kind in NAMED]
    found = [
        e
        for e in [*find_forms(text), *find_addresses(text)]
        if not any(a < e.end and e.start < b for a, b in names)
    ]
    tokens = tokenise(text)
    looks = look_at(tokens, without_overlaps([*given, *found]))
    tags = [OUTSIDE] * len(tokens)
    for kind, start, end in filled.spans:
        if kind not in NAMED:
            continue
        inside = [i for i, t in enumerate(tokens) if t.start < end and t.end > start]
        for place, i in enumerate(inside):
            if looks[i].shape or looks[i].candidate:
                tags[i] = NAMED[kind] + (1 if place else 0)
        if chance.random() < FORGETS:
            for i in inside:
                looks[i].flags = "".join(c for c in looks[i].flags if c in "LHPSE")
                looks[i].place = ""
    return tokens, looks, tags


def train(examples: list[Example], rounds: int, chance: random.Random) -> dict[str, list[float]]:
    """Multinomial logistic regression by AdaGrad that sees its own decisions while it learns."""
    static = [
        [features(tokens, looks, i) if look.candidate else [] for i, look in enumerate(looks)]
        for tokens, looks, _ in examples
    ]
    counted = Counter(name for text in static for said in text for name in said)
    ids = {name: i for i, name in enumerate(sorted(n for n, times in counted.items() if times > 1))}
    coded = [[[ids[n] for n in said if n in ids] for said in text] for text in static]
    learner = Learner(ids)
    order = list(range(len(examples)))
    for turn in range(rounds):
        chance.shuffle(order)
        wrong = sum(learner.learn(examples[which], coded[which]) for which in order)
        print(f"round {turn + 1}: {wrong} wrong", flush=True)
    return {name: learner.weights[i].tolist() for name, i in ids.items()}


class Learner:
    """Weights with the squares of their past changes."""

    def __init__(self, ids: dict[str, int]) -> None:
        self.ids = ids
        size = len(ids) + 20_000
        self.weights = np.zeros((size, len(TAGS)))
        self.squares = np.full((size, len(TAGS)), 1e-2)

    def learn(self, example: Example, coded: list[list[int]]) -> int:
        """One pass over a text; the number of wrong decisions."""
        _, looks, tags = example
        before = before2 = OUTSIDE
        wrong = 0
        for i, look in enumerate(looks):
            if not look.candidate:
                before, before2 = OUTSIDE, before
                continue
            history = with_history([], before, before2, look)
            rows = np.array(coded[i] + [self._id(name) for name in history])
            total = self.weights[rows].sum(axis=0)
            chances = np.exp(total - total.max())
            chances /= chances.sum()
            guess = best(total.tolist(), before)
            wrong += guess != tags[i]
            chances[tags[i]] -= 1.0
            self.squares[rows] += chances**2
            change = RATE * (chances + DECAY * self.weights[rows]) / np.sqrt(self.squares[rows])
            self.weights[rows] -= change
            before, before2 = guess, before
        return wrong

    def _id(self, name: str) -> int:
        return self.ids.setdefault(name, min(len(self.ids), len(self.weights) - 1))


def write(weights: dict[str, list[float]]) -> None:
    """Keep what matters as whole numbers."""
    kept = {
        name: [round(value * SCALE) for value in row]
        for name, row in sorted(weights.items())
        if max(map(abs, row)) >= LEAST
    }
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    TARGET.write_bytes(lzma.compress(text.encode(), preset=9))
    print(f"{len(kept)} features, {TARGET.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Generate, learn, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=22_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=4)
    asked = parser.parse_args()
    learn, _ = templates()
    chance = random.Random(asked.seed)
    made = texts(Filler(asked.seed), learn, asked.texts)
    made = [_cased(filled, chance) for filled in made]
    weights = train([example(filled, chance) for filled in made], asked.rounds, chance)
    write(weights)


def _cased(filled: Filled, chance: random.Random) -> Filled:
    """A few texts all in capitals or in small letters, as people write."""
    draw = chance.random()
    if draw > 0.07:
        return filled
    text = filled.text.upper() if draw < 0.03 else filled.text.lower()
    return filled if len(text) != len(filled.text) else Filled(text, filled.spans, filled.register)


if __name__ == "__main__":
    main()
