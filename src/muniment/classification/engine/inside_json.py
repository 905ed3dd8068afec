"""JSON documents in columns of text: their paths as columns of their own, from bounded samples."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import polars as pl

from muniment.classification.engine.sample import CHECKED

DOCUMENTS: Final = CHECKED
"""Different documents of a column that are read; the first by hash, so that samples agree."""
LARGEST: Final = 1 << 18
"""Characters of a document; a longer one is passed over."""
CHARACTERS: Final = 4_000_000
"""Characters of all documents of a column together."""
PATHS: Final = 200
"""Paths told of a column: the commonest."""
DEPTH: Final = 12
ITEMS: Final = 20
"""Items of a list that are looked at."""
KEYS: Final = 100
"""More different keys in one place are data."""
READABLE: Final = 0.2
"""Of what begins like JSON, so much must be JSON."""
RARE_KEY: Final = 0.02
"""A key that fewer objects have is data more than a name, where there are many objects."""
MANY: Final = 20
ANY_KEY: Final = "*"
_NAME = re.compile(r"[^\W\d][\w \-]{0,63}")
_LONG_NUMBER = re.compile(r"\d{5}")
BEGINS = r"^[ \t\r\n]*[\[{]"
"""What a value begins with that may hold a document."""

Scalar: TypeAlias = str | int | float | bool
Tree: TypeAlias = "dict[str, Tree] | list[Tree] | Scalar | None"


def paths_of(values: pl.Series) -> dict[str, pl.Series]:
    """Path to its values, for different values of a column; empty where it holds no JSON.

    Lists are read through (``$.lines[].sku``). Keys that look like data (an address, a number, a
    name that hardly any other object has) stand as ``*``.
    """
    if values.dtype != pl.String:
        return {}
    likely = values.filter(values.str.contains(BEGINS)).head(DOCUMENTS)
    documents = [*_parsed(likely)] if len(likely) else []
    if not documents or len(documents) < READABLE * len(likely):
        return {}
    found = [*_places("$", documents, 0)]
    found.sort(key=lambda place: (-len(place[1]), place[0]))
    return {path: _series(held) for path, held in sorted(found[:PATHS], key=lambda p: p[0])}


def _parsed(values: pl.Series) -> Iterator[Tree]:
    left = CHARACTERS
    for text in values:
        if len(text) > LARGEST:
            continue
        left -= len(text)
        if left < 0:
            return
        try:
            yield json.loads(text)
        except (ValueError, RecursionError):
            continue  # broken JSON is text like any other


def _places(path: str, trees: Sequence[Tree], depth: int) -> Iterator[tuple[str, list[Scalar]]]:
    """The values that stand in one place of all documents, and those of the places inside."""
    leaves = [tree for tree in trees if tree is not None and not isinstance(tree, dict | list)]
    if leaves:
        yield path, leaves
    if depth >= DEPTH:
        return
    items = [item for tree in trees if isinstance(tree, list) for item in tree[:ITEMS]]
    if items:
        yield from _places(f"{path}[]", items, depth + 1)
    objects = [tree for tree in trees if isinstance(tree, dict)]
    counted = Counter(key for each in objects for key in each)
    least = max(2, RARE_KEY * len(objects)) if len(objects) >= MANY else 1
    inner: defaultdict[str, list[Tree]] = defaultdict(list)
    names = {key for key, count in counted.items() if count >= least and _is_name(key)}
    for each in objects:
        for key, value in each.items():
            inner[key if key in names and len(names) <= KEYS else ANY_KEY].append(value)
    for key, values in inner.items():
        yield from _places(f"{path}.{key}", values, depth + 1)


def _is_name(key: str) -> bool:
    return _NAME.fullmatch(key) is not None and not _LONG_NUMBER.search(key)


def _series(values: list[Scalar]) -> pl.Series:
    """Values of one path in the narrowest type that holds all of them."""
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return pl.Series(values, dtype=pl.Boolean)
    if kinds == {int} and all(-(1 << 63) <= value < 1 << 63 for value in values):  # type: ignore[operator]  # whole numbers
        return pl.Series(values, dtype=pl.Int64)
    if kinds <= {int, float}:
        return pl.Series([float(value) for value in values], dtype=pl.Float64)
    return pl.Series([v if isinstance(v, str) else json.dumps(v) for v in values], dtype=pl.String)
