"""Rules and model together: rules win where they are sure, the model settles and fills gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.header import HeaderEvidence, expanded
from muniment.classification.engine.model.company import in_company
from muniment.classification.engine.model.features import Row, shares_of
from muniment.classification.engine.model.network import (
    NONE,
    Limits,
    Matrix,
    Model,
    shipped,
)
from muniment.classification.engine.score import handful
from muniment.classification.engine.state import ColumnState
from muniment.classification.model import (
    EFFECTIVE_FROM,
    Classifier,
    Found,
    Strength,
    log_odds,
    probability,
)
from muniment.kernel.values import JsonValue, Tier

Labels = tuple[Found, ...]

SUGGESTS_AT_MOST: Final = 0.79
"""How sure a label is at most for which the model only suggests."""
SUREST: Final = 0.97
DOUBTS_FROM: Final = 0.97
"""How sure of nothing the model must be to take from what a rule says."""
DOUBT: Final = 1.5
OTHERWISE_NAMED: Final = 0.95
"""How sure the model must be of a column whose name tells of something, but not of this."""
NAMED_ONLY: Final = frozenset(("person.username",))
"""Labels that need a word in the column name: paths, jobs and classes look like logins too."""
SAYS_NOTHING: Final = frozenset(
    (
        *("attr", "attribute", "col", "column", "data", "feature", "field", "info", "item"),
        *("key", "misc", "num", "number", "text", "unnamed", "val", "value", "var", "variable"),
    )
)
WORTH_TELLING: Final = 0.3
"""Log-odds that a group of features must add to be named as a reason."""
GROUPS: Final = {
    "form": "lengths and kinds of characters",
    "pieces": "syllables and words inside the values",
    "spread": "how values repeat",
    "looks": "general looks such as dates, numbers and words",
    "rules": "what rules and word lists found among the values",
    "name": "the column name",
}


def with_model(
    labels: Sequence[Labels],
    columns: Sequence[ColumnState],
    detectors: Detectors,
    *,
    least: float,
    headers: bool,
    model: Model | None = None,
) -> list[Labels]:
    """The labels of the rules, and what the model adds; ``columns`` in the same order.

    A column that rules are sure of, or that has no value, is left as it is.
    """
    asked = model or shipped()
    open_ = [
        at for at, (found, c) in enumerate(zip(labels, columns, strict=True)) if left_open(found, c)
    ]
    told = list(labels)
    if not open_:
        return told
    names = [detectors.headers(columns[at].name) if headers else {} for at in open_]
    rows = np.stack(
        [
            asked.schema.row(columns[at], columns[at].name if headers else "", said)
            for at, said in zip(open_, names, strict=True)
        ]
    )
    shares = in_company(asked.probabilities(rows), asked, open_, labels)
    for at, row, said, likely in zip(open_, rows, names, shares, strict=True):
        view = _View(asked, columns[at], row, likely, said, detectors.classifiers, least)
        told[at] = view.settle(labels[at])
    return told


def says_something(name: str) -> bool:
    """Whether a column name tells of anything: ``c1``, ``col`` and ``value`` do not."""
    words = expanded(name.rsplit(".", 1)[-1])
    return any(len(word) > 2 and word not in SAYS_NOTHING for word in words)


def left_open(labels: Labels, column: ColumnState) -> bool:
    """Whether the rules leave something to say of a column."""
    if not len(column.marked.traits):
        return False
    whole = [found for found in labels if found.evidence.get("mode") != "inside_text"]
    return not whole or (
        whole[0].confidence < EFFECTIVE_FROM or "ambiguous_with" in whole[0].evidence
    )


class _View:
    """What the model says of one column."""

    def __init__(
        self,
        model: Model,
        column: ColumnState,
        row: Row,
        likely: Matrix,
        said: Mapping[str, HeaderEvidence],
        known: Mapping[str, Classifier],
        least: float,
    ) -> None:
        self.model, self.column, self.row = model, column, row
        self.likely, self.said, self.known, self.least = likely, said, known, least
        self.named = bool(row[model.schema.groups["name"]][0]) and says_something(column.name)
        self.ranked = [model.labels[int(at)] for at in np.argsort(-likely)]
        self.best = next(label for label in self.ranked if label != NONE)

    def share(self, label: str) -> float:
        return float(self.likely[self.model.labels.index(label)])

    def settle(self, labels: Labels) -> Labels:
        """The labels of the rules, settled and completed."""
        whole = [found for found in labels if found.evidence.get("mode") != "inside_text"]
        if not whole:
            own = self._own()
            return labels if own is None else (own, *labels)
        first = whole[0]
        agreed = self._agreed(first)
        kept = agreed if agreed is not None else self._doubted(first)
        rest = tuple(found for found in labels if found is not first)
        return rest if kept is None else (kept, *rest)

    def _agreed(self, first: Found) -> Found | None:
        """The label that the rules and the model agree on, or the better one of a tie."""
        rivals = first.evidence.get("ambiguous_with", ())
        tied = {first.label, *(map(str, rivals) if isinstance(rivals, Sequence) else ())}
        likeliest = self.share(self.best)
        if self.best == first.label and likeliest >= 0.5:
            odds = log_odds(first.confidence) + log_odds(likeliest)
            return self._noted(first, min(probability(odds), SUREST))
        own = self._own()
        if own is None:
            return None
        settles = self.best in tied and likeliest >= first.confidence
        return own if settles or own.confidence > first.confidence else None

    def _doubted(self, first: Found) -> Found | None:
        """A rule's label that the model sees nothing in is worth less; None below the least."""
        if (
            first.evidence.get("header")
            or first.label not in self.model.labels
            or self.share(NONE) < DOUBTS_FROM
        ):
            return first
        sure = probability(log_odds(first.confidence) - DOUBT)
        return self._noted(first, sure) if sure >= self.least else None

    def _noted(self, first: Found, sure: float) -> Found:
        """A rule's label with what the model thinks of it."""
        share = round(self.share(first.label), 4)
        thought: JsonValue = {"version": self.model.version, "share": share}
        evidence = {**first.evidence, "model": thought}
        return replace(first, confidence=round(sure, 4), evidence=evidence)

    def _own(self) -> Found | None:
        """The model's own label, where it is sure enough of one that is looked for."""
        limits = self.model.limits.get(self.best)
        classifier = self.known.get(self.best)
        share = self.share(self.best)
        header = self.said.get(self.best)
        if limits is None or classifier is None or share < limits.suggests_from:
            return None
        if _checkable(classifier) or self._hits() < limits.least_hits:
            return None
        if header is None and self.best in NAMED_ONLY:
            return None
        if self.ranked[0] == NONE or (header is not None and header.odds < 0):
            return None
        otherwise = header is None and self.named and self.best not in self.model.new
        if otherwise and share < OTHERWISE_NAMED:
            return None
        seen = self.column.marked.counts
        if header is None and handful(classifier, len(seen), int(seen.sum())):
            return None
        if self.column.kind not in classifier.kinds and not self._as_text(classifier):
            return None
        sure = _sure(share, limits)
        if sure < self.least:
            return None
        evidence = self._evidence(limits, header)
        return Found.of(classifier, self.column.name, Tier.MODEL, round(sure, 4), evidence)

    def _hits(self) -> float:
        """Share of the values that the rule of the best label knows."""
        schema = self.model.schema
        if self.best not in schema.rules:
            return 1.0
        return float(self.row[schema.groups["rules"].start + schema.rules.index(self.best)])

    def _as_text(self, classifier: Classifier) -> bool:
        return self.column.kind.value == "text" and not classifier.by_content

    def _evidence(self, limits: Limits, header: HeaderEvidence | None) -> dict[str, JsonValue]:
        """Why the model says so, in words and log-odds, and what rules came near."""
        parts = self.model.reasons(self.row, self.best)
        telling = sorted(parts, key=lambda name: -parts[name])
        because = [GROUPS[name] for name in telling if parts[name] >= WORTH_TELLING][:3]
        marked = shares_of(self.column.marked)
        near = {
            mark.split("|")[0]: share
            for mark, share in marked.items()
            if mark.endswith(("|m", "|s")) and share >= 0.05
        }
        nearest = sorted(near, key=lambda name: -near[name])[:3]
        hits, tested = marked.get(f"{self.best}|m", 0.0), len(self.column.marked.hashes)
        against = []
        if limits.decides_from is None:
            against.append("the model only suggests labels of this kind")
        return {
            "classifier": self.best,
            "version": self.known[self.best].version,
            "mode": "model",
            "matched": round(hits * tested),
            "tested": tested,
            "share": round(hits, 4),
            "header": list(header.words) if header is not None else [],
            "against": against,
            "because": [f"by {reason}" for reason in because],
            "odds": {name: round(parts[name], 2) for name in telling},
            "model": {
                "version": self.model.version,
                "share": round(self.share(self.best), 4),
                "precision": limits.precision,
                "others": {
                    label: round(self.share(label), 4)
                    for label in self.ranked[:4]
                    if label != self.best and self.share(label) >= 0.01
                },
            },
            "nearest_rules": [{"label": name, "share": round(near[name], 4)} for name in nearest],
            "examples": [],
        }


def _checkable(classifier: Classifier) -> bool:
    """Whether a rule would have known it: what can be checked is not the model's to say."""
    decided = classifier.strength in (Strength.DECISIVE, Strength.STRONG)
    return classifier.validator is not None or (
        decided and bool(classifier.patterns or classifier.sure) and not classifier.dictionary
    )


def _sure(share: float, limits: Limits) -> float:
    """How sure the label is: below being in effect where the model may not decide."""
    decides = limits.decides_from is not None and share >= limits.decides_from
    return min(share, SUREST if decides else SUGGESTS_AT_MOST)
