"""The laws of the score: between 0 and 100, monotone, never a mark for what was not checked."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from muniment.catalog.analysis.results import CheckOutcome
from muniment.catalog.model import quality_band
from muniment.catalog.quality.model import CEILING, score_of
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
    before, after = score_of(found, columns=3), score_of(better, columns=3)
    assert before.score is not None
    assert after.score is not None
    assert after.score >= before.score
    assert all(after.dimensions[each] >= score for each, score in before.dimensions.items())


@given(many, st.data())
def test_a_check_that_newly_fails_always_lowers_the_score_or_leaves_it_at_0(
    found: list[CheckOutcome], data: st.DataObject
) -> None:
    passed = [at for at, one in enumerate(found) if one.status == "passed"]
    if not passed:
        return
    at = data.draw(st.sampled_from(passed))
    worse = [*found]
    worse[at] = replace(found[at], status="failed", ratio=data.draw(ratios))
    before, after = score_of(found, columns=3).score, score_of(worse, columns=3).score
    assert before is not None
    assert after is not None
    assert after < before


@given(st.lists(outcomes().map(lambda one: replace(one, status="passed", ratio=1.0)), min_size=1))
def test_100_is_for_what_passes_everything(found: list[CheckOutcome]) -> None:
    score = score_of(found, columns=3)
    assert (score.score, set(score.dimensions.values())) == (100.0, {100.0})


@given(many.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_checks_is_irrelevant(
    both: tuple[list[CheckOutcome], list[CheckOutcome]],
) -> None:
    assert score_of(both[0], columns=3) == score_of(both[1], columns=3)


@given(many)
def test_the_gravest_failing_check_sets_the_ceiling(found: list[CheckOutcome]) -> None:
    failing = {Severity(one.severity) for one in found if one.status == "failed"}
    score = score_of(found, columns=3)
    for severity in failing:
        assert (score.score or 0) < 100 * CEILING[severity]
    assert score.capped == any(CEILING[severity] < 1 for severity in failing)


@given(many)
def test_dimensions_that_were_not_checked_are_absent(found: list[CheckOutcome]) -> None:
    checked = {Dimension(one.dimension) for one in found if one.ratio is not None}
    assert set(score_of(found, columns=3).dimensions) == checked


def check(severity: str, ratio: float, dimension: str = "validity") -> CheckOutcome:
    status = "passed" if ratio == 1 else "failed"
    return CheckOutcome("a", "x", "x", dimension, severity, "rule", status, ratio=ratio)


def test_one_grave_failure_among_many_right_rows_is_seen() -> None:
    many_right = [check("medium", 1.0) for _ in range(50)]
    for severity, band in (("critical", "poor"), ("high", "fair"), ("medium", "good")):
        score = score_of([*many_right, check(severity, 0.9999)], columns=1).score
        assert score is not None
        assert score < 95
        assert quality_band(score) == band


def test_the_formula_is_the_published_one() -> None:
    found = [
        check("high", 0.98),
        check("low", 1.0),
        check("low", 0.9, "completeness"),
        check("low", 1.0, "uniqueness"),
    ]
    score = score_of(found, columns=1)
    assert score.dimensions == {
        Dimension.COMPLETENESS: 40.0,  # 1/2 (1 - 10%/50%)
        Dimension.VALIDITY: 52.0,  # (4 x 1/2 (1 - 2%/10%) + 1) / 5
        Dimension.UNIQUENESS: 100.0,
    }
    assert score.score == 51.2  # 0.8 x (40 + 52 + 100) / 3
