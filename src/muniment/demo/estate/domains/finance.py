"""Money: saved cards, bank accounts, payments, invoices, the ledger."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from muniment.demo.estate.company import CURRENCIES
from muniment.demo.estate.domains.sales import order_numbers
from muniment.demo.estate.values.checks import bank_accounts, card_numbers, us_routing_numbers
from muniment.demo.estate.values.draw import (
    Ints,
    covering,
    days,
    either,
    gather,
    generator,
    holes,
    joined,
    moments,
    money,
    numbered,
    only,
    patterned,
    pick,
    put,
    sampled,
    skewed,
    uuids,
    weighted,
)
from muniment.demo.estate.values.people import by_country, homes
from muniment.demo.estate.world import DAY, World


def card_owners(world: World) -> Ints:
    """The customer of each saved card."""
    rng = generator("finance.card_owners")
    return np.sort(
        rng.integers(0, len(world.customers), world.rows("harbour", "finance.payment_cards"))
    )


def saved_cards(world: World) -> tuple[pl.Series, pl.Series]:
    """Number and brand of each saved card."""
    return card_numbers(
        generator("finance.saved_cards"), world.rows("harbour", "finance.payment_cards")
    )


def payment_cards(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("finance.payment_cards")
    owner = card_owners(world)
    n = len(owner)
    number, brand = saved_cards(world)
    month = pl.Series(rng.integers(1, 13, n)).cast(pl.String).str.zfill(2)
    year = pl.Series(rng.integers(24, 32, n)).cast(pl.String)
    four = brand == "American Express"
    cvv = pl.select(
        pl.when(four)
        .then(patterned(rng, ("####",), np.zeros(n, dtype=np.int64)))
        .otherwise(patterned(rng, ("###",), np.zeros(n, dtype=np.int64)))
    )
    yield pl.DataFrame(
        {
            "card_id": np.arange(1, n + 1),
            "customer_id": owner + 1,
            "brand": brand,
            "card_number": number,
            "card_holder": gather(world.customers.full_name, owner),
            "expiry": joined(month, "/", year),
            "cvv": holes(rng, cvv.to_series(), 0.45),
            "billing_postcode": homes(rng, world.customers.country[owner]).postcode,
            "added_at": moments(
                world.anchor, (world.customer_since[owner] * rng.random(n)).astype(np.int64)
            ),
        }
    )


def accounts(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("finance.bank_accounts")
    n = world.rows("harbour", "finance.bank_accounts")
    owner = np.sort(rng.integers(0, len(world.customers), n))
    country = world.customers.country[owner]
    iban, bic, bank = bank_accounts(rng, country)
    american = by_country(
        country, {"US": pick(rng, n, ("Chase", "Bank of America", "Wells Fargo", "Citibank"))}
    )
    yield pl.DataFrame(
        {
            "account_id": np.arange(1, n + 1),
            "customer_id": owner + 1,
            "account_holder": gather(world.customers.full_name, owner),
            "iban": iban,
            "bic": holes(rng, bic, 0.15),
            "bank_name": pl.select(pl.coalesce(bank, american)).to_series(),
            "routing_number": by_country(country, {"US": us_routing_numbers(rng, n)}),
            "account_number": by_country(
                country,
                {"US": patterned(rng, ("##########", "############"), rng.integers(0, 2, n))},
            ),
            "mandate_ref": holes(rng, numbered("MND-", np.arange(1, n + 1), 7), 0.2),
            "verified": pl.Series(rng.random(n) < 0.83),
        }
    )


def payments(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("finance.payments")
    n, orders = world.rows("harbour", "finance.payments"), world.orders
    known = len(orders.seconds)
    order = covering(rng, n, known)
    amount = orders.total[order]
    wrong = world.flaws(rng, n, "finance.payments.amount", "validity")
    amount[wrong] = -amount[wrong]
    method = weighted(rng, n, 5, (46, 24, 18, 9, 3))
    number, _ = saved_cards(world)
    card = skewed(rng, n, len(number), power=1.1)
    masked = gather(joined(number.str.slice(0, 6), "******", number.str.slice(-4)), card)
    by_card = pl.Series(method == 0)
    yield pl.DataFrame(
        {
            "payment_id": np.arange(1, n + 1),
            "order_id": order + 1,
            "method": gather(
                pl.Series(["card", "wallet", "invoice", "direct_debit", "gift"]), method
            ),
            "card_id": only(by_card, pl.Series(card + 1)),
            "masked_card": only(by_card, masked),
            "amount": money(amount),
            "currency": gather(
                pl.Series(CURRENCIES), world.customers.country[orders.customer[order]]
            ),
            "status": pick(
                rng,
                n,
                ("captured", "failed", "refunded", "authorised", "CAPTURED"),
                (88, 5, 4, 2, 1),
            ),
            "psp_reference": uuids(rng, n),
            "paid_at": moments(
                world.anchor, np.minimum(orders.seconds[order] + rng.integers(5, 4 * DAY, n), -1)
            ),
        }
    )


def invoices(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("finance.invoices")
    n, orders = world.rows("harbour", "finance.invoices"), world.orders
    order = sampled(rng, n, len(orders.seconds))
    issued = orders.seconds[order] // DAY
    due = issued + 14
    wrong = world.flaws(rng, n, "finance.invoices.due_on", "consistency")
    due[wrong] = issued[wrong] - 14
    number = numbered("INV-", np.arange(1, n + 1), 8)
    twice = world.flaws(rng, n, "finance.invoices.invoice_number", "uniqueness")
    country = world.customers.country[orders.customer[order]]
    gross = orders.total[order]
    net = (gross / (1 + np.array([0.19, 0.20, 0.20, 0.089])[country])).astype(np.int64)
    paid = issued + rng.integers(0, 30, n)
    yield pl.DataFrame(
        {
            "invoice_id": np.arange(1, n + 1),
            "invoice_number": put(number, twice, gather(number, np.maximum(twice - 1, 0))),
            "order_id": order + 1,
            "issued_on": days(world.anchor, issued),
            "due_on": days(world.anchor, due),
            "net_amount": money(net),
            "tax_amount": money(gross - net),
            "gross_amount": money(gross),
            "currency": gather(pl.Series(CURRENCIES), country),
            "paid_on": only((paid < 0) & (rng.random(n) < 0.96), days(world.anchor, paid)),
        }
    )


def ledger_entries(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("finance.ledger_entries")
    n, orders = world.rows("harbour", "finance.ledger_entries"), world.orders
    pairs = (n + 1) // 2
    order = np.sort(rng.integers(0, len(orders.seconds), pairs)).repeat(2)[:n]
    debit = np.arange(n) % 2 == 0
    amount = money(orders.total[order])
    zero = pl.Series(np.zeros(n))
    yield pl.DataFrame(
        {
            "entry_id": np.arange(1, n + 1),
            "booked_on": days(world.anchor, orders.seconds[order] // DAY),
            "account_code": gather(pl.Series(["1200", "4400"]), (~debit).astype(np.int64)),
            "debit": either(debit, amount, zero),
            "credit": either(debit, zero, amount),
            "currency": gather(
                pl.Series(CURRENCIES), world.customers.country[orders.customer[order]]
            ),
            "reference": order_numbers(order),
            "memo": pick(
                rng, n, ("shop revenue", "correction", "", None, "see mail"), (80, 5, 5, 8, 2)
            ),
        }
    )


TABLES = {
    "finance.payment_cards": payment_cards,
    "finance.bank_accounts": accounts,
    "finance.payments": payments,
    "finance.invoices": invoices,
    "finance.ledger_entries": ledger_entries,
}
