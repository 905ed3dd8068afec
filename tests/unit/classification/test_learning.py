"""Learning from decisions: what may change, what must not, and when the gate opens."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.engine.model import frozen, network
from muniment.classification.engine.model.head import Head, learned, load, with_head
from muniment.classification.engine.model.learning import (
    FEWEST_COLUMNS,
    NEW_COLUMNS,
    Examples,
    learn,
)
from muniment.kernel.errors import Invalid

BASE, HELD = network.shipped(), frozen.shipped()
NO: frozenset[str] = frozenset()


def examples(
    rows: list[int], confirmed: list[frozenset[str]], rejected: list[frozenset[str]]
) -> Examples:
    """Decisions about frozen columns, each of a name of its own."""
    return Examples(
        HELD.features[rows],
        confirmed,
        rejected,
        [f"name {at}" for at in range(len(rows))],
        np.ones(len(rows), np.bool_),
    )


def of_kind(label: str, count: int) -> list[int]:
    return [at for at, each in enumerate(HELD.labels) if each == label][:count]


def as_shipped(labels: list[str], version: int = 1) -> Head:
    """A head with the weights that the labels have already."""
    places = [BASE.labels.index(label) for label in labels]
    weights = np.vstack([each.out for each in BASE.networks])[:, places]
    bias = np.mean([each.out_bias for each in BASE.networks], axis=0)[places]
    return Head(BASE.fingerprint, version, tuple(labels), weights, bias, {})


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(BASE.labels), min_size=1, max_size=20, unique=True))
def test_a_head_that_learned_nothing_changes_nothing(labels: list[str]) -> None:
    head = as_shipped(labels, 7)
    again = load(head.dump())
    assert (again.base, again.version, again.labels) == (head.base, 7, tuple(labels))
    model = with_head(BASE, again)
    assert model.version == f"{BASE.version}+7"
    rows = HELD.features[:200]
    assert np.allclose(model.probabilities(rows), BASE.probabilities(rows), atol=2e-3)


def test_a_head_for_another_model_is_not_used() -> None:
    head = as_shipped(["geo.city"])
    other = Head("0" * 16, 1, head.labels, head.weights, head.bias, {})
    assert with_head(BASE, other) is BASE
    assert learned(other.dump()).version == BASE.version


@pytest.mark.parametrize("text", ["", "no base64!", "AAAA", as_shipped(["geo.city"]).dump()[:-40]])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="no learned weights"):
        load(text)


def test_too_few_decisions_teach_nothing() -> None:
    rows = of_kind("geo.city", FEWEST_COLUMNS - 1)
    found = learn(
        BASE, HELD, examples(rows, [frozenset({"geo.city"})] * len(rows), [NO] * len(rows)), 1
    )
    assert found.head is None
    assert not found.report["passes"]
    assert f"it takes {FEWEST_COLUMNS} columns" in found.report["reasons"][0]


def test_rejections_lower_what_was_rejected_and_nothing_else() -> None:
    """A steward says that cities are none; replayed columns hold against it, as they should."""
    rows = of_kind("geo.city", 20)
    found = learn(BASE, HELD, examples(rows, [NO] * 20, [frozenset({"geo.city"})] * 20), 1)
    assert found.head is not None
    model, city = with_head(BASE, found.head), BASE.labels.index("geo.city")
    before, after = (m.probabilities(HELD.features[rows])[:, city] for m in (BASE, model))
    assert after.mean() < before.mean() * 0.8
    others = of_kind("contact.street_address", 50)
    assert np.allclose(
        model.probabilities(HELD.features[others]).argmax(axis=1),
        BASE.probabilities(HELD.features[others]).argmax(axis=1),
    )
    assert not found.report["passes"], "frozen columns are cities after all"
    assert found.report["frozen"]["after"] < found.report["frozen"]["before"]


def test_a_new_kind_takes_enough_columns_and_is_dropped_where_it_is_not_told_apart() -> None:
    rows = of_kind("geo.country", 6) + of_kind("geo.city", 6)
    own = [frozenset({"custom.place"})] * NEW_COLUMNS
    confirmed = own + [frozenset({BASE.labels[0]})] * (len(rows) - NEW_COLUMNS)
    chance = np.random.default_rng(3)
    noise = chance.permutation(len(HELD.labels))[: len(rows)].tolist()
    told = learn(BASE, HELD, examples(noise, confirmed, [NO] * len(rows)), 1)
    assert told.head is not None
    assert told.report["not_told_apart"] == ["custom.place"]
    assert "custom.place" not in told.head.labels
    few = [frozenset({"custom.place"})] * (NEW_COLUMNS - 1)
    rest = [frozenset({BASE.labels[0]})] * (len(rows) - len(few))
    assert learn(BASE, HELD, examples(rows, few + rest, [NO] * len(rows)), 1).report["new"] == []


def test_the_same_decisions_teach_the_same() -> None:
    rows = of_kind("geo.city", 8) + of_kind("org.company", 8)
    said = [frozenset({HELD.labels[at]}) for at in rows]
    one, two = (learn(BASE, HELD, examples(rows, said, [NO] * 16), 1) for _ in range(2))
    assert one.head is not None
    assert two.head is not None
    assert one.head.dump() == two.head.dump()
    assert one.report == two.report
