"""Customer relations: trade contacts, tickets, campaigns, consents, a table nobody named well."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from muniment.demo.estate.company import COUNTRIES, COUNTRY_WEIGHTS
from muniment.demo.estate.domains.sales import order_numbers
from muniment.demo.estate.values.checks import (
    bank_accounts,
    card_numbers,
    ip_addresses,
    us_ssns,
    vat_numbers,
)
from muniment.demo.estate.values.draw import (
    Ints,
    Rng,
    covering,
    days,
    gather,
    generator,
    holes,
    joined,
    moments,
    numbered,
    only,
    pick,
    put,
    skewed,
    spots,
    weighted,
)
from muniment.demo.estate.values.people import countries, people
from muniment.demo.estate.values.text import array_rows, json_rows, texts, written
from muniment.demo.estate.world import DAY, World

_FIRMS = (
    "Hotel",
    "Atelier",
    "Studio",
    "Möbelhaus",
    "Interiors",
    "Maison",
    "Cafe",
    "Architects",
    "Kanzlei",
    "Property",
)
_ENDINGS = ("GmbH", "Ltd", "SARL", "Inc.", "& Co. KG", "SAS", "LLP", "")
_CARD_TEXTS = 3


def contacts(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("crm.contacts")
    n = world.rows("harbour", "crm.contacts")
    who = people(rng, countries(rng, n, COUNTRY_WEIGHTS), world.anchor, youngest=24, oldest=66)
    code = numbered("C", np.arange(50_001, 50_001 + n), 6)
    twice = world.flaws(rng, n, "crm.contacts.contact_code", "uniqueness")
    slots = {
        "email": who.email,
        "phone": who.phone,
        "name": gather(who.full_name, rng.permutation(n)),
    }
    yield pl.DataFrame(
        {
            "contact_id": np.arange(1, n + 1),
            "contact_code": put(code, twice, gather(code, np.maximum(twice - 1, 0))),
            "company_name": joined(
                pick(rng, n, _FIRMS), " ", who.last_name, " ", pick(rng, n, _ENDINGS)
            ).str.strip_chars(),
            "full_name": who.full_name,
            "job_title": pick(
                rng,
                n,
                (
                    "Owner",
                    "Buyer",
                    "Interior designer",
                    "Einkauf",
                    "Gérante",
                    "Facility manager",
                    None,
                ),
            ),
            "email": holes(rng, who.email, 0.04),
            "phone": holes(rng, who.phone, 0.1),
            "vat_number": holes(rng, vat_numbers(rng, who.country), 0.25),
            "website": holes(
                rng,
                joined(
                    "https://www.",
                    who.last_name.str.to_lowercase().str.replace_all("[^a-z]", ""),
                    ".example.com",
                ),
                0.5,
            ),
            "country": put(
                who.country_code,
                spots(rng, n, 0.0667),
                ("Deutschland", "gb", "England", ""),
            ),
            "owner_employee_id": rng.integers(1, len(world.staff) + 60, n),
            "notes": written(
                texts("contact_notes"), rng.integers(0, len(texts("contact_notes")), n), slots
            ),
            "created_at": moments(world.anchor, -rng.integers(DAY, 2_000 * DAY, n)),
        }
    )


def tickets(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("crm.tickets")
    n, opened = world.rows("harbour", "crm.tickets"), ticket_times(world)
    order = ticket_orders(world)
    customer = world.orders.customer[order] + 1
    lost = world.flaws(rng, n, "crm.tickets.customer_id", "consistency")
    customer[lost] = len(world.customers) + rng.integers(500, 9_000, len(lost))
    closed = opened + (rng.exponential(3 * DAY, n)).astype(np.int64)
    done = closed < 0
    satisfaction = 1 + weighted(rng, n, 5, (8, 9, 15, 33, 35))
    satisfaction[world.flaws(rng, n, "crm.tickets.satisfaction", "validity")] = 99
    answered = pl.Series(done & (rng.random(n) < 0.5) | (satisfaction == 99))
    yield pl.DataFrame(
        {
            "ticket_id": np.arange(1, n + 1),
            "customer_id": customer,
            "subject": written(
                texts("ticket_subjects"),
                rng.integers(0, len(texts("ticket_subjects")), n),
                {"order": order_numbers(order)},
            ),
            "status": pl.Series(np.where(done, "closed", "open").tolist()),
            "priority": 1 + weighted(rng, n, 4, (5, 20, 60, 15)),
            "channel": pick(
                rng, n, ("e-mail", "phone", "chat", "Email", "store"), (50, 22, 20, 5, 3)
            ),
            "assigned_to": 1 + skewed(rng, n, min(60, len(world.staff)), power=1.2),
            "satisfaction": only(answered, pl.Series(satisfaction)),
            "opened_at": moments(world.anchor, opened),
            "closed_at": only(done, moments(world.anchor, closed)),
        }
    )


def ticket_times(world: World) -> Ints:
    """When each ticket was opened, the oldest first."""
    rng = generator("crm.ticket_times")
    return (
        np.sort(
            -(rng.random(world.rows("harbour", "crm.tickets")) ** 1.4 * 1_000 * DAY).astype(
                np.int64
            )
        )
        - 3_600
    )


def ticket_orders(world: World) -> Ints:
    """The order that each ticket is about."""
    rng = generator("crm.ticket_orders")
    return rng.integers(0, len(world.orders.seconds), world.rows("harbour", "crm.tickets"))


def ticket_messages(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("crm.ticket_messages")
    n, tickets = world.rows("harbour", "crm.ticket_messages"), world.rows("harbour", "crm.tickets")
    ticket = covering(rng, n, tickets)
    order = ticket_orders(world)[ticket]
    whose = world.orders.customer[order]
    plain = texts("ticket_bodies")
    template = weighted(rng, n, len(plain), [6.0] * 8 + [1.6] * 8 + [0.7] * 3)
    typed = world.flaws(rng, n, "crm.ticket_messages.body", "compliance")
    template[typed] = len(plain) + np.arange(len(typed)) % _CARD_TEXTS
    slots = {
        "order": order_numbers(order),
        "phone": gather(world.customers.phone, whose),
        "email": gather(world.customers.email, whose),
        "name": gather(world.customers.full_name, whose),
        "iban": _ibans(rng, n),
        "card": _spread(rng, n, card_numbers(rng, max(20, n // 100))[0]),
        "expiry": pick(rng, n, ("03/28", "11/27", "07/29", "01/30")),
    }
    yield pl.DataFrame(
        {
            "message_id": np.arange(1, n + 1),
            "ticket_id": ticket + 1,
            "author": pick(rng, n, ("customer", "agent"), (62, 38)),
            "body": written((*plain, *texts("ticket_bodies_card")), template, slots),
            "sent_at": moments(
                world.anchor, ticket_times(world)[ticket] + rng.integers(0, 3_500, n)
            ),
        }
    )


def _ibans(rng: Rng, n: int) -> pl.Series:
    return _spread(rng, n, bank_accounts(rng, rng.integers(0, 3, max(20, n // 20)))[0])


def _spread(rng: Rng, n: int, pool: pl.Series) -> pl.Series:
    return gather(pool, rng.integers(0, len(pool), n))


def campaigns(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("crm.campaigns")
    n = world.rows("harbour", "crm.campaigns")
    start = -rng.integers(1, 1_200, n)
    yield pl.DataFrame(
        {
            "campaign_id": np.arange(1, n + 1),
            "name": joined(
                pick(rng, n, ("Spring", "Autumn", "Advent", "Outlet", "Welcome", "Win-back")),
                " ",
                numbered("", np.arange(1, n + 1), 3),
            ),
            "channels": array_rows(
                (["email"], ["email", "sms"], ["post"], ["email", "post"], []),
                rng.integers(0, 5, n),
            ),
            "starts_on": days(world.anchor, start),
            "ends_on": days(world.anchor, start + rng.integers(-2, 45, n)),
            "budget": rng.integers(5, 400, n) * 100,
            "audience": json_rows(
                country=pick(rng, n, COUNTRIES),
                tier=pick(rng, n, ("pine", "oak", None)),
                min_orders=pl.Series(rng.integers(0, 6, n)),
            ),
        }
    )


def campaign_members(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("crm.campaign_members")
    n = world.rows("harbour", "crm.campaign_members")
    yield pl.DataFrame(
        {
            "campaign_id": 1 + skewed(rng, n, world.rows("harbour", "crm.campaigns")),
            "customer_id": 1 + rng.integers(0, len(world.customers), n),
            "email": weighted(rng, n, 2, (20, 80)),
            "sms": weighted(rng, n, 2, (85, 15)),
            "post": weighted(rng, n, 2, (90, 10)),
            "responded_at": holes(
                rng, moments(world.anchor, -rng.integers(DAY, 1_100 * DAY, n)), 0.93
            ),
        }
    )


def consents(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("crm.consents")
    n = world.rows("harbour", "crm.consents")
    whose = np.sort(rng.integers(0, len(world.customers), n))
    since = world.customer_since[whose]
    unknown = world.flaw_share("crm.consents.granted", "compliance")
    yield pl.DataFrame(
        {
            "consent_id": np.arange(1, n + 1),
            "customer_id": whose + 1,
            "purpose": pick(
                rng, n, ("newsletter", "profiling", "postal", "third_party"), (60, 20, 15, 5)
            ),
            "granted": holes(rng, pl.Series(rng.random(n) < 0.71), unknown),
            "granted_at": moments(world.anchor, since),
            "withdrawn_at": holes(
                rng, moments(world.anchor, (since * rng.random(n)).astype(np.int64)), 0.9
            ),
            "source": pick(rng, n, ("checkout", "store form", "import 2021", "app", "")),
            "ip_address": holes(rng, ip_addresses(rng, n), 0.3),
            "evidence": json_rows(
                form=pick(rng, n, ("v1", "v2", "v3")), double_opt_in=pl.Series(rng.random(n) < 0.6)
            ),
        }
    )


def cust_ext(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("crm.cust_ext")
    n = world.rows("harbour", "crm.cust_ext")
    whose = rng.integers(0, len(world.customers), n)
    who = world.customers
    iban, _, _ = bank_accounts(rng, rng.integers(0, 3, n))
    slots = {
        "email": gather(who.email, whose),
        "phone": gather(who.phone, whose),
        "name": gather(who.full_name, rng.permutation(whose)),
        "iban": iban,
    }
    yield pl.DataFrame(
        {
            "cust_ref": put(
                pl.Series(whose + 1),
                spots(rng, n, 0.02),
                (0, -1, 999_999),
            ),
            "c1": holes(rng, slots["email"], 0.05),
            "c2": holes(rng, slots["phone"], 0.3),
            "c3": holes(rng, gather(who.born, whose).dt.strftime("%d.%m.%Y"), 0.4),
            "attr_07": holes(rng, iban, 0.55),
            "val": holes(rng, us_ssns(rng, n), 0.7),
            "misc_text": written(
                texts("misc_texts"), rng.integers(0, len(texts("misc_texts")), n), slots
            ),
            "upd": moments(world.anchor, -rng.integers(DAY, 2_500 * DAY, n)).dt.replace_time_zone(
                None
            ),
        }
    )


TABLES = {
    "crm.contacts": contacts,
    "crm.tickets": tickets,
    "crm.ticket_messages": ticket_messages,
    "crm.campaigns": campaigns,
    "crm.campaign_members": campaign_members,
    "crm.consents": consents,
    "crm.cust_ext": cust_ext,
}
