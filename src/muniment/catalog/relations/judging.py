"""How sure a reference is: what the values say and what the names say, weighed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp, log
from typing import Final

from muniment.catalog.relations.model import Join, KnownColumn
from muniment.catalog.relations.names import evidence, within
from muniment.kernel.refs import AssetRef

TOLD: Final = 0.15
CONTAINED: Final = 0.8
"""Columns with a smaller share of their values in a key do not refer to it."""
_FEW: Final = 10
_EVERYTHING: Final = 0.999
_NEARLY: Final = 0.95
_FEW_KEYS: Final = 3
_COVERED: Final = 0.5
_WEIGHTS: Final[Mapping[str, float]] = {
    "bias": -4.0,
    "names": 5.5,
    "all values": 1.5,
    "nearly all values": 1.0,
    "most of the key used": 0.5,
    "only this key": 2.0,
    "few keys": 1.0,
    "same table": 0.5,
    "is a primary key itself": -3.0,
    "is unique itself": -1.0,
    "few values": -0.5,
    "too few values compared": -2.0,
    "another source": -1.0,
    "another schema": -0.25,
    "a better one": -2.0,
}
"""Log-odds of each piece of evidence, set on declared keys of known schemas (see the benchmark)."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What comparing two columns told: of ``chosen`` values of one, ``common`` are in the other.

    ``of_key`` values of the key were looked at. ``exact``: all values of both sides.
    """

    column: KnownColumn
    key: KnownColumn
    common: int
    chosen: int
    of_key: int
    exact: bool

    @property
    def containment(self) -> float:
        return self.common / self.chosen

    @property
    def error(self) -> float:
        """Half of the 95 % interval of the containment; 0 when it is exact."""
        share = self.containment
        if self.exact:
            return 0.0
        if share in (0.0, 1.0):
            return min(1.0, 3 / self.chosen)  # the rule of three
        return float(1.96 * (share * (1 - share) / self.chosen) ** 0.5)

    @property
    def coverage(self) -> float:
        return self.common / self.of_key if self.of_key else 0.0


def joined(overlap: Overlap, containers: int) -> Join:
    """Weigh one possible reference; ``containers`` keys hold the column's values in all."""
    column, key = overlap.column, overlap.key
    there = _place(key.asset)
    name = evidence(column.bare, there.name, key.bare)
    if column.asset == key.asset:
        name = max(name, within(column.bare))
    pieces = list(_pieces(overlap, containers))
    declared = column.references is not None and column.references == str(
        AssetRef(there.source, (*there.path, key.column))
    )
    odds = _WEIGHTS["bias"] + _WEIGHTS["names"] * name + sum(_WEIGHTS[one] for one in pieces)
    reasons = [f"names fit by {name:.0%}"] if name else ["names do not fit"]
    return Join(
        asset=column.asset,
        column=column.column,
        other=key.asset,
        key=key.column,
        containment=round(overlap.containment, 6),
        containment_error=round(overlap.error, 6),
        coverage=round(overlap.coverage, 6),
        name=round(name, 3),
        confidence=1.0 if declared else round(_probability(odds), 4),
        reasons=(*reasons, *pieces),
        declared=declared,
    )


@lru_cache(maxsize=16_384)
def _place(asset: str) -> AssetRef:
    return AssetRef.parse(asset)


def _pieces(overlap: Overlap, containers: int) -> Iterable[str]:
    yield from _of_values(overlap, containers)
    if overlap.column.primary:
        yield "is a primary key itself"
    elif overlap.column.is_unique:
        yield "is unique itself"
    here, there = _place(overlap.column.asset), _place(overlap.key.asset)
    if here == there:
        yield "same table"
    elif here.source != there.source:
        yield "another source"
    elif here.path[:-1] != there.path[:-1]:
        yield "another schema"


def _of_values(overlap: Overlap, containers: int) -> Iterable[str]:
    if overlap.containment >= _EVERYTHING:
        yield "all values"
    elif overlap.containment >= _NEARLY:
        yield "nearly all values"
    if overlap.chosen < _FEW:
        yield "few values" if overlap.exact else "too few values compared"
    elif containers <= _FEW_KEYS:
        yield "only this key" if containers == 1 else "few keys"
    if overlap.coverage >= _COVERED:
        yield "most of the key used"


def ranked(joins: Iterable[Join]) -> Sequence[Join]:
    """Of one column: the best first, the others less sure for there being a better one."""
    order = sorted(joins, key=lambda one: (-one.confidence, one.other, one.key))
    weighed = [*order[:1], *(_second(one) for one in order[1:])]
    return [one for one in weighed if one.confidence >= TOLD]


def _second(join: Join) -> Join:
    if join.declared:
        return join
    from_odds = _odds(join.confidence) + _WEIGHTS["a better one"]
    return replace(
        join, confidence=round(_probability(from_odds), 4), reasons=(*join.reasons, "a better one")
    )


def _odds(probability: float) -> float:
    held = min(max(probability, 1e-6), 1 - 1e-6)
    return log(held / (1 - held))


def _probability(odds: float) -> float:
    return 1 / (1 + exp(-odds))
