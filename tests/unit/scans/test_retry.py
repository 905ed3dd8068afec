"""When to try again, without waiting."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.kernel.errors import (
    SourceDataUnreadable,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceUnreachable,
)
from muniment.scans.model import Failure
from muniment.scans.retry import Retry, wait_for

policies = st.builds(
    Retry,
    attempts=st.integers(1, 10),
    first=st.timedeltas(timedelta(milliseconds=1), timedelta(minutes=1)),
    longest=st.timedeltas(timedelta(seconds=1), timedelta(hours=1)),
)


@given(policies, st.integers(1, 10_000), st.integers())
def test_a_wait_is_within_its_ceiling_and_ends_with_the_attempts(
    policy: Retry, attempt: int, seed: int
) -> None:
    wait = policy.wait(attempt, Random(seed))
    if attempt >= policy.attempts:
        assert wait is None
    else:
        assert wait is not None
        assert timedelta() <= wait <= min(policy.longest, policy.first * 2.0 ** (attempt - 1))


@pytest.mark.parametrize(
    "error",
    [SourceObjectGone("gone"), SourceDataUnreadable("torn"), SourcePermissionMissing("closed")],
)
def test_what_trying_again_cannot_mend_is_not_tried_again(error: Exception) -> None:
    assert wait_for(Failure.of(error, doing="reading"), 1, Random(1)) is None


def test_an_unreachable_source_is_tried_again() -> None:
    failure = Failure.of(SourceUnreachable("down"), doing="reading")
    assert wait_for(failure, 1, Random(1)) is not None


def test_a_foreign_error_is_told_without_its_text() -> None:
    with pytest.raises(ValueError) as raised:
        int("4111111111111111x")
    failure = Failure.of(raised.value, doing="reading orders")
    assert "4111" not in failure.sentence
    assert "ValueError" in failure.sentence
    assert failure.remedy
