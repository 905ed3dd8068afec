"""What nobody cleans up: imports in staging, old copies in archive, production data in test."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from muniment.demo.estate.company import CURRENCIES
from muniment.demo.estate.domains.sales import PLACEHOLDERS
from muniment.demo.estate.values.checks import bank_accounts, card_numbers, us_ssns
from muniment.demo.estate.values.draw import (
    days,
    gather,
    generator,
    holes,
    joined,
    moments,
    money,
    numbered,
    pick,
    put,
    skewed,
    spots,
)
from muniment.demo.estate.values.people import countries, homes, people
from muniment.demo.estate.values.text import json_rows
from muniment.demo.estate.world import DAY, World

_PARTNER_WEIGHTS = (0.5, 0.3, 0.2, 0.0)


def customers_import(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("staging.customers_import")
    n = world.rows("harbour", "staging.customers_import")
    who = people(rng, countries(rng, n, _PARTNER_WEIGHTS), world.anchor)
    home, (iban, _, _) = homes(rng, who.country), bank_accounts(rng, who.country)
    frame = pl.DataFrame(
        {
            "c1": who.full_name,
            "c2": put(who.email, spots(rng, n, 0.02), ("N/A", "", "keine")),
            "c3": put(who.phone, spots(rng, n, 0.04), PLACEHOLDERS),
            "c4": home.line1,
            "c5": home.city,
            "c6": put(
                who.born.dt.strftime("%d.%m.%Y"),
                spots(rng, n, 0.025),
                ("00.00.0000", "31.02.1980", ""),
            ),
            "c7": holes(rng, iban, 0.3),
            "c8": pick(rng, n, ("m", "w", "f", "d", "Herr", "Mme")),
            "c9": pick(rng, n, ("", None)),
            "loaded_at": moments(world.anchor, np.full(n, -210 * DAY + 7_322)).dt.replace_time_zone(
                None
            ),
        }
    )
    again = np.arange(n)
    rows = spots(rng, n, 0.0167)
    again[rows] = np.maximum(rows - 1, 0)
    yield frame[again.tolist()]


def products_feed(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("staging.products_feed")
    n = world.rows("harbour", "staging.products_feed")
    sku = gather(world.skus, rng.integers(0, len(world.skus), n))
    euros = pl.Series(rng.integers(3, 900, n)).cast(pl.String)
    yield pl.DataFrame(
        {
            "feed_line": np.arange(1, n + 1),
            "sku": sku,
            "customer_name": sku.str.replace_all("-", ""),
            "price": joined(euros, pick(rng, n, (",99", ".99", " EUR", ""))),
            "stock": pick(rng, n, ("yes", "no", "0", "12", "n.a.", "")),
            "delivered_on": pick(rng, n, ("2023-03-01", "01.03.2023", "March", "")),
            "loaded_at": moments(world.anchor, np.full(n, -1_330 * DAY)).dt.replace_time_zone(None),
        }
    )


def payments_raw(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("staging.payments_raw")
    n = world.rows("harbour", "staging.payments_raw")
    whose = rng.integers(0, len(world.customers), n)
    number, brand = card_numbers(rng, n)
    yield pl.DataFrame(
        {
            "received_at": moments(world.anchor, -rng.integers(DAY, 90 * DAY, n)),
            "provider": pick(rng, n, ("psp-a", "psp-b")),
            "payload": json_rows(
                pan=number,
                scheme=brand,
                holder=gather(world.customers.full_name, whose),
                amount=pl.Series(rng.integers(500, 90_000, n)),
                email=gather(world.customers.email, whose),
            ),
        }
    )


def customers_backup(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("archive.customers_backup_2021")
    n, who = world.rows("harbour", "archive.customers_backup_2021"), world.customers
    whose = np.arange(n) % len(who)
    home, (iban, _, _) = homes(rng, who.country[whose]), bank_accounts(rng, who.country[whose])
    yield pl.DataFrame(
        {
            "customer_id": whose + 1,
            "customer_number": numbered("HP-", whose + 100_001, 7),
            "first_name": gather(who.first_name, whose),
            "last_name": gather(who.last_name, whose),
            "email": gather(who.email, whose),
            "phone": holes(rng, gather(who.phone, whose), 0.2),
            "date_of_birth": holes(rng, gather(who.born, whose), 0.3),
            "country_code": gather(who.country_code, whose),
            "street": home.line1,
            "postcode": home.postcode,
            "city": home.city,
            "iban": holes(rng, iban, 0.5),
            "created_at": moments(world.anchor, -rng.integers(1_960, 3_300, n) * DAY),
        }
    )


def orders_2019(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("archive.orders_2019")
    n, who = world.rows("harbour", "archive.orders_2019"), world.customers
    whose = skewed(rng, n, len(who))
    home = homes(rng, who.country[whose])
    yield pl.DataFrame(
        {
            "order_id": 900_000_000 + np.arange(n),
            "order_number": numbered("HP/19/", np.arange(n), 6),
            "customer_id": whose + 1,
            "customer_email": gather(who.email, whose),
            "ordered_at": moments(
                world.anchor, np.sort(-2_861 * DAY + rng.integers(0, 365 * DAY, n))
            ),
            "currency": gather(pl.Series(CURRENCIES), who.country[whose]),
            "total_amount": money(np.exp(rng.normal(9.2, 0.9, n)).astype(np.int64)),
            "delivery_address": joined(home.line1, ", ", home.postcode, " ", home.city),
        }
    )


def customers_copy(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("test.customers_copy")
    n, who = world.rows("harbour", "test.customers_copy"), world.customers
    whose = rng.integers(0, len(who), n)
    yield pl.DataFrame(
        {
            "customer_id": whose + 1,
            "first_name": gather(who.first_name, whose),
            "last_name": gather(who.last_name, whose),
            "email": gather(who.email, whose),
            "phone": gather(who.phone, whose),
            "date_of_birth": gather(who.born, whose),
            "ssn": us_ssns(rng, n),
            "card_number": card_numbers(rng, n)[0],
            "copied_on": days(world.anchor, np.full(n, -431)),
        }
    )


TABLES = {
    "staging.customers_import": customers_import,
    "staging.products_feed": products_feed,
    "staging.payments_raw": payments_raw,
    "archive.customers_backup_2021": customers_backup,
    "archive.orders_2019": orders_2019,
    "test.customers_copy": customers_copy,
}
