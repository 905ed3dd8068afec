"""The company health plan: practitioners, enrolments, claims with their diagnoses."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from muniment.demo.estate.company import CURRENCIES
from muniment.demo.estate.resources import content
from muniment.demo.estate.values.checks import (
    de_health_numbers,
    gb_nhs_numbers,
    us_medicare_ids,
    us_provider_numbers,
)
from muniment.demo.estate.values.draw import (
    Ints,
    days,
    gather,
    generator,
    holes,
    joined,
    money,
    pick,
    put,
    sampled,
    skewed,
    spots,
)
from muniment.demo.estate.values.people import by_country, countries, homes, people
from muniment.demo.estate.values.text import json_rows, texts, written
from muniment.demo.estate.world import World

_SPECIALITIES = (
    "General practice",
    "Cardiology",
    "Dermatology",
    "Orthopaedics",
    "Psychiatry",
    "Dentistry",
    "Gynaecology",
    "Radiology",
)
_BLOOD = ("O+", "A+", "B+", "AB+", "O-", "A-", "B-", "AB-")


def providers(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("health_benefits.providers")
    n = world.rows("harbour", "health_benefits.providers")
    who = people(rng, countries(rng, n, (0.2, 0.1, 0.2, 0.5)), world.anchor, youngest=32, oldest=69)
    yield pl.DataFrame(
        {
            "provider_id": np.arange(1, n + 1),
            "name": joined("Dr. ", who.full_name),
            "speciality": pick(rng, n, _SPECIALITIES),
            "npi": by_country(who.country, {"US": us_provider_numbers(rng, n)}),
            "phone": who.phone,
            "city": homes(rng, who.country).city,
        }
    )


def members(world: World) -> Ints:
    """The employee behind each enrolment."""
    rng, n = (
        generator("health_benefits.members"),
        world.rows("harbour", "health_benefits.enrolments"),
    )
    return sampled(rng, n, len(world.staff))


def enrolments(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("health_benefits.enrolments")
    whose = members(world)
    n, country = len(whose), world.staff.country[whose]
    yield pl.DataFrame(
        {
            "enrolment_id": np.arange(1, n + 1),
            "employee_id": whose + 1,
            "plan": pick(rng, n, ("Basic", "Plus", "Family")),
            "member_number": by_country(country, {"US": us_medicare_ids(rng, n)}),
            "nhs_number": by_country(country, {"GB": gb_nhs_numbers(rng, n)}),
            "kvnr": by_country(country, {"DE": de_health_numbers(rng, n)}),
            "blood_type": holes(rng, pick(rng, n, _BLOOD, (38, 34, 9, 4, 7, 6, 1, 1)), 0.4),
            "smoker": holes(rng, pl.Series(rng.random(n) < 0.2), 0.1),
            "dependants": json_rows(
                spouse=gather(world.staff.first_name, rng.permutation(whose)),
                children=pl.Series(rng.integers(0, 4, n)),
            ),
            "enrolled_on": days(world.anchor, -rng.integers(30, 3_000, n)),
        }
    )


def claims(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("health_benefits.claims")
    n, whose = world.rows("harbour", "health_benefits.claims"), members(world)
    enrolment = rng.integers(0, len(whose), n)
    person = whose[enrolment]
    diagnoses: list[list[str]] = content("health.toml")["diagnoses"]
    sickness = skewed(rng, n, len(diagnoses), power=1.3)
    service = -rng.integers(2, 1_500, n)
    slots = {
        "name": gather(world.staff.full_name, person),
        "phone": gather(world.staff.phone, person),
    }
    code, name, medication = (
        gather(pl.Series([row[i] for row in diagnoses]), sickness) for i in range(3)
    )
    yield pl.DataFrame(
        {
            "claim_id": np.arange(1, n + 1),
            "enrolment_id": enrolment + 1,
            "provider_id": 1
            + rng.integers(0, world.rows("harbour", "health_benefits.providers"), n),
            "diagnosis_code": put(code, spots(rng, n, 0.0083), ("ZZZ", "", "?")),
            "diagnosis": name,
            "medication": holes(rng, medication, 0.25),
            "amount": money(np.exp(rng.normal(8.9, 1, n)).astype(np.int64)),
            "currency": gather(pl.Series(CURRENCIES), world.staff.country[person]),
            "service_date": days(world.anchor, service),
            "submitted_on": days(world.anchor, np.minimum(service + rng.integers(-3, 60, n), -1)),
            "notes": written(
                texts("claim_notes"), rng.integers(0, len(texts("claim_notes")), n), slots
            ),
        }
    )


TABLES = {
    "health_benefits.providers": providers,
    "health_benefits.enrolments": enrolments,
    "health_benefits.claims": claims,
}
