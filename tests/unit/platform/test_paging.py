"""Cursors: the key of the last row, there and back; anything else is refused."""

import base64
import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.kernel.errors import Invalid
from muniment.platform.paging import Page, decode_cursor, encode_cursor

moments = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
keys = st.lists(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.uuids()
    | moments
    | texts,
    max_size=5,
)


@given(keys)
def test_a_cursor_gives_back_the_key_it_was_made_of(values: list[object]) -> None:
    cursor = encode_cursor(values)
    again = decode_cursor(cursor, len(values))
    assert again == values
    assert [type(each) for each in again] == [type(each) for each in values]
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&#? ")


@given(keys, st.integers(0, 6))
def test_a_cursor_of_another_list_is_refused(values: list[object], count: int) -> None:
    if count != len(values):
        with pytest.raises(Invalid):
            decode_cursor(encode_cursor(values), count)


@given(st.text(max_size=400) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_a_made_up_cursor_is_refused_or_names_plain_values(cursor: str) -> None:
    _refused_or_plain(cursor)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
tagged = st.lists(st.tuples(st.sampled_from(["j", "u", "t", "s", "x", ""]), json_values))


@given(json_values | tagged)
def test_a_forged_cursor_is_refused_or_names_plain_values(content: object) -> None:
    _refused_or_plain(base64.urlsafe_b64encode(json.dumps(content).encode()).decode())


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'[["t", "9999-99-99"]]',
        b'[["u", "not-a-uuid"]]',
        b'[["s", "\\u0000"]]',
        b'[["j", [1, 2]]]',
        b'[["j", ' + b"9" * 5_000 + b"]]",
        b'{"s": "x"}',
        b"\xff\xfe",
    ],
)
def test_hostile_cursors_are_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="Begin again"):
        decode_cursor(base64.urlsafe_b64encode(content).decode(), 1)


def _refused_or_plain(cursor: str) -> None:
    for count in (0, 1, 2):
        try:
            values = decode_cursor(cursor, count)
        except Invalid:
            continue
        assert len(values) == count
        assert not any(isinstance(each, (list, dict)) for each in values)


def test_a_page_maps_its_items_and_keeps_its_place() -> None:
    page = Page[int](items=[1, 2], next_cursor="here", total=7)
    assert page.map(str) == Page[str](items=["1", "2"], next_cursor="here", total=7)
