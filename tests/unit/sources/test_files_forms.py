"""What bytes tell of a number is what its pattern tells."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muniment.sources.connectors.files import forms, inference
from muniment.sources.connectors.files.columns import ARROW

SHAPES = dict(inference.ORDER)
digits = st.text(alphabet="0123456789", min_size=1, max_size=20)
texts = st.text(alphabet="-.+e 0123456789", min_size=1, max_size=20) | digits


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["integer", "number"]), st.lists(texts, min_size=1, max_size=4), st.data())
@example("integer", ["7", "007"], None)
@example("number", ["-0.5", "-.5", "12."], None)
def test_bytes_tell_what_the_pattern_tells(
    kind: str, given_texts: list[str], data: st.DataObject | None
) -> None:
    before = 0 if data is None else data.draw(st.integers(0, 2))
    values = pa.array(["x"] * before + given_texts).slice(before)
    try:
        pc.cast(values, ARROW[kind])
    except pa.ArrowInvalid:
        return
    told = forms.of_number(values, kind)
    if told is not None:
        assert told == all(SHAPES[kind].fullmatch(text) for text in given_texts)


@pytest.mark.parametrize("kind", ["integer", "number"])
def test_plain_numbers_are_told_without_a_pattern(kind: str) -> None:
    assert forms.of_number(pa.array(["0", "-12", "9876543210"]), kind) is True
    assert forms.of_number(pa.array(["12", "012"]), kind) is False
