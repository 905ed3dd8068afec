"""What somebody typed, as a query of the index; the access filter is inside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tantivy import Occur, Query, Schema, TextAnalyzer

from muniment.catalog.search.words import folded, query_words, tolerance
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

MOST_WORDS = 12

_STEMMED = {"name": 8.0, "labels": 3.0, "place": 3.0, "columns": 3.0, "text": 1.0}
_PREFIXED = {"name_words": 4.0, "column_words": 1.5, "place_words": 1.0}
_TYPED_WRONG = {"name_words": 6.0, "column_words": 0.7, "place_words": 0.3}
_SHORTEST_PREFIX = 2


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """``filters`` maps a facet to the values of which one must hold."""

    text: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class QueryBuilder:
    schema: Schema
    analyzer: TextAnalyzer

    def build(
        self, request: SearchRequest, seen: Visibility, *, without: str | None = None
    ) -> Query:
        """The whole query; ``without`` leaves out one facet's filter, to count its values."""
        clauses: list[tuple[Occur, Query]] = [(Occur.Must, self._text(request.text))]
        if seen.domains is not None:
            clauses.append((Occur.Must, self._any_of("domain", sorted(seen.domains))))
        for facet, values in request.filters.items():
            if values and facet != without:
                clauses.append((Occur.Must, self._any_of(facet, values)))
        return Query.boolean_query(clauses)

    def _any_of(self, facet: str, values: Sequence[str]) -> Query:
        return Query.const_score_query(Query.term_set_query(self.schema, facet, list(values)), 0.0)

    def _text(self, text: str) -> Query:
        words = query_words(text)[:MOST_WORDS]
        whole = folded(text.strip())
        if not whole:
            return Query.const_score_query(Query.all_query(), 1.0)
        exact: list[tuple[Occur, Query]] = [
            (Occur.Should, Query.const_score_query(self._term("exact_name", whole), EXACT_NAME)),
            (Occur.Should, Query.const_score_query(self._term("exact_path", whole), EXACT_PATH)),
            (Occur.Should, Query.const_score_query(self._term("exact_column", whole), 50.0)),
        ]
        if not words:
            return Query.boolean_query(exact)
        every = Query.boolean_query([(Occur.Must, self._word(word)) for word in words])
        standing = Query.boolean_query(
            [
                (Occur.Must, every),
                (Occur.Should, Query.const_score_query(self._term("standing", "original"), 1.5)),
                (Occur.Should, Query.const_score_query(self._term("standing", "certified"), 2.0)),
                (Occur.Should, Query.const_score_query(self._term("standing", "data"), 1.0)),
            ]
        )
        return Query.boolean_query([*exact, (Occur.Should, standing)])

    def _word(self, word: str) -> Query:
        """One typed word, wherever and however it fits best."""
        ways: list[Query] = []
        for stemmed in self.analyzer.analyze(word)[:1]:
            ways += [
                Query.boost_query(self._term(where, stemmed), boost)
                for where, boost in _STEMMED.items()
            ]
        if len(word) >= _SHORTEST_PREFIX:
            ways += [
                Query.boost_query(self._fuzzy(where, word, 0, prefix=True), boost)
                for where, boost in _PREFIXED.items()
            ]
        errors = tolerance(word)
        if errors:
            ways += [
                Query.boost_query(self._fuzzy(where, word, errors, prefix=False), boost)
                for where, boost in _TYPED_WRONG.items()
            ]
        return Query.disjunction_max_query(ways, 0.1)

    def _term(self, where: str, text: str) -> Query:
        return Query.term_query(self.schema, where, text)

    def _fuzzy(self, where: str, text: str, distance: int, *, prefix: bool) -> Query:
        return Query.fuzzy_term_query(self.schema, where, text, distance=distance, prefix=prefix)
