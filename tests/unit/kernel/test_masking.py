"""A masked value keeps its shape and none of its content."""

from hypothesis import given
from hypothesis import strategies as st

from muniment.kernel.masking import MASK_LIMIT, mask


@given(st.text(max_size=200))
def test_no_letter_or_digit_of_the_value_is_left(text: str) -> None:
    shown = mask(text)
    assert {each for each in shown if each.isalnum()} <= set("xX9")


@given(st.text(max_size=MASK_LIMIT))
def test_the_length_and_the_punctuation_stay(text: str) -> None:
    shown = mask(text)
    assert len(shown) == len(text)
    for before, after in zip(text, shown, strict=True):
        assert after == before or before.isalnum() or after in "xX9"


@given(st.text(min_size=MASK_LIMIT + 1))
def test_a_long_value_is_cut(text: str) -> None:
    assert len(mask(text)) == MASK_LIMIT + 1
    assert mask(text).endswith("…")


@given(st.text())
def test_masking_again_changes_nothing_more(text: str) -> None:
    assert mask(mask(text)[:MASK_LIMIT]) == mask(text)[:MASK_LIMIT]


def test_shapes_that_people_know() -> None:
    assert mask("Anna-42@mail.example") == "Xxxx-99@xxxx.xxxxxxx"
    assert mask("4111 1111 1111 1111") == "9999 9999 9999 9999"
    assert mask("Zoë Łukasz") == "Xxx Xxxxxx"
