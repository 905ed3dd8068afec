"""The laws of the score: between 0 and 100, monotone, never a mark for what was not checked."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from muniment.catalog.analysis.results import CheckOutcome
from muniment.catalog.quality.model import CAP, score_of
from muniment.kernel.values import Dimension, Severity

ratios = st.floats(0, 1)


@st.composite
def outcomes(draw: st.DrawFn) -> CheckOutcome:
    ratio = draw(st.none() | ratios)
    status = "skipped" if ratio is None else draw(st.sampled_from(["passed", "failed"]))
    return CheckOutcome(
        key=str(draw(st.integers(0, 10**9))),
        type="in_set",
        title="x",
        dimension=draw(st.sampled_from(list(Dimension))).value,
        severity=draw(st.sampled_from(list(Severity))).value,
        origin="declared",
        status=status,
        columns=tuple(draw(st.lists(st.sampled_from("abc"), max_size=2))),
        ratio=ratio,
    )


many = st.lists(outcomes(), max_size=12)


@given(many)
def test_a_score_lies_between_0_and_100(found: list[CheckOutcome]) -> None:
    score = score_of(found, columns=3)
    assert (score.score is None) == all(one.ratio is None for one in found)
    assert score.score is None or 0 <= score.score <= 100
    assert all(0 <= value <= 100 for value in score.dimensions.values())
    assert 0 <= score.coverage <= 1
    assert score.passed + score.failed + score.unanswered == len(found)


@given(many, st.data())
def test_a_better_answer_never_lowers_the_score(
    found: list[CheckOutcome], data: st.DataObject
) -> None:
    answered = [at for at, one in enumerate(found) if one.ratio is not None]
    if not answered:
        return
    at = data.draw(st.sampled_from(answered))
    better = [*found]
    better[at] = replace(found[at], ratio=data.draw(st.floats(found[at].ratio or 0, 1)))
    before, after = score_of(found, columns=3).score, score_of(better, columns=3).score
    assert before is not None
    assert after is not None
    assert after >= before - 0.01  # dimensions are rounded to two places


@given(many)
def test_dimensions_that_were_not_checked_are_absent(found: list[CheckOutcome]) -> None:
    checked = {Dimension(one.dimension) for one in found if one.ratio is not None}
    assert set(score_of(found, columns=3).dimensions) == checked


def test_a_failing_critical_check_caps_the_score() -> None:
    fine = CheckOutcome("a", "unique", "x", "uniqueness", "low", "rule", "passed", ratio=1.0)
    broken = CheckOutcome("b", "luhn", "x", "validity", "critical", "rule", "failed", ratio=0.99)
    score = score_of([fine, broken], columns=1)
    assert (score.score, score.capped) == (CAP, True)
    assert score_of([fine, replace(broken, severity="high")], columns=1).capped is False


def test_the_formula_is_the_published_one() -> None:
    found = [
        CheckOutcome("a", "x", "x", "validity", "high", "rule", "failed", ratio=0.5),
        CheckOutcome("b", "x", "x", "validity", "low", "rule", "passed", ratio=1.0),
        CheckOutcome("c", "x", "x", "uniqueness", "low", "rule", "passed", ratio=1.0),
    ]
    score = score_of(found, columns=1)
    assert score.dimensions == {Dimension.VALIDITY: 60.0, Dimension.UNIQUENESS: 100.0}
    assert score.score == 80.0
