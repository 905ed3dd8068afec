"""Classifiers as an expert writes them: entries, what of them cannot work, and their examples."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal, Self, TypeVar

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from muniment.classification.engine import exact
from muniment.classification.engine.dictionaries import check_dictionary
from muniment.classification.engine.header import read_header
from muniment.classification.engine.rules import check_pattern, matches
from muniment.classification.engine.validators import validator
from muniment.classification.model import (
    Classifier,
    Composition,
    Distribution,
    ExactMatch,
    Examples,
    Guards,
    HeaderWords,
    Kind,
    Strength,
)
from muniment.kernel.errors import Invalid
from muniment.kernel.values import Sensitivity

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_OF_VALUES = (
    *("patterns", "sure", "never", "plain", "contains", "validator", "dictionary", "words"),
    *("exact_match", "allowed", "distribution", "rare", "header", "examples"),
)
MOST_ALLOWED = 10_000
"""Values of an allow list, which are kept as they are written."""
GROUP = "@"
"""Before the name of a list of words that many entries share."""

Judge = Callable[[Classifier, str], bool]


def _split(value: object) -> object:
    """Lists of plain words may be written as one line with commas."""
    return (
        tuple(w.strip() for w in value.split(",") if w.strip()) if isinstance(value, str) else value
    )


def _with_groups(value: object) -> object:
    """The same, and ``@passport`` stands for the shared words of that name, in all languages."""
    split = _split(value)
    if not isinstance(split, tuple | list) or not any(_is_group(word) for word in split):
        return split
    words = [w for word in split for w in (_group(word) if _is_group(word) else (word,))]
    return tuple(dict.fromkeys(words))


def _is_group(word: object) -> bool:
    return isinstance(word, str) and word.startswith(GROUP)


def _group(name: str) -> tuple[str, ...]:
    known = shared_words()
    if name[1:] not in known:
        raise ValueError(f"there are no shared words {name}; take one of {', '.join(known)}")
    return known[name[1:]]


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
HeaderPhrases = Annotated[tuple[str, ...], BeforeValidator(_with_groups)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Word = Literal["public", "internal", "confidential", "restricted"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class HeaderEntry(Strict):
    """Words of column names, in any language."""

    strong: HeaderPhrases = ()
    weak: HeaderPhrases = ()
    never: HeaderPhrases = ()
    alone: bool = False


class GuardsEntry(Strict):
    """What a column must be like."""

    min_length: int | None = Field(default=None, ge=0)
    max_length: int | None = Field(default=None, ge=1)
    lowest: float | None = None
    highest: float | None = None
    min_distinct: int = Field(default=1, ge=1)
    years: bool = False
    flags: bool = False
    repeats: bool = True


class ExamplesEntry(Strict):
    """Values and headers that must hit, and near misses that must not."""

    hit: tuple[str, ...] = ()
    miss: tuple[str, ...] = ()
    headers: Words = ()
    not_headers: Words = ()


LabelPattern = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.*?]{1,80}$")]
LabelPatterns = Annotated[tuple[LabelPattern, ...], BeforeValidator(_split), Field(max_length=100)]


class CompositionEntry(Strict):
    """Other labels that a label is made of, by their ids or patterns of ids."""

    all_of: LabelPatterns = ()
    any_of: LabelPatterns = ()
    none_of: LabelPatterns = ()
    beside_all: LabelPatterns = ()
    beside_any: LabelPatterns = ()
    within: int | None = Field(default=None, ge=1, le=1000)


class ExactMatchEntry(Strict):
    """A list of values as salted hashes; answers withhold the hashes, which stay where they are."""

    salt: str = Field(pattern=r"^[0-9a-f]{32}$")
    digests: str = Field(default="", max_length=8 * exact.MOST * 4 // 3 + 4)
    count: int = Field(ge=1, le=exact.MOST)

    def withheld(self) -> Self:
        """The same without the hashes."""
        return self.model_copy(update={"digests": ""})


class ClassifierEntry(Strict):
    """One classifier as an expert writes it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$", max_length=80)
    title: str = Field(min_length=2, max_length=120)
    category: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    sensitivity: Word
    jurisdiction: str = Field(default="ANY", pattern=r"^[A-Z]{2,3}$")
    personal: bool = False
    special: bool = False
    kinds: tuple[Kind, ...] = (Kind.TEXT,)
    patterns: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    validator: str | None = None
    dictionary: str | None = None
    words: Words = ()
    exact_match: ExactMatchEntry | None = None
    allowed: Annotated[Words, Field(max_length=MOST_ALLOWED)] = ()
    compose: CompositionEntry | None = None
    distribution: Distribution | None = None
    strength: Strength = Strength.MEDIUM
    min_share: float = Field(default=0.6, gt=0, le=1)
    min_count: int = Field(default=1, ge=1)
    rare: bool = False
    ignore_case: bool = False
    header: HeaderEntry = HeaderEntry()
    context: Words = ()
    context_never: Words = ()
    guards: GuardsEntry = GuardsEntry()
    examples: ExamplesEntry = ExamplesEntry()
    description: str | None = Field(default=None, max_length=1000)
    titles: dict[Language, str] = Field(default_factory=dict)
    source: str | None = Field(default=None, max_length=300)

    def build(self, *, version: int, custom: bool = False) -> Classifier:
        """The classifier that the engine works with."""
        apart = {"sensitivity", "kinds", "header", "guards", "examples", "compose", "exact_match"}
        listed = self.exact_match
        plain = self.model_dump(exclude=apart)
        return Classifier(
            **plain,
            sensitivity=Sensitivity.of(self.sensitivity),
            kinds=frozenset(self.kinds),
            header=HeaderWords(**self.header.model_dump()),
            guards=Guards(**self.guards.model_dump()),
            examples=Examples(**self.examples.model_dump()),
            exact_match=None if listed is None else ExactMatch(**listed.model_dump()),
            compose=None if self.compose is None else Composition(**self.compose.model_dump()),
            version=version,
            custom=custom,
        )

    @classmethod
    def of(cls, classifier: Classifier) -> Self:
        """The whole entry that a classifier was built from; the inverse of ``build``."""
        plain = {
            name: value
            for name, value in asdict(classifier).items()
            if name not in ("sensitivity", "kinds", "version", "custom")
        }
        return cls.model_validate(
            {
                **plain,
                "sensitivity": classifier.sensitivity.word,
                "kinds": [kind for kind in Kind if kind in classifier.kinds],
            }
        )


