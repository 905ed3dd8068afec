"""What is looked for in values: the classifiers that take part, made ready once per process."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from muniment.classification.engine.header import HeaderEvidence, HeaderIndex
from muniment.classification.engine.patterns import Matcher, matcher
from muniment.classification.engine.rules import known_words
from muniment.classification.engine.sample import CHECKED, KEPT
from muniment.classification.engine.vectors import VECTOR
from muniment.classification.model import Classifier, Kind


@dataclass(frozen=True, slots=True)
class Form:
    """One pattern of one classifier, as the matcher takes it. The key tells both."""

    key: str
    expression: str
    ignore_case: bool
    whole: bool = True


FORM, SURE, PLAIN, PART, NEVER = "p", "s", "q", "c", "n"

PROVEN = 200
"""Values that a check which takes one value after the other looks at; the first by hash."""
DEPTHS = (PROVEN, CHECKED, KEPT)
"""How many values classifiers look at: one by one, in lists, by patterns and vectors."""


def key_of(classifier: str, mark: str) -> str:
    return f"{classifier}|{mark}"


def forms_of(classifier: Classifier, *, called: bool = False) -> list[Form]:
    """The whole-value patterns of a classifier: those always looked for, or those called for."""
    marked = [(p, PLAIN) for p in classifier.plain] if called else []
    if called is classifier.needs_header:
        marked += [(p, FORM) for p in classifier.patterns] + [(p, SURE) for p in classifier.sure]
    if marked:
        marked += [(p, NEVER) for p in classifier.never]
    return [
        Form(f"{key_of(classifier.id, mark)}|{n}", p, classifier.ignore_case)
        for n, (p, mark) in enumerate(marked)
    ]


def parts_of(classifier: Classifier) -> list[Form]:
    """The patterns of a classifier that are looked for inside longer text."""
    return [
        Form(f"{key_of(classifier.id, PART)}|{n}", p, classifier.ignore_case, whole=False)
        for n, p in enumerate(classifier.contains)
    ]


def rare_forms(classifier: Classifier) -> list[Form]:
    """What a single value is found by: inside of text where there is such a form, else whole."""
    key = key_of(classifier.id, PART)
    return parts_of(classifier) or [
        Form(f"{key}|{n}", p, classifier.ignore_case)
        for n, p in enumerate((*classifier.patterns, *classifier.sure))
    ]


def depth_of(classifier: Classifier) -> int:
    """How many of the values, the first by hash, a classifier looks at.

    All of them where patterns and vectors suffice; fewer where one value is taken after the other.
    """
    if classifier.validator is not None and classifier.validator not in VECTOR:
        return PROVEN
    looked_up = bool(classifier.dictionary or classifier.words or classifier.exact_match)
    return CHECKED if looked_up or classifier.needs_header else KEPT


@dataclass(frozen=True)
class Detectors:
    """The classifiers of one scan, compiled: looked for always, or when a header calls."""

    classifiers: Mapping[str, Classifier]
    cache: Path | None = None
    engine: str | None = None
    _calls: dict[str, Matcher] = field(init=False, default_factory=dict)
    _at: dict[int, Matcher] = field(init=False, default_factory=dict)
    _words: dict[Kind, Mapping[str, Sequence[str]]] = field(init=False, default_factory=dict)

    def at(self, depth: int) -> Matcher:
        """The patterns, looked for whatever the header says, of classifiers with one depth."""
        if depth not in self._at:
            mine = [c for c in self.classifiers.values() if depth_of(c) == depth]
            self._at[depth] = self._matcher([form for c in mine for form in forms_of(c)])
        return self._at[depth]

    @cached_property
    def inside(self) -> Matcher:
        """All patterns looked for inside longer text."""
        return self._matcher([form for c in self.classifiers.values() for form in parts_of(c)])

    @cached_property
    def allowing(self) -> tuple[Classifier, ...]:
        """Classifiers with values that are never a hit."""
        return tuple(c for c in self.classifiers.values() if c.allowed)

    @cached_property
    def spread(self) -> frozenset[str]:
        """Classifiers that judge a column by how its values are spread."""
        return frozenset(c.id for c in self.classifiers.values() if c.distribution)

    @cached_property
    def rare(self) -> Matcher | None:
        """What every single value is looked at for; None where no classifier asks for it."""
        forms = [f for c in self.classifiers.values() if c.rare for f in rare_forms(c)]
        return self._matcher(forms) if forms else None

    def called(self, classifier: str) -> Matcher:
        """The patterns of one classifier, for columns whose header calls for it."""
        if classifier not in self._calls:
            forms = forms_of(self.classifiers[classifier], called=True)
            self._calls[classifier] = matcher(forms, engine="polars")
        return self._calls[classifier]

    def _matcher(self, forms: Sequence[Form]) -> Matcher:
        return matcher(forms, cache=self.cache, engine=self.engine)

    @cached_property
    def _index(self) -> HeaderIndex:
        return HeaderIndex({c.id: c.header for c in self.classifiers.values()})

    def headers(self, column: str) -> dict[str, HeaderEvidence]:
        """What a column's name says, for the classifiers it says anything of."""
        return self._index.read(column)

    def dictionaries(self, kind: Kind) -> list[Classifier]:
        """Classifiers that look values up in lists, of those always looked for."""
        return [
            c
            for c in self.classifiers.values()
            if c.dictionary and kind in c.kinds and not c.needs_header
        ]

    @cached_property
    def exact(self) -> tuple[Classifier, ...]:
        """Classifiers with a list of hashes, of those always looked for."""
        every = self.classifiers.values()
        return tuple(c for c in every if c.exact_match and not c.needs_header)

    def words(self, kind: Kind) -> Mapping[str, Sequence[str]]:
        """Each word that classifiers which are always looked for know, with their ids."""
        if kind not in self._words:
            index: dict[str, list[str]] = defaultdict(list)
            for classifier in self.classifiers.values():
                if kind in classifier.kinds and not classifier.needs_header:
                    for word in known_words(classifier):
                        index[word].append(classifier.id)
            self._words[kind] = dict(index)
        return self._words[kind]
