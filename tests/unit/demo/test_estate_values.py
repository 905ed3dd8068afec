"""The values of the estate are what they claim to be: numbers check, draws repeat."""

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest
from stdnum import bic, ean, iban, luhn
from stdnum.de import idnr
from stdnum.de import vat as de_vat
from stdnum.fr import nir, tva
from stdnum.gb import nhs
from stdnum.gb import vat as gb_vat
from stdnum.us import ein, rtn, ssn

from muniment.demo.estate.company import COUNTRIES, COUNTRY_WEIGHTS
from muniment.demo.estate.values import checks
from muniment.demo.estate.values.draw import (
    by_group,
    covering,
    generator,
    holes,
    pick,
    put,
    spots,
    uuids,
)
from muniment.demo.estate.values.people import countries, homes, people
from muniment.demo.estate.values.text import json_rows, written

N = 2_000
TODAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("make", "valid"),
    [
        (lambda rng: checks.card_numbers(rng, N)[0], luhn.is_valid),
        (lambda rng: checks.us_ssns(rng, N), ssn.is_valid),
        (lambda rng: checks.us_routing_numbers(rng, N), rtn.is_valid),
        (lambda rng: checks.gb_nhs_numbers(rng, N), nhs.is_valid),
        (lambda rng: checks.de_tax_ids(rng, N), idnr.is_valid),
        (lambda rng: checks.article_numbers(rng, N), ean.is_valid),
    ],
    ids=["card", "ssn", "routing", "nhs", "idnr", "ean"],
)
def test_numbers_pass_their_check(
    make: Callable[[np.random.Generator], pl.Series], valid: Callable[[str], bool]
) -> None:
    values = make(generator("test")).to_list()
    assert len(values) == N
    assert [value for value in values if not valid(value)] == []


def test_bank_accounts_are_valid_in_three_countries_and_absent_in_the_fourth() -> None:
    country = np.arange(N) % 4
    account, code, name = checks.bank_accounts(generator("test"), country)
    for land, number, swift, bank in zip(country, account, code, name, strict=True):
        if COUNTRIES[land] == "US":
            assert (number, swift, bank) == (None, None, None)
        else:
            assert number.startswith(COUNTRIES[land])
            assert iban.is_valid(number)
            assert bic.is_valid(swift)


def test_tax_numbers_of_firms_follow_their_country() -> None:
    country = np.arange(N) % 4
    modules = (de_vat, tva, gb_vat, ein)
    values = checks.vat_numbers(generator("test"), country)
    pairs = zip(country, values, strict=True)
    assert [value for land, value in pairs if not modules[land].is_valid(value)] == []


def test_french_social_numbers_agree_with_birthday_and_sex() -> None:
    rng = generator("test")
    who = people(rng, np.ones(N, dtype=np.int64), TODAY)
    values = checks.fr_social_numbers(rng, who.born, who.female)
    for value, born, female in zip(values, who.born, who.female, strict=True):
        assert nir.is_valid(value)
        assert value[0] == ("2" if female else "1")
        assert value[1:5] == f"{born:%y%m}"


def test_german_pension_numbers_carry_birthday_and_check_digit() -> None:
    rng = generator("test")
    who = people(rng, np.zeros(N, dtype=np.int64), TODAY)
    for value, born in zip(checks.de_pension_numbers(rng, who.born), who.born, strict=True):
        assert re.fullmatch(r"\d{8}[A-Z]\d{3}", value)
        assert value[2:8] == f"{born:%d%m%y}"
        digits = value[:8] + f"{ord(value[8]) - 64:02d}" + value[9:11]
        weighted = [
            int(d) * w for d, w in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
        ]
        assert sum(w // 10 + w % 10 for w in weighted) % 10 == int(value[11])


def test_people_have_unique_deliverable_nowhere_addresses() -> None:
    rng = generator("test")
    who = people(rng, countries(rng, N, COUNTRY_WEIGHTS), TODAY)
    assert who.email.n_unique() == N
    form = re.compile(r"[a-z0-9._]+@([a-z]+\.)?example\.(com|org|net)")
    assert [address for address in who.email if not form.fullmatch(address)] == []
    assert (who.born < TODAY).all()


def test_homes_have_post_codes_of_their_country() -> None:
    country = np.arange(N) % 4
    forms = (r"\d{5}", r"\d{5}", r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}", r"\d{5}")
    codes = homes(generator("test"), country).postcode
    pairs = zip(country, codes, strict=True)
    assert [code for land, code in pairs if not re.fullmatch(forms[land], code)] == []


def test_a_table_draws_the_same_each_time_and_unlike_its_neighbour() -> None:
    first, again, other = (uuids(generator(name), 50).to_list() for name in ("a", "a", "b"))
    assert first == again
    assert not set(first) & set(other)
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", u)
        for u in first
    )


def test_groups_come_back_in_their_order() -> None:
    group = np.array([2, 0, 1, 0, 2, 2])
    values = by_group(group, lambda which, n: pl.Series([f"{which}.{i}" for i in range(n)]))
    assert values.to_list() == ["2.0", "0.0", "1.0", "0.1", "2.1", "2.2"]


def test_defects_hit_exactly_the_share_asked_for() -> None:
    rng = generator("test")
    assert len(spots(rng, 1_000, 0.012)) == 12
    assert len(spots(rng, 10, 0.001)) == 1
    values = pick(rng, 1_000, ("x",))
    assert holes(rng, values, 0.25).null_count() == 250
    assert put(values, np.array([1, 3, 5]), ("a", "b"))[:6].to_list() == [
        "x",
        "a",
        "x",
        "b",
        "x",
        "a",
    ]


def test_covering_meets_every_index() -> None:
    assert set(covering(generator("test"), 40, 12).tolist()) == set(range(12))


def test_written_fills_slots_row_by_row_and_keeps_the_order() -> None:
    templates = ("{who} was here", "nobody", "call {phone}, {who}!")
    slots = {"who": pl.Series(["Ann", "Bo", None]), "phone": pl.Series(["1", "2", "3"])}
    assert written(templates, np.array([2, 1, 0]), slots).to_list() == [
        "call 1, Ann!",
        "nobody",
        " was here",
    ]


def test_json_rows_are_json() -> None:
    rows = json_rows(a=pl.Series([1, None]), b=pl.Series(['say "hi"', "ü"]))
    assert rows.to_list() == ['{"a":1,"b":"say \\"hi\\""}', '{"a":null,"b":"ü"}']
