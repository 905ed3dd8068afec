"""Which checks an asset is asked, by what is known of it."""

from typing import Any

import pyarrow as pa
from tests.unit.catalog.analysis.tables import answers, batches, profile, profile_state

from muniment.catalog.analysis.results import ProfileResult
from muniment.catalog.analysis.spec import CheckSpec
from muniment.catalog.quality.content import defaults
from muniment.catalog.quality.model import Origin
from muniment.catalog.quality.planning import MOST_CHECKS, Known, plan, shape_pattern, spec_of
from muniment.contracts.connectors import AssetMeta, ColumnMeta, KeyKind, KeyMeta
from muniment.contracts.rulesets import QualityRule
from muniment.kernel.values import AssetKind, Sensitivity, Severity

CUSTOMERS = AssetMeta(
    ("sales", "customers"),
    AssetKind.TABLE,
    columns=(
        ColumnMeta("customer_id", "bigint", nullable=False),
        ColumnMeta("customer_number", "text"),
        ColumnMeta("email", "text"),
        ColumnMeta("date_of_birth", "date"),
        ColumnMeta("country_code", "text"),
        ColumnMeta("total_amount", "numeric(10,2)"),
        ColumnMeta("created_at", "timestamptz"),
        ColumnMeta("updated_at", "timestamptz"),
        ColumnMeta("expires_at", "timestamptz"),
    ),
    keys=(KeyMeta(KeyKind.PRIMARY, ("customer_id",)),),
)


def asked(known: Known, *rules: QualityRule, suggest: bool = False) -> dict[str, CheckSpec]:
    return {one.key: one for one in plan(known, rules, defaults(), suggest=suggest)}


def test_a_first_scan_asks_what_keys_and_names_promise() -> None:
    found = asked(Known(CUSTOMERS))
    assert {
        "unique:customer_id",
        "not_null:customer_id",
        "unique:customer_number",
        "valid_email:email",
        "not_in_future:date_of_birth",
        "not_in_future:created_at",
        "iso_country:country_code",
        "in_range:total_amount",
        "column_a_gt_b:updated_at,created_at",
        "row_count_between",
    } <= set(found)
    assert "not_in_future:expires_at" not in found
    assert found["unique:customer_id"].origin == Origin.METADATA
    assert found["valid_email:email"].origin == Origin.DEFAULT


def test_confidential_columns_are_judged_more_severely() -> None:
    plain = asked(Known(CUSTOMERS))["valid_email:email"]
    secret = asked(Known(CUSTOMERS, sensitivity={"email": Sensitivity.CONFIDENTIAL}))
    assert (plain.severity, secret["valid_email:email"].severity) == (
        Severity.MEDIUM,
        Severity.HIGH,
    )


def test_rules_match_by_pattern_and_by_label() -> None:
    known = Known(CUSTOMERS, labels={"email": frozenset({"contact.email"})})
    found = asked(
        known,
        QualityRule("not_null", assets="sales.*", columns="*_at", severity=Severity.LOW),
        QualityRule("not_null", label="contact.*", severity=Severity.CRITICAL),
        QualityRule("row_count_between", assets="sales.cust*", params={"min": 100}),
        QualityRule("not_null", assets="finance.*", columns="*"),
        QualityRule("no_such_check", columns="*"),
    )
    rules = {key for key, one in found.items() if one.origin == Origin.RULE}
    assert rules == {
        "not_null:created_at", "not_null:updated_at", "not_null:expires_at", "not_null:email",
        "row_count_between",
    }  # fmt: skip
    assert found["not_null:email"].severity is Severity.CRITICAL
    assert found["row_count_between"].params == {"min": 100}


def test_what_people_declare_wins_and_what_they_mute_stays_out() -> None:
    mine = spec_of(
        "in_range", ["total_amount"], {"min": 5}, origin=Origin.DECLARED, definition="0" * 36
    )
    known = Known(CUSTOMERS, declared=(mine,), muted=frozenset({("valid_email", ("email",))}))
    found = asked(known)
    assert [one for one in found.values() if one.type == "in_range"] == [mine]
    assert "valid_email:email" not in found


def profiled(values: dict[str, Any]) -> ProfileResult:
    table = {name: pa.array(found) for name, found in values.items()}
    columns = tuple(profile(profile_state(batches(table, 100))).values())
    return ProfileResult(1, 300, columns)


def test_suggestions_come_from_habits_with_enough_support() -> None:
    meta = AssetMeta(
        ("t",),
        AssetKind.VIEW,
        columns=(
            *(ColumnMeta(name, "text") for name in ("a", "b", "c", "d")),
            ColumnMeta("n", "int"),
        ),
    )
    last = profiled(
        {
            "a": ["open", "paid", "lost"] * 100,
            "b": [f"AB-{at:04d}" for at in range(300)],
            "c": ["rare", *["usual"] * 299],
            "d": [None, *["x"] * 299],
            "n": list(range(300)),
        }
    )
    found = asked(Known(meta, profile=last), suggest=True)
    values = found["in_set:a"].params["values"]
    assert isinstance(values, list)
    assert set(values) == {"open", "paid", "lost"}
    assert {"not_null:a", "unique:b", "regex:b", "in_range:n", "unique:n"} <= set(found)
    assert not {"in_set:c", "not_null:d", "in_set:d"} & set(found)
    assert {one.severity for one in found.values()} == {Severity.LOW}
    assert asked(Known(meta, profile=last)) == {}


def test_a_suggested_pattern_matches_what_it_was_made_of() -> None:
    values = [f"Äbc-{at:03d}/x.y" for at in range(300)]
    column = profile(profile_state(batches({"v": pa.array(values)}, 100)))["v"]
    pattern = shape_pattern(column)
    assert pattern is not None
    [said] = answers(
        {"v": pa.array(values)}, {"type": "regex", "columns": ["v"], "params": {"pattern": pattern}}
    )
    assert said.status == "passed"


def test_a_plan_is_bounded() -> None:
    wide = AssetMeta(
        ("wide",),
        AssetKind.TABLE,
        columns=tuple(ColumnMeta(f"c{at}_email", "text") for at in range(500)),
    )
    assert len(plan(Known(wide), [], defaults(), suggest=True)) == MOST_CHECKS
