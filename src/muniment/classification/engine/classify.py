"""The verdict on a table: labels per column with their evidence, from settled states."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from muniment.classification.engine.calibration import as_measured
from muniment.classification.engine.composed import with_composed
from muniment.classification.engine.detectors import (
    FORM,
    PART,
    PLAIN,
    SURE,
    Detectors,
    depth_of,
    key_of,
)
from muniment.classification.engine.evaluate import ALLOWED, GUARD, MATCH, READ
from muniment.classification.engine.header import (
    NOTHING,
    HeaderEvidence,
    normalised,
    read_context,
)
from muniment.classification.engine.model.combine import with_model
from muniment.classification.engine.model.network import Model
from muniment.classification.engine.rare import Find
from muniment.classification.engine.sample import CHECKED, KEPT
from muniment.classification.engine.score import (
    PRIOR,
    ColumnFacts,
    Matched,
    Score,
    Tally,
    beside_rivals,
    score,
)
from muniment.classification.engine.state import ColumnState, MarkedValues
from muniment.classification.engine.text.inside import LABELS
from muniment.classification.engine.texts import Flags, Places
from muniment.classification.model import EFFECTIVE_FROM, Classifier, Found, probability
from muniment.kernel.values import JsonValue, Tier

References = Mapping[str, Mapping[str, float]]
"""For columns that point to other ones: the labels there, with how sure they are."""
OVERLAP = 0.5
"""A second label must match at least this share of values that the first does not."""
AMBIGUOUS = 1.5
"""Log-odds within which two readings of the same values are as good as one another."""


RULES, MODEL = "rule", "model"
TIERS = frozenset({RULES, MODEL})
INHERITED = 6.0
"""Log-odds that a sure label of the column which a foreign key points to is worth."""


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
    marks: Mapping[str, float] = field(default_factory=dict)
    """Share of the different values looked at that carry each mark."""
    rare: tuple[Find, ...] = ()
    """What single values hold in a column that is of something else."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    classifier: Classifier
    score: Score
    matched: Matched
    header: HeaderEvidence
    hits: Flags
    """Which signatures carry a hit."""
    depth: int


class Counter:
    """Counts marks over the values that stand for something.

    Values with equal marks share a signature, so all is counted by signature. Flags say which
    signatures are meant, and ``depth`` how many of the values, the first by hash, are counted.
    """

    def __init__(self, marked: MarkedValues) -> None:
        self.marked = marked
        self._mine: dict[str, Flags] = {}
        self._weights: dict[int, tuple[Places, Places]] = {}
        places: dict[str, list[int]] = {}
        for place, signature in enumerate(marked.signatures):
            for key in signature:
                places.setdefault(key, []).append(place)
        self._places = places
        self.real = ~self._carrying("f|nullish")

    def _carrying(self, key: str) -> Flags:
        flags = np.zeros(len(self.marked.signatures), dtype=np.bool_)
        flags[self._places.get(key, [])] = True
        return flags

    def flags(self, key: str) -> Flags:
        """The signatures with a mark."""
        if key not in self._mine:
            self._mine[key] = self._carrying(key) & self.real
        return self._mine[key]

    def any_of(self, keys: Sequence[str]) -> Flags:
        """The signatures with at least one of the marks."""
        found = np.zeros(len(self.marked.signatures), np.bool_)
        for key in keys:
            found |= self.flags(key)
        return found

    def said(self) -> Iterable[str]:
        """All marks that any value carries."""
        return self._places.keys()

    def tally(self, flags: Flags, depth: int = KEPT) -> Tally:
        """Different values and rows with the signatures."""
        if depth not in self._weights:
            which, size = self.marked.which[:depth], len(self.marked.signatures)
            rows = np.bincount(which, self.marked.counts[:depth], size).astype(np.int64)
            self._weights[depth] = np.bincount(which, minlength=size), rows
        distinct, rows = self._weights[depth]
        return Tally(int(distinct[flags].sum()), int(rows[flags].sum()))


def judge(
    columns: Sequence[ColumnState],
    table: str,
    detectors: Detectors,
    *,
    min_confidence: float = 0.5,
    siblings: Sequence[str] | None = None,
    headers: bool = True,
    tiers: Iterable[str] = TIERS,
    references: References | None = None,
    model: Model | None = None,
) -> list[Verdict]:
    """Label every column of a table. ``siblings`` are all column names, those not read included.

    Without ``headers`` neither names of columns nor that of the table are used. ``references`` are
    the labels of columns that foreign keys point to. ``model`` is asked in place of the shipped
    one.
    """
    names = list(siblings) if siblings is not None else [c.name for c in columns]
    place = Place(
        table if headers else "",
        names if headers else (),
        detectors,
        min_confidence,
        headers,
        frozenset(tiers),
        references or {},
    )
    verdicts = _by_rules(columns, place)
    told = [verdict.labels for verdict in verdicts]
    if Tier.MODEL in place.tiers:
        told = with_model(
            told, columns, detectors, least=min_confidence, headers=headers, model=model
        )
    measured = [as_measured(labels) for labels in told]
    order = list(siblings) if siblings is not None else [c.name for c in columns]
    composed = with_composed(
        measured, [v.column for v in verdicts], order, detectors.classifiers, min_confidence
    )
    return [replace(v, labels=labels) for v, labels in zip(verdicts, composed, strict=True)]


