"""The laws of the effective view."""

from hypothesis import given
from hypothesis import strategies as st

from muniment.rulesets.content import as_laid, shipped_defaults
from muniment.rulesets.engine.effective import BUILT_IN, lay_over
from muniment.rulesets.engine.preview import selected
from muniment.rulesets.model import (
    AppliesTo,
    Laid,
    Layer,
    Limits,
    QualityEntry,
    RuleSetBody,
    Sampling,
    Scope,
)

globs = st.sampled_from(["*", "sales.*", "hr.*", "sales.orders", "tmp_*"])
classifiers = st.sampled_from(["*", "contact.*", "finance.*", "!finance.*", "!contact.email"])
IDS = ("contact.email", "contact.phone", "finance.iban", "health.icd10")

bodies = st.builds(
    RuleSetBody,
    scope=st.builds(
        Scope,
        include=st.none() | st.lists(globs, min_size=1, max_size=2).map(tuple),
        exclude=st.lists(globs, max_size=2).map(tuple),
    ),
    sampling=st.builds(
        Sampling,
        rows=st.none() | st.just("all") | st.integers(100, 10_000),
        metadata_only=st.none() | st.booleans(),
    ),
    classifiers=st.none() | st.lists(classifiers, min_size=1, max_size=3).map(tuple),
    min_confidence=st.none() | st.floats(0, 1),
    quality_rules=st.lists(
        st.builds(QualityEntry, check=st.sampled_from(["not_null", "unique"]), assets=globs),
        max_size=2,
    ).map(tuple),
    lineage=st.none() | st.booleans(),
    limits=st.builds(Limits, max_concurrency=st.none() | st.integers(1, 8)),
)
needs = st.builds(
    RuleSetBody,
    sampling=st.builds(Sampling, rows=st.none() | st.just("all") | st.integers(100, 10_000)),
    classifiers=st.none()
    | st.lists(st.sampled_from(["contact.*", "finance.*"]), min_size=1).map(tuple),
    min_confidence=st.none() | st.floats(0, 1),
)


def sets(layers: st.SearchStrategy[Layer]) -> st.SearchStrategy[list[Laid]]:
    one = st.builds(
        Laid,
        name=st.sampled_from(["a", "b", "c"]),
        version=st.just(1),
        layer=layers,
        position=st.integers(0, 2),
        body=bodies,
    )
    return st.lists(one, max_size=4, unique_by=lambda laid: laid.name)


anywhere = sets(st.sampled_from([Layer.DEFAULT, Layer.BASE, Layer.OVERLAY]))


@given(anywhere, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_the_sets_matters(
    found: list[Laid], chance: object
) -> None:
    shuffled = [*found, *found]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert lay_over(shuffled) == lay_over(found)


@given(anywhere)
def test_every_setting_has_an_origin_and_every_origin_took_part(found: list[Laid]) -> None:
    rules = lay_over(found)
    labels = {laid.label for laid in found} | {BUILT_IN}
    assert set(rules.origins.values()) <= labels
    assert rules.versions == {laid.name: laid.version for laid in found}
    if not found:
        assert set(rules.origins.values()) == {BUILT_IN}


@given(anywhere, bodies)
def test_the_last_overlay_has_the_last_word(found: list[Laid], body: RuleSetBody) -> None:
    last = Laid("zz", 7, Layer.OVERLAY, 99, body)
    rules = lay_over([*found, last])
    if body.scope.include is not None:
        assert rules.include == body.scope.include
        assert rules.origins["scope.include"] == "zz v7"
    if body.classifiers is not None:
        assert rules.classifiers == body.classifiers
    if body.sampling.rows is not None:
        assert rules.sample_rows == (None if body.sampling.rows == "all" else body.sampling.rows)
    if body.limits.max_concurrency is not None:
        assert rules.max_concurrency == body.limits.max_concurrency
    assert set(body.scope.exclude) <= set(rules.exclude)


@given(sets(st.sampled_from([Layer.DEFAULT, Layer.BASE])), needs)
def test_a_framework_takes_nothing_away(found: list[Laid], need: RuleSetBody) -> None:
    before = lay_over(found)
    after = lay_over([*found, Laid("framework-x", 1, Layer.FRAMEWORK, 0, need)])
    assert set(selected(before.classifiers, IDS)) <= set(selected(after.classifiers, IDS))
    assert set(selected(need.classifiers or (), IDS)) <= set(selected(after.classifiers, IDS))
    assert after.min_confidence <= before.min_confidence
    assert after.sample_rows is None or (before.sample_rows or 0) <= after.sample_rows
    assert after.include == before.include
    assert after.exclude == before.exclude


def test_the_shipped_defaults_make_a_whole() -> None:
    rules = lay_over(
        as_laid(e) for e in shipped_defaults() if e.applies_to.matches("shop", "postgresql", None)
    )
    assert rules.classifiers == ("*",)
    assert "information_schema.*" in rules.exclude
    assert rules.origins["scope.exclude.0"] == "default-postgresql v1"
    assert rules.origins["limits.max_concurrency"] == "default-any v1"


def test_a_set_is_left_alone_when_its_source_goes_unless_it_named_only_that() -> None:
    def only_for(*sources: str) -> bool:
        return AppliesTo(sources=sources).only_for("gone", {"there"})

    assert only_for("gone")
    assert only_for("gone", "gone-before")
    assert not only_for("gone", "there")
    assert not only_for("gone", "*")
    assert not only_for("go[mn]e")
    assert not only_for("gone-before")
