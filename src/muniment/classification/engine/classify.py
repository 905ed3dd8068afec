"""The verdict on a table: labels per column with their evidence, from settled states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muniment.classification.engine.detectors import FORM, PART, PLAIN, SURE, Detectors, key_of
from muniment.classification.engine.evaluate import GUARD, MATCH
from muniment.classification.engine.header import (
    NOTHING,
    HeaderEvidence,
    normalised,
    read_context,
)
from muniment.classification.engine.sample import CHECKED
from muniment.classification.engine.score import (
    ColumnFacts,
    Matched,
    Score,
    Tally,
    score,
)
from muniment.classification.engine.state import ColumnState, MarkedValues
from muniment.classification.engine.vectors import VECTOR
from muniment.classification.model import EFFECTIVE_FROM, Classifier, Found, probability
from muniment.kernel.values import JsonValue, Tier

OVERLAP = 0.5
"""A second label must match at least this share of values that the first does not."""
AMBIGUOUS = 1.5
"""Log-odds within which two readings of the same values are as good as one another."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one column holds, with what is needed to find its look-alikes."""

    column: str
    kind: str
    rows: int
    nulls: int
    distinct: int
    tested: int
    header: str
    signature: str
    labels: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    classifier: Classifier
    score: Score
    matched: Matched
    header: HeaderEvidence
    hits: npt.NDArray[np.bool_]


