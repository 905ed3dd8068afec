"""Why a result is one: for each word that was typed, where it was found. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from muniment.catalog.search.words import (
    distance_at_most,
    folded,
    name_words,
    query_words,
    spaced,
    stem,
    tolerance,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """``field`` of the asset, ``term`` in it that fits, and how: exact, word, prefix or typo."""

    field: str
    term: str
    how: str


@dataclass(frozen=True, slots=True)
class Described:
    """What of an asset people search by, in the order in which it explains best."""

    name: str
    path: Sequence[str]
    columns: Sequence[str]
    labels: Sequence[str]
    tags: Sequence[str]
    owner: str | None
    text: str


_RANK = {"word": 0, "prefix": 1, "typo": 2}


def reasons(query: str, asset: Described) -> list[Reason]:
    """One reason a word, the best there is; an exact name explains everything by itself."""
    whole = folded(query.strip())
    if not whole:
        return []
    if whole in (folded(asset.name.strip()), spaced(asset.name)):
        return [Reason("name", asset.name, "exact")]
    if whole in {folded(".".join(asset.path[at:])) for at in range(len(asset.path))}:
        return [Reason("path", ".".join(asset.path), "exact")]
    found: dict[Reason, None] = {}
    for word in query_words(query):
        best = _best(word, asset)
        if best is not None:
            found[best] = None
    return list(found)


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
    yield "label", asset.labels
    yield "column", asset.columns
    yield "path", asset.path[:-1]
    yield "tag", asset.tags
    yield "owner", [asset.owner] if asset.owner else []
    yield "description", asset.text.split()


def _how(word: str, term: str) -> str | None:
    words = name_words(term).split()
    if any(stem(word) == stem(each) for each in words):
        return "word"
    if any(each.startswith(word) for each in words):
        return "prefix"
    errors = tolerance(word)
    if errors and any(distance_at_most(word, each, errors) for each in words):
        return "typo"
    return None
