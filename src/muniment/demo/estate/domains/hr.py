"""The people team: staff, pay, absences with their reasons, applicants, trainings."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from muniment.demo.estate.company import COUNTRY_WEIGHTS, CURRENCIES
from muniment.demo.estate.values.checks import (
    bank_accounts,
    de_pension_numbers,
    de_tax_ids,
    fr_social_numbers,
    gb_ninos,
    us_ssns,
)
from muniment.demo.estate.values.draw import (
    Ints,
    covering,
    days,
    gather,
    generator,
    holes,
    joined,
    numbered,
    only,
    pick,
    put,
    skewed,
    spots,
    weighted,
)
from muniment.demo.estate.values.people import by_country, countries, homes, people, phones
from muniment.demo.estate.values.text import texts, written
from muniment.demo.estate.world import World

_DEPARTMENTS = (
    "Board", "Finance", "People", "Legal", "IT", "Data", "Shop",
    "Purchasing", "Logistics", "Warehouse", "Customer service", "Marketing", "Stores", "Design",
)  # fmt: skip
_TITLES = (
    "Clerk",
    "Specialist",
    "Team lead",
    "Warehouse operative",
    "Developer",
    "Buyer",
    "Analyst",
    "Store assistant",
    "Driver",
)


def departments(_: World) -> Iterator[pl.DataFrame]:
    number = np.arange(1, len(_DEPARTMENTS) + 1)
    yield pl.DataFrame(
        {
            "department_id": number,
            "name": _DEPARTMENTS,
            "cost_centre": numbered("CC", number * 10, 4),
        }
    )


def hired(world: World) -> Ints:
    """The day each employee was hired, counted from the anchor; nobody younger than sixteen."""
    born = (world.staff.born - world.anchor).dt.total_days().to_numpy().astype(np.int64)
    start = -generator("hr.hired").integers(20, 5_500, len(world.staff))
    day: Ints = np.minimum(np.maximum(start, born + 16 * 366), -20)
    return day


def employees(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("hr.employees")
    who, n = world.staff, len(world.staff)
    ssn, home = us_ssns(rng, n), homes(rng, who.country)
    national = {
        "DE": de_pension_numbers(rng, who.born),
        "FR": fr_social_numbers(rng, who.born, who.female),
        "GB": gb_ninos(rng, n),
        "US": ssn,
    }
    start = hired(world)
    left = start + (rng.random(n) * -start).astype(np.int64)
    wrong = world.flaws(rng, n, "hr.employees.left_on", "consistency")
    left[wrong] = start[wrong] - 30
    gone = (rng.random(n) < 0.22) | np.isin(np.arange(n), wrong)
    family = joined(
        gather(who.first_name, rng.permutation(n)),
        " ",
        who.last_name,
        ", ",
        phones(rng, who.country),
    )
    iban, _, _ = bank_accounts(rng, who.country)
    yield pl.DataFrame(
        {
            "employee_id": np.arange(1, n + 1),
            "first_name": who.first_name,
            "last_name": who.last_name,
            "work_email": world.staff_emails,
            "private_email": holes(rng, who.email, 0.2),
            "phone": pl.Series(rng.integers(1_000, 9_999, n)).cast(pl.String),
            "mobile": holes(rng, who.phone, 0.15),
            "date_of_birth": who.born,
            "gender": who.gender,
            "national_id": by_country(who.country, national),
            "ssn": by_country(who.country, {"US": ssn}),
            "tax_id": by_country(who.country, {"DE": de_tax_ids(rng, n)}),
            "marital_status": pick(
                rng,
                n,
                ("single", "married", "divorced", "widowed", "civil partnership"),
                (38, 44, 12, 3, 3),
            ),
            "religion": by_country(
                who.country,
                {
                    "DE": pick(
                        rng,
                        n,
                        ("Roman Catholic", "Protestant", "Jewish", "Old Catholic", "none"),
                        (28, 30, 1, 1, 40),
                    )
                },
            ),
            "iban": iban,
            "street": home.line1,
            "postcode": home.postcode,
            "city": home.city,
            "country_code": who.country_code,
            "department_id": 1
            + weighted(rng, n, 14, (1, 3, 2, 1, 4, 2, 8, 4, 8, 25, 15, 5, 20, 2)),
            "reports_to": pl.Series(np.arange(n) // 9).replace(0, None),
            "job_title": pick(rng, n, _TITLES),
            "hired_on": days(world.anchor, start),
            "left_on": only(gone, days(world.anchor, left)),
            "emergency_contact": holes(rng, family, 0.3),
        }
    )


def salaries(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("hr.salaries")
    n, staff = world.rows("harbour", "hr.salaries"), len(world.staff)
    whose = covering(rng, n, staff)
    step = np.arange(n) - np.searchsorted(whose, whose)
    start = hired(world)[whose]
    steps = np.bincount(whose)[whose]
    base = np.exp(rng.normal(10.6, 0.35, staff))[whose] * 1.03**step
    yield pl.DataFrame(
        {
            "employee_id": whose + 1,
            "valid_from": days(world.anchor, (start - start * step // steps).astype(np.int64)),
            "annual_amount": pl.Series((base / 100).round() * 100),
            "currency": gather(pl.Series(CURRENCIES), world.staff.country[whose]),
            "bonus_pct": np.array([0.0, 5.0, 10.0, 15.0])[weighted(rng, n, 4, (60, 20, 15, 5))],
        }
    )


def absences(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("hr.absences")
    n = world.rows("harbour", "hr.absences")
    start, kind = -rng.integers(0, 1_400, n), weighted(rng, n, 3, (45, 50, 5))
    reason = written(
        texts("absence_reasons"), skewed(rng, n, len(texts("absence_reasons")), power=1.2), {}
    )
    sick = pl.Series(kind == 0)
    yield pl.DataFrame(
        {
            "absence_id": np.arange(1, n + 1),
            "employee_id": 1 + rng.integers(0, len(world.staff), n),
            "kind": gather(pl.Series(["sick", "holiday", "parental"]), kind),
            "starts_on": days(world.anchor, start),
            "ends_on": days(world.anchor, start + rng.integers(0, 21, n)),
            "reason": only(sick, reason),
            "doctor_note": pl.Series(rng.random(n) < 0.6),
        }
    )


def applicants(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("hr.applicants")
    n = world.rows("harbour", "hr.applicants")
    who = people(rng, countries(rng, n, COUNTRY_WEIGHTS), world.anchor, youngest=17, oldest=63)
    slots = {
        "name": who.full_name,
        "email": who.email,
        "phone": who.phone,
        "born": who.born.dt.strftime("%d.%m.%Y"),
    }
    yield pl.DataFrame(
        {
            "applicant_id": np.arange(1, n + 1),
            "full_name": who.full_name,
            "email": who.email,
            "phone": who.phone,
            "date_of_birth": who.born,
            "applied_for": pick(rng, n, _TITLES),
            "applied_on": days(world.anchor, -rng.integers(3, 2_600, n)),
            "status": pick(rng, n, ("rejected", "hired", "withdrawn", "open"), (78, 8, 9, 5)),
            "cv_text": written(
                texts("cv_texts"), rng.integers(0, len(texts("cv_texts")), n), slots
            ),
        }
    )


def trainings(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("hr.trainings")
    n = world.rows("harbour", "hr.trainings")
    year = rng.integers(0, 7, n)
    yield pl.DataFrame(
        {
            "training_id": np.arange(1, n + 1),
            "employee_id": 1 + rng.integers(0, len(world.staff), n),
            "course": pick(
                rng,
                n,
                ("Forklift", "Data protection", "First aid", "Fire safety", "Excel", "Leadership"),
            ),
            "academic_year_code": 190 + 11 * year,
            "completed_on": days(world.anchor, (year - 7) * 365 + rng.integers(0, 365, n)),
            "score": put(
                pl.Series(rng.integers(50, 101, n)),
                spots(rng, n, 0.005),
                (0, 101, 999),
            ),
        }
    )


TABLES = {
    "hr.departments": departments,
    "hr.employees": employees,
    "hr.salaries": salaries,
    "hr.absences": absences,
    "hr.applicants": applicants,
    "hr.trainings": trainings,
}
