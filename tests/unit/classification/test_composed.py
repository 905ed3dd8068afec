"""Labels made of other labels agree with the boolean algebra of their parts."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.classification.direct import classify_table
from muniment.classification.engine.composed import with_composed
from muniment.classification.entries import ClassifierEntry, CompositionEntry, check_parts
from muniment.classification.model import Found
from muniment.kernel.errors import Invalid
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Sensitivity, Tier
from muniment.platform.settings import Settings

ID = "custom.identity"
NAMES = ("a.x", "a.y", "b.x")
PARTS = st.lists(st.sampled_from((*NAMES, "a.*")), max_size=2, unique=True)
COMPOSITIONS = st.fixed_dictionaries(
    dict.fromkeys(("all_of", "any_of", "none_of", "beside_all", "beside_any"), PARTS)
)
TABLES = st.lists(st.lists(st.sampled_from(NAMES), unique=True), min_size=1, max_size=4)


def entry(**compose: Any) -> ClassifierEntry:
    return ClassifierEntry(
        id=ID,
        title="Identity",
        category="personal",
        sensitivity="confidential",
        compose=CompositionEntry(**compose),
    )


def found(label: str, column: str, confidence: float = 0.9) -> Found:
    said = (Sensitivity.INTERNAL, False, False, Tier.RULE, confidence, 1)
    return Found(column, label, label, "personal", *said, {})


def carries(labels: list[str], pattern: str) -> bool:
    return any(each.startswith("a.") if pattern == "a.*" else each == pattern for each in labels)


@given(table=TABLES, rule=COMPOSITIONS)
def test_they_agree_with_their_parts(table: list[list[str]], rule: dict[str, list[str]]) -> None:
    columns = [f"c{n}" for n in range(len(table))]
    told = [
        tuple(found(label, column) for label in labels)
        for column, labels in zip(columns, table, strict=True)
    ]
    known = {ID: entry(**rule).build(version=1)}
    composed = with_composed(told, columns, columns, known, 0.5)
    positive = any(rule[key] for key in ("all_of", "any_of", "beside_all", "beside_any"))
    for at, labels in enumerate(table):
        others = [each for n, more in enumerate(table) if n != at for each in more]
        expected = (
            positive
            and all(carries(labels, p) for p in rule["all_of"])
            and (not rule["any_of"] or any(carries(labels, p) for p in rule["any_of"]))
            and not any(carries(labels, p) for p in rule["none_of"])
            and all(carries(others, p) for p in rule["beside_all"])
            and (not rule["beside_any"] or any(carries(others, p) for p in rule["beside_any"]))
        )
        assert (ID in {each.label for each in composed[at]}) == expected
        assert composed[at][: len(told[at])] == told[at]


def test_it_is_as_sure_as_the_least_sure_part_and_names_them() -> None:
    told = [(found("a.x", "c0", 0.7),), (found("b.x", "c1", 0.95),), ()]
    known = {ID: entry(all_of=["a.x"], beside_any=["b.*"]).build(version=1)}
    columns = ["c0", "c1", "c2"]
    [label] = with_composed(told, columns, columns, known, 0.5)[0][1:]
    assert label.confidence == 0.7
    assert [part["column"] for part in label.evidence["rests_on"]] == ["c0", "c1"]  # type: ignore[union-attr,index,call-overload]
    assert with_composed(told, columns, columns, known, 0.8) == told


def test_distance_counts_all_columns_those_not_read_included() -> None:
    told = [(found("a.x", "c0"),), (found("b.x", "c9"),)]
    order = [f"c{n}" for n in range(10)]
    for within, expected in ((8, 1), (9, 2)):
        known = {ID: entry(all_of=["a.x"], beside_all=["b.x"], within=within).build(version=1)}
        assert len(with_composed(told, ["c0", "c9"], order, known, 0.5)[0]) == expected


def test_the_engine_composes_what_it_found_in_a_table() -> None:
    table = pa.table(
        {
            "mail": [f"p{n}@mail.example" for n in range(50)],
            "card_number": ["4111111111111111", "5500005555555559", "4012888888881881"] * 16
            + ["4111111111111111", "5500005555555559"],
            "note": [f"n{n}" for n in range(50)],
        }
    )
    made = entry(all_of=["contact.email"], beside_any=["finance.*"])
    params: Any = {
        "custom": [{"entry": made.model_dump(mode="json"), "version": 1}],
        "cache_dir": str(Settings().pattern_cache),
    }
    result: Any = classify_table(table, AssetRef("s", ("t",)), params)
    labels = {c["column"]: [each["label"] for each in c["labels"]] for c in result["columns"]}
    assert ID in labels["mail"]
    assert ID not in labels["card_number"]
    assert ID not in labels["note"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"compose": {"none_of": ["a.x"]}}, "at least one label"),
        ({"compose": {"all_of": ["a.x"]}, "patterns": ["x"]}, "patterns"),
        ({"compose": {"all_of": ["a.x"]}, "header": {"strong": ["x"]}}, "header"),
    ],
)
def test_what_rests_on_nothing_or_says_more_is_refused(more: dict[str, Any], why: str) -> None:
    plain = entry(all_of=["a.x"]).model_dump()
    with pytest.raises(Invalid, match=why):
        check_parts(ClassifierEntry.model_validate({**plain, **more}))
