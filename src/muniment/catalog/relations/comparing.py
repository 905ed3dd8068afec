"""Compares the sketches of many columns with those of many others at once; runs in workers only."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from muniment.catalog.relations.judging import CONTAINED, TOLD, Overlap, joined
from muniment.catalog.relations.model import LEVELS, Join, KnownColumn, Twins
from muniment.kernel.values import JsonObject, JsonValue

Matrix = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]

_RARE: Final = 4_096
"""A value in so few pairs of columns is counted pair by pair, others by a product of matrices."""
_PAIRS_AT_ONCE: Final = 4_000_000
_VALUES_AT_ONCE: Final = 512
_TELLING: Final = 8
"""Columns with fewer different values say nothing of whether two tables are the same."""
_INSIDE: Final = 0.5
_OF_A_PART: Final = 3
"""A table may be a part of another if so many of its columns are in the other."""
_MOST_JOINS: Final = 8
_MOST_KEYS: Final = 50
"""Of one column, so many keys of a block are weighed: those that it uses most of."""
ALIKE: Final = 0.6
"""Tables from this similarity on are told as near-duplicates."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What two blocks of columns told."""

    joins: Sequence[Join]
    twins: Sequence[Twins]


def compare(block: Sequence[KnownColumn], others: Sequence[KnownColumn]) -> Compared:
    """Which columns of the block refer to keys among the others, and which tables are alike.

    Takes about ``len(block) * len(others)`` counters; a block should hold some thousands at most.
    Columns of one table must be in one block.
    """
    joins: list[Join] = []
    same: Same = {}
    for left, right in _comparable(block, others):
        found = _Counted.of(left, right)
        for overlaps in _references(found):
            joins += _weighed(overlaps)
        _same_named(found, same)
    return Compared(joins, list(_twins(same, block, others)))


def _weighed(overlaps: Sequence[Overlap]) -> Sequence[Join]:
    """The likeliest references of one column."""
    most_used = sorted(overlaps, key=lambda one: -one.coverage)[:_MOST_KEYS]
    found = [joined(one, len(overlaps)) for one in most_used]
    told = [one for one in found if one.confidence >= TOLD]
    return sorted(told, key=lambda one: -one.confidence)[:_MOST_JOINS]


def _comparable(
    block: Sequence[KnownColumn], others: Sequence[KnownColumn]
) -> Iterator[tuple[list[KnownColumn], list[KnownColumn]]]:
    """Columns of one kind, whose values were chosen by one hash."""

    def group(one: KnownColumn) -> tuple[str, str]:
        return one.kind, one.hash

    by_group = {key: list(found) for key, found in groupby(sorted(others, key=group), key=group)}
    for key, found in groupby(sorted(block, key=group), key=group):
        if key in by_group:
            yield list(found), by_group[key]


@dataclass(frozen=True, slots=True)
class _Counted:
    """Common values of each pair, and how many of either side can be compared at their level."""

    left: Sequence[KnownColumn]
    right: Sequence[KnownColumn]
    common: Matrix
    of_left: Whole
    of_right: Whole

    @classmethod
    def of(cls, left: Sequence[KnownColumn], right: Sequence[KnownColumn]) -> "_Counted":
        mine, its = _levels(left), _levels(right)
        level = np.maximum(mine[:, None], its[None, :])
        return cls(left, right, _common(left, right), _kept(left, level), _kept(right, level.T).T)


def _levels(columns: Sequence[KnownColumn]) -> Whole:
    return np.array([one.level for one in columns], np.int64)


def _kept(columns: Sequence[KnownColumn], level: Whole) -> Whole:
    """How many values of each column are left at each level."""
    at = np.array([[*one.at, 0] for one in columns], np.int64)
    above = at[:, ::-1].cumsum(axis=1)[:, ::-1]
    steps = np.clip(level - _levels(columns)[:, None], 0, LEVELS)
    return np.take_along_axis(above, steps, axis=1)


