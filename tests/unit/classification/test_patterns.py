"""The engines agree: vectorscan, Polars, and the reference of one value after the other."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.content import builtin
from muniment.classification.engine.detectors import DEPTHS, Detectors, Form, forms_of, parts_of
from muniment.classification.engine.evaluate import value_matches
from muniment.classification.engine.patterns import ENGINE, matcher
from muniment.classification.engine.rules import check_pattern, matches
from muniment.classification.engine.texts import Joined
from muniment.classification.model import Classifier
from muniment.kernel.errors import Invalid
from muniment.platform.settings import Settings

LIBRARY = builtin().classifiers
BOTH = Detectors(LIBRARY, cache=Settings().pattern_cache), Detectors(LIBRARY, engine="polars")
EXAMPLES = sorted({v for c in LIBRARY.values() for v in (*c.examples.hit, *c.examples.miss)})
vectorscan = pytest.mark.skipif(ENGINE != "vectorscan", reason="no vectorscan on this machine")


def hits(detectors: Detectors, values: list[str]) -> dict[str, list[int]]:
    joined = Joined(pl.Series(values, dtype=pl.String))
    found = dict(detectors.inside.match(joined))
    for depth in DEPTHS:
        found |= dict(detectors.at(depth).match(joined))
    return {key: places.tolist() for key, places in found.items()}


@vectorscan
def test_both_engines_find_the_same_in_all_examples() -> None:
    assert hits(BOTH[0], EXAMPLES) == hits(BOTH[1], EXAMPLES)


@vectorscan
@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(EXAMPLES) | st.text(max_size=40), min_size=1, max_size=12))
def test_both_engines_find_the_same_in_anything(values: list[str]) -> None:
    assert hits(BOTH[0], values) == hits(BOTH[1], values)


@vectorscan
def test_the_patterns_that_headers_call_for_agree_too() -> None:
    joined = Joined(pl.Series(EXAMPLES))
    for each in LIBRARY.values():
        forms = [*forms_of(each), *forms_of(each, called=True), *parts_of(each)]
        fast = matcher(forms, engine="vectorscan").match(joined)
        slow = matcher(forms, engine="polars").match(joined)
        assert {k: v.tolist() for k, v in fast.items()} == {k: v.tolist() for k, v in slow.items()}


@pytest.mark.parametrize("each", LIBRARY.values(), ids=lambda c: c.id)
def test_the_fast_path_agrees_with_one_value_after_the_other(each: Classifier) -> None:
    if not each.by_content:
        return
    values = [v for v in EXAMPLES if "\n" not in v and v == v.strip()]
    fast = value_matches(pl.Series(values), each, Detectors({each.id: each}))
    assert fast == [matches(each, v) for v in values]


@pytest.mark.parametrize("engine", [ENGINE, "polars"])
def test_a_negated_class_does_not_run_into_the_next_value(engine: str) -> None:
    forms = [Form("x|p|0", r"a[^b]+c", False), Form("y|p|0", r"\d\s\d", False)]
    found = matcher(forms, engine=engine).match(Joined(pl.Series(["a1", "2c", "axc", "1", "2"])))
    assert {k: v.tolist() for k, v in found.items()} == {"x|p|0": [2]}


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a)\1",
        "(?=a)b",
        "(?!a)b",
        "(?<=a)b",
        "(?P<n>a)(?P=n)",
        "a*",
        "",
        "(",
        "(?i)abc",
        "a{1,5000}",
        "a++b",
    ],
)
def test_what_is_not_linear_or_matches_everything_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"\(a\)", "[(?=]x", r"a{2,3}[+]", r"[0-9]+\+", "(?:a|b)c"])
def test_what_only_looks_like_it_is_accepted(pattern: str) -> None:
    check_pattern(pattern)


def test_a_compiled_database_is_kept_and_read_again(tmp_path: object) -> None:
    from pathlib import Path

    place = Path(str(tmp_path)) / "cache"
    forms = [Form("x|p|0", "ab+", False)]
    matcher(forms, cache=place)
    kept = list(place.glob("*.db")) if place.exists() else []
    again = matcher(forms, cache=place).match(Joined(pl.Series(["abb"])))
    assert again["x|p|0"].tolist() == [0]
    if ENGINE == "vectorscan":
        assert len(kept) == 1
        kept[0].write_bytes(b"broken")
        assert matcher(forms, cache=place).match(Joined(pl.Series(["ab"])))
