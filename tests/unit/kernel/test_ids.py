"""Identifiers sort by the time they were made."""

import time
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.kernel.ids import new_id


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1))
def test_an_id_of_a_later_millisecond_is_greater(first: int, second: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        made = []
        for moment in (first, second):
            patch.setattr(time, "time_ns", lambda moment=moment: moment * 1_000_000)
            made.append(new_id())
    if first != second:
        assert (made[0] < made[1]) == (first < second)
        assert (str(made[0]) < str(made[1])) == (first < second)
    for moment, each in zip((first, second), made, strict=True):
        assert (each.version, each.variant) == (7, RFC_4122)
        assert each.int >> 80 == moment


def test_ids_do_not_repeat_and_name_the_present() -> None:
    before = time.time_ns() // 1_000_000
    made = [new_id() for _ in range(10_000)]
    after = time.time_ns() // 1_000_000
    assert len(set(made)) == len(made)
    assert all(before <= each.int >> 80 <= after for each in made)
