"""Allow lists: values that are never a hit, alone, inside text, and as single finds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.asked import digest, reads_anew
from muniment.classification.direct import classify_column, matching_values
from muniment.classification.engine.rules import matches
from muniment.classification.entries import ClassifierEntry, parse_entry
from muniment.classification.model import Classifier
from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject
from muniment.platform.settings import Settings

ID = "custom.berth"
VALUES = st.lists(st.from_regex(r"[Bb]E-[0-9]{2}", fullmatch=True), min_size=1, max_size=30)


def entry(*allowed: str, **more: Any) -> ClassifierEntry:
    return ClassifierEntry(
        id=ID,
        title="Berth",
        category="business",
        sensitivity="internal",
        patterns=("[Bb]E-[0-9]{2}",),
        contains=(r"\b[Bb]E-[0-9]{2}\b",),
        strength="decisive",
        allowed=allowed,
        **more,
    )


def built(*allowed: str) -> Classifier:
    return entry(*allowed).build(version=1, custom=True)


def found(values: list[str], *allowed: str, **more: Any) -> dict[str, Any]:
    custom: Any = [{"entry": entry(*allowed, **more).model_dump(mode="json"), "version": 1}]
    params: JsonObject = {
        "custom": custom,
        "cache_dir": str(Settings().pattern_cache),
        "min_confidence": 0.1,
    }
    result: Any = classify_column("slot", "harbour", values, params)
    [column] = result["columns"]
    labels: dict[str, dict[str, Any]] = {
        each["label"]: each["evidence"] for each in column["labels"]
    }
    return labels.get(ID, {})


@settings(max_examples=25, deadline=None)
@given(values=VALUES, allowed=VALUES)
def test_the_engine_takes_out_what_one_value_after_the_other_would(
    values: list[str], allowed: list[str]
) -> None:
    classifier = built(*allowed)
    known = {each.lower() for each in allowed}
    assert matching_values(classifier, values) == [v.lower() not in known for v in values]
    assert [matches(classifier, v) for v in values] == [v.lower() not in known for v in values]


def test_the_evidence_counts_what_is_allowed() -> None:
    values = [f"BE-{n:02}" for n in range(40)]
    assert found(values)["matched"] == 40
    evidence = found(values, "be-00", "BE-01", "BE-99")
    assert (evidence["matched"], evidence["allowed"]) == (38, 2)
    assert not found(values, *values)


def test_it_holds_inside_of_text_and_for_single_values() -> None:
    texts = [f"the ship went from BE-07 to the harbour on day {n}" for n in range(60)]
    assert found(texts)["mode"] == "inside_text"
    assert not found(texts, "BE-07")
    notes = [f"nothing to tell of the ships on day {n}" for n in range(3_000)]
    notes[7] = "the ship moved from BE-07 to its place in the rain"
    assert found(notes, rare=True)["mode"] == "rare"
    assert not found(notes, "BE-07", rare=True)


def test_a_changed_list_asks_for_the_values_again_and_none_leaves_the_digest() -> None:
    assert digest(built()) == digest(built())
    assert reads_anew(built(), built("BE-07"))
    assert not reads_anew(built("be-07"), built("BE-07"))


def test_a_list_too_long_is_refused() -> None:
    many = entry(*(f"BE-{n}" for n in range(10_001 - 1))).model_dump_json()
    assert len(parse_entry(many).allowed) == 10_000
    with pytest.raises(Invalid, match="allowed"):
        parse_entry(many.replace('"BE-0",', '"BE-0","BE-x",'))
