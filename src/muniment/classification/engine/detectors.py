"""What is looked for in values: the classifiers that take part, made ready once per process."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from muniment.classification.engine.header import (
    HeaderEvidence,
    expanded,
    folded,
    read_header,
    tokens,
)
from muniment.classification.engine.patterns import Matcher, matcher
from muniment.classification.model import Classifier, Kind


@dataclass(frozen=True, slots=True)
class Form:
    """One pattern of one classifier, as the matcher takes it. The key tells both."""

    key: str
    expression: str
    ignore_case: bool
    whole: bool = True


FORM, SURE, PLAIN, PART = "p", "s", "q", "c"


def key_of(classifier: str, mark: str) -> str:
    return f"{classifier}|{mark}"


def forms_of(classifier: Classifier, *, called: bool = False) -> list[Form]:
    """The whole-value patterns of a classifier: those always looked for, or those called for."""
    marked = [(p, PLAIN) for p in classifier.plain] if called else []
    if called is classifier.needs_header:
        marked += [(p, FORM) for p in classifier.patterns] + [(p, SURE) for p in classifier.sure]
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


@dataclass(frozen=True)
class Detectors:
    """The classifiers of one scan, compiled: looked for always, or when a header calls."""

    classifiers: Mapping[str, Classifier]
    cache: Path | None = None
    engine: str | None = None
    _by_phrase: Mapping[str, frozenset[str]] = field(init=False)
    _calls: dict[str, Matcher] = field(init=False, default_factory=dict)
    _always: dict[Kind, Matcher] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        index: dict[str, set[str]] = defaultdict(set)
        for classifier in self.classifiers.values():
            header = classifier.header
            for phrase in (*header.strong, *header.weak, *header.never):
                index["".join(tokens(phrase)) or folded(phrase)].add(classifier.id)
        object.__setattr__(self, "_by_phrase", {k: frozenset(v) for k, v in index.items()})

    def always(self, kind: Kind) -> Matcher:
        """All patterns that are worth a look in columns of a kind, whatever the header says."""
        if kind not in self._always:
            fitting = [c for c in self.classifiers.values() if kind in c.kinds]
            self._always[kind] = self._matcher([f for c in fitting for f in forms_of(c)])
        return self._always[kind]

    @cached_property
    def inside(self) -> Matcher:
        """All patterns looked for inside longer text."""
        return self._matcher([form for c in self.classifiers.values() for form in parts_of(c)])

    def called(self, classifier: str) -> Matcher:
        """The patterns of one classifier, for columns whose header calls for it."""
        if classifier not in self._calls:
            forms = forms_of(self.classifiers[classifier], called=True)
            self._calls[classifier] = matcher(forms, engine="polars")
        return self._calls[classifier]

    def _matcher(self, forms: Sequence[Form]) -> Matcher:
        return matcher(forms, cache=self.cache, engine=self.engine)

    def headers(self, column: str) -> dict[str, HeaderEvidence]:
        """What a column's name says, for the classifiers it says anything of."""
        names: set[str] = set()
        for words in {tokens(column), expanded(column)}:
            for spelled in _spellings(words):
                names |= self._by_phrase.get(spelled, frozenset())
        found = {name: read_header(column, self.classifiers[name].header) for name in names}
        return {name: said for name, said in found.items() if said.odds}

    def dictionaries(self, kind: Kind) -> list[Classifier]:
        """Classifiers that look values up, of those always looked for."""
        return [
            c
            for c in self.classifiers.values()
            if (c.dictionary or c.words) and kind in c.kinds and not c.needs_header
        ]


def _spellings(words: Sequence[str]) -> set[str]:
    """Everything that consecutive words spell, and the ends (or insides) of long words."""
    spelled = {
        "".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + 8) + 1)
    }
    for word in words:
        if word.isascii():
            spelled.update(word[at:] for at in range(1, len(word) - 4))
        else:
            spelled.update(
                word[a:b]
                for a in range(len(word))
                for b in range(a + 2, min(len(word), a + 12) + 1)
            )
    return spelled
