"""Lists of exact values: what is on them is found, what is not is not, and no value is kept."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.asked import digest, reads_anew
from muniment.classification.direct import classify_column, matching_values
from muniment.classification.engine.exact import (
    LONGEST,
    MOST,
    check_exact_match,
    exact_match_of,
    on_list,
)
from muniment.classification.engine.header import folded
from muniment.classification.engine.rules import matches
from muniment.classification.entries import ClassifierEntry, check_parts
from muniment.classification.model import Classifier, ExactMatch
from muniment.kernel.errors import Invalid
from muniment.platform.settings import Settings

WORDS = st.lists(st.text(min_size=1, max_size=30).filter(lambda w: folded(w) != ""), min_size=1)


def entry(rule: ExactMatch) -> ClassifierEntry:
    listed: Any = {"salt": rule.salt, "digests": rule.digests, "count": rule.count}
    return ClassifierEntry(
        id="custom.customer",
        title="Customer number",
        category="business",
        sensitivity="confidential",
        strength="strong",
        exact_match=listed,
    )


def built(rule: ExactMatch) -> Classifier:
    return entry(rule).build(version=1, custom=True)


@settings(max_examples=100, deadline=None)
@given(listed=WORDS, others=WORDS)
def test_what_is_on_the_list_and_nothing_else_is_found(
    listed: list[str], others: list[str]
) -> None:
    rule = exact_match_of(listed)
    check_exact_match(rule)
    known = {folded(word) for word in listed}
    asked = [folded(word) for word in (*listed, *others)]
    assert on_list(rule, asked).tolist() == [word in known for word in asked]
    assert rule.count == len(known)


def test_equal_lists_are_salted_apart_and_hold_no_value() -> None:
    one, two = exact_match_of(["AX-4711"]), exact_match_of(["AX-4711"])
    assert one.digests != two.digests
    assert "4711" not in repr(one)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.from_regex(r"[A-Z]{2}[0-9]{3}", fullmatch=True), min_size=2, unique=True))
def test_the_engine_finds_what_one_value_after_the_other_does(values: list[str]) -> None:
    classifier = built(exact_match_of(values[::2]))
    spelled = [*values, *(value.lower() for value in values)]
    found = matching_values(classifier, spelled)
    assert found == [matches(classifier, value) for value in spelled]
    assert sum(found) == 2 * len(values[::2])


def test_a_column_of_listed_values_gets_the_label_and_others_do_not() -> None:
    numbers = [f"{n * 7919 % 10**6:06}-{n % 9}" for n in range(400)]
    custom: Any = [{"entry": entry(exact_match_of(numbers[:300])).model_dump(), "version": 1}]
    params: Any = {"custom": custom, "cache_dir": str(Settings().pattern_cache)}

    def labels(values: list[str]) -> set[str]:
        told: Any = classify_column("c3", "t", values, params)
        return {each["label"] for each in told["columns"][0]["labels"]}

    assert "custom.customer" in labels(numbers[:200])
    assert "custom.customer" not in labels(numbers[300:])


def test_another_list_asks_values_anew() -> None:
    before, after = (built(exact_match_of(["a1", "b2"])) for _ in range(2))
    assert digest(before) != digest(after)
    assert reads_anew(before, after)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([], "between 1 and"),
        (["", " "], "between 1 and"),
        ([f"v{n}" for n in range(MOST + 1)], "between 1 and"),
        (["x" * (LONGEST + 1)], "at most"),
    ],
)
def test_lists_are_bounded(values: list[str], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        exact_match_of(values)


@pytest.mark.parametrize("digests", ["", "AAAA", "no base64!", "AAAAAAAAAAEAAAAAAAAAAA=="])
def test_broken_hashes_are_refused(digests: str) -> None:
    broken = ExactMatch("0" * 32, digests, 2)
    with pytest.raises(Invalid, match="list"):
        check_parts(entry(broken))
