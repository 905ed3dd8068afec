"""What an assistant says is believed only as far as tier 1 lets it be."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.classification.engine.assistant.answers import Outcome, Support, read_answers
from muniment.classification.engine.assistant.columns import ColumnView, Doubt
from muniment.classification.engine.assistant.limits import Budget, Spent, quota, rests_until
from muniment.classification.engine.assistant.prompt import Asked, Request, bounded, build
from muniment.classification.model import Classifier, Kind, Strength
from muniment.kernel.errors import Invalid
from muniment.kernel.values import Sensitivity

CARD = Classifier(
    "pay.card", "Card", "payment", Sensitivity.RESTRICTED, patterns=("[0-9]{16}",), validator="luhn"
)
CODE = Classifier(
    "org.code", "Code", "business", Sensitivity.INTERNAL, patterns=("[A-Z]{2}[0-9]{2}",)
)
PLAIN = Classifier(
    "org.any",
    "Any",
    "business",
    Sensitivity.INTERNAL,
    plain=(".{1,40}",),
    strength=Strength.WEAK,
)
NAME = Classifier("person.name", "Name", "personal", Sensitivity.CONFIDENTIAL)
KNOWN = {each.id: each for each in (CARD, CODE, PLAIN, NAME)}


def request(*values: str, labels: tuple[str, ...] = tuple(KNOWN)) -> Request:
    column = ColumnView("c", "text", Kind.TEXT, 9, 0.0, 9, False, 1, 20, (), values)
    asked = Asked(Doubt(column, (), 1.0), labels)
    return build("t", (), [asked], {name: each.title for name, each in KNOWN.items()})


def answer(label: object, sure: object = 1.0) -> str:
    return json.dumps({"columns": [{"n": 1, "label": label, "confidence": sure}]})


@pytest.mark.parametrize(
    ("label", "values", "outcome", "support", "confidence"),
    [
        ("person.name", ("Wu",), Outcome.LABELLED, Support.NONE, 0.7),
        ("org.code", ("AB12", "CD34", "EF56"), Outcome.LABELLED, Support.FORM, 0.78),
        ("org.code", ("x", "y", "z"), Outcome.CONTRADICTED, Support.NONE, 0.0),
        ("org.any", ("x", "y", "z"), Outcome.LABELLED, Support.NONE, 0.7),
        ("pay.card", ("4111111111111111",) * 3, Outcome.LABELLED, Support.CHECK_DIGIT, 0.9),
        ("pay.card", ("4111111111111112",) * 3, Outcome.CONTRADICTED, Support.NONE, 0.0),
        ("secret.api_key", ("x",), Outcome.NOT_OFFERED, Support.NONE, 0.0),
        (None, ("x",), Outcome.ABSTAINED, Support.NONE, 0.0),
    ],
)
def test_an_answer_is_believed_as_far_as_values_support_it(
    label: str | None,
    values: tuple[str, ...],
    outcome: Outcome,
    support: Support,
    confidence: float,
) -> None:
    [made] = read_answers(answer(label), request(*values), KNOWN, least=0.5)
    assert (made.outcome, made.support, made.confidence) == (outcome, support, confidence)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"columns": {}}',
        '{"columns": [1]}',
        answer(7),
        answer("person.name", "high"),
        answer("person.name", 7),
        '{"columns": [{"n": 1, "label": null}, {"n": 1, "label": null}]}',
        '{"columns": [{"n": 1, "label": "person.name", "confidence": NaN}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_answer_is_refused_whole(text: str) -> None:
    with pytest.raises(Invalid):
        read_answers(text, request(), KNOWN, least=0.5)


@given(st.text(), st.text())
def test_names_are_data_whatever_they_hold(name: str, table: str) -> None:
    column = ColumnView(name, "text", Kind.TEXT, 9, 0.0, 9, False, 1, 9, (name,), (name,))
    made = build(table, (), [Asked(Doubt(column, (), 1.0), ("person.name",))], {"person.name": "N"})
    document = json.loads(made.messages[1]["content"])
    assert document["columns"][0]["name"] == bounded(name, 80)
    assert len(document["columns"][0]["name"]) <= 80
    assert "samples" not in document["columns"][0]
    assert document["columns"][0]["labels"] == ["person.name"]


def test_budgets_quotas_and_rest() -> None:
    assert Budget(calls=2).refusal(Spent(2), Spent(1), of="of this day")
    assert Budget(calls=2, cost=1.0).refusal(Spent(1, 9, 0.2), Spent(1, 9, 0.2), of="") is None
    assert quota(1000, share=0.05, most=500) == 50
    assert quota(3, share=0.05, most=500) == 1
    assert quota(0, share=0.05, most=500) == 0
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert rests_until(3, now) is None
    assert rests_until(4, now) == now + timedelta(minutes=5)
    assert rests_until(99, now) == now + timedelta(hours=6)
