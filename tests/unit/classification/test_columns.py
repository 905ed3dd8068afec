"""Whole columns: what must be found, and what must not in spite of its name or its form."""

import random
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from muniment.classification.direct import classify_column, classify_table
from muniment.classification.engine.validators import luhn_digit
from muniment.kernel.refs import AssetRef
from muniment.platform.settings import Settings

CACHE = {"cache_dir": str(Settings().pattern_cache)}
CHANCE = random.Random(7)
drawn = CHANCE.randrange


def labels(header: str, values: Sequence[object], table: str = "t") -> dict[str, float]:
    held: list[Any] = list(values)
    made = pa.table({header: pa.array(held)})
    result: Any = classify_table(made, AssetRef("s", ("x", table)), CACHE)
    [column] = result["columns"]
    return {label["label"]: label["confidence"] for label in column["labels"]}


def numbers(digits: int, count: int = 300) -> list[str]:
    return [str(CHANCE.randrange(10 ** (digits - 1), 10**digits)) for _ in range(count)]


def cards(count: int = 200) -> list[str]:
    return [n + luhn_digit(n) for n in (f"4{CHANCE.randrange(10**14):014d}" for _ in range(count))]


def ssns(count: int = 200) -> list[str]:
    return [
        "-".join((f"{drawn(100, 660)}", f"{drawn(1, 99):02d}", f"{drawn(1, 9999):04d}"))
        for _ in range(count)
    ]


FOUND: list[tuple[str, Sequence[object], str, float]] = [
    ("card_number", cards(), "finance.credit_card", 0.95),
    ("ref", cards(), "finance.credit_card", 0.8),
    ("pan", [int(c) for c in cards()], "finance.credit_card", 0.95),
    ("x1", [f"p{n}@mail.example" for n in range(50)], "contact.email", 0.9),
    ("ssn", ssns(), "us.ssn", 0.95),
    ("val", ssns(), "us.ssn", 0.6),
    ("ssn", [s.replace("-", "") for s in ssns()], "us.ssn", 0.8),
    ("cvv", [f"{CHANCE.randrange(1000):03d}" for _ in range(300)], "finance.cvv", 0.8),
    ("first_name", ["Anna", "Paul", "Sophie", "Jürgen", "Ines"] * 10, "person.first_name", 0.9),
    ("Vorname", ["Anna", "Paul", "Sophie", "Jürgen", "Ines"] * 10, "person.first_name", 0.9),
    ("gender", ["M", "F"] * 50, "person.gender", 0.8),
    ("annual_salary", [30_000 + 137 * n for n in range(200)], "finance.salary", 0.8),
    (
        "diagnosis",
        ["Asthma", "Type 2 diabetes", "Migraine without aura"] * 20,
        "health.disease",
        0.9,
    ),
    ("client_ip", [f"10.0.{n}.7" for n in range(200)], "net.ipv4", 0.95),
    ("is_union_member", [True, False] * 30, "person.trade_union", 0.6),
    ("trade_union", [True, False] * 30, "person.trade_union", 0.6),
    ("password", ["hunter2", "letmein!", "korrekt-pferd"] * 20, "secret.password", 0.8),
    (
        "notes",
        [f"please call anna{n}@mail.example about it" for n in range(60)],
        "contact.email",
        0.8,
    ),
]


@pytest.mark.parametrize(("header", "values", "label", "least"), FOUND)
def test_what_is_there_is_found(
    header: str, values: Sequence[object], label: str, least: float
) -> None:
    assert labels(header, values).get(label, 0.0) >= least


