"""Which labels columns inherit from the columns they are copied from: a pure decision."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias
from uuid import UUID

from muniment.classification.labelling import look_alike
from muniment.kernel.values import LabelState, Sensitivity, Tier

Place: TypeAlias = tuple[str, str]
"""The asset, as text, and the column."""

EVERY_COLUMN = "*"
PSEUDONYM = "privacy.pseudonym"
"""The label of what was hashed, encrypted or masked; no classifier finds it in values."""


class Way(IntEnum):
    """How values come from one column to another; of several ways the first counts."""

    SAME = 0
    KEY = 1
    """A foreign key holds values of the column that it leads to."""
    CHANGED = 2
    """Written otherwise, or put together with others, and still there."""
    HIDDEN = 3
    """Hashed, encrypted or masked."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A column made of the values of another one."""

    source: Place
    target: Place
    way: Way = Way.SAME


@dataclass(frozen=True, slots=True, order=True)
class Meaning:
    """What a label says of any column; an inherited one says the same, unless it is hidden."""

    title: str
    category: str
    sensitivity: Sensitivity
    personal: bool
    special: bool
    version: int
    header: str
    signature: str
    look_alike: str

    @property
    def hidden(self) -> "Meaning":
        """What is left of it where values were hashed, encrypted or masked.

        They still stand for a person (GDPR, recital 26), a level less sensitive than in clear.
        """
        return Meaning(
            title="Pseudonym of personal data",
            category=self.category,
            sensitivity=Sensitivity(max(self.sensitivity - 1, Sensitivity.INTERNAL)),
            personal=True,
            special=self.special,
            version=self.version,
            header=self.header,
            signature=self.signature,
            look_alike=look_alike(PSEUDONYM, self.header, self.signature),
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A label as it is stored."""

    id: UUID
    place: Place
    label: str
    state: LabelState
    tier: Tier
    confidence: float
    decided: bool
    present: bool
    meaning: Meaning
    source: Place | None = None
    """Where it was inherited from."""

    @property
    def follows(self) -> bool:
        """Inherited, and nobody has decided about it here: it follows where it comes from."""
        return self.tier is Tier.LINEAGE and not self.decided


@dataclass(frozen=True, slots=True)
class Derived:
    """A label that a column inherits; ``id`` where it is stored already."""

    id: UUID | None
    place: Place
    label: str
    state: LabelState
    confidence: float
    meaning: Meaning
    source: Place
    way: Way = Way.SAME


@dataclass(frozen=True, slots=True)
class Inherited:
    """Labels to write, labels that nothing speaks for any more, and how many stand in all."""

    write: tuple[Derived, ...]
    gone: tuple[Held, ...]
    standing: int


def inherit(copies: Iterable[Copy], held: Sequence[Held], affected: Set[str]) -> Inherited:
    """What the columns of the affected assets inherit.

    What was found or decided on a column itself goes before what it would inherit: a rejected
    label is not inherited, nor passed on. Of several sources the surest is named. A label that
    follows goes when its source goes; one that a person confirmed is theirs and stays.
    """
    stored = {(each.place, each.label): each for each in held}
    derived = _spread(copies, held, affected, stored)
    write = tuple(each for each in derived if _differs(each, stored.get((each.place, each.label))))
    now = {(each.place, each.label) for each in derived}
    gone = tuple(
        each
        for key, each in stored.items()
        if each.follows and each.place[0] in affected and key not in now
    )
    return Inherited(write, gone, len(derived))


def _spread(
    copies: Iterable[Copy],
    held: Sequence[Held],
    affected: Set[str],
    stored: dict[tuple[Place, str], Held],
) -> list[Derived]:
    """Follow the copies from every label that stands by itself, the surest first."""
    targets: dict[Place, dict[Place, Way]] = defaultdict(dict)
    for copy in sorted(copies, key=lambda each: each.way):
        if EVERY_COLUMN not in (copy.source[1], copy.target[1]):
            targets[copy.source].setdefault(copy.target, copy.way)
    ready = [
        (*_order(h.state, h.confidence), 0, h.place, h.label, h.place, Way.SAME, h.meaning)
        for h in held
        if _stands(h, affected) and h.place in targets
    ]
    heapq.heapify(ready)
    derived: dict[tuple[Place, str], Derived] = {}
    while ready:
        unconfirmed, doubt, steps, place, label, source, way, meaning = heapq.heappop(ready)
        key = (place, label)
        if steps:
            before = stored.get(key)
            if key in derived or (before is not None and not before.follows):
                continue
            state = LabelState.SUGGESTED if unconfirmed else LabelState.CONFIRMED
            known = None if before is None else before.id
            derived[key] = Derived(known, place, label, state, -doubt, meaning, source, way)
        for target, on in targets.get(place, {}).items():
            passed = _passed(label, meaning, on)
            if passed is not None and (target, passed[0]) not in derived:
                entry = (unconfirmed, doubt, steps + 1, target, passed[0], place, on, passed[1])
                heapq.heappush(ready, entry)
    return sorted(derived.values(), key=lambda each: (each.place, each.label))


def _passed(label: str, meaning: Meaning, way: Way) -> tuple[str, Meaning] | None:
    """What a label becomes on its way; of hidden values only that they are about people."""
    if way is not Way.HIDDEN or label == PSEUDONYM:
        return label, meaning
    return (PSEUDONYM, meaning.hidden) if meaning.personal else None


def _stands(held: Held, affected: Set[str]) -> bool:
    """Whether a label can be passed on without asking where it comes from itself."""
    if not held.present or held.state is LabelState.REJECTED:
        return False
    return not (held.follows and held.place[0] in affected)


def _order(state: LabelState, confidence: float) -> tuple[bool, float]:
    """What a person confirmed before what is only suggested; then by confidence."""
    return state is not LabelState.CONFIRMED, -confidence


def _differs(derived: Derived, held: Held | None) -> bool:
    if held is None or not held.present:
        return True
    return (derived.state, derived.confidence, derived.meaning, derived.source) != (
        held.state,
        held.confidence,
        held.meaning,
        held.source,
    )