class Counter:
    """Counts marks over the values that stand for something."""

    def __init__(self, marked: MarkedValues) -> None:
        self.marked = marked
        self.real = ~marked.flags("f|nullish")
        self.head = np.arange(len(marked.hashes)) < CHECKED

    def flags(self, key: str, *, slow: bool) -> npt.NDArray[np.bool_]:
        flags = self.marked.flags(key) & self.real
        return flags & self.head if slow else flags

    def any_of(self, keys: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which values carry at least one of the marks."""
        found = np.zeros(len(self.marked.hashes), np.bool_)
        for key in keys:
            found |= self.flags(key, slow=False)
        return found

    def tally(self, flags: npt.NDArray[np.bool_]) -> Tally:
        return Tally(int(flags.sum()), int(self.marked.counts[flags].sum()))


def judge(
    columns: Sequence[ColumnState],
    table: str,
    detectors: Detectors,
    *,
    min_confidence: float = 0.5,
    siblings: Sequence[str] | None = None,
) -> list[Verdict]:
    """Label every column of a table. ``siblings`` are all column names, those not read included."""
    names = list(siblings) if siblings is not None else [c.name for c in columns]
    place = _Place(table, names, detectors, min_confidence)
    first = [_judge_column(c, place, 0) for c in columns]
    personal = {v.column for v in first if any(_tells_of_people(x) for x in v.labels)}
    if not personal:
        return first
    return [_judge_column(c, place, len(personal - {c.name})) for c in columns]


def _tells_of_people(found: Found) -> bool:
    sure = found.confidence >= EFFECTIVE_FROM
    return sure and found.personal and found.category in ("contact", "personal", "government_id")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where columns stand: the table, all its column names, what is looked for and from when on."""

    table: str
    names: Sequence[str]
    detectors: Detectors
    least: float


def _judge_column(column: ColumnState, place: _Place, beside: int) -> Verdict:
    detectors = place.detectors
    counter = Counter(column.marked)
    facts = _facts(column, counter)
    headers = detectors.headers(column.name)
    candidates: list[_Candidate] = []
    others = [name for name in place.names if name != column.name][:60]
    keys = column.marked.names()
    matched_names = {key.split("|", 1)[0] for key in keys}
    spread = {c.id for c in detectors.classifiers.values() if c.distribution}
    for name in sorted({*headers, *matched_names, *spread} & set(detectors.classifiers)):
        classifier = detectors.classifiers[name]
        header = headers.get(name, NOTHING)
        around = _around(classifier, place.table, others)
        candidate = _candidate(classifier, facts, counter, header, (*around, beside))
        if candidate is not None:
            candidates.append(candidate)
    labels = _settle(candidates, facts, column.marked, place.least)
    return Verdict(
        column=column.name,
        kind=column.kind.value,
        rows=column.rows,
        nulls=column.nulls,
        distinct=column.distinct,
        tested=facts.tested.distinct,
        header=normalised(column.name),
        signature=_signature(column),
        labels=tuple(labels),
    )


def _around(
    classifier: Classifier, table: str, others: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The context words that speak for and against, in the table's name and beside the column."""
    return (
        read_context(table, others, classifier.context),
        read_context(table, (), classifier.context_never),
    )


def _facts(column: ColumnState, counter: Counter) -> ColumnFacts:
    tested = counter.tally(counter.real)
    features = {
        key: counter.tally(counter.flags(key, slow=False)).distinct / max(tested.distinct, 1)
        for key in column.marked.names()
        if key.startswith("f|")
    }
    return ColumnFacts(
        name=column.name,
        kind=column.kind,
        rows=column.rows,
        distinct=column.distinct,
        tested=tested,
        checked=counter.tally(counter.real & counter.head),
        features=features,
    )


def _candidate(
    classifier: Classifier,
    facts: ColumnFacts,
    counter: Counter,
    header: HeaderEvidence,
    context: tuple[tuple[str, ...], tuple[str, ...], int],
) -> _Candidate | None:
    slow_check = classifier.validator is not None and classifier.validator not in VECTOR
    slow = slow_check or bool(classifier.dictionary or classifier.words)

    def flags(mark: str, *, head: bool = slow) -> npt.NDArray[np.bool_]:
        return counter.flags(key_of(classifier.id, mark), slow=head)

    sure = flags(SURE)
    plain = flags(PLAIN)
    hits = flags(MATCH) | sure | plain
    form = flags(FORM, head=False)
    matched = Matched(
        base=counter.tally(hits),
        sure=counter.tally(sure),
        plain=counter.tally(plain & ~flags(MATCH) & ~sure),
        form=counter.tally(form),
        form_checked=counter.tally(form & counter.head if slow else form),
        part=counter.tally(flags(PART, head=False)),
        outside=counter.tally(flags(GUARD, head=True)),
        slow=slow,
    )
    around, never, beside = context
    verdict = score(classifier, facts, matched, header, around, never, beside)
    if verdict is None:
        return None
    whole = verdict.mode in ("values", "distribution")
    return _Candidate(classifier, verdict, matched, header, hits if whole else np.zeros_like(hits))


def _settle(
    candidates: Sequence[_Candidate], facts: ColumnFacts, marked: MarkedValues, least: float
) -> list[Found]:
    """Keep the best reading of the same values; say which others were as good."""
    ranked = sorted(candidates, key=lambda c: (-c.score.odds, c.classifier.id))
    kept: list[tuple[_Candidate, list[_Candidate]]] = []
    for candidate in ranked:
        if candidate.score.confidence < least:
            break
        rival = next((k for k in kept if _same_values(k[0], candidate)), None)
        if rival is None:
            kept.append((candidate, []))
        else:
            rival[1].append(candidate)
    return [
        _found(best, rivals, facts, marked) for best, rivals in kept if _enough(best, rivals, least)
    ]


def _same_values(kept: _Candidate, other: _Candidate) -> bool:
    if other.score.mode == "inside_text":
        return kept.classifier.id == other.classifier.id
    if kept.score.mode == "inside_text":
        return False
    if not kept.hits.any() or not other.hits.any():
        return True
    alone = int((other.hits & ~kept.hits).sum())
    return alone < OVERLAP * int(other.hits.sum())


def _close(best: _Candidate, rivals: Sequence[_Candidate]) -> list[_Candidate]:
    return [r for r in rivals if best.score.odds - r.score.odds < AMBIGUOUS]


def _odds(best: _Candidate, rivals: Sequence[_Candidate]) -> float:
    """The log-odds after readings that are as good have taken their part."""
    close = _close(best, rivals)
    if not close or best.header.strong:
        return best.score.odds
    return best.score.odds - min(0.6 * len(close), 1.8)


def _enough(best: _Candidate, rivals: Sequence[_Candidate], least: float) -> bool:
    return probability(_odds(best, rivals)) >= least


def _found(
    best: _Candidate, rivals: Sequence[_Candidate], facts: ColumnFacts, marked: MarkedValues
) -> Found:
    classifier = best.classifier
    odds = _odds(best, rivals)
    lost = odds - best.score.odds
    confidence = round(min(probability(odds), 0.995), 4)
    evidence = _evidence(best, facts, marked)
    if lost:
        evidence["odds"] = {**_rounded(best.score.parts), "ambiguity": round(lost, 2)}
    close = _close(best, rivals)
    if close:
        evidence["ambiguous_with"] = [r.classifier.id for r in close]
    return Found(
        column=facts.name,
        label=classifier.id,
        title=classifier.title,
        category=classifier.category,
        sensitivity=classifier.sensitivity,
        personal=classifier.personal,
        special=classifier.special,
        tier=Tier.RULE,
        confidence=confidence,
        version=classifier.version,
        evidence=evidence,
    )


def _rounded(parts: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in parts.items()}


def _evidence(best: _Candidate, facts: ColumnFacts, marked: MarkedValues) -> dict[str, JsonValue]:
    classifier, matched, verdict = best.classifier, best.matched, best.score
    tested = facts.checked if matched.slow else facts.tested
    hits = matched.part if verdict.mode == "inside_text" else matched.base
    if verdict.mode == "inside_text":
        tested = facts.tested
    evidence: dict[str, JsonValue] = {
        "classifier": classifier.id,
        "version": classifier.version,
        "mode": verdict.mode,
        "matched": hits.distinct,
        "tested": tested.distinct,
        "matched_rows": hits.rows,
        "tested_rows": tested.rows,
        "share": round(verdict.share, 4),
        "wilson_low": round(verdict.wilson, 4),
        "header": list(best.header.words),
        "against": list(verdict.against),
        "odds": _rounded(verdict.parts),
        "examples": _examples(best, marked),
    }
    if matched.form_checked.distinct and classifier.validator:
        evidence["validator"] = classifier.validator
        evidence["validator_pass"] = round(matched.base.distinct / matched.form_checked.distinct, 4)
    return evidence


def _examples(best: _Candidate, marked: MarkedValues) -> list[str]:
    """A few masked values that match; of secrets only that they are there."""
    if best.classifier.category == "secret" or not len(marked.hashes):
        return []
    last = int(marked.hashes[min(CHECKED, len(marked.hashes)) - 1])
    marks = (PART,) if best.score.mode == "inside_text" else (SURE, MATCH, PLAIN)
    seen = {
        pair
        for mark in marks
        for pair in marked.examples.get(key_of(best.classifier.id, mark), [])
        if pair[0] <= last
    }
    shapes = list(dict.fromkeys(shape for _, shape in sorted(seen)))
    return shapes[:3]


def _signature(column: ColumnState) -> str:
    """The commonest masked shapes: columns that share them look alike."""
    counted: dict[str, int] = {}
    for shape in column.marked.shapes:
        counted[shape] = counted.get(shape, 0) + 1
    top = sorted(counted, key=lambda s: (-counted[s], s))[:1]
    return "|".join([column.kind.value, *top])
