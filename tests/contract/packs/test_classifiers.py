"""The shipped classifiers keep their promises; a pack that contradicts itself does not load."""

import re

import polars as pl
import pytest
import yaml

from muniment.classification.content import builtin, pack_files, read_pack, taxonomy
from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.evaluate import value_matches
from muniment.classification.engine.validators import validator
from muniment.classification.entries import ClassifierEntry, check_parts, contradictions
from muniment.kernel.errors import Invalid
from muniment.platform.settings import Settings

LIBRARY = builtin().classifiers
LONG_AND_NARROW = {"eg.national_id", "id.nik"}
"""Bare digits that hold a day of birth and the code of a region."""
CATEGORIES = [category.id for category in taxonomy().categories]

PACK = """
pack: trial
version: 1
title: Trial
classifiers:
  - id: trial.number
    title: Trial number
    category: business
    sensitivity: internal
    patterns: ['T-[0-9]{4}']
    examples: {hit: [T-1234], miss: [T-12]}
"""


def test_there_are_enough_in_every_field() -> None:
    assert len(LIBRARY) >= 80
    found = {c.category for c in LIBRARY.values()}
    assert {"contact", "personal", "government_id", "tax_id", "payment", "financial"} <= found
    assert {"health", "technical", "secret", "geo", "special_category"} <= found
    states = {c.jurisdiction for c in LIBRARY.values() if c.category == "government_id"}
    assert len(states) >= 20


def test_every_classifier_agrees_with_its_examples() -> None:
    wrong: list[str] = []
    for each in LIBRARY.values():
        check_parts(ClassifierEntry.of(each))
        wrong += [f"{each.id}: {sentence}" for sentence in contradictions(each)]
        if each.by_content and not (each.examples.hit and each.examples.miss):
            wrong.append(f"{each.id}: no example of both")
    assert wrong == []


def test_the_engine_of_scans_agrees_with_the_examples_too() -> None:
    detectors = Detectors(LIBRARY, cache=Settings().pattern_cache)
    wrong: list[str] = []
    for each in LIBRARY.values():
        if each.jurisdiction == "ANY" or not each.by_content or each.dictionary:
            continue
        values = [*each.examples.hit, *each.examples.miss]
        said = value_matches(pl.Series(values, dtype=pl.String), each, detectors)
        meant = [*(True for _ in each.examples.hit), *(False for _ in each.examples.miss)]
        wrong += [f"{each.id}: {v}" for v, a, b in zip(values, said, meant, strict=True) if a != b]
    assert wrong == []


def test_an_entry_holds_all_that_its_classifier_says() -> None:
    for each in LIBRARY.values():
        built = ClassifierEntry.of(each).build(version=each.version, custom=each.custom)
        assert built == each, each.id


def test_nations_are_many_and_each_entry_says_where_its_form_comes_from() -> None:
    national = [c for c in LIBRARY.values() if c.jurisdiction not in ("ANY", "EU")]
    assert len(national) >= 380
    assert len({c.jurisdiction for c in national}) >= 100
    for each in national:
        assert each.source, each.id
        assert each.titles["en"] == each.title, each.id


def test_plain_digits_without_a_check_never_decide_alone() -> None:
    """Whatever is a bare run of digits to one country is an order number to everybody else."""
    for each in LIBRARY.values():
        if each.jurisdiction == "ANY" or each.needs_header:
            continue
        rule = validator(each.validator) if each.validator else None
        bare = [v for v in each.examples.hit if v.isascii() and v.isdigit() and len(v) < 14]
        always = [v for v in bare if any(re.fullmatch(p, v) for p in (*each.patterns, *each.sure))]
        assert not always or each.id in LONG_AND_NARROW or (rule and rule.chance < 0.25), each.id


def test_most_speak_several_languages() -> None:
    personal = [c for c in LIBRARY.values() if c.personal and c.jurisdiction == "ANY"]
    spoken = [len(c.header.strong) for c in personal]
    assert sum(count >= 4 for count in spoken) / len(spoken) > 0.75


def test_what_is_special_is_personal_and_restricted() -> None:
    for each in LIBRARY.values():
        if each.special:
            assert each.personal, each.id
            assert each.sensitivity.word == "restricted", each.id


def test_a_change_that_contradicts_an_example_is_named() -> None:
    with pytest.raises(Invalid, match=r"trial\.number.*“T-1234” should hit"):
        read_pack(PACK.replace("{4}", "{5}"), "trial.yaml", CATEGORIES)
    with pytest.raises(Invalid, match=r"trial\.number.*“T-12” should not hit"):
        read_pack(PACK.replace("{4}", "{2,4}"), "trial.yaml", CATEGORIES)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("category: business", "category: mystery", "no category mystery"),
        ("sensitivity: internal", "sensitivity: secretish", "sensitivity"),
        ("patterns: ['T-[0-9]{4}']", "patterns: ['T-(?=1)']", "look-ahead"),
        ("patterns: ['T-[0-9]{4}']", "pattern: ['T']", "pattern"),
        ("title: Trial number", "title: [", "YAML"),
    ],
)
def test_what_cannot_be_read_says_why(old: str, new: str, says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(says)):
        read_pack(PACK.replace(old, new), "trial.yaml", CATEGORIES)


def test_every_pack_names_the_source_of_its_formats() -> None:
    for path, file in pack_files():
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["source"], path


def test_the_taxonomy_is_a_tree_with_four_levels() -> None:
    tree = taxonomy()
    assert [level.sensitivity.word for level in tree.levels] == [
        "public",
        "internal",
        "confidential",
        "restricted",
    ]
    parents = {category.id: category.parent for category in tree.categories}
    for name in parents:
        seen: set[str] = set()
        place: str | None = name
        while place is not None:
            assert place not in seen
            seen.add(place)
            place = parents[place]
