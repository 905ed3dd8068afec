"""Why a result is one: for each word that was typed, where it was found. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from muniment.catalog.search.query import MOST_WORDS
from muniment.catalog.search.words import (
    bare,
    distance_at_most,
    folded,
    name_words,
    question,
    similar,
    spaced,
    spelled_out,
    stem,
    tolerance,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """``field`` of the asset, ``term`` in it that fits, and how it does.

    That is one of exact, word, prefix, synonym and typo.
    """

    field: str
    term: str
    how: str


@dataclass(frozen=True, slots=True)
class Described:
    """What of an asset people search by, in the order in which it explains best.

    ``column_text`` is what is said of the columns, ``titles`` what their labels are called.
    """

    name: str
    path: Sequence[str]
    columns: Sequence[str]
    labels: Sequence[str]
    tags: Sequence[str]
    owner: str | None
    text: str
    source: str = ""
    column_text: str = ""
    titles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an asset is a result, and which of the words that were typed it does not have."""

    reasons: Sequence[Reason]
    missing: Sequence[str] = ()


_RANK = {"word": 0, "prefix": 1, "synonym": 2, "typo": 3}


def explained(query: str, asset: Described) -> Explained:
    """One reason a word, the best there is; an exact name explains everything by itself."""
    whole = folded(query.strip())
    if not whole:
        return Explained(())
    if whole in (folded(asset.name.strip()), spaced(asset.name), bare(asset.name)):
        return Explained((Reason("name", asset.name, "exact"),))
    if whole in {folded(".".join(asset.path[at:])) for at in range(len(asset.path))}:
        return Explained((Reason("path", ".".join(asset.path), "exact"),))
    found: dict[Reason, None] = {}
    missing = []
    for word in question(query, MOST_WORDS).words:
        best = _best(word, asset)
        if best is None:
            missing.append(word)
        else:
            found[best] = None
    return Explained(tuple(found), tuple(missing))


def _best(word: str, asset: Described) -> Reason | None:
    best: Reason | None = None
    for field, terms in _fields(asset):
        for term in terms:
            how = _how(word, term)
            if how is not None and (best is None or _RANK[how] < _RANK[best.how]):
                best = Reason(field, term, how)
        if best is not None and best.how == "word":
            break
    return best


def _fields(asset: Described) -> Iterable[tuple[str, Sequence[str]]]:
    yield "name", [asset.name]
    yield "label", (*asset.labels, *asset.titles)
    yield "column", asset.columns
    yield "path", (*asset.path[:-1], asset.source)
    yield "tag", asset.tags
    yield "owner", [asset.owner] if asset.owner else []
    yield "description", asset.text.split()
    yield "column description", asset.column_text.split()


def _how(word: str, term: str) -> str | None:
    words = name_words(term).split()
    stems = {stem(form) for form in (word, *spelled_out([word]))}
    if any(stem(each) in stems for each in words):
        return "word"
    if any(each.startswith(word) for each in words):
        return "prefix"
    others = similar(word)
    if any(stem(each) in others for each in words):
        return "synonym"
    return "typo" if any(_nearly(word, each) for each in words) else None


def _nearly(word: str, other: str) -> bool:
    return any(
        (errors := tolerance(one)) > 0 and distance_at_most(one, two, errors)
        for one, two in ((word, other), (stem(word), stem(other)))
    )
