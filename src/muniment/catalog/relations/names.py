"""What names tell of a reference: whether a column is called after the table it leads to."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_GENERIC: Final = frozenset(
    ("id", "key", "code", "no", "nr", "num", "number", "fk", "pk", "sk", "bk", "ref", "uuid",
     "guid", "oid", "rowid", "identifier", "index", "idx")
)  # fmt: skip
"""Words that say «this is a key» and not of what."""
_HOUSING: Final = frozenset(
    ("dim", "fact", "fct", "tbl", "table", "stg", "staging", "raw", "src", "mart", "v", "vw",
     "view", "t", "lkp", "lookup", "ref", "master", "mst", "hist", "tmp", "temp", "bak", "backup",
     "old", "new", "copy", "archive", "parquet", "csv", "tsv", "txt", "json", "jsonl", "ndjson",
     "orc", "avro", "xlsx", "xls", "gz", "bz", "xz", "zst")
)  # fmt: skip
"""Words in a table's name that tell its place, age or format, not what it holds."""
_WITHIN: Final = frozenset(
    ("parent", "manager", "report", "supervisor", "boss", "superior", "lead", "head", "root",
     "predecessor", "successor", "previous", "next", "original", "replace", "replaced",
     "superseded", "ancestor", "child", "duplicate", "merged", "mentor", "referrer", "referred")
)  # fmt: skip
"""Words by which rows of one table refer to each other."""
_GLUED: Final = re.compile(r"^(.{3,}?)(?:ids?|keys?|codes?|no|nr|num|uuid|guid)$")
_LEAST_SHORT: Final = 3
_LEAST_NAMES: Final = 3


def bare_names(names: Sequence[str]) -> dict[str, str]:
    """Each name without the prefix that all columns share (``l_`` of ``l_orderkey``)."""
    heads = {name.partition("_")[0].lower() for name in names}
    shared = len(heads) == 1 and all("_" in name.strip("_") for name in names)
    if not shared or len(names) < _LEAST_NAMES:
        return {name: name for name in names}
    return {name: name.partition("_")[2] or name for name in names}


@lru_cache(maxsize=65_536)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, lower case and singular: billing address id of ``BillingAddressIds``."""
    return tuple(_singular(word.lower()) for word in _WORDS.findall(name))


@lru_cache(maxsize=65_536)
def meaning_of(name: str) -> tuple[str, ...]:
    """The words of a column's name that say of what it is the key."""
    words = [word for word in words_of(name) if word not in _GENERIC]
    if words and (glued := _GLUED.match(words[-1])) and len(words) == len(words_of(name)):
        words[-1] = _singular(glued.group(1))
    return tuple(words)


@lru_cache(maxsize=65_536)
def thing_of(table: str) -> tuple[str, ...]:
    """The words of a table's name that say what its rows are."""
    words = tuple(word for word in words_of(table) if word not in _HOUSING and not word.isdigit())
    return words or words_of(table)


def evidence(column: str, table: str, key: str) -> float:
    """From 0 to 1: how well a column's (bare) name fits a key of a table.

    1: it is called like the key, or after the table. Less: it does not say that it is a key
    (``orders`` may be their number), adds a role (``billing_address_id``), abbreviates, or shares
    some words.
    """
    meant, of_key, thing = meaning_of(column), meaning_of(key), thing_of(table)
    if not meant:
        return 0.0
    if meant in (of_key, thing):
        same = column.lower() == key.lower()
        return 1.0 if same or _says_key(column) or not _says_key(key) else 0.7
    if of_key and not set(of_key) <= set(thing):
        return 0.5 * _shared(meant, of_key)
    if thing == meant[-len(thing) :]:
        return 0.9
    if meant[-1] == thing[-1]:
        return 0.8
    if set(thing) <= set(meant):
        return 0.75
    if len(meant) == len(thing) and all(map(_abbreviates, meant, thing)):
        return 0.75
    if _abbreviates(meant[-1], thing[-1]):
        return 0.6
    return 0.5 * _shared(meant, thing)


def _says_key(name: str) -> bool:
    words = words_of(name)
    return bool(_GENERIC & set(words)) or bool(words and _GLUED.match(words[-1]))


def within(column: str) -> float:
    """From 0 to 1: how well a name fits a reference to another row of the same table."""
    return 0.75 if _WITHIN & set(words_of(column)) else 0.0


def _shared(left: Sequence[str], right: Sequence[str]) -> float:
    both = {*left} & {*right}
    return len(both) / len({*left, *right})


def _abbreviates(short: str, long: str) -> bool:
    """Whether one word is the other's beginning, or some of its letters in their order."""
    if short == long:
        return True
    if len(short) < _LEAST_SHORT or len(short) >= len(long) or short[0] != long[0]:
        return False
    rest = iter(long)
    return long.startswith(short) or (
        all(letter in rest for letter in short) and 2 * len(short) >= len(long) - 2
    )


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > _LEAST_SHORT + 1:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _LEAST_SHORT:
        return word[:-1]
    return word