def _common(left: Sequence[KnownColumn], right: Sequence[KnownColumn]) -> Matrix:
    mine, whose = _flat(left)
    its, theirs = _flat(right)
    vocabulary = np.intersect1d(mine, its)
    common = np.zeros((len(left), len(right)), np.float32)
    if not len(vocabulary):
        return common
    codes, whose = _coded(vocabulary, mine, whose)
    other_codes, theirs = _coded(vocabulary, its, theirs)
    loads = np.bincount(codes, minlength=len(vocabulary))
    other_loads = np.bincount(other_codes, minlength=len(vocabulary))
    crowded = loads * other_loads > _RARE
    _count_crowded(common, np.flatnonzero(crowded), (codes, whose), (other_codes, theirs))
    _count_rare(common, loads * ~crowded, other_loads, whose, theirs, loads)
    return common


def _flat(columns: Sequence[KnownColumn]) -> tuple[npt.NDArray[np.uint32], Whole]:
    values = [np.frombuffer(one.values, "<u4") for one in columns]
    whose = np.repeat(np.arange(len(values)), [len(one) for one in values])
    return (np.concatenate(values) if values else np.empty(0, np.uint32)), whose


def _coded(
    vocabulary: npt.NDArray[np.uint32], values: npt.NDArray[np.uint32], whose: Whole
) -> tuple[Whole, Whole]:
    """Places of the values that are in the vocabulary, ascending, and whose they are."""
    at = np.searchsorted(vocabulary, values)
    at[at == len(vocabulary)] = 0
    found = vocabulary[at] == values
    codes, whose = at[found], whose[found]
    order = np.argsort(codes, kind="stable")
    return codes[order], whose[order]


def _count_crowded(
    common: Matrix, crowded: Whole, mine: tuple[Whole, Whole], its: tuple[Whole, Whole]
) -> None:
    """Values that many columns have: small numbers, mostly."""
    for start in range(0, len(crowded), _VALUES_AT_ONCE):
        part = crowded[start : start + _VALUES_AT_ONCE]
        common += _presence(part, *mine, common.shape[0]).T @ _presence(part, *its, common.shape[1])


def _presence(part: Whole, codes: Whole, whose: Whole, columns: int) -> Matrix:
    there = np.zeros((len(part), columns), np.float32)
    at = np.searchsorted(part, codes)
    at[at == len(part)] = 0
    found = part[at] == codes
    there[at[found], whose[found]] = 1
    return there


def _count_rare(
    common: Matrix, wanted: Whole, other_loads: Whole, whose: Whole, theirs: Whole, loads: Whole
) -> None:
    """Every pair of columns that share a value, a bounded number of pairs at once."""
    starts, other_starts = loads.cumsum() - loads, other_loads.cumsum() - other_loads
    values = np.flatnonzero(wanted)
    ends = (wanted * other_loads)[values].cumsum()
    done = 0
    while done < len(values):
        before = int(ends[done - 1]) if done else 0
        end = max(done + 1, int(np.searchsorted(ends, before + _PAIRS_AT_ONCE)))
        part = values[done:end]
        rows = np.repeat(part, loads[part])  # each holder on the left, once
        holders = whose[_ranges(starts[part], loads[part])]
        widths = other_loads[rows]
        lefts = np.repeat(holders, widths)
        rights = theirs[_ranges(other_starts[rows], widths)]
        flat = np.bincount(lefts * common.shape[1] + rights, minlength=common.size)
        common += flat.reshape(common.shape).astype(np.float32)
        done = end


def _ranges(starts: Whole, lengths: Whole) -> Whole:
    """All places from each start on, one after the other."""
    ends = lengths.cumsum()
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths - starts, lengths)


