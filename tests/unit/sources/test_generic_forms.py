"""What types of any dialect are read as, and that no value of a driver stops a reading."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql

from muniment.sources.connectors.generic.forms import ARROW, Form, column, fits, form_of

number: Any = oracle.NUMBER
moments: Any = (mssql.DATETIME2, mssql.DATETIMEOFFSET)  # neither has types


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (number(10, 2), Form.NUMBER),
        (number(), Form.NUMBER),
        (number(10, 0), Form.WHOLE),
        (number(38, 0), Form.VAST),
        (oracle.DATE(), Form.MOMENT),
        (oracle.TIMESTAMP(timezone=True), Form.INSTANT),
        (oracle.CLOB(), Form.LONG_TEXT),
        (oracle.RAW(16), Form.BYTES),
        (oracle.LONG(), Form.TEXT),
        (mssql.BIT(), Form.YES_NO),
        (mssql.MONEY(), Form.NUMBER),
        (moments[0](), Form.MOMENT),
        (moments[1](), Form.INSTANT),
        (mssql.UNIQUEIDENTIFIER(), Form.TEXT),
        (mssql.XML(), Form.TEXT),
        (mssql.VARCHAR(), Form.LONG_TEXT),
        (mysql.BIGINT(unsigned=True), Form.VAST),
        (mysql.INTEGER(unsigned=True), Form.WHOLE),
        (mysql.YEAR(), Form.WHOLE),
        (mysql.DOUBLE(), Form.NUMBER),
        (postgresql.DOMAIN("positive", sa.Integer()), Form.WHOLE),
        (postgresql.MONEY(), Form.TEXT),
        (postgresql.JSONB(), Form.TEXT),
        (postgresql.BYTEA(), Form.BYTES),
        (sa.String(20), Form.TEXT),
        (sa.String(2_000), Form.LONG_TEXT),
        (sa.types.NullType(), Form.TEXT),
    ],
)
def test_a_type_says_what_it_is_read_as(kind: sa.types.TypeEngine[Any], form: Form) -> None:
    assert form_of(kind, 1_000) is form


cells = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.booleans(),
    st.text(st.characters()),
    st.binary(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.lists(st.integers() | st.text(), max_size=3),
    st.dictionaries(st.text(), st.integers(), max_size=2),
)


@given(st.lists(cells, max_size=6), st.sampled_from(Form))
def test_whatever_a_driver_hands_over_becomes_a_column(values: list[object], form: Form) -> None:
    array, lost = column(values, form)
    assert array.type == ARROW[form]
    assert len(array) == len(values)
    array.validate(full=True)
    given_nulls = sum(value is None for value in values)
    assert array.null_count == given_nulls + lost
    if form in (Form.TEXT, Form.LONG_TEXT, Form.BYTES, Form.VAST):
        assert lost == 0


@pytest.mark.parametrize(
    ("value", "form", "told"),
    [
        (Decimal("12"), Form.WHOLE, 12),
        (Decimal("12.5"), Form.WHOLE, None),
        (2**63, Form.WHOLE, None),
        (2**63, Form.VAST, "9223372036854775808"),
        (Decimal("1.25"), Form.NUMBER, 1.25),
        (b"\1", Form.YES_NO, True),
        ("f", Form.YES_NO, False),
        (datetime(2024, 1, 1, 5, tzinfo=UTC), Form.MOMENT, datetime(2024, 1, 1, 5)),  # noqa: DTZ001
        (datetime(2024, 1, 1, 5), Form.INSTANT, datetime(2024, 1, 1, 5, tzinfo=UTC)),  # noqa: DTZ001
        ("2024-01-01 10:00:00", Form.DAY, date(2024, 1, 1)),
        ("0000-00-00", Form.DAY, None),
        (time(10), Form.TEXT, "10:00:00"),
        (timedelta(hours=25), Form.TEXT, "1 day, 1:00:00"),
        ({"a": [1, b"\xff"]}, Form.TEXT, '{"a":[1,"ff"]}'),
    ],
)
def test_a_value_becomes(value: object, form: Form, told: object) -> None:
    [array, lost] = column([value], form)
    assert array.to_pylist() == [told]
    assert lost == (told is None)


def test_ends_that_fit_say_that_all_between_does() -> None:
    assert fits(None, None)
    assert fits(-(2**63), Decimal(2**63 - 1))
    assert not fits(0, 2**63)
    assert not fits("a", "b")
