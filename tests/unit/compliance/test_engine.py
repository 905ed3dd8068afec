"""Judging, reconciling and scoring, stated as laws and small cases."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.compliance.content import shipped_checks, shipped_library
from muniment.compliance.engine.expressions import compile_expression, prepare
from muniment.compliance.engine.facts import Subject, environment_of, words_of
from muniment.compliance.engine.judge import Result, compile_check, complete, judge
from muniment.compliance.engine.reconcile import HEALED, OUT_OF_SCOPE, Known, reconcile
from muniment.compliance.engine.scoring import Tally, score_framework, score_requirement
from muniment.compliance.model import (
    Automation,
    Check,
    Entity,
    FindingState,
    Requirement,
    RequirementStatus,
    Verdict,
    due_date,
    ensure_waivable,
)
from muniment.kernel.errors import Invalid
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Severity

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASSET = frozenset({"asset"})


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("asset.owner ==", "cannot be read"),
        ("x" * 3000, "longer than"),
        ("asset.a.all(x, asset.a.all(y, asset.a.all(z, x + y + z > 0)))", "nests more than"),
        ("machine.exec('rm')", "names machine"),
    ],
)
def test_expressions_are_bounded(source: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        compile_expression(source, ASSET)


@pytest.mark.parametrize(
    "source",
    ["asset.rows > 3", "asset.nothing == 1", "asset.name + asset.name", "asset.rows / 0 > 1"],
)
def test_what_cannot_be_evaluated_is_told_and_not_guessed(source: str) -> None:
    expression = compile_expression(source, ASSET)
    with pytest.raises(ValueError):
        expression.is_true(prepare({"asset": {"rows": None if "3" in source else 1, "name": "a"}}))


def test_an_undecided_check_is_neither_for_nor_against() -> None:
    check = Check("odd", "Odd", Entity.ASSET, "true", "asset.rows > 3", Severity.LOW, "", "")
    subject = Subject(Entity.ASSET, "a/b", complete(Entity.ASSET, {}))
    [result] = judge([compile_check(check)], [subject])
    assert result.verdict is Verdict.UNDECIDED
    assert result.why_undecided


def test_evidence_holds_what_the_check_looked_at() -> None:
    sample = complete(Entity.ASSET, {"asset": {"personal": True, "owner": None, "ref": "a/b"}})
    [result] = judge(
        [shipped_checks()["owner-of-personal-data"]], [Subject(Entity.ASSET, "a/b", sample)]
    )
    assert result.evidence == {"asset": {"ref": "a/b", "personal": True, "owner": None}}
    assert len(result.evidence_hash) == 64


def test_an_age_that_grows_is_no_new_evidence() -> None:
    check = shipped_checks()["credentials-rotated"]

    def hash_at(age: float) -> str:
        sample = {"source": {"has_secret": True, "credential_age_days": age}}
        subject = Subject(Entity.SOURCE, "s", complete(Entity.SOURCE, sample))
        return next(iter(judge([check], [subject]))).evidence_hash

    assert hash_at(100.0) == hash_at(200.0)


@pytest.mark.parametrize(
    ("ref", "environment"),
    [
        (AssetRef("shop", ("test_data", "customers")), "test"),
        (AssetRef("shop", ("public", "test_results")), "production"),
        (AssetRef("shop-staging", ("public", "customers")), "test"),
        (AssetRef("shop", ("latest", "customers")), "production"),
        (AssetRef("shop", ("QA", "customers")), "test"),
        (AssetRef("shop", ("contest", "entries")), "production"),
    ],
)
def test_a_test_place_is_told_by_its_name(ref: AssetRef, environment: str) -> None:
    assert environment_of(ref) == environment


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("agent_notes", ["agent", "notes"]),
        ("AgentNotes2", ["agent", "notes"]),
        ("HTTPBody", ["http", "body"]),
        ("NOTES", ["notes"]),
        ("größe-Ä", ["größe", "ä"]),
        ("123", []),
    ],
)
def test_a_column_name_has_words(name: str, words: list[str]) -> None:
    assert words_of(name) == words


def result(subject: str, verdict: Verdict, hash_: str = "h") -> Result:
    return Result("c", Severity.LOW, Entity.ASSET, subject, verdict, {}, hash_)


subjects = st.sampled_from(["a", "b", "c", "d"])
results = st.dictionaries(subjects, st.sampled_from(Verdict)).map(
    lambda found: [result(subject, verdict) for subject, verdict in found.items()]
)
findings = st.dictionaries(subjects, st.sampled_from(FindingState)).map(
    lambda found: {
        ("c", subject): Known(UUID(int=1), "c", subject, state, "h", None)
        for subject, state in found.items()
    }
)
waivers = st.frozensets(subjects.map(lambda subject: ("c", subject)))


@given(results, findings, waivers)
def test_reconciling_is_settled_after_one_round(
    found: list[Result], known: dict[tuple[str, str], Known], waived: frozenset[tuple[str, str]]
) -> None:
    changes = reconcile(found, known, waived)
    after = dict(known)
    for new, state in changes.open:
        after[new.key] = Known(UUID(int=2), "c", new.subject, state, "h", None)
    for before, _, state in changes.reopen:
        after[before.key] = Known(before.id, "c", before.subject, state, "h", None)
    for before, _ in changes.resolve:
        after[before.key] = Known(before.id, "c", before.subject, FindingState.RESOLVED, "h", None)
    assert not reconcile(found, after, waived)
    for each in found:
        found_state = after[each.key].state if each.key in after else None
        if each.verdict is Verdict.BROKEN:
            assert found_state not in (None, FindingState.RESOLVED)
            assert (found_state is FindingState.WAIVED) == (each.key in waived)
        elif each.verdict is Verdict.HOLDS:
            assert found_state in (None, FindingState.RESOLVED)


def test_why_a_finding_ends_is_said() -> None:
    known = {("c", s): Known(UUID(int=1), "c", s, FindingState.OPEN, "h", None) for s in ("a", "b")}
    changes = reconcile([result("a", Verdict.HOLDS)], known, frozenset())
    assert {k.subject: why for k, why in changes.resolve} == {"a": HEALED, "b": OUT_OF_SCOPE}


tallies = st.builds(
    lambda passed, failed, waived, undecided: Tally(
        passed + failed + waived + undecided, passed, waived, undecided
    ),
    *[st.integers(0, 20)] * 4,
)


@given(st.dictionaries(st.sampled_from(sorted(shipped_library().checks)), tallies))
def test_scores_stay_in_bounds_and_manual_is_never_met(found: dict[str, Tally]) -> None:
    library = shipped_library()
    for framework in library.frameworks.values():
        score = score_framework(framework, library, found)
        assert score.score is None or 0 <= score.score <= 100
        assert 0 <= score.coverage <= 1
        parts = score.requirements
        assert score.met + score.failing + score.no_evidence + score.manual == len(parts)
        for part in parts:
            if part.requirement.automation is Automation.MANUAL:
                assert part.status is RequirementStatus.MANUAL
                assert part.score is None


@given(st.integers(0, 50), st.integers(1, 50))
def test_mending_never_lowers_the_score(passed: int, failed: int) -> None:
    library = shipped_library()
    requirement = Requirement("1", "One", Automation.AUTOMATED)
    checks = ("sensitive-not-public", "owner-of-source")

    def score(mended: int) -> float:
        found = {
            checks[0]: Tally(passed + failed, passed + mended),
            checks[1]: Tally(4, 2),
        }
        made = score_requirement(requirement, checks, library.checks, found).score
        assert made is not None
        return made

    assert score(1) > score(0)


def test_a_waiver_ends_within_a_year() -> None:
    ensure_waivable(now=NOW, expires_at=NOW + timedelta(days=365))
    for wrong in (NOW, NOW - timedelta(days=1), NOW + timedelta(days=400)):
        with pytest.raises(Invalid):
            ensure_waivable(now=NOW, expires_at=wrong)


def test_the_graver_the_sooner() -> None:
    dues = [due_date(severity, NOW) for severity in Severity]
    assert dues == sorted(dues, reverse=True)