def _references(found: _Counted) -> Iterator[Sequence[Overlap]]:
    """By column of the left: the keys of the right that hold its values."""
    keys = np.array([one.is_key and one.whole for one in found.right], np.bool_)
    with np.errstate(all="ignore"):
        contained = found.common / found.of_left
    good = (contained >= CONTAINED) & (found.of_left > 0) & keys[None, :]
    for i, column in enumerate(found.left):
        overlaps = [
            Overlap(
                column,
                key,
                int(found.common[i, j]),
                int(found.of_left[i, j]),
                int(found.of_right[i, j]),
                exact=column.level == key.level == 0 and column.whole,
            )
            for j in np.flatnonzero(good[i]).tolist()
            if not _same(column, key := found.right[j])
        ]
        if overlaps:
            yield overlaps


def _same(left: KnownColumn, right: KnownColumn) -> bool:
    return left.asset == right.asset and left.column == right.column


Shares = tuple[float, float, float]
"""Overlap of two columns, how much of the first is in the second, and the other way round."""
Same = dict[tuple[str, str], dict[tuple[str, str], Shares]]
"""By two tables in order, and by name and kind: how much their columns share."""


def _same_named(found: _Counted, same: Same) -> None:
    """Add the columns of one name that share much of their values."""
    spelled = {name: at for at, name in enumerate({one.bare.lower() for one in found.left})}
    mine = np.array([spelled[one.bare.lower()] for one in found.left])
    its = np.array([spelled.get(one.bare.lower(), -1) for one in found.right])
    telling = (found.of_left >= _TELLING) & (found.of_right >= _TELLING)
    with np.errstate(all="ignore"):
        overlap = found.common / (found.of_left + found.of_right - found.common)
        inside = found.common / np.minimum(found.of_left, found.of_right)
    good = (mine[:, None] == its[None, :]) & telling & (inside >= _INSIDE)
    for i, j in zip(*np.nonzero(good), strict=True):
        left, right = found.left[int(i)], found.right[int(j)]
        if left.asset == right.asset:
            continue
        common = float(found.common[i, j])
        shares = common / float(found.of_left[i, j]), common / float(found.of_right[i, j])
        tables = left.asset, right.asset
        if left.asset > right.asset:
            tables, shares = tables[::-1], shares[::-1]
        columns = same.setdefault(tables, {})  # either way round it is the same pair
        columns[left.bare.lower(), left.kind] = (float(overlap[i, j]), *shares)


def _twins(
    same: Same, block: Sequence[KnownColumn], others: Sequence[KnownColumn]
) -> Iterator[Twins]:
    telling = {(one.asset, one.column) for one in (*block, *others) if _tells(one)}
    sizes = Counter(asset for asset, _ in telling)
    for (left, right), columns in same.items():
        n = len(columns)
        most = sizes[left] + sizes[right] - n
        sums = [sum(shares[at] for shares in columns.values()) for at in range(3)]
        similarity = sums[0] / max(most, n)
        inside = [sums[1] / max(sizes[left], n), sums[2] / max(sizes[right], n)]
        if n >= _OF_A_PART:  # a part of a table is like it, however small it is
            similarity = max(similarity, *inside)
        if n > 1 and similarity >= ALIKE:
            yield Twins(
                left, right, round(similarity, 4), n, round(inside[0], 4), round(inside[1], 4)
            )


def _tells(column: KnownColumn) -> bool:
    return column.kept >= _TELLING


def compare_job(job: JsonObject) -> JsonObject:
    """Compare two blocks of columns as a worker is asked to: in JSON, and answered in JSON."""
    told = compare(
        [KnownColumn.from_json(one) for one in _objects(job["block"])],
        [KnownColumn.from_json(one) for one in _objects(job["others"])],
    )
    return {
        "joins": [asdict(one) for one in told.joins],
        "twins": [asdict(one) for one in told.twins],
    }


def _objects(tree: JsonValue) -> Sequence[JsonObject]:
    return cast(Sequence[JsonObject], tree)
