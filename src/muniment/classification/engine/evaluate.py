"""From distinct values to marks: for each value, which detectors said yes. No value survives."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from muniment.classification.engine.detectors import (
    DEPTHS,
    FORM,
    NEVER,
    PART,
    PLAIN,
    PROVEN,
    SURE,
    Detectors,
    depth_of,
    key_of,
    parts_of,
)
from muniment.classification.engine.exact import on_list
from muniment.classification.engine.looks import looks
from muniment.classification.engine.lookups import fold_all, matches_of
from muniment.classification.engine.patterns import Indices, rust_expression
from muniment.classification.engine.rules import allowed_values, is_allowed, known_words
from muniment.classification.engine.sample import CHECKED, as_text
from muniment.classification.engine.text.inside import LABELS, TEXTS, labels_inside
from muniment.classification.engine.texts import LOWER, UPPER, WIDE, Joined
from muniment.classification.engine.validators import validator
from muniment.classification.engine.vectors import VECTOR, has_sums, may_pass
from muniment.classification.model import Classifier, Kind

Flags = npt.NDArray[np.bool_]
Marks = dict[str, Flags]

MATCH, GUARD, ALLOWED = "m", "g", "a"
READ = "f|read"
"""The texts that were read for names; the share of those with one is of these."""
AROUND = " \t,;:=([\"'"


def evaluate(values: pl.Series, kind: Kind, detectors: Detectors, called: Sequence[str]) -> Marks:
    """Which detectors say yes to which values; ``values`` ascend by hash, ``called`` by the header.

    How many of the values a classifier looks at is ``depth_of`` it.
    """
    joined = Joined(as_text(values))
    head = joined.head(CHECKED)
    marks = looks(joined, kind)
    fitting = [detectors.classifiers[name] for name in called]
    fitting = [c for c in fitting if kind in c.kinds]
    hits = {
        key: places
        for depth in DEPTHS
        for key, places in detectors.at(depth).match(joined.head(depth)).items()
    }
    for classifier in fitting:
        if classifier.needs_header or classifier.plain:
            hits.update(detectors.called(classifier.id).match(head))
    _forms(marks, hits, joined, kind, detectors)
    _look_up(marks, head, kind, joined.count, detectors, fitting)
    _exact(marks, head, kind, joined.count, detectors, fitting)
    _guard(marks, head.series, joined.count, fitting)
    _allow(marks, joined, detectors)
    if kind is Kind.TEXT:
        _inside(marks, joined, detectors)
        _named(marks, head, joined.count, detectors)
    return {key: flags for key, flags in marks.items() if flags.any()}


def value_matches(values: pl.Series, classifier: Classifier, detectors: Detectors) -> list[bool]:
    """Which whole values one classifier takes for its own, whatever a header may say."""
    found: list[bool] = []
    for at in range(0, len(values), PROVEN):
        part = values.slice(at, PROVEN)
        kind = Kind.TEXT if Kind.TEXT in classifier.kinds else min(classifier.kinds)
        marks = evaluate(part, kind, detectors, [classifier.id])
        flags = np.zeros(len(part), dtype=np.bool_)
        for mark in (MATCH, SURE, PLAIN):
            flags |= marks.get(key_of(classifier.id, mark), flags)
        found += flags.tolist()
    return found


def _places(count: int, hits: Indices) -> Flags:
    flags = np.zeros(count, dtype=np.bool_)
    flags[hits] = True
    return flags


def _forms(
    marks: Marks, hits: Mapping[str, Indices], joined: Joined, kind: Kind, detectors: Detectors
) -> None:
    """Turn pattern hits into marks, after what denies them and the validator had their say."""
    gathered: dict[tuple[str, str], list[Indices]] = {}
    for key, places in hits.items():
        name, mark, _ = key.rsplit("|", 2)
        if kind in detectors.classifiers[name].kinds:
            gathered.setdefault((name, mark), []).append(places)
    for (name, mark), parts in gathered.items():
        if mark == NEVER:
            continue
        classifier = detectors.classifiers[name]
        denied = gathered.get((name, NEVER), [])
        places = np.setdiff1d(_all(parts), _all(denied)) if denied else _all(parts)
        places = places[places < depth_of(classifier)]
        good = places if classifier.validator is None else _valid(classifier, joined, places)
        for said, where in ((FORM, places), (mark if mark in (SURE, PLAIN) else MATCH, good)):
            if said == FORM and classifier.validator is None:
                continue
            flags = _places(joined.count, where)
            known = marks.get(key_of(name, said))
            marks[key_of(name, said)] = flags if known is None else known | flags


def _all(parts: Sequence[Indices]) -> Indices:
    return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))


def _valid(classifier: Classifier, joined: Joined, places: Indices) -> Indices:
    """The places of values that the validator accepts."""
    name = classifier.validator or ""
    fast = VECTOR.get(name)
    if fast is not None:
        return places[fast(joined.digits(places))]
    if has_sums(name):
        places = places[may_pass(name, joined.digits(places))]
    rule = validator(name)
    values = joined.series.gather(places).to_list()
    return places[np.fromiter((rule.check(v) for v in values), dtype=np.bool_, count=len(values))]


def _look_up(
    marks: Marks,
    head: Joined,
    kind: Kind,
    count: int,
    detectors: Detectors,
    called: Sequence[Classifier],
) -> None:
    """Words and dictionaries, over the first values."""
    looked_up = {c.id: c for c in detectors.dictionaries(kind)}
    looked_up.update({c.id: c for c in called if c.dictionary})
    words = detectors.words(kind)
    more = [(c.id, known_words(c)) for c in called if c.words and c.needs_header]
    if not (looked_up or words or more):
        return
    plain = fold_all(head.series)
    found: dict[str, list[int]] = {}
    for place, value in enumerate(plain.to_list() if words or more else ()):
        for name in words.get(value, ()):
            found.setdefault(name, []).append(place)
        for name, known in more:
            if value in known:
                found.setdefault(name, []).append(place)
    spelled = np.flatnonzero((head.classes & (UPPER | LOWER | WIDE)) != 0)
    likely = plain.gather(spelled)
    lists = {c.dictionary or "" for c in looked_up.values()} if len(spelled) else ()
    listed_in = matches_of(sorted(lists), likely)
    for name, classifier in looked_up.items() if len(spelled) else ():
        listed = spelled[listed_in[classifier.dictionary or ""]]
        if len(listed):
            found.setdefault(name, []).extend(listed.tolist())
    for name, places in found.items():
        key, flags = key_of(name, MATCH), _places(count, np.array(places, dtype=np.int64))
        marks[key] = marks[key] | flags if key in marks else flags


def _exact(
    marks: Marks,
    head: Joined,
    kind: Kind,
    count: int,
    detectors: Detectors,
    called: Sequence[Classifier],
) -> None:
    """Lists of which only hashes are kept, over the first values."""
    asked = [c for c in detectors.exact if kind in c.kinds]
    asked += [c for c in called if c.exact_match and c.needs_header]
    plain = fold_all(head.series).to_list() if asked else []
    for classifier in asked:
        if classifier.exact_match is not None:
            listed = np.flatnonzero(on_list(classifier.exact_match, plain))
            key, flags = key_of(classifier.id, MATCH), _places(count, listed)
            marks[key] = marks[key] | flags if key in marks else flags


def _allow(marks: Marks, joined: Joined, detectors: Detectors) -> None:
    """Take the values of an allow list out of what its classifier found, and mark them."""
    for classifier in detectors.allowing:
        said = [key_of(classifier.id, m) for m in (FORM, MATCH, SURE, PLAIN)]
        hits = [marks[key] for key in said if key in marks]
        places = np.flatnonzero(np.logical_or.reduce(hits)) if hits else np.empty(0, np.int64)
        if not len(places):
            continue
        plain = fold_all(joined.series.gather(places)).to_list()
        known = allowed_values(classifier)
        allowed = places[np.fromiter((v in known for v in plain), np.bool_, len(plain))]
        for flags in hits:
            flags[allowed] = False
        marks[key_of(classifier.id, ALLOWED)] = _places(joined.count, allowed)


def _guard(marks: Marks, head: pl.Series, count: int, called: Sequence[Classifier]) -> None:
    """Mark the values outside of what the guards of header-called classifiers allow."""
    for classifier in called:
        outside = _outside(classifier)
        if outside is not None:
            flags = np.zeros(count, dtype=np.bool_)
            flags[: len(head)] = np.fromiter(map(outside, head.to_list()), np.bool_, len(head))
            marks[key_of(classifier.id, GUARD)] = flags


def _outside(classifier: Classifier) -> Callable[[str], bool] | None:
    guards = classifier.guards
    least, most = guards.min_length or 0, guards.max_length or 1_000_000
    numeric = guards.lowest is not None or guards.highest is not None
    low = float("-inf") if guards.lowest is None else guards.lowest
    high = float("inf") if guards.highest is None else guards.highest
    if not numeric and guards.min_length is None and guards.max_length is None:
        return None

    def outside(value: str) -> bool:
        if not least <= len(value) <= most:
            return True
        if not numeric:
            return False
        try:
            return not low <= float(value.replace(",", "").strip(" $€£")) <= high
        except ValueError:
            return True

    return outside


def _entities_valid(classifier: Classifier, texts: pl.Series) -> Flags:
    """Which texts hold at least one entity that the validator accepts and no allow list holds."""
    check = None if classifier.validator is None else validator(classifier.validator).check
    good = np.zeros(len(texts), dtype=np.bool_)
    for form in parts_of(classifier):
        entities = texts.str.extract_all(rust_expression(form)).to_list()
        for place, found in enumerate(entities):
            good[place] = good[place] or any(
                (check is None or check(entity)) and not is_allowed(classifier, entity)
                for entity in (each.strip(AROUND) for each in found)
            )
    return good


def _inside(marks: Marks, joined: Joined, detectors: Detectors) -> None:
    """Entities inside longer text, in the values that are text."""
    sentences = np.flatnonzero(marks["f|text"])
    if not len(sentences):
        return
    some = joined.series.gather(sentences)
    seen: dict[str, list[Indices]] = {}
    for key, places in detectors.inside.match(Joined(some)).items():
        seen.setdefault(key.rsplit("|", 2)[0], []).append(places)
    for name, parts in seen.items():
        classifier = detectors.classifiers[name]
        places = _all(parts)
        if classifier.validator is not None or classifier.allowed:
            places = places[_entities_valid(classifier, some.gather(places))]
        if len(places):
            marks[key_of(name, PART)] = _places(joined.count, sentences[places])


def _named(marks: Marks, head: Joined, count: int, detectors: Detectors) -> None:
    """People, addresses and organisations in the first sentences, and which texts were read."""
    wanted = LABELS & detectors.classifiers.keys()
    sentences = np.flatnonzero(marks["f|text"][: head.count])[: 4 * TEXTS]
    if not wanted or not len(sentences):
        return
    inside = labels_inside(head.series.gather(sentences).to_list(), wanted)
    if inside.found:
        marks[READ] = _places(count, sentences[list(inside.looked)])
    for name, places in inside.found.items():
        marks[key_of(name, PART)] = _places(count, sentences[list(places)])
