"""What the profile says of columns whose every value is known."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from tests.unit.catalog.analysis.tables import batches, profile, profile_state

from muniment.catalog.analysis.profile import ProfileAnalyzer


def test_numbers() -> None:
    one = profile(profile_state(batches({"v": pa.array([3, 1, None, 0, -4, 3])}, 4)))["v"]
    assert (one.rows, one.nulls, one.count, one.distinct) == (6, 1, 5, 4)
    assert (one.min, one.max, one.zeros, one.negatives) == (-4, 3, 1, 1)
    assert one.mean == pytest.approx(0.6)
    assert one.std == pytest.approx(2.8809720581775866)
    assert one.quantiles["0.5"] == 1
    assert one.histogram is not None
    assert sum(one.histogram.counts) == 5
    assert (one.top[0].value, one.top[0].count) == (3, 2)
    assert one.unique is False


def test_text() -> None:
    values = ["a@b.example", "", "  ", "N/A", "12", "2026-01-02", None, "true", "12"]
    one = profile(profile_state(batches({"v": pa.array(values)}, 3)))["v"]
    assert (one.count, one.blanks, one.placeholders, one.distinct) == (8, 2, 1, 7)
    assert one.lengths is not None
    assert (one.lengths.min, one.lengths.max) == (0, 11)
    assert one.castable["integer"] == pytest.approx(2 / 8)
    assert one.castable["date"] == pytest.approx(1 / 8)
    assert one.castable["boolean"] == pytest.approx(1 / 8)
    assert ("99", 2) in [(shape.shape, shape.count) for shape in one.shapes]
    assert ("x@x.x", 1) in [(shape.shape, shape.count) for shape in one.shapes]


def test_dates_moments_and_decimals() -> None:
    day = dt.date(2020, 2, 29)
    moment = dt.datetime(2020, 2, 29, 12, 30, tzinfo=dt.UTC)
    found = profile(
        profile_state(
            batches(
                {
                    "d": pa.array([day, day + dt.timedelta(days=1)]),
                    "m": pa.array([moment, moment], pa.timestamp("ns", "Europe/Berlin")),
                    "n": pa.array([Decimal("1.50"), Decimal("2.50")]),
                    "t": pa.array([dt.time(23, 59, 1), None]),
                },
                10,
            )
        )
    )
    assert (found["d"].min, found["d"].max, found["d"].order) == (
        "2020-02-29",
        "2020-03-01",
        "rising",
    )
    assert (found["m"].min, found["m"].constant) == ("2020-02-29T12:30:00+00:00", True)
    assert (found["n"].kind, found["n"].mean) == ("float", 2.0)
    assert (found["t"].min, found["t"].unique) == ("23:59:01", True)


def test_odd_columns_do_no_harm() -> None:
    found = profile(
        profile_state(
            batches(
                {
                    "nothing": pa.nulls(3),
                    "nan": pa.array([float("nan"), float("inf"), 1.0]),
                    "bytes": pa.array([b"\x00\xff", b"", None]),
                    "list": pa.array([[1], None, []]),
                    "struct": pa.array([{"a": 1}, None, {"a": 2}]),
                    "big": pa.array([2**64 - 1, 0, 1], pa.uint64()),
                    "code": pa.array(["x", "y", "x"]).dictionary_encode(),
                    "span": pa.array([1, 2, None], pa.duration("s")),
                },
                2,
            )
        )
    )
    assert (found["nothing"].nulls, found["nothing"].kind) == (3, "other")
    assert (found["nan"].nan, found["nan"].infinite, found["nan"].count) == (1, 1, 2)
    assert (found["bytes"].distinct, found["bytes"].top[0].masked) == (2, True)
    assert (found["list"].nulls, found["list"].count) == (1, 2)
    assert found["struct"].nulls == 1
    assert found["big"].max == pytest.approx(2**64)
    assert (found["code"].kind, found["code"].distinct) == ("text", 2)
    assert found["span"].nulls == 1


def test_parts_of_different_types_are_told_apart() -> None:
    numbers = profile_state(batches({"v": pa.array([1, 2, 3])}, 10))
    texts = profile_state(batches({"v": pa.array(["x"])}, 10))
    one = profile(ProfileAnalyzer().merge(numbers, texts))["v"]
    assert (one.kind, one.rows, one.mixed) == ("integer", 4, {"integer": 3, "text": 1})


def test_an_empty_table_has_a_profile() -> None:
    one = profile(profile_state(batches({"v": pa.array([], pa.int64())}, 10)))["v"]
    assert (one.rows, one.null_share, one.kind) == (0, 0.0, "other")