NOT_THERE: list[tuple[str, Sequence[object], str]] = [
    ("email", [0, 1] * 100, "t"),
    ("email", ["0", "1"] * 100, "t"),
    ("email_verified", ["yes", "no"] * 100, "t"),
    ("academic_year_code", [str(1990 + n % 40) for n in range(200)], "t"),
    ("cvv", [str(1990 + n % 40) for n in range(200)], "t"),
    ("code", [f"{n:03d}" for n in range(300)], "t"),
    ("customer_name", [f"SKU-{n:05d}" for n in range(300)], "t"),
    ("phone", [0, 1] * 100, "sends"),
    ("ssn", ["AW25", "SS26", "AW26"] * 30, "products"),
    ("order_id", numbers(16), "t"),
    ("order_id", numbers(10), "t"),
    ("order_no", numbers(9), "t"),
    ("order_no", numbers(11), "t"),
    ("quantity", list(range(1, 200)), "t"),
    ("created_at", [f"2024-0{1 + n % 9}-1{n % 9} 10:00:00" for n in range(200)], "t"),
    ("version", [f"{n % 9}.{n % 7}.{n % 5}" for n in range(200)], "t"),
    ("status", ["open", "paid", "closed"] * 50, "t"),
    ("product_name", ["Oak Table", "Pine Chair", "Paris Lamp", "Victoria Sofa"] * 20, "products"),
    ("colour", ["red", "green", "rose", "violet"] * 20, "t"),
    ("price", [9.99 + n for n in range(200)], "products"),
    ("net_weight", [1.5 * n for n in range(200)], "products"),
    ("page", list(range(200)), "t"),
    ("description", ["a solid table made of oak and pine", "very fine chair to sit on"] * 30, "t"),
    ("session_count", list(range(100)), "t"),
    ("row_hash_type", ["a", "b"] * 30, "t"),
]


@pytest.mark.parametrize(("header", "values", "table"), NOT_THERE)
def test_what_only_looks_like_it_is_left_alone(
    header: str, values: Sequence[object], table: str
) -> None:
    assert labels(header, values, table) == {}


def test_a_name_column_is_a_person_in_a_table_of_people_only() -> None:
    names = ["Anna Müller", "Paul Weber", "Sophie Martin", "John Smith", "Maria Garcia"] * 10
    assert labels("name", names, "customers")["person.full_name"] >= 0.9
    products = ["Oak dining table", "Pine chair", "Paris lamp", "Linen curtain", "Copper pan"] * 10
    assert labels("name", products, "products") == {}


def test_columns_beside_personal_data_gain_from_it() -> None:
    mails = [f"p{n}@mail.example" for n in range(100)]
    births = [f"{1940 + n * 7 % 62}-0{1 + n % 9}-1{n % 9}" for n in range(100)]

    def birth(**others: list[str]) -> float:
        table = pa.table({**others, "c3": births})
        result: Any = classify_table(table, AssetRef("s", ("upload",)), CACHE)
        last = result["columns"][-1]["labels"]
        return float({x["label"]: x["confidence"] for x in last}.get("person.birth_date", 0))

    assert birth(c1=mails, c2=mails) > birth(c1=mails) > birth(c1=["x"] * 100) > 0


def test_ambiguity_is_said() -> None:
    both = [f"{n:09d}" for n in range(10**8, 10**8 + 4000)]
    found: Any = classify_column("number", "t", [v for v in both if int(v) % 11 == 0][:300], CACHE)
    assert found["columns"][0]["labels"] == []


def test_evidence_tells_why() -> None:
    table = pa.table({"mail": [f"p{n}@mail.example" for n in range(90)] + ["broken"] * 10})
    result: Any = classify_table(table, AssetRef("s", ("t",)), CACHE)
    [label] = result["columns"][0]["labels"]
    evidence = label["evidence"]
    assert (evidence["matched"], evidence["tested"]) == (90, 91)
    assert (evidence["matched_rows"], evidence["tested_rows"]) == (90, 100)
    assert evidence["header"] == ["mail"]
    assert 0.9 < evidence["wilson_low"] < 1
    assert set(evidence["odds"]) == {"prior", "values", "header"}
    assert evidence["examples"][0].startswith("x9@xxxx") or "@" in evidence["examples"][0]


def test_examples_of_secrets_are_not_shown_even_masked() -> None:
    found = labels("api_key", [f"sk_live_{CHANCE.randrange(10**20):024d}" for _ in range(20)])
    assert "secret.stripe_api_key" in found
    keys = [f"sk_live_4eC39HqLyjWDarjtT1zdp{n:03d}" for n in range(20)]
    column: Any = classify_column("k", "t", keys, CACHE)
    [label] = column["columns"][0]["labels"]
    assert label["evidence"]["examples"] == []
