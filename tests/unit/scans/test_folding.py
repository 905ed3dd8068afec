"""The tree of merges: every partition once, and little of it moves when little changes."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from muniment.scans.folding import Fold, Member, tree

OLD, NEW = UUID(int=1), UUID(int=2)
names = st.sets(st.integers(0, 5000), min_size=1, max_size=200)


def members(numbers: set[int], run: UUID = OLD) -> list[Member]:
    return [Member(uuid5(OLD, str(n)).hex, run) for n in numbers]


def leaves(fold: Fold) -> list[Member]:
    if not fold.below:
        return list(fold.members)
    return [each for below in fold.below for each in leaves(below)]


@given(names, st.randoms())
def test_every_partition_is_in_it_once_whatever_the_order(
    numbers: set[int], chance: object
) -> None:
    given_so = members(numbers)
    fold = tree(given_so)
    assert sorted(leaves(fold)) == sorted(given_so)
    assert tree(list(reversed(given_so))) == fold
    assert len(set(fold.keys())) == len(list(fold.keys()))


@given(names, st.data())
def test_a_change_moves_only_what_is_above_it(numbers: set[int], data: st.DataObject) -> None:
    changed = data.draw(st.sampled_from(sorted(numbers)))
    before = tree(members(numbers))
    after = tree([*members(numbers - {changed}), *members({changed}, NEW)])
    for fold in _all(after):
        touched = any(each.run_id == NEW for each in fold.members)
        assert (fold.key in set(before.keys())) is not touched


def _all(fold: Fold) -> list[Fold]:
    return [fold, *(each for below in fold.below for each in _all(below))]


def test_after_one_change_of_a_hundred_few_states_are_loaded() -> None:
    numbers = set(range(100))
    before = set(tree(members(numbers)).keys())
    counts = []
    for changed in range(100):
        after = tree([*members(numbers - {changed}), *members({changed}, NEW)])
        counts.append(_loads(after, before))
    assert sum(counts) / 100 < 16


def _loads(fold: Fold, known: set[str]) -> int:
    if fold.key in known:
        return 1
    return sum(_loads(each, known) for each in fold.below) or len(fold.members)
