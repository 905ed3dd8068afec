"""In which order states of partitions are merged, so that most of it holds for the next scan: pure.

The partitions of an asset are the leaves of a tree whose shape follows from their keys alone. A
fold is the merged state of all partitions below a node. When a few partitions change, only the
folds above them do; the others are taken as they were kept.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

BITS = 2
"""Of the key decide at each node: four branches cost the fewest merges after one change."""
TOGETHER = 1 << BITS


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A partition whose states are known: which it is, and in which run it was read."""

    key: str
    run_id: UUID
    partition: int | None = None
    """Its number when it was read in this run; None when it is carried over."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A node: other folds, or a few members. Its key is another when any of its states is."""

    key: str
    members: tuple[Member, ...]
    below: tuple["Fold", ...] = ()

    def keys(self) -> Iterator[str]:
        """Of this fold and all below it."""
        yield self.key
        for each in self.below:
            yield from each.keys()


def tree(members: Sequence[Member]) -> Fold:
    """The same for the same members, in whatever order."""
    return _fold(sorted(members), 0)


def _fold(members: Sequence[Member], shift: int) -> Fold:
    told = "\n".join(f"{each.key} {each.run_id}" for each in members)
    key = hashlib.sha256(told.encode()).hexdigest()
    if len(members) <= TOGETHER:
        return Fold(key, tuple(members))
    branches: defaultdict[int, list[Member]] = defaultdict(list)
    while len(branches) < 2:  # a node with one branch would be the same again
        branches.clear()
        for each in members:
            branches[_branch(each.key, shift)].append(each)
        shift += BITS
    below = tuple(_fold(branches[name], shift) for name in sorted(branches))
    return Fold(key, tuple(members), below)


def _branch(key: str, shift: int) -> int:
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) >> shift & (TOGETHER - 1)