class SharedWords(Strict):
    """Lists of header words, in many languages, that entries name as ``@passport``."""

    words: str
    version: int = Field(ge=1)
    groups: dict[str, Words]


E = TypeVar("E", bound=BaseModel)


def parsed(model: type[E], text: str, place: str) -> E:
    try:
        parsed = yaml.load(text, Loader=_Loader)  # noqa: S506 - safe, and fast where it is built
        return model.model_validate(parsed)
    except yaml.YAMLError as error:
        raise Invalid(f"{place} is no YAML that can be read: {error}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{place}: {where}: {first['msg']}.") from error


def parse_entry(text: str) -> ClassifierEntry:
    """A classifier entry from JSON or YAML. Invalid says which field does not fit."""
    return parsed(ClassifierEntry, text, "classifier")


def check_parts(entry: ClassifierEntry) -> None:
    """Invalid when a part cannot work: a pattern, a validator, a dictionary, or nothing at all."""
    forms = (*entry.patterns, *entry.sure, *entry.plain)
    if entry.compose is not None:
        _check_composition(entry, entry.compose)
        return
    listed = entry.words or entry.dictionary or entry.exact_match
    if not (forms or listed or entry.header.strong):
        raise Invalid(
            f"{entry.id}: give a pattern, a dictionary, words, a list or header words to recognise"
            " it by."
        )
    if entry.exact_match is not None:
        exact.check_exact_match(ExactMatch(**entry.exact_match.model_dump()))
    for pattern in (*forms, *entry.contains, *entry.never):
        try:
            check_pattern(pattern)
        except Invalid as error:
            raise Invalid(f"{entry.id}: {error.message}", **error.context) from error
    if entry.validator is not None:
        validator(entry.validator)
    if entry.dictionary is not None:
        check_dictionary(entry.dictionary)


def _check_composition(entry: ClassifierEntry, rule: CompositionEntry) -> None:
    """Invalid when a composition rests on nothing, on itself, or says more than its parts."""
    if not (rule.all_of or rule.any_of or rule.beside_all or rule.beside_any):
        raise Invalid(f"{entry.id}: name at least one label that it is made of.")
    looked_at = entry.model_dump(include={*_OF_VALUES}, exclude_defaults=True)
    if looked_at:
        raise Invalid(
            f"{entry.id}: a label made of others has none of its own {', '.join(looked_at)}: "
            "give them to a classifier of their own and name that."
        )


def contradictions(classifier: Classifier, says: Judge = matches) -> list[str]:
    """Where a classifier disagrees with its own examples, as sentences."""
    examples = classifier.examples
    wrong = [f"“{v}” should hit" for v in examples.hit if not says(classifier, v)]
    wrong += [f"“{v}” should not hit" for v in examples.miss if says(classifier, v)]
    for name in examples.headers:
        if read_header(name, classifier.header).odds <= 0:
            wrong.append(f"the column name “{name}” should speak for it")
    for name in examples.not_headers:
        if read_header(name, classifier.header).odds > 0:
            wrong.append(f"the column name “{name}” should not speak for it")
    return wrong


@lru_cache(maxsize=1)
def shared_words() -> Mapping[str, tuple[str, ...]]:
    """Header words that many entries share, by the name they are called with."""
    text = files("muniment.packs").joinpath("header_words.yaml").read_text(encoding="utf-8")
    return parsed(SharedWords, text, "header_words.yaml").groups
