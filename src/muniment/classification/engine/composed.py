"""Labels made of other labels: of the same column, and of the columns beside it."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from muniment.classification.model import Classifier, Composition, Found
from muniment.kernel.values import JsonObject, JsonValue, Tier

Labels = tuple[Found, ...]


def with_composed(
    told: Sequence[Labels],
    columns: Sequence[str],
    order: Sequence[str],
    classifiers: Mapping[str, Classifier],
    least: float,
) -> list[Labels]:
    """The labels of each column, and those that classifiers compose of them.

    ``columns`` are named in the order of ``told``; ``order`` are all columns of the table as they
    stand, by which distances count. A composed label is as sure as the least sure one it needs.
    """
    composed = [c for c in classifiers.values() if c.compose is not None]
    if not composed:
        return list(told)
    at = {name: place for place, name in enumerate(order)}
    places = [at.get(name, at.get(name.partition(".$")[0], -1)) for name in columns]
    table = _Table(told, columns, places)
    found: list[Labels] = []
    for own, labels in enumerate(told):
        made = (table.compose(own, each, least) for each in composed)
        found.append((*labels, *(label for label in made if label is not None)))
    return found


class _Table:
    """The labels of a table's columns before any are composed, so that order does not matter."""

    def __init__(
        self, told: Sequence[Labels], columns: Sequence[str], places: Sequence[int]
    ) -> None:
        self.told, self.columns, self.places = told, columns, places

    def compose(self, own: int, classifier: Classifier, least: float) -> Found | None:
        """The label on one column; None where something it needs is missing."""
        rule = classifier.compose
        if rule is None or any(self._own(own, pattern) for pattern in rule.none_of):
            return None
        beside = self._beside(own, rule)
        needed = [self._own(own, pattern) for pattern in rule.all_of]
        needed += [beside.get(pattern) for pattern in rule.beside_all]
        if rule.any_of:
            needed.append(_surest([self._own(own, pattern) for pattern in rule.any_of]))
        if rule.beside_any:
            needed.append(_surest([beside.get(pattern) for pattern in rule.beside_any]))
        rests_on = [each for each in needed if each is not None]
        if len(rests_on) < len(needed) or not needed:
            return None
        sure = min(each.confidence for each in rests_on)
        return _label(classifier, self.columns[own], rests_on, sure) if sure >= least else None

    def _own(self, own: int, pattern: str) -> Found | None:
        return _surest([f for f in self.told[own] if fnmatchcase(f.label, pattern)])

    def _beside(self, own: int, rule: Composition) -> dict[str, Found | None]:
        """By pattern, the surest label of another column that stands near enough."""
        patterns = (*rule.beside_all, *rule.beside_any)
        if not patterns:
            return {}
        near = [
            found
            for other, labels in enumerate(self.told)
            if other != own and self._is_near(own, other, rule.within)
            for found in labels
        ]
        return {p: _surest([f for f in near if fnmatchcase(f.label, p)]) for p in patterns}

    def _is_near(self, own: int, other: int, within: int | None) -> bool:
        if within is None:
            return True
        a, b = self.places[own], self.places[other]
        return a >= 0 and b >= 0 and abs(a - b) <= within


def _surest(found: Sequence[Found | None]) -> Found | None:
    known = [each for each in found if each is not None]
    return max(known, key=lambda each: (each.confidence, each.label, each.column), default=None)


def _label(classifier: Classifier, column: str, rests_on: Sequence[Found], sure: float) -> Found:
    parts: list[JsonValue] = [
        {"column": each.column, "label": each.label, "confidence": each.confidence}
        for each in rests_on
    ]
    evidence: JsonObject = {
        "classifier": classifier.id,
        "version": classifier.version,
        "mode": "composed",
        "rests_on": parts,
    }
    return Found.of(classifier, column, Tier.RULE, sure, evidence)
