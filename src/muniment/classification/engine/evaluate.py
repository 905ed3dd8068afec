"""From distinct values to marks: for each value, which detectors said yes. No value survives."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from muniment.classification.engine.detectors import (
    FORM,
    PART,
    PLAIN,
    SURE,
    Detectors,
    key_of,
    parts_of,
)
from muniment.classification.engine.dictionaries import in_dictionary
from muniment.classification.engine.header import folded
from muniment.classification.engine.patterns import Indices, Joined, rust_expression
from muniment.classification.engine.rules import known_words
from muniment.classification.engine.sample import CHECKED, as_text
from muniment.classification.engine.validators import validator
from muniment.classification.engine.vectors import VECTOR
from muniment.classification.model import Classifier, Kind

Flags = npt.NDArray[np.bool_]
Marks = dict[str, Flags]

MATCH, GUARD = "m", "g"
AROUND = " \t,;:=([\"'"
NULLISH = (
    "", "-", "--", "?", ".", "n/a", "na", "n.a.", "null", "none", "nil", "nan", "unknown",
    "unbekannt",
    "inconnu", "tbd", "xxx", "not available", "not applicable", "missing", "undefined", "(null)",
    "#n/a",
)  # fmt: skip
"""What people write where there is no value."""

FEATURES: Mapping[str, pl.Expr] = {
    "f|nullish": pl.col("v").str.to_lowercase().is_in(NULLISH),
    "f|int": pl.col("v").str.contains(r"^-?[0-9]+(?:\.0)?$"),
    "f|year": pl.col("v").str.contains(r"^(?:19|20)[0-9]{2}(?:\.0)?$"),
    "f|flag": pl.col("v").str.contains(
        r"(?i)^(?:0|1|y|n|yes|no|true|false|t|f|ja|nein|oui|non|si)$"
    ),
    "f|decimal": pl.col("v").str.contains(r"^-?[0-9]*[.,][0-9]+$"),
    "f|wordy": pl.col("v").str.contains(r"^[^0-9@/\\_|<>{}\[\]=+*#:;!?&%$]{2,60}$"),
    "f|text": pl.col("v").str.contains(r"\S+\s+\S+\s+\S+\s+\S+|^[{\[]\s*[\"{\[].{12,}"),
    "f|date": pl.col("v").str.contains(
        r"^(?:(?:18|19|20)[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9]"
        r"|[0-3]?[0-9][-/.][0-3]?[0-9][-/.](?:19|20)?[0-9]{2})(?:[T ].*)?$"
    ),
    "f|early": pl.col("v").str.contains(r"^(?:19[2-5][0-9]-|.*[-/.]19[2-5][0-9]$)"),
    "f|middle": pl.col("v").str.contains(r"^(?:19[67][0-9]-|.*[-/.]19[67][0-9]$)"),
    "f|late": pl.col("v").str.contains(
        r"^(?:(?:19[89][0-9]|200[0-9]|201[0-5])-|.*[-/.](?:19[89][0-9]|200[0-9]|201[0-5])$)"
    ),
    "f|code": pl.col("v").str.contains(r"^[A-Z0-9]+(?:[-_./][A-Z0-9]+)+$"),
}
"""General looks of a value, which guards and counter-evidence are made of."""
LOOKS: Mapping[Kind, tuple[str, ...]] = {
    Kind.INTEGER: ("f|int", "f|year", "f|flag"),
    Kind.DECIMAL: ("f|int", "f|flag", "f|decimal"),
    Kind.DATE: ("f|date", "f|early", "f|middle", "f|late"),
}
"""What numbers and dates can look like; text is looked at in every way."""


def evaluate(values: pl.Series, kind: Kind, detectors: Detectors, called: Sequence[str]) -> Marks:
    """Which detectors say yes to which values; ``values`` ascend by hash, ``called`` by the header.

    The slow detectors look at the first ``CHECKED`` values only.
    """
    text = as_text(values)
    joined = Joined(text)
    marks = _features(text, kind)
    fitting = [detectors.classifiers[name] for name in called]
    fitting = [c for c in fitting if kind in c.kinds]
    hits = dict(detectors.always(kind).match(joined))
    for classifier in fitting:
        if classifier.needs_header or classifier.plain:
            hits.update(detectors.called(classifier.id).match(joined))
    _forms(marks, hits, text, kind, detectors)
    looked_up = {c.id: c for c in detectors.dictionaries(kind)}
    looked_up.update({c.id: c for c in fitting if c.dictionary or c.words})
    _look_up(marks, text, list(looked_up.values()))
    _guard(marks, text, fitting)
    if kind is Kind.TEXT:
        _inside(marks, text, detectors)
    return {key: flags for key, flags in marks.items() if flags.any()}


def value_matches(values: pl.Series, classifier: Classifier, detectors: Detectors) -> list[bool]:
    """Which whole values one classifier takes for its own, whatever a header may say."""
    found: list[bool] = []
    for at in range(0, len(values), CHECKED):
        part = values.slice(at, CHECKED)
        kind = Kind.TEXT if Kind.TEXT in classifier.kinds else min(classifier.kinds)
        marks = evaluate(part, kind, detectors, [classifier.id])
        flags = np.zeros(len(part), dtype=np.bool_)
        for mark in (MATCH, SURE, PLAIN):
            flags |= marks.get(key_of(classifier.id, mark), flags)
        found += flags.tolist()
    return found


def _features(text: pl.Series, kind: Kind) -> Marks:
    """The general looks that values of a kind can have."""
    wanted = LOOKS.get(kind, tuple(FEATURES))
    frame = text.alias("v").to_frame().select(**{name: FEATURES[name] for name in wanted})
    return {name: frame[name].to_numpy() for name in frame.columns}


def _places(count: int, hits: Indices) -> Flags:
    flags = np.zeros(count, dtype=np.bool_)
    flags[hits] = True
    return flags


def _forms(
    marks: Marks, hits: Mapping[str, Indices], text: pl.Series, kind: Kind, detectors: Detectors
) -> None:
    """Turn pattern hits into marks, after the validator has had its say."""
    count = len(text)
    gathered: dict[tuple[str, str], list[Indices]] = {}
    for key, places in hits.items():
        name, mark, _ = key.rsplit("|", 2)
        if kind in detectors.classifiers[name].kinds:
            gathered.setdefault((name, mark), []).append(places)
    for (name, mark), parts in gathered.items():
        classifier = detectors.classifiers[name]
        places = np.unique(np.concatenate(parts))
        good = places if classifier.validator is None else _valid(classifier, text, places)
        for said, where in ((FORM, places), (mark if mark in (SURE, PLAIN) else MATCH, good)):
            if said == FORM and classifier.validator is None:
                continue
            flags = _places(count, where)
            known = marks.get(key_of(name, said))
            marks[key_of(name, said)] = flags if known is None else known | flags


def _valid(classifier: Classifier, text: pl.Series, places: Indices) -> Indices:
    name = classifier.validator or ""
    fast = VECTOR.get(name)
    if fast is not None:
        return places[fast(text.gather(places).to_list())]
    rule = validator(name)
    places = places[places < CHECKED]
    values = text.gather(places).to_list()
    return places[np.fromiter((rule.check(v) for v in values), dtype=np.bool_, count=len(values))]


def _look_up(marks: Marks, text: pl.Series, classifiers: Sequence[Classifier]) -> None:
    """Words and dictionaries, over the values that could be words."""
    if not classifiers:
        return
    head = [folded(value) for value in text.head(CHECKED).to_list()]
    wordy = marks.get("f|wordy", np.zeros(0, dtype=np.bool_))[:CHECKED]
    names = [(int(place), head[int(place)]) for place in np.flatnonzero(wordy)]
    for classifier in classifiers:
        listed = known_words(classifier)
        source = classifier.dictionary
        found = [place for place, value in enumerate(head) if value in listed] if listed else []
        if source is not None:
            found += [place for place, value in names if in_dictionary(source, value)]
        if found:
            flags = _places(len(text), np.array(found, dtype=np.int64))
            key = key_of(classifier.id, MATCH)
            marks[key] = marks[key] | flags if key in marks else flags


def _guard(marks: Marks, text: pl.Series, classifiers: Sequence[Classifier]) -> None:
    """Mark the values outside of what the guards of header-called classifiers allow."""
    head = text.head(CHECKED)
    for classifier in classifiers:
        outside = _outside(classifier)
        if outside is not None:
            flags = np.zeros(len(text), dtype=np.bool_)
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
    """Which texts hold at least one entity that the validator accepts."""
    rule = validator(classifier.validator or "")
    good = np.zeros(len(texts), dtype=np.bool_)
    for form in parts_of(classifier):
        entities = texts.str.extract_all(rust_expression(form)).to_list()
        for place, found in enumerate(entities):
            good[place] = good[place] or any(rule.check(e.strip(AROUND)) for e in found)
    return good


def _inside(marks: Marks, text: pl.Series, detectors: Detectors) -> None:
    """Entities inside longer text, in the values that are text."""
    sentences = np.flatnonzero(marks["f|text"])
    if not len(sentences):
        return
    some = text.gather(sentences)
    seen: dict[str, list[Indices]] = {}
    for key, places in detectors.inside.match(Joined(some)).items():
        seen.setdefault(key.rsplit("|", 2)[0], []).append(places)
    for name, parts in seen.items():
        classifier = detectors.classifiers[name]
        places = np.unique(np.concatenate(parts))
        if classifier.validator is not None:
            places = places[_entities_valid(classifier, some.gather(places))]
        if len(places):
            marks[key_of(name, PART)] = _places(len(text), sentences[places])
