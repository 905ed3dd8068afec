"""What somebody typed, as a query of the index; the access filter is inside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tantivy import Occur, Query, Schema

from muniment.catalog.search.words import (
    Question,
    folded,
    question,
    similar,
    spelled_out,
    stem,
    stemmed,
    tolerance,
)
from muniment.platform.policy import Visibility

FACETS = (
    "source",
    "kind",
    "domain",
    "owner",
    "label",
    "sensitivity",
    "certification",
    "quality",
)
EXACT_NAME = 10_000.0
"""More than all other scores together: who types a name gets the asset of that name first."""
EXACT_PATH = 20_000.0
BARE_NAME = 9_000.0
"""For the name of a file without its ending, or of a routine without its arguments."""

MOST_WORDS = 12
WHOLE = 500.0
"""What a word is worth that is there; the number of words that fit decides, then where they fit."""
BEGINNING = 490.0
SIMILAR = 460.0
MISTYPED = 450.0
"""So much less that what was typed comes first, and so much that one more word still counts."""

_STEMMED = {"name": 0.8, "labels": 0.3, "place": 0.3, "columns": 0.3, "text": 0.1}
_PREFIXED = {"name_words": 4.0, "column_words": 1.5, "place_words": 1.0}
_MISTYPED_WORD = {"name_words": 6.0, "column_words": 2.0, "place_words": 1.0}
_MISTYPED_STEM = {"name": 5.0, "labels": 2.0, "columns": 1.5, "place": 0.5}
_STANDING = {"original": 0.15, "certified": 0.2, "described": 0.1, "data": 5.0}
_EXACT_COLUMN = 2.0
_WHOLE_NAME = (1.5, 6.0, 14.0)
"""For an asset whose whole name is among the words: a name of one word, of two, of three."""
_ASIDE = 0.3
_SHORTEST_PREFIX = 2


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """``filters`` maps a facet to the values of which one must hold."""

    text: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """How what was typed is taken: whether ``every`` word is needed, or any of them is enough.

    ``known`` are the words that stand in the catalogue just so and are no typing errors.
    """

    every: bool = True
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class QueryBuilder:
    """Builds queries of one index.

    The score of a hit is a sum of bands that cannot reach one another: an exact path or name, the
    number of words that fit, and what is left, where and how rarely they do, is at most some 300.
    """

    schema: Schema

    def build(
        self, request: SearchRequest, seen: Visibility, *, how: Reading, without: str | None = None
    ) -> Query:
        """The whole query; ``without`` leaves out one facet's filter, to count its values."""
        clauses: list[tuple[Occur, Query]] = [(Occur.Must, self._text(request.text, how))]
        clauses += self._seen(seen)
        for facet, values in request.filters.items():
            if values and facet != without:
                clauses.append((Occur.Must, self._any_of(facet, values)))
        return Query.boolean_query(clauses)

    def knows(self, word: str, seen: Visibility) -> Query:
        """The assets the caller sees in which a word stands just so, in one of its forms."""
        return Query.boolean_query([(Occur.Must, self._stands(stem(word))), *self._seen(seen)])

    def _seen(self, seen: Visibility) -> list[tuple[Occur, Query]]:
        if seen.domains is None:
            return []
        return [(Occur.Must, self._any_of("domain", sorted(seen.domains)))]

    def _any_of(self, facet: str, values: Sequence[str]) -> Query:
        return Query.const_score_query(Query.term_set_query(self.schema, facet, list(values)), 0.0)

    def _text(self, text: str, how: Reading) -> Query:
        whole = folded(text.strip())
        if not whole:
            return Query.const_score_query(Query.all_query(), 1.0)
        exact: list[tuple[Occur, Query]] = [
            (Occur.Should, self._const("exact_name", whole, EXACT_NAME)),
            (Occur.Should, self._const("exact_path", whole, EXACT_PATH)),
            (Occur.Should, self._const("bare_name", whole, BARE_NAME)),
            (Occur.Should, self._const("exact_column", whole, _EXACT_COLUMN)),
        ]
        asked = question(text, MOST_WORDS)
        if not asked.words:
            return Query.boolean_query(exact)
        need = Occur.Must if how.every else Occur.Should
        words = Query.boolean_query([(need, self._word(word, how)) for word in asked.words])
        ranked = Query.boolean_query(
            [
                (Occur.Must, words),
                *((Occur.Should, hint) for hint in self._hints(asked)),
            ]
        )
        return Query.boolean_query([*exact, (Occur.Should, ranked)])

    def _hints(self, asked: Question) -> Iterator[Query]:
        """What tells hits apart in which as many words fit."""
        for standing, worth in _STANDING.items():
            yield self._const("standing", standing, worth)
        for word in asked.aside:
            yield self._const("name", stem(word), _ASIDE)
        for length, worth in enumerate(_WHOLE_NAME, 1):
            for at in range(len(asked.words) - length + 1):
                name = stemmed(asked.words[at : at + length])
                yield self._const("whole_name", name, worth)

    def _word(self, word: str, how: Reading) -> Query:
        """One typed word, wherever and however it fits best."""
        forms = list(dict.fromkeys(map(stem, (word, *spelled_out([word])))))
        ways = [Query.const_score_query(self._stands(form), WHOLE) for form in forms]
        ways += [Query.const_score_query(self._stands(form), SIMILAR) for form in similar(word)]
        if len(word) >= _SHORTEST_PREFIX:
            ways += [
                Query.const_score_query(self._near(at, word, 0, prefix=True), BEGINNING + worth)
                for at, worth in _PREFIXED.items()
            ]
        if word not in how.known:
            ways += self._mistyped(word, _MISTYPED_WORD)
            ways += self._mistyped(stem(word), _MISTYPED_STEM)
        rarity = [
            Query.boost_query(self._term(at, form), worth)
            for form in (*forms, *similar(word))
            for at, worth in _STEMMED.items()
        ]
        return Query.boolean_query(
            [
                (Occur.Must, Query.disjunction_max_query(ways)),
                (Occur.Should, Query.disjunction_max_query(rarity, 0.1)),
            ]
        )

    def _mistyped(self, word: str, places: Mapping[str, float]) -> Iterator[Query]:
        errors = tolerance(word)
        if errors:
            for at, worth in places.items():
                near = self._near(at, word, errors, prefix=False)
                yield Query.const_score_query(near, MISTYPED + worth)

    def _stands(self, form: str) -> Query:
        return Query.boolean_query([(Occur.Should, self._term(at, form)) for at in _STEMMED])

    def _const(self, where: str, text: str, worth: float) -> Query:
        return Query.const_score_query(self._term(where, text), worth)

    def _term(self, where: str, text: str) -> Query:
        return Query.term_query(self.schema, where, text)

    def _near(self, where: str, text: str, distance: int, *, prefix: bool) -> Query:
        return Query.fuzzy_term_query(self.schema, where, text, distance=distance, prefix=prefix)
