"""What is wrong with a rule set is told with its place and what to do."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.rulesets.engine.diff import Change, differences
from muniment.rulesets.engine.patterns import problem_of
from muniment.rulesets.engine.validate import (
    RuleProblem,
    Vocabulary,
    Weight,
    covers,
    read_body,
    validate,
)
from muniment.rulesets.model import Layer, RuleSetBody

WORDS = Vocabulary(
    ("contact.email", "contact.phone", "finance.iban"), ("not_null", "unique", "matches_regex")
)


def problems(raw: dict[str, object], layer: Layer = Layer.OVERLAY) -> list[RuleProblem]:
    body, found = read_body(raw)
    return found if body is None else validate(body, layer, WORDS)


@pytest.mark.parametrize(
    ("raw", "path", "message", "suggestion"),
    [
        ({"sampling": {"rows": 5}}, "sampling.rows", "greater than or equal to 100", None),
        ({"samplin": {}}, "samplin", "no such setting", "sampling"),
        ({"limits": {"max_concurency": 2}}, "limits.max_concurency", "no such", "max_concurrency"),
        ({"min_confidence": 3}, "min_confidence", "less than or equal to 1", None),
        ({"classifiers": ["contct.*"]}, "classifiers.0", "No classifier", "contact"),
        ({"classifiers": ["!contact.*"]}, "classifiers", "none is left", "Begin with *"),
        (
            {"quality_rules": [{"check": "not_nul"}]},
            "quality_rules.0.check",
            "no check type",
            "not_null",
        ),
        (
            {"quality_rules": [{"check": "not_null", "label": "contact.mail"}]},
            "quality_rules.0.label",
            "no classifier",
            "contact.email",
        ),
        (
            {"scope": {"include": ["sales.*"], "exclude": ["*"]}},
            "scope.include.0",
            "Nothing that sales.* includes is left",
            "narrower",
        ),
        (
            {"quality_rules": [{"check": "matches_regex", "params": {"regex": "(a+)+$"}}]},
            "quality_rules.0.params.regex",
            "repeat stands inside a repeat",
            None,
        ),
        (
            {"quality_rules": [{"check": "matches_regex", "params": {"regex": "(a"}}]},
            "quality_rules.0.params.regex",
            "not a valid regular expression",
            None,
        ),
        (
            {"quality_rules": [{"check": "unique", "params": {"min": 5, "max": 2}}]},
            "quality_rules.0.params",
            "range is empty",
            "Swap",
        ),
        (
            {"limits": {"max_run_minutes": 1, "statement_timeout_seconds": 600}},
            "limits.statement_timeout_seconds",
            "longer than the whole run",
            "60 seconds",
        ),
    ],
)
def test_each_problem_has_its_place(
    raw: dict[str, object], path: str, message: str, suggestion: str | None
) -> None:
    found = [each for each in problems(raw) if each.weight is Weight.ERROR]
    [named] = [each for each in found if each.path == path]
    assert message in named.message
    if suggestion:
        assert suggestion in (named.suggestion or "")


def test_what_changes_nothing_is_a_warning() -> None:
    found = problems({"scope": {"include": ["*", "sales.*"], "exclude": ["a/b"]}})
    assert {each.weight for each in found} == {Weight.WARNING}
    assert [each.path for each in found] == ["scope.include.1", "scope.exclude.0"]


def test_a_framework_cannot_take_away() -> None:
    raw: dict[str, object] = {
        "scope": {"exclude": ["hr.*"]},
        "classifiers": ["*", "!finance.*"],
        "limits": {"max_concurrency": 1},
    }
    assert {each.path for each in problems(raw, Layer.FRAMEWORK)} >= {
        "scope",
        "classifiers",
        "limits",
    }
    assert not problems(raw)


@pytest.mark.parametrize(
    "pattern", [r"(a+)+", r"(a*)*b", r"(.*,)*x", r"(a|a)*", r"(\w+\s?)*$", r"((ab)*)*", r"(a+){2,}"]
)
def test_patterns_that_can_hang_are_refused(pattern: str) -> None:
    assert problem_of(pattern) is not None


@pytest.mark.parametrize(
    "pattern",
    [r"^\d{4}-\d{2}$", r"[a-z]+@[a-z.]+", r"(foo|bar)+", r"^[A-Z]{2}\d{2}(\s?\w{4})*$", ""],
)
def test_ordinary_patterns_pass(pattern: str) -> None:
    assert problem_of(pattern) is None


names = st.text("ab.", min_size=1, max_size=6)
patterns = st.text("ab.*?", min_size=1, max_size=5)


@given(patterns, patterns, names)
def test_a_covering_pattern_matches_all_that_the_other_does(
    wider: str, narrower: str, name: str
) -> None:
    if covers(wider, narrower) and fnmatchcase(name, narrower):
        assert fnmatchcase(name, wider)


def test_a_difference_is_told_setting_by_setting() -> None:
    before = RuleSetBody.model_validate({"scope": {"exclude": ["a", "b"]}, "min_confidence": 0.5})
    after = RuleSetBody.model_validate({"scope": {"exclude": ["b", "c"]}, "lineage": False})
    found = {(each.path, each.change) for each in differences(before, after)}
    assert found == {
        ("scope.exclude", Change.REMOVED),
        ("scope.exclude", Change.ADDED),
        ("min_confidence", Change.REMOVED),
        ("lineage", Change.ADDED),
    }
    assert not differences(before, before)
