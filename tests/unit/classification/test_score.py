"""What evidence is worth: laws of the score that hold whatever the packs say."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.classification.engine.header import NOTHING
from muniment.classification.engine.score import (
    ColumnFacts,
    Matched,
    Score,
    Tally,
    beside_rivals,
    score,
)
from muniment.classification.model import Classifier, Kind, Strength, probability, wilson_low
from muniment.kernel.values import Sensitivity

NUMBER = Classifier(
    "xx.number",
    "A number with a check digit",
    "tax_id",
    Sensitivity.CONFIDENTIAL,
    patterns=("[0-9]{9}",),
    validator="luhn",
    strength=Strength.MEDIUM,
)
NAMES = Classifier(
    "person.last_name",
    "Last name",
    "personal",
    Sensitivity.CONFIDENTIAL,
    personal=True,
    dictionary="family_names",
    strength=Strength.MEDIUM,
)
ODDS = st.floats(-8, 8, allow_nan=False)


def column(distinct: int, rows: int | None = None) -> ColumnFacts:
    tested = Tally(distinct, rows or distinct)
    return ColumnFacts("c1", Kind.TEXT, tested.rows, distinct, tested, tested, {})


def judged(classifier: Classifier, facts: ColumnFacts, hits: int) -> Score:
    rows = round(facts.tested.rows * hits / facts.tested.distinct)
    matched = Matched(base=Tally(hits, rows), form=facts.tested, form_checked=facts.tested)
    verdict = score(classifier, facts, matched, NOTHING, (), ())
    return verdict or Score(-9.0, {}, (), "values")


def test_a_check_digit_that_always_passes_decides_without_a_name() -> None:
    assert judged(NUMBER, column(40), 40).confidence > 0.85


def test_a_check_digit_that_passes_by_chance_is_no_evidence() -> None:
    assert judged(NUMBER, column(200), 22).confidence < 0.05


def test_a_form_without_a_check_digit_never_decides_alone() -> None:
    plain = replace(NUMBER, validator=None)
    assert judged(plain, column(500), 500).confidence < 0.5


def test_many_names_of_a_list_decide_and_a_handful_that_repeats_does_not() -> None:
    assert judged(NAMES, column(80, 200), 72).confidence > 0.8
    assert judged(NAMES, column(7, 400), 7).confidence < 0.5


@given(hits=st.integers(1, 199))
def test_more_hits_never_lower_the_verdict(hits: int) -> None:
    facts = column(200)
    assert judged(NAMES, facts, hits).odds <= judged(NAMES, facts, hits + 1).odds + 1e-9


@given(odds=ODDS, rivals=st.lists(ODDS, max_size=5))
def test_rivals_only_take_and_their_order_is_nothing(odds: float, rivals: list[float]) -> None:
    left = beside_rivals(odds, rivals)
    assert left <= odds
    assert left == pytest.approx(beside_rivals(odds, rivals[::-1]))
    assert beside_rivals(odds, []) == pytest.approx(odds)


def test_of_two_equal_readings_either_is_right_half_of_the_time() -> None:
    assert 0.5 < probability(beside_rivals(3.5, [3.5])) < 0.55
    assert beside_rivals(3.5, [-3.0]) == pytest.approx(3.5, abs=0.06)


@given(tested=st.integers(1, 10_000), share=st.floats(0, 1))
def test_the_bound_lies_below_the_share(tested: int, share: float) -> None:
    assert 0.0 <= wilson_low(share * tested, tested) <= share + 1e-9