def _by_rules(columns: Sequence[ColumnState], place: "Place") -> list[Verdict]:
    looked = [_Looked.of(column, place) for column in columns]
    first = [_judge_column(each, place, 0) for each in looked]
    personal = {v.column for v in first if any(_tells_of_people(x) for x in v.labels)}
    if not personal:
        return first
    return [_judge_column(each, place, len(personal - {each.column.name})) for each in looked]


def _tells_of_people(found: Found) -> bool:
    sure = found.confidence >= EFFECTIVE_FROM
    return sure and found.personal and found.category in ("contact", "personal", "government_id")


@dataclass(frozen=True, slots=True)
class Place:
    """Where columns stand: the table, all its column names, what is looked for and from when on."""

    table: str
    names: Sequence[str]
    detectors: Detectors
    least: float
    headers: bool = True
    tiers: frozenset[str] = TIERS
    references: References = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a column shows by itself, counted once."""

    column: ColumnState
    counter: Counter
    facts: ColumnFacts
    headers: Mapping[str, HeaderEvidence]
    around: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """For each classifier in question, the context words for and against it."""

    @classmethod
    def of(cls, column: ColumnState, place: Place) -> "_Looked":
        detectors = place.detectors
        counter = Counter(column.marked)
        headers = detectors.headers(column.name) if place.headers else {}
        named = {key.split("|", 1)[0] for key in counter.said()}
        asked = {*headers, *named, *detectors.spread, *place.references.get(column.name, ())}
        others = [name for name in place.names if name != column.name][:60]
        around = {
            name: (
                read_context(place.table, others, detectors.classifiers[name].context),
                read_context(place.table, (), detectors.classifiers[name].context_never),
            )
            for name in sorted(asked & detectors.classifiers.keys())
        }
        return cls(column, counter, _facts(column, counter), headers, around)


def _judge_column(looked: _Looked, place: Place, beside: int) -> Verdict:
    column, facts = looked.column, looked.facts
    inherited = place.references.get(column.name, {})
    candidates: list[_Candidate] = []
    for name, around in looked.around.items():
        classifier = place.detectors.classifiers[name]
        candidate = _candidate(classifier, looked, (*around, beside), inherited.get(name, 0.0))
        if candidate is not None:
            candidates.append(candidate)
    labels = _settle(candidates, looked, place.least)
    found = {label.label for label in labels}
    return Verdict(
        column=column.name,
        kind=column.kind.value,
        rows=column.rows,
        nulls=column.nulls,
        distinct=column.distinct,
        tested=facts.tested.distinct,
        header=normalised(column.name) if place.headers else "",
        signature=_signature(column),
        labels=tuple(labels),
        marks=_marks(looked.counter, place.detectors),
        rare=tuple(f for f in column.rare.finds(column.rows) if f.label not in found),
    )


def _marks(counter: Counter, detectors: Detectors) -> dict[str, float]:
    """Share of the different values with each mark, of those that its detector looked at."""
    shares: dict[str, float] = {}
    for key in sorted(counter.said()):
        classifier = detectors.classifiers.get(key.split("|", 1)[0])
        inside = key.endswith(f"|{PART}")
        depth = KEPT if classifier is None or inside else depth_of(classifier)
        tested = counter.tally(counter.real, depth).distinct
        shares[key] = round(counter.tally(counter.flags(key), depth).distinct / max(tested, 1), 4)
    return shares


def _facts(column: ColumnState, counter: Counter) -> ColumnFacts:
    tested = counter.tally(counter.real)
    features = {
        key: counter.tally(counter.flags(key)).distinct / max(tested.distinct, 1)
        for key in counter.said()
        if key.startswith("f|")
    }
    return ColumnFacts(
        name=column.name,
        kind=column.kind,
        rows=column.rows,
        distinct=column.distinct,
        tested=tested,
        checked=counter.tally(counter.real, CHECKED),
        features=features,
    )


def _candidate(
    classifier: Classifier,
    looked: _Looked,
    context: tuple[tuple[str, ...], tuple[str, ...], int],
    inherited: float,
) -> _Candidate | None:
    counter, depth = looked.counter, depth_of(classifier)
    header = looked.headers.get(classifier.id, NOTHING)

    def flags(mark: str) -> Flags:
        return counter.flags(key_of(classifier.id, mark))

    sure, plain = flags(SURE), flags(PLAIN)
    hits = flags(MATCH) | sure | plain
    form = counter.tally(flags(FORM), depth)
    matched = Matched(
        base=counter.tally(hits, depth),
        sure=counter.tally(sure, depth),
        plain=counter.tally(plain & ~flags(MATCH) & ~sure, depth),
        form=form,
        form_checked=form,
        part=counter.tally(flags(PART)),
        read=counter.tally(counter.flags(READ)) if classifier.id in LABELS else Tally(),
        outside=counter.tally(flags(GUARD), CHECKED),
        slow=depth < KEPT,
    )
    facts = replace(looked.facts, checked=counter.tally(counter.real, depth))
    around, never, beside = context
    verdict = score(classifier, facts, matched, header, around, never, beside)
    if inherited:
        verdict = _with_inherited(verdict, inherited)
    if verdict is None:
        return None
    whole = verdict.mode in ("values", "distribution")
    mine = hits if whole else np.zeros_like(hits)
    return _Candidate(classifier, verdict, matched, header, mine, depth)


def _with_inherited(verdict: Score | None, confidence: float) -> Score:
    """A foreign key holds values of the column it points to: what that one holds, it holds."""
    bonus = INHERITED * confidence
    if verdict is None:
        return Score(PRIOR + bonus, {"prior": PRIOR, "foreign_key": bonus}, (), "foreign_key")
    parts = {**verdict.parts, "foreign_key": bonus}
    return replace(verdict, odds=verdict.odds + bonus, parts=parts)


def _settle(candidates: Sequence[_Candidate], looked: _Looked, least: float) -> list[Found]:
    """Keep the best reading of the same values; say which others were as good."""
    ranked = sorted(candidates, key=lambda c: (-c.score.odds, c.classifier.id))
    kept: list[tuple[_Candidate, list[_Candidate]]] = []
    for candidate in ranked:
        if candidate.score.confidence < least:
            break
        if candidate.score.mode == "inside_text" and any(_owns(best) for best, _ in kept):
            continue
        rival = next((k for k in kept if _same_values(k[0], candidate, looked.counter)), None)
        if rival is None:
            kept.append((candidate, []))
        else:
            rival[1].append(candidate)
    return [_found(best, rivals, looked) for best, rivals in kept if _enough(best, rivals, least)]


def _owns(kept: _Candidate) -> bool:
    """Whether the whole values are something so surely that what looks like parts is chance."""
    return kept.score.mode == "values" and kept.score.confidence >= EFFECTIVE_FROM


def _same_values(kept: _Candidate, other: _Candidate, counter: Counter) -> bool:
    if other.score.mode == "inside_text":
        return kept.classifier.id == other.classifier.id
    if kept.score.mode == "inside_text":
        return False
    if not kept.hits.any() or not other.hits.any():
        return True
    both = min(kept.depth, other.depth)  # further on one of them has not looked
    alone = counter.tally(other.hits & ~kept.hits, both).distinct
    return alone < OVERLAP * max(counter.tally(other.hits, both).distinct, 1)


def _close(best: _Candidate, rivals: Sequence[_Candidate]) -> list[_Candidate]:
    return [r for r in rivals if best.score.odds - r.score.odds < AMBIGUOUS]


def _odds(best: _Candidate, rivals: Sequence[_Candidate]) -> float:
    """The log-odds after readings of the same values have taken their part."""
    return beside_rivals(best.score.odds, [each.score.odds for each in rivals])


def _enough(best: _Candidate, rivals: Sequence[_Candidate], least: float) -> bool:
    return probability(_odds(best, rivals)) >= least


def _found(best: _Candidate, rivals: Sequence[_Candidate], looked: _Looked) -> Found:
    classifier = best.classifier
    odds = _odds(best, rivals)
    lost = odds - best.score.odds
    confidence = round(min(probability(odds), 0.995), 4)
    evidence = _evidence(best, looked)
    if lost:
        evidence["odds"] = {**_rounded(best.score.parts), "ambiguity": round(lost, 2)}
    close = _close(best, rivals)
    if close:
        evidence["ambiguous_with"] = [r.classifier.id for r in close]
        evidence["against"] = [*best.score.against, _as_good(close)]
    return Found.of(classifier, looked.facts.name, Tier.RULE, confidence, evidence)


def _as_good(close: Sequence[_Candidate]) -> str:
    titles = [each.classifier.title for each in close[:3]]
    more = f" and {len(close) - 3} others" if len(close) > 3 else ""
    return f"the values are as good for {', '.join(titles)}{more}"


def _rounded(parts: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in parts.items()}


def _evidence(best: _Candidate, looked: _Looked) -> dict[str, JsonValue]:
    classifier, matched, verdict = best.classifier, best.matched, best.score
    inside = verdict.mode == "inside_text"
    hits = matched.part if inside else matched.base
    tested = looked.counter.tally(looked.counter.real, KEPT if inside else best.depth)
    if inside and matched.read.distinct:
        tested = matched.read
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
        "examples": _examples(best, looked.column.marked),
    }
    allowed = looked.counter.tally(looked.counter.flags(key_of(classifier.id, ALLOWED)))
    if allowed.distinct:
        evidence["allowed"] = allowed.distinct
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
