"""Learns from decisions: the last weights of the shipped model, moved as far as decisions ask.

The loss is the cross-entropy of what people decided, plus a penalty on how far log-odds move from
the shipped ones (ridge regression around a prior, as in Gaussian processes with a linear kernel
over the hidden units). A rejection says which kinds a column does not hold; its loss is that of
all other kinds together. So that nothing is forgotten, every other frozen column is replayed with
what the shipped model says of it as the answer (learning without forgetting, Li and Hoiem 2016).
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from muniment.classification.engine.model.frozen import Frozen
from muniment.classification.engine.model.head import Head, load, with_head
from muniment.classification.engine.model.network import NONE, Limits, Matrix, Model, softmax

MOST_COLUMNS: Final = 5_000
MOST_LABELS: Final = 40
"""Labels that a head has weights for: those decided about most often."""
FEWEST_COLUMNS: Final = 10
"""Decided columns below which nothing is learned."""
NEW_COLUMNS: Final = 8
"""Confirmed columns, of ``NEW_NAMES`` names, from which on a new kind is learned."""
NEW_NAMES: Final = 3
UNHEARD_OF: Final = -4.0
"""Log-odds of a new kind before anything is learned of it."""
FOLDS: Final = 5
SPREADS: Final = (1.0, 2.5, 6.0)
"""How far log-odds may move, as deviations of the prior; the best on columns held out is taken."""
STEPS: Final = 300
REPLAY: Final = 4.0
"""Weight of a replayed column, of a decided one of its own name."""
SUGGESTS: Final = 0.9
"""Share of right answers on columns held out, from which on a kind is suggested."""
SAID: Final = 8
SIGNIFICANT: Final = 0.05
"""How likely chance alone may be to help as many columns, and to harm as few."""

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Examples:
    """Columns that people decided about: features, what they confirmed and what they rejected."""

    features: Matrix
    confirmed: Sequence[frozenset[str]]
    rejected: Sequence[frozenset[str]]
    groups: Sequence[str]
    """Columns of one group are never learned from and tested on at once."""
    asked: Flags
    """Whether the model is asked about a column, since the rules leave it open."""


@dataclass(frozen=True)
class Learned:
    """A head, and why it may take over or not; no head where there was too little to learn."""

    head: Head | None
    report: Mapping[str, Any]


@dataclass(frozen=True)
class Gate:
    """How a head compares with the shipped model where it did not learn."""

    better: int
    worse: int
    frozen_before: int
    frozen_after: int
    reasons: list[str] = field(default_factory=list)

    @property
    def chance(self) -> float:
        """Of at least so many better among those that differ, were both models equally good."""
        n = self.better + self.worse
        return float(sum(math.comb(n, k) for k in range(self.better, n + 1)) / 2**n)


def learn(base: Model, frozen: Frozen, examples: Examples, version: int) -> Learned:
    """A head learned from decisions, judged on decisions and frozen columns held out from it."""
    lesson = _Lesson.of(base, frozen, examples)
    told: dict[str, Any] = {
        "base": base.fingerprint,
        "columns": len(lesson.weights),
        "names": len(set(lesson.groups)),
        "labels": [name for name in lesson.touched if name != NONE],
        "new": list(lesson.labels[len(base.labels) :]),
    }
    if len(lesson.weights) < FEWEST_COLUMNS or len(set(lesson.groups)) < FOLDS:
        why = (
            f"Decisions about {len(lesson.weights)} columns of {len(set(lesson.groups))} names can"
            f" be learned from; it takes {FEWEST_COLUMNS} columns of {FOLDS} names."
        )
        return Learned(None, {**told, "passes": False, "reasons": [why]})
    held = {spread: lesson.held_out(spread) for spread in SPREADS}
    spread = min(SPREADS, key=lambda each: lesson.loss(held[each]))
    limits = lesson.limits(held[spread])
    untold = [name for name in told["new"] if name not in limits]
    head = lesson.head(lesson.fit(lesson.everything, spread), limits, version, untold)
    before = lesson.right(lesson.before, {})
    after = lesson.right(held[spread], limits)
    gate = _gate(lesson, before, after, with_head(base, load(head.dump())), frozen)
    return Learned(
        head,
        {
            **told,
            "new": [name for name in told["new"] if name in limits],
            "not_told_apart": untold,
            "spread": spread,
            "decisions": {
                "of": int(lesson.asked.sum()),
                "before": int(before[lesson.asked].sum()),
                "after": int(after[lesson.asked].sum()),
                "names_better": gate.better,
                "names_worse": gate.worse,
                "chance": round(gate.chance, 4),
            },
            "frozen": {
                "of": int(_tested(frozen).sum()),
                "before": gate.frozen_before,
                "after": gate.frozen_after,
            },
            "passes": not gate.reasons,
            "reasons": gate.reasons,
        },
    )


@dataclass(frozen=True)
class _Lesson:
    """Everything as arrays: rows of decisions first, then the frozen rows that are replayed."""

    base: Model
    labels: Sequence[str]
    touched: Sequence[str]
    allowed: Flags
    """For each decided column and label, whether it may be the answer."""
    groups: Sequence[str]
    weights: Matrix
    odds: Matrix
    """Of the shipped model, of decided columns and then of the replayed ones."""
    units: Matrix
    """Hidden units, each divided by ``scale``, and a constant; rows are about one long."""
    scale: Matrix
    asked: Flags

    @classmethod
    def of(cls, base: Model, frozen: Frozen, examples: Examples) -> "_Lesson":
        new = _new_kinds(base, examples)
        labels = (*base.labels, *new)
        usable = [
            at
            for at, (yes, no) in enumerate(zip(examples.confirmed, examples.rejected, strict=True))
            if (yes & set(labels)) or (not yes and no & set(labels))
        ][:MOST_COLUMNS]
        named = Counter(
            name
            for at in usable
            for name in (examples.confirmed[at] or examples.rejected[at]) & set(labels)
        )
        most = sorted(named, key=lambda name: (name not in new, -named[name], name))
        touched = (*most[:MOST_LABELS], NONE)
        allowed = np.array(
            [_allowed(labels, examples.confirmed[at], examples.rejected[at]) for at in usable],
            np.bool_,
        ).reshape(-1, len(labels))
        groups = [examples.groups[at] for at in usable]
        sizes = Counter(groups)
        replayed = ~_tested(frozen)
        features = np.vstack((examples.features[usable], frozen.features[replayed]))
        odds = base.odds(features)
        odds = np.hstack((odds, np.full((len(odds), len(new)), UNHEARD_OF, np.float32)))
        hidden = base.hidden(features)
        most_used = np.sqrt((hidden**2).mean(axis=0))
        scale = np.append(np.maximum(most_used, most_used.max() / 100), 1.0)
        scale = np.asarray(scale * math.sqrt(len(scale)), np.float32)
        units = np.hstack((hidden, np.ones((len(hidden), 1), np.float32))) / scale
        return cls(
            base,
            labels,
            touched,
            allowed,
            groups,
            np.array([1 / math.sqrt(sizes[group]) for group in groups], np.float32),
            odds,
            np.asarray(units, np.float32),
            scale,
            examples.asked[usable],
        )

    @property
    def everything(self) -> Flags:
        return np.ones(len(self.weights), np.bool_)

    @property
    def places(self) -> Sequence[int]:
        return [self.labels.index(name) for name in self.touched]

    @property
    def none(self) -> int:
        return list(self.labels).index(NONE)

    @property
    def before(self) -> Matrix:
        """What the shipped model says of the decided columns."""
        return softmax(self.odds[: len(self.weights)])

    def fit(self, chosen: Flags, spread: float) -> Matrix:
        """How far each unit's weight to the touched labels moves, by accelerated descent.

        The step is the inverse of a bound on the curvature, half the largest eigenvalue of the
        units' weighted products (Böhning 1992), so that no rate has to be guessed.
        """
        taught, replayed = int(chosen.sum()), len(self.units) - len(chosen)
        used = np.concatenate((chosen, np.ones(replayed, np.bool_)))
        units, odds = self.units[used], self.odds[used]
        wanted = softmax(odds)
        weights = np.concatenate((self.weights[chosen], np.full(replayed, REPLAY, np.float32)))
        penalty = 1 / spread**2
        products = (units * weights[:, None]).T @ units
        step = 1 / (0.5 * float(np.linalg.norm(products, 2)) + penalty)
        moved = np.zeros((units.shape[1], len(self.touched)), np.float32)
        last, ahead = moved, moved
        for turn in range(STEPS):
            shares = softmax(self._moved(odds, units, ahead))
            allowed = shares[:taught] * self.allowed[chosen]
            wanted[:taught] = allowed / np.maximum(allowed.sum(axis=1, keepdims=True), 1e-12)
            push = ((shares - wanted) * weights[:, None])[:, self.places]
            moved = ahead - step * (units.T @ push + penalty * ahead)
            ahead = moved + turn / (turn + 3) * (moved - last)
            last = moved
        return moved

    def _moved(self, odds: Matrix, units: Matrix, moved: Matrix) -> Matrix:
        found = odds.copy()
        found[:, self.places] += units @ moved
        return found

    def held_out(self, spread: float) -> Matrix:
        """What is said of each decided column by a head that learned nothing of its group."""
        names = sorted(set(self.groups), key=lambda name: crc32(name.encode()))
        fold = {name: at % FOLDS for at, name in enumerate(names)}
        folds = np.array([fold[group] for group in self.groups])
        count = len(folds)
        said = np.zeros((count, len(self.labels)), np.float32)
        for each in range(FOLDS):
            mine = folds == each
            moved = self.fit(~mine, spread)
            rows = np.flatnonzero(mine)
            said[rows] = softmax(self._moved(self.odds[rows], self.units[rows], moved))
        return said

    def loss(self, said: Matrix) -> float:
        """Mean negative log-likelihood of what people decided."""
        likely = np.maximum((said * self.allowed).sum(axis=1), 1e-9)
        return float(np.average(-np.log(likely), weights=self.weights))

    def right(self, said: Matrix, new: Mapping[str, Limits]) -> Flags:
        """Whether what would be suggested is what people allowed, with limits for ``new`` kinds."""
        known = {**new, **self.base.limits}
        limits = [known.get(name) for name in self.labels]
        found = self.allowed[np.arange(len(said)), _suggested(said, limits, self.none)]
        return np.asarray(found, np.bool_)

    def limits(self, said: Matrix) -> Mapping[str, Limits]:
        """From when on kinds are suggested that the shipped model may not suggest."""
        found: dict[str, Limits] = {}
        best, sure = said.argmax(axis=1), said.max(axis=1)
        right = self.allowed[np.arange(len(said)), best]
        for name in self.touched:
            if name == NONE or name in self.base.limits:
                continue
            mine = best == self.labels.index(name)
            for least in np.arange(0.5, 0.99, 0.05):
                asked = mine & (sure >= least)
                count = int(asked.sum())
                if count < SAID:
                    break
                precision = float(right[asked].mean())
                if precision >= SUGGESTS:
                    found[name] = Limits(round(float(least), 2), None, round(precision, 4), count)
                    break
        return found

    def head(
        self, moved: Matrix, limits: Mapping[str, Limits], version: int, untold: Sequence[str]
    ) -> Head:
        """The moved weights as a head; ``untold`` kinds are left out of it."""
        model, kept = self.base, [name for name in self.touched if name not in untold]
        columns = [self.touched.index(name) for name in kept]
        change = (moved / self.scale[:, None])[:, columns] * model.temperature
        weights = np.vstack([each.out for each in model.networks]) / len(model.networks)
        bias = np.mean([each.out_bias for each in model.networks], axis=0)
        known = [name in model.labels for name in kept]
        places = [model.labels.index(name) for name in kept if name in model.labels]
        change[:-1, known] += weights[:, places]
        change[-1, known] += bias[places]
        change[-1, np.logical_not(known)] += UNHEARD_OF * model.temperature
        change[:-1] *= len(model.networks)  # the networks' answers are averaged
        return Head(
            model.fingerprint,
            version,
            tuple(kept),
            np.asarray(change[:-1], np.float32),
            np.asarray(change[-1], np.float32),
            limits,
        )


def _new_kinds(base: Model, examples: Examples) -> Sequence[str]:
    """Kinds that the model does not have and that enough columns were confirmed to hold."""
    columns: Counter[str] = Counter()
    names: dict[str, set[str]] = {}
    for confirmed, group in zip(examples.confirmed, examples.groups, strict=True):
        for label in confirmed - set(base.labels):
            columns[label] += 1
            names.setdefault(label, set()).add(group)
    enough = [n for n in columns if columns[n] >= NEW_COLUMNS and len(names[n]) >= NEW_NAMES]
    return sorted(enough)


def _allowed(
    labels: Sequence[str], confirmed: frozenset[str], rejected: frozenset[str]
) -> list[bool]:
    """Which labels may be the answer: those confirmed, or all but those rejected."""
    if confirmed & set(labels):
        return [label in confirmed for label in labels]
    return [label not in rejected for label in labels]


def _tested(frozen: Frozen) -> Flags:
    """The frozen rows that are tested on: those of every other source; the rest is replayed."""
    return np.array([crc32(source.encode()) % 2 == 0 for source in frozen.sources], np.bool_)


def _suggested(shares: Matrix, limits: Sequence[Limits | None], none: int) -> Places:
    """The likeliest label of each row, or ``none`` where it is not sure enough to be suggested."""
    least = np.array([2.0 if each is None else each.suggests_from for each in limits])
    best = shares.argmax(axis=1)
    return np.where(shares.max(axis=1) >= least[best], best, none)


def _gate(lesson: _Lesson, before: Flags, after: Flags, model: Model, frozen: Frozen) -> Gate:
    """Whether the model is better on decisions held out, and no worse on frozen columns."""
    change = after.astype(int) - before.astype(int)
    by_name: Counter[str] = Counter()
    for group, each, asked in zip(lesson.groups, change, lesson.asked, strict=True):
        by_name[group] += int(each) * bool(asked)
    tested = _tested(frozen)
    labels = np.array(frozen.labels)[tested]

    def right(asked: Model) -> int:
        limits = [asked.limits.get(name) for name in asked.labels]
        shares = asked.probabilities(frozen.features[tested])
        best = _suggested(shares, limits, list(asked.labels).index(NONE))
        return int((np.array(asked.labels)[best] == labels).sum())

    better = sum(each > 0 for each in by_name.values())
    worse = sum(each < 0 for each in by_name.values())
    gate = Gate(better, worse, right(lesson.base), right(model))
    if gate.frozen_after < gate.frozen_before:
        gate.reasons.append(
            f"Of {len(labels)} frozen columns it knows {gate.frozen_after}, the shipped model"
            f" {gate.frozen_before}."
        )
    if gate.chance > SIGNIFICANT:
        gate.reasons.append(
            f"On decisions that it did not learn from it is better for {better} column names and"
            f" worse for {worse}; that may be chance."
            if better or worse
            else "On decisions that it did not learn from it says what the shipped model says."
        )
    return gate
