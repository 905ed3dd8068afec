"""Which labels columns inherit from the columns they are copied from: a pure decision."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from muniment.kernel.values import LabelState, Sensitivity, Tier

Place: TypeAlias = tuple[str, str]
"""The asset, as text, and the column."""

EVERY_COLUMN = "*"


@dataclass(frozen=True, slots=True)
class Copy:
    """A column whose values are those of another one, unchanged; ``by_key`` a foreign key's."""

    source: Place
    target: Place
    by_key: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label says of any column; an inherited one says the same."""

    title: str
    category: str
    sensitivity: Sensitivity
    personal: bool
    special: bool
    version: int
    header: str
    signature: str
    look_alike: str


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
    by_key: bool = False


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
    targets: dict[Place, dict[Place, bool]] = defaultdict(dict)
    for copy in sorted(copies, key=lambda each: each.by_key):
        if EVERY_COLUMN not in (copy.source[1], copy.target[1]):
            targets[copy.source].setdefault(copy.target, copy.by_key)
    ready = [
        (*_order(h.state, h.confidence), 0, h.place, h.label, h.place, False, h.meaning)
        for h in held
        if _stands(h, affected) and h.place in targets
    ]
    heapq.heapify(ready)
    derived: dict[tuple[Place, str], Derived] = {}
    while ready:
        unconfirmed, doubt, steps, place, label, source, by_key, meaning = heapq.heappop(ready)
        key = (place, label)
        if steps:
            before = stored.get(key)
            if key in derived or (before is not None and not before.follows):
                continue
            state = LabelState.SUGGESTED if unconfirmed else LabelState.CONFIRMED
            known = None if before is None else before.id
            derived[key] = Derived(known, place, label, state, -doubt, meaning, source, by_key)
        for target, keyed in targets.get(place, {}).items():
            if (target, label) not in derived:
                entry = (unconfirmed, doubt, steps + 1, target, label, place, keyed, meaning)
                heapq.heappush(ready, entry)
    return sorted(derived.values(), key=lambda each: (each.place, each.label))


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
