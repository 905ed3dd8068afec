"""What becomes of labels when a scan has looked again: decisions of people stay."""

from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.classification.labelling import Kept, Seen, relabel
from muniment.classification.model import Found, asks_again, is_effective, review_weight
from muniment.kernel.values import LabelState, Sensitivity, Tier

confidences = st.floats(0.5, 0.995)
kept = st.builds(
    Kept,
    column=st.sampled_from("abc"),
    label=st.sampled_from(["x.y", "x.z"]),
    state=st.sampled_from(LabelState),
    tier=st.sampled_from([Tier.RULE, Tier.MANUAL]),
    confidence=confidences,
    decided_confidence=confidences | st.none(),
)


def found(column: str, label: str, confidence: float) -> Seen:
    return Seen(
        Found(
            column=column,
            label=label,
            title=label,
            category="contact",
            sensitivity=Sensitivity.CONFIDENTIAL,
            personal=True,
            special=False,
            tier=Tier.RULE,
            confidence=confidence,
            version=1,
            evidence={},
        ),
        column,
        "text|x",
    )


seen = st.builds(found, st.sampled_from("abc"), st.sampled_from(["x.y", "x.z"]), confidences)


def unique(items: list[Kept]) -> list[Kept]:
    return list({(k.column, k.label): k for k in items}.values())


@settings(deadline=None)
@given(st.lists(kept).map(unique), st.lists(seen))
def test_a_confirmed_label_stays_confirmed(before: list[Kept], now: list[Seen]) -> None:
    outcome = relabel(before, now)
    confirmed = {(k.column, k.label) for k in before if k.state is LabelState.CONFIRMED}
    assert not confirmed & set(outcome.withdrawn)
    assert all(c.state is LabelState.CONFIRMED for c in outcome.changes if c.seen.key in confirmed)


@settings(deadline=None)
@given(st.lists(kept).map(unique), st.lists(seen))
def test_a_rejected_label_comes_back_only_with_much_stronger_evidence(
    before: list[Kept], now: list[Seen]
) -> None:
    rejected = {(k.column, k.label): k for k in before if k.state is LabelState.REJECTED}
    for change in relabel(before, now).changes:
        then = rejected.get(change.seen.key)
        if then is None:
            continue
        level = then.confidence if then.decided_confidence is None else then.decided_confidence
        again = asks_again(level, change.seen.found.confidence)
        assert (change.state is LabelState.SUGGESTED) is again
        assert (change.note is not None) is again


@settings(deadline=None)
@given(st.lists(seen))
def test_what_is_new_is_suggested(now: list[Seen]) -> None:
    outcome = relabel([], now)
    assert all(change.state is LabelState.SUGGESTED for change in outcome.changes)
    assert outcome.differs is bool(now)


def test_a_manual_label_is_not_withdrawn_nor_taken_over() -> None:
    mine = Kept("a", "x.y", LabelState.CONFIRMED, Tier.MANUAL, 1.0, 1.0)
    assert relabel([mine], []).withdrawn == ()
    [change] = relabel([mine], [found("a", "x.y", 0.9)]).changes
    assert change.tier is Tier.MANUAL


def test_doubtful_and_sensitive_labels_are_reviewed_first() -> None:
    doubtful = review_weight(0.55, Sensitivity.RESTRICTED)
    assert doubtful > review_weight(0.99, Sensitivity.RESTRICTED)
    assert doubtful > review_weight(0.55, Sensitivity.INTERNAL)


def test_only_sure_or_confirmed_labels_are_in_effect() -> None:
    assert is_effective(LabelState.CONFIRMED, 0.5)
    assert is_effective(LabelState.SUGGESTED, 0.8)
    assert not is_effective(LabelState.SUGGESTED, 0.79)
    assert not is_effective(LabelState.REJECTED, 0.99)
