"""Each check type on values whose answer everybody can see."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.catalog.analysis.tables import (
    Arrays,
    answers,
    asked,
    batches,
    context,
    quality_state,
)

from muniment.catalog.analysis.quality import QualityAnalyzer
from muniment.catalog.analysis.results import CheckOutcome, QualityResult
from muniment.contracts.connectors import ColumnMeta
from muniment.kernel.values import JsonObject, Sensitivity

DAY = dt.date(2026, 10, 31)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NEXT_YEAR = dt.date(2027, 1, 1)


def ask(type_: str, found: Sequence[object], /, size: int = 3, **params: Any) -> CheckOutcome:
    check: JsonObject = {"type": type_, "columns": ["v"], "params": params}
    [said] = answers({"v": pa.array(found)}, check, size=size)
    return said


VALUES = [
    ("not_null", [1, None, 3], {}, 3, 1),
    ("not_blank", ["a", " ", "", None], {}, 3, 2),
    ("no_placeholder", ["a", "N/A", " tbd ", "unknown", "nation"], {}, 5, 3),
    ("no_placeholder", [DAY, dt.date(1900, 1, 1), dt.date(9999, 12, 31)], {}, 3, 2),
    ("no_placeholder", [EPOCH, EPOCH + dt.timedelta(hours=8)], {}, 2, 1),
    ("in_set", ["a", "b", "c", None], {"values": ["a", "b"]}, 3, 1),
    ("in_set", [1, 2, 3], {"values": [1, 2]}, 3, 1),
    ("in_set", [1.0, 2.5], {"values": [1, 2.5]}, 2, 0),
    ("in_set", [True, False], {"values": ["true"]}, 2, 1),
    ("in_set", [DAY, NEXT_YEAR], {"values": ["2026-10-31"]}, 2, 1),
    ("not_in_set", ["a", "b"], {"values": ["b"]}, 2, 1),
    ("in_range", [1, 5, 11], {"min": 2, "max": 10}, 3, 2),
    ("in_range", ["3", "x", "20"], {"max": 10}, 3, 2),
    ("in_range", [DAY, NEXT_YEAR], {"max": "2026-12-31"}, 2, 1),
    ("regex", ["AB-1", "ab-1"], {"pattern": "^[A-Z]{2}-\\d$"}, 2, 1),
    ("not_regex", ["AB-1", "ab-1"], {"pattern": "^[A-Z]"}, 2, 1),
    ("regex", [12, 345], {"pattern": "^\\d{2}$"}, 2, 1),
    ("length_between", ["", "ab", "äöü"], {"min": 1, "max": 2}, 3, 2),
    ("castable", ["1", "2.5", "x"], {"to": "number"}, 3, 1),
    ("castable", ["2026-01-02", "31.12.2025", "2026-13-01"], {"to": "date"}, 3, 1),
    ("date_format", ["2026-02-30", "2026-02-28", "x"], {"format": "%Y-%m-%d"}, 3, 2),
    ("date_format", ["28.02.2026 10:00"], {"format": "%d.%m.%Y %H:%M"}, 1, 0),
    ("not_in_future", [DAY, NEXT_YEAR], {}, 2, 1),
    ("not_in_future", ["2026-10-31", "2027-01-01", "2099-01-01T10:00:00Z"], {}, 3, 2),
    ("valid_email", ["a.b+c@mail.example", "a@b", "a@@b.example", "x"], {}, 4, 3),
    ("valid_url", ["https://a.example/x?y=1", "www.a.example", "http://"], {}, 3, 2),
    ("valid_ip", ["10.0.0.1", "10.0.0.256", "::1", "2001:db8::8a2e:370:7334", "g::"], {}, 5, 2),
    ("valid_uuid", ["9f1c0c5e-8a55-4c1b-9d2e-0a1b2c3d4e5f", "9f1c0c5e"], {}, 2, 1),
    ("valid_json", ['{"a": [1]}', "{a: 1}", "[" * 100_000 + "]"], {}, 3, 2),
    ("luhn", ["4111 1111 1111 1111", "4111111111111112", "378282246310005", "x"], {}, 4, 2),
    ("iban", ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "DE89"], {}, 3, 1),
    ("iban", ["DE88370400440532013000", "NO9386011117947"], {}, 2, 1),
    ("iban", ["FR1420041010050500013M02606", "DE8937040044053201300"], {}, 2, 1),
    ("iso_country", ["DE", "us", "XX", "DEU"], {}, 4, 1),
    ("iso_currency", ["EUR", "usd", "DEM"], {}, 3, 1),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "values", "params", "evaluated", "failed"), VALUES)
def test_values(
    type_: str, values: list[object], params: dict[str, Any], evaluated: int, failed: int
) -> None:
    said = ask(type_, values, **params)
    assert (said.message, said.evaluated, said.failed) == ("", evaluated, failed)
    assert said.status == ("failed" if failed else "passed")
    assert said.ratio == pytest.approx(1 - failed / evaluated)


def test_a_share_of_failures_may_be_allowed() -> None:
    assert ask("valid_email", ["a@b.example"] * 9 + ["x"], min_ratio=0.9).status == "passed"
    assert ask("valid_email", ["a@b.example"] * 8 + ["x"], min_ratio=0.9).status == "failed"
    share = ask("null_share", [1, 2, None, 4], max=0.25)
    assert (share.status, share.ratio) == ("passed", 1.0)


def test_failing_examples_are_shapes() -> None:
    said = ask("valid_email", ["Anna Karenina", "4111-1111"])
    assert said.examples == ("9999-9999", "Xxxx Xxxxxxxx")


FIGURES = [
    ("mean_between", [1, 2, 6], {"min": 2, "max": 3}, "passed"),
    ("mean_between", [1, 2, 60], {"max": 3}, "failed"),
    ("stddev_between", [1, 1, 1], {"max": 0}, "passed"),
    ("sum_between", [1, 2, 3], {"min": 6, "max": 6}, "passed"),
    ("min_between", [1, 2], {"min": 0}, "passed"),
    ("max_between", [1, 2], {"max": 1}, "failed"),
    ("quantile_between", [1, 2, 90], {"q": 0.5, "max": 2}, "passed"),
    ("most_frequent_share", ["a", "a", "b"], {"max": 0.5}, "failed"),
    ("distinct_between", ["a", "a", "b"], {"min": 2, "max": 2}, "passed"),
    ("entropy_between", ["a", "b", "a", "b"], {"min": 1, "max": 1}, "passed"),
    ("entropy_between", ["a", "a"], {"min": 0.1}, "failed"),
    ("history_complete", [DAY, DAY + dt.timedelta(days=4)], {"max_missing": 3}, "passed"),
    ("history_complete", [DAY, DAY + dt.timedelta(days=5)], {"max_missing": 3}, "failed"),
    ("freshness", [DAY], {"max_age_hours": 24}, "passed"),
    ("freshness", [DAY], {"max_age_hours": 23}, "failed"),
    ("monotonic", [1, 1, 5, 7, 9], {}, "passed"),
    ("monotonic", [1, 1, 5, 7, 6], {}, "failed"),
    ("monotonic", [9, 3, 1, 1], {"direction": "falling"}, "passed"),
    ("unique", [1, 2, 3, None, None], {}, "passed"),
    ("unique", [1, 2, 3, 4, 1], {}, "failed"),
    ("duplicate_share", [1, 2, 3, 1], {"max": 0.25}, "passed"),
    ("row_count_between", [1, 2], {"min": 2}, "passed"),
    ("row_count_between", [1, 2], {"min": 3}, "failed"),
    ("row_count_change", [1, 2], {"previous": 4, "max_change": 0.4}, "failed"),
    ("row_count_change", [1, 2], {"max_change": 0.4}, "skipped"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "values", "params", "status"), FIGURES)
def test_figures(type_: str, values: list[object], params: dict[str, Any], status: str) -> None:
    said = ask(type_, values, size=2, **params)
    assert (said.message if said.status == "error" else "", said.status) == ("", status)
    assert said.ratio is None or 0 <= said.ratio <= 1


def columns_check(type_: str, columns: list[str], /, **params: Any) -> JsonObject:
    return {"type": type_, "columns": columns, "params": params}


def test_rows() -> None:
    table: Arrays = {
        "a": pa.array([1, 2, 3, None]),
        "b": pa.array([1, 3, 1, 1]),
        "reason": pa.array(["x", "", None, None]),
        "state": pa.array(["closed", "closed", "closed", "open"]),
        "start": pa.array([DAY] * 4),
        "end": pa.array(["2026-11-01", "2026-10-30", None, "2026-10-31"]),
    }
    said = answers(
        table,
        columns_check("column_a_gt_b", ["a", "b"]),
        columns_check("column_a_gt_b", ["a", "b"], strict=True),
        columns_check("column_a_gt_b", ["end", "start"]),
        columns_check("required_if", ["reason", "state"], values=["closed"]),
        columns_check("not_all_null", ["a", "reason"]),
        columns_check("composite_unique", ["a", "b"]),
        columns_check("composite_unique", ["b", "state"]),
        size=2,
    )
    found = [(one.message, one.evaluated, one.failed) for one in said]
    assert found == [
        ("", 3, 1), ("", 3, 2), ("", 3, 1), ("", 3, 2), ("", 4, 1), ("", 3, 0), ("", 4, 1)
    ]  # fmt: skip


def test_schema() -> None:
    meta = [ColumnMeta("id", "character varying(40)", nullable=False), ColumnMeta("note", "text")]
    said = answers(
        {"id": pa.array(["x"]), "note": pa.array(["x"])},
        columns_check("column_exists", ["id"]),
        columns_check("column_exists", ["gone"]),
        columns_check("column_type", ["id"], type="CHARACTER VARYING (40)"),
        columns_check("column_nullable", ["id"], nullable=True),
        columns_check("columns_are", [], names=["note", "id"]),
        columns_check("columns_are", [], names=["note", "id"], ordered=True),
        meta=meta,
    )
    assert [one.status for one in said] == [
        "passed",
        "failed",
        "passed",
        "failed",
        "passed",
        "failed",
    ]


def test_what_cannot_be_asked_is_said_in_a_sentence() -> None:
    said = answers(
        {"v": pa.array(["x"])},
        columns_check("regex", ["v"], pattern="(?=x)"),
        columns_check("in_set", ["v"]),
        columns_check("no_such_check", ["v"]),
        columns_check("not_null", ["gone"]),
        columns_check("freshness", ["v"], max_age_hours=1),
        columns_check("column_type", ["v"]),
    )
    assert [one.status for one in said] == ["error", "error", "error", "error", "skipped", "error"]
    assert all(one.message.endswith(".") for one in said)


def test_nothing_to_judge_is_skipped_not_passed() -> None:
    for type_ in ("not_null", "valid_email", "unique"):
        said = answers({"v": pa.array([], pa.string())}, columns_check(type_, ["v"]))
        assert [(one.status, one.ratio) for one in said] == [("skipped", None)]


def test_a_question_that_makes_no_sense_of_the_values_is_skipped() -> None:
    assert ask("not_in_future", [1, 2]).status == "skipped"
    assert ask("freshness", [1, 2], max_age_hours=1).status == "skipped"
    assert ask("in_range", [DAY], min=0).status == "skipped"
    assert ask("in_range", [1, 2], min="2026-01-01").status == "skipped"


def test_extremes_of_sensitive_columns_are_masked() -> None:
    [said] = answers(
        {"v": pa.array([81_234, 75_000])},
        columns_check("max_between", ["v"], max=50_000),
        labels={"v": Sensitivity.RESTRICTED},
    )
    assert (said.status, said.observed) == ("failed", "99999.9")


def test_duplicates_beyond_the_exact_limit_are_found_within_the_stated_error() -> None:
    values = np.arange(600_000)
    values[::50] = values[1::50]  # 2 % of the rows repeat another
    [said] = answers({"v": pa.array(values)}, columns_check("unique", ["v"]), size=65_536)
    assert (said.status, said.exact) == ("failed", False)
    assert said.ratio is not None
    assert abs((1 - said.ratio) - 0.02) <= max(said.error * 1.5, 0.001)
    [fine] = answers(
        {"v": pa.array(np.arange(600_000))}, columns_check("unique", ["v"]), size=65_536
    )
    assert (fine.status, fine.exact) == ("passed", False)
    assert fine.error == pytest.approx(3e-5, rel=0.5)


def test_parts_answer_as_the_whole_does() -> None:
    table: Arrays = {
        "v": pa.array([f"u{n % 700}@x.example" if n % 9 else "oops" for n in range(3_000)]),
        "w": pa.array([None if n % 5 == 0 else n % 40 for n in range(3_000)]),
    }
    params = asked(
        columns_check("valid_email", ["v"]),
        columns_check("unique", ["v"]),
        columns_check("not_null", ["w"]),
        columns_check("mean_between", ["w"], min=0),
        columns_check("quantile_between", ["w"], min=0),
        columns_check("composite_unique", ["v", "w"]),
        columns_check("row_count_between", [], min=1),
    )
    analyzer = QualityAnalyzer()
    parts = [
        analyzer.load(
            analyzer.dump(
                quality_state(batches({k: v[at::3] for k, v in table.items()}, 100), params)
            )
        )
        for at in range(3)
    ]
    whole = analyzer.finish(
        quality_state(batches(table, 512), params), context(list(table), params)
    )
    a, b, c = parts
    for merged in (
        analyzer.merge(analyzer.merge(a, b), c),
        analyzer.merge(c, analyzer.merge(b, a)),
    ):
        assert analyzer.finish(merged, context(list(table), params)) == whole


ORDER: Arrays = {
    "total": [11.9, 24.0, 5.0, None, 3.003],
    "net": [10.0, 20.0, 5.0, 1.0, 3.0],
    "tax": [1.9, 3.8, 0.0, 0.1, 0.0],
}


def formula(text: str, **params: Any) -> CheckOutcome:
    columns = ["total", "net", "tax"]
    check = columns_check("column_formula", columns, formula=text, **params)
    [said] = answers(ORDER, check, size=2)
    return said


def test_a_column_is_what_a_formula_makes_of_others() -> None:
    assert (formula("net + tax").evaluated, formula("net + tax").failed) == (4, 1)
    assert formula("c1 + c2").failed == 1
    assert formula("(net + tax) * 2 / 2 - 0").failed == 1
    assert formula("net + tax", tolerance=1).failed == 0
    assert formula("net + tax", tolerance=0.0001).failed == 2
    assert formula("net / 0").status == "skipped"


@pytest.mark.parametrize(
    "text",
    ["net +", "__import__('os')", "net ** 9", "price", "net if tax else 1", "(" * 200, "'a'"],
)
def test_what_is_no_arithmetic_is_refused(text: str) -> None:
    said = formula(text)
    assert said.status == "error"
    assert said.message


def test_an_assumption_that_hardly_holds_is_dropped() -> None:
    said = formula("net - tax", assumed=0.9)
    assert (said.status, said.ratio) == ("skipped", None)
    assert "than the 90%" in said.message
    assert ask("null_share", [1, None, None], max=0.1, assumed=0.5).status == "skipped"
    assert ask("null_share", [1, 2, None], max=0.1, assumed=0.5).status == "failed"


def test_rows_that_could_not_be_read_are_told() -> None:
    params = asked({"type": "rows_readable"})
    found = batches({"v": [1, 2, 3]}, 3)
    analyzer = QualityAnalyzer()
    parts = [analyzer.skip(quality_state(found, params), 1), quality_state(found, params)]
    merged = analyzer.merge(*(analyzer.load(analyzer.dump(part)) for part in parts))
    [said] = QualityResult.from_json(analyzer.finish(merged, context(["v"], params))).checks
    assert (said.status, said.evaluated, said.failed) == ("failed", 7, 1)
