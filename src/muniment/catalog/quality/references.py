"""Which columns refer to other tables, declared or likely, and whether their values are there."""

import re
import sys
from array import array
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

from muniment.catalog.analysis.results import KeySketch
from muniment.catalog.quality.content import Family, ReferenceDefaults, family_of
from muniment.contracts.connectors import AssetMeta, ColumnMeta, KeyKind
from muniment.kernel.values import AssetKind

FOREIGN: Final = "foreign_key"
HOLDS_ROWS: Final = (AssetKind.TABLE, AssetKind.DATASET, AssetKind.MATERIALIZED_VIEW)
COPY: Final = 0.5
"""A table with so large a share of another's columns is its copy and does not refer to it."""
_EVERYTHING: Final = 1 << 64


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns of one table whose values should be in the key of another of the same source."""

    columns: tuple[str, ...]
    path: tuple[str, ...]
    keys: tuple[str, ...]
    declared: bool


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of one column that other tables may refer to."""

    path: tuple[str, ...]
    column: ColumnMeta
    stems: frozenset[str]
    columns: frozenset[str]


def references(
    assets: Sequence[AssetMeta], defaults: ReferenceDefaults
) -> Mapping[tuple[str, ...], Sequence[Reference]]:
    """By table: the references that are declared, and those that names make likely."""
    keys = _by_name(assets, defaults)
    found: dict[tuple[str, ...], list[Reference]] = {}
    for asset in assets:
        if asset.kind not in HOLDS_ROWS:
            continue
        declared = list(_declared(asset))
        known = {name for one in declared for name in one.columns} | _own_key(asset)
        likely = _likely(asset, [c for c in asset.columns if c.name not in known], keys)
        found[asset.path] = [*declared, *likely]
    return found


def _declared(asset: AssetMeta) -> Iterator[Reference]:
    names = {column.name for column in asset.columns}
    for key in asset.keys:
        whole = len(key.columns) == len(key.referenced_columns) and names.issuperset(key.columns)
        if key.kind is KeyKind.FOREIGN and key.columns and key.references and whole:
            yield Reference(key.columns, key.references, key.referenced_columns, declared=True)


def _own_key(asset: AssetMeta) -> set[str]:
    """The column that tells the rows of a table apart by itself is no reference."""
    return {
        key.columns[0]
        for key in asset.keys
        if key.kind is not KeyKind.FOREIGN and len(key.columns) == 1
    }


def _by_name(
    assets: Sequence[AssetMeta], defaults: ReferenceDefaults
) -> Mapping[str, Sequence[_Key]]:
    """By the name that a referring column would have: the keys it may mean."""
    found: dict[str, list[_Key]] = {}
    for asset in assets:
        if asset.kind is not AssetKind.TABLE or not asset.path:
            continue
        columns = {column.name: column for column in asset.columns}
        stems = _stems(asset.path[-1])
        for key in asset.keys:
            if key.kind is not KeyKind.PRIMARY or len(key.columns) != 1:
                continue
            if (column := columns.get(key.columns[0])) is None:
                continue
            one = _Key(asset.path, column, stems, frozenset(columns))
            plain = column.name.lower() in defaults.plain_keys
            names = {f"{stem}_{column.name.lower()}" for stem in stems} if plain else set()
            for name in names or {column.name.lower()}:
                found.setdefault(name, []).append(one)
    return found


def _stems(table: str) -> frozenset[str]:
    """The words a table's name begins references with: ``customer`` for customers."""
    name = re.sub(r"\W+", "_", table.lower())
    return frozenset({name, singular(name)})


def singular(name: str) -> str:
    """The word for one of what a table's name tells of many."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _likely(
    asset: AssetMeta, columns: Sequence[ColumnMeta], keys: Mapping[str, Sequence[_Key]]
) -> Iterator[Reference]:
    names = frozenset(column.name for column in asset.columns)
    for column in columns:
        meant = [
            key
            for key in keys.get(column.name.lower(), ())
            if key.path != asset.path and _alike(column, key.column) and not _copies(names, key)
        ]
        named = [key for key in meant if column.name.lower().rpartition("_")[0] in key.stems]
        chosen = named if len(named) == 1 else meant
        if len(chosen) == 1:
            key = chosen[0]
            yield Reference((column.name,), key.path, (key.column.name,), declared=False)


def _copies(names: frozenset[str], key: _Key) -> bool:
    """Whether a table has much of what the key's table has besides the key."""
    others = key.columns - {key.column.name}
    return bool(others) and len(names & others) >= COPY * len(others)


def _alike(left: ColumnMeta, right: ColumnMeta) -> bool:
    families = {family_of(left.type), family_of(right.type)}
    if families <= {Family.INTEGER} or families <= {Family.TEXT}:
        return True
    return left.type == right.type and families == {Family.OTHER}


@dataclass(frozen=True, slots=True)
class Compared:
    """How many rows refer to something; ``error`` is half of the 95 % interval of the ratio."""

    ratio: float
    evaluated: int
    failed: int
    error: float

    @property
    def exact(self) -> bool:
        return self.error == 0


@dataclass(frozen=True, slots=True)
class Values:
    """The hashes of a key below ``bound`` and the rows of each; without counts, of a mere set."""

    kinds: str
    bound: int
    rows: int
    hashes: bytes
    counts: bytes


def values_of(sketch: KeySketch) -> Values:
    """What a sketch holds, out of its JSON form."""
    return Values(
        sketch.kinds,
        int(sketch.bound),
        sketch.rows,
        b64decode(sketch.hashes),
        b64decode(sketch.counts),
    )


def compared(foreign: Values, key: Values) -> Compared | None:
    """Look up the values of one side in the other; None where they cannot be compared.

    Both sides keep all values below their bound, so that below the lower one nothing is missing
    on either: what is found there is exact for a uniform choice of values.
    """
    if not foreign.rows or foreign.kinds != key.kinds:
        return None
    bound = min(foreign.bound, key.bound)
    hashes, counts = _below(bound, foreign)
    there = frozenset(_numbers("Q", key.hashes))
    rows = sum(counts)
    if not rows:
        return None
    lost = sum(compress(counts, (value not in there for value in hashes)))
    share = lost / rows
    if bound == _EVERYTHING:
        return Compared(1 - share, rows, lost, 0.0)
    chosen = len(hashes)
    error = 1.96 * (share * (1 - share) / chosen) ** 0.5 if lost else 3 / chosen
    return Compared(1 - share, foreign.rows, round(share * foreign.rows), min(error, 1.0))


def _below(bound: int, values: Values) -> tuple[Sequence[int], Sequence[int]]:
    hashes, counts = _numbers("Q", values.hashes), _numbers("I", values.counts)
    if bound == values.bound:
        return hashes, counts
    kept = sum(1 for value in hashes if value < bound)
    return hashes[:kept], counts[:kept]


def _numbers(code: str, raw: bytes) -> "array[int]":
    numbers = array(code, raw)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
