"""The laws of what stands for a source's values."""

from decimal import Decimal

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from muniment.sources.connectors import arrow


@given(st.integers(1, 38).flatmap(lambda p: st.tuples(st.just(p), st.integers(0, p))), st.data())
def test_a_decimal_becomes_the_float_nearest_to_it(
    size: tuple[int, int], data: st.DataObject
) -> None:
    precision, scale = size
    most = 10**precision - 1
    whole = data.draw(st.lists(st.none() | st.integers(-most, most), max_size=20))
    values = [None if each is None else Decimal(f"{each}E-{scale}") for each in whole]
    array = pa.array([Decimal(0), *values], pa.decimal128(precision, scale))[1:]
    told = arrow.settle(array, 100).to_pylist()
    assert told == [None if each is None else float(each) for each in array.to_pylist()]
