"""The shop: customers, addresses, articles, orders, returns."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from muniment.demo.estate.company import CURRENCIES, LANGUAGES
from muniment.demo.estate.resources import content
from muniment.demo.estate.values.checks import article_numbers
from muniment.demo.estate.values.draw import (
    days,
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
    spots,
    uuids,
    weighted,
)
from muniment.demo.estate.values.people import homes
from muniment.demo.estate.values.text import array_rows, json_rows, texts, written
from muniment.demo.estate.world import DAY, World

BROKEN_EMAILS = (
    "n/a",
    "none",
    "anna.schmidt@",
    "@example.com",
    "peter(at)example.org",
    "j.martin@example,com",
    "no mail",
    "x@x",
)
PLACEHOLDERS = ("N/A", "unknown", "-", "0000000000", "keine Angabe")
_SPELLINGS = ("Germany", "de", "GER", "UK", "France", "U.S.", "usa", "D")


def customers(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("sales.customers")
    who, n = world.customers, len(world.customers)
    number = numbered("HP-", np.arange(100_001, 100_001 + n), 7)
    twice = world.flaws(rng, n, "sales.customers.customer_number", "uniqueness")
    number = put(number, twice, gather(number, np.maximum(twice - 1, 0)))
    email = put(who.email, world.flaws(rng, n, "sales.customers.email", "validity"), BROKEN_EMAILS)
    phone = holes(rng, who.phone, world.flaw_share("sales.customers.phone", "completeness"))
    created = world.customer_since
    yield pl.DataFrame(
        {
            "customer_id": np.arange(1, n + 1),
            "customer_number": number,
            "first_name": who.first_name,
            "last_name": put(
                who.last_name,
                world.flaws(rng, n, "sales.customers.last_name", "completeness"),
                ("", " "),
            ),
            "email": holes(rng, email, world.flaw_share("sales.customers.email", "completeness")),
            "phone": put(
                phone, world.flaws(rng, n, "sales.customers.phone", "validity"), PLACEHOLDERS
            ),
            "date_of_birth": put(
                holes(rng, who.born, 0.31),
                world.flaws(rng, n, "sales.customers.date_of_birth", "validity"),
                days(world.anchor, rng.integers(30, 20_000, 40)),
            ),
            "gender": put(
                holes(rng, who.gender, 0.22),
                spots(rng, n, 0.0167),
                ("x", "", "F", "male"),
            ),
            "country_code": who.country_code,
            "preferred_language": gather(pl.Series(LANGUAGES), who.country),
            "marketing_opt_in": pl.Series(rng.random(n) < 0.44),
            "loyalty_tier": pick(rng, n, ("none", "pine", "oak", "harbour"), (60, 25, 11, 4)),
            "loyalty_points": skewed(rng, n, 9_000, power=4),
            "external_ref": holes(rng, uuids(rng, n), 0.4),
            "preferences": json_rows(
                newsletter=pl.Series(rng.random(n) < 0.4),
                topics=pick(rng, n, ("garden", "kitchen", "lighting", "kids", "office")),
                store=pick(rng, n, ("Hamburg", "Lyon", "Bristol", "Boston", None)),
            ),
            "tags": array_rows(
                ([], ["vip"], ["trade"], ["staff"], ["b-stock", "vip"], ["do not call"]),
                weighted(rng, n, 6, (80, 6, 6, 2, 2, 4)),
            ),
            "created_at": moments(world.anchor, created),
            "updated_at": holes(
                rng, moments(world.anchor, (created * rng.random(n)).astype(np.int64)), 0.35
            ),
        }
    )


def addresses(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("sales.addresses")
    n, known = world.rows("harbour", "sales.addresses"), len(world.customers)
    owner = np.concatenate([np.arange(known), rng.integers(0, known, max(0, n - known))])[:n]
    country = world.customers.country[owner]
    second = put(
        pick(rng, n, (None,)),
        spots(rng, n, 0.125),
        ("Apt 4", "2. OG links", "Bât. B", "", "c/o Weber", "Flat 12b"),
    )
    yield (
        homes(rng, country)
        .frame()
        .with_columns(
            address_id=pl.Series(np.arange(1, n + 1)),
            customer_id=pl.Series(owner + 1),
            kind=pl.Series(np.where(np.arange(n) < known, "billing", "shipping").tolist()),
            line2=second,
            country_code=put(
                gather(pl.Series(("DE", "FR", "GB", "US")), country),
                world.flaws(rng, n, "sales.addresses.country_code", "consistency"),
                _SPELLINGS,
            ),
            valid_from=holes(rng, days(world.anchor, world.customer_since[owner] // DAY), 0.05),
        )
    )


def categories(_: World) -> Iterator[pl.DataFrame]:
    tree: dict[str, list[str]] = content("goods.toml")["categories"]
    names = [*tree, *(child for children in tree.values() for child in children)]
    parents = [None] * len(tree) + [
        i + 1 for i, children in enumerate(tree.values()) for _ in children
    ]
    slugs = pl.Series(names).str.to_lowercase().str.replace_all("[^a-z]+", "-")
    yield pl.DataFrame(
        {
            "category_id": range(1, len(names) + 1),
            "parent_id": parents,
            "name": names,
            "slug": slugs,
        }
    )


def products(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("sales.products")
    n = len(world.prices)
    goods = content("goods.toml")
    leaf = rng.integers(0, 40, n)
    noun = gather(pl.Series(goods["nouns"]), leaf)
    material = pick(rng, n, goods["materials"])
    born = -rng.integers(60, 2_600, n)
    gone = spots(rng, n, 0.1111)
    price = world.prices.copy()
    price[world.flaws(rng, n, "sales.products.list_price", "validity")] = 0
    yield pl.DataFrame(
        {
            "product_id": np.arange(1, n + 1),
            "sku": world.skus,
            "ean": holes(rng, article_numbers(rng, n), 0.03),
            "name": joined(pick(rng, n, goods["lines"]), " ", material, " ", noun),
            "category_id": leaf + 9,
            "supplier_id": rng.integers(1, world.rows("harbour", "ops.suppliers") + 1, n),
            "list_price": money(price),
            "cost_price": money((world.prices * rng.uniform(0.35, 0.7, n)).astype(np.int64)),
            "currency": pick(rng, n, ("EUR", "eur", None), (97, 2, 1)),
            "weight_grams": np.exp(rng.normal(8, 1.2, n)).clip(50, 120_000).astype(np.int64),
            "ssn": pick(rng, n, ("SS24", "AW24", "SS25", "AW25", "SS26", "AW26", None)),
            "attributes": json_rows(
                material=material,
                colour=pick(rng, n, goods["colours"]),
                width_cm=pl.Series(rng.integers(5, 260, n)),
                assembly=pl.Series(rng.random(n) < 0.5),
            ),
            "tags": array_rows(
                (["new"], ["sale"], [], ["eco", "fsc"], ["bestseller"], ["outdoor"]),
                rng.integers(0, 6, n),
            ),
            "created_at": moments(world.anchor, born * DAY),
            "discontinued_on": put(
                pl.Series([None] * n, dtype=pl.Date),
                gone,
                days(world.anchor, -rng.integers(1, 60, len(gone))),
            ),
        }
    )


def orders(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("sales.orders")
    made, n = world.orders, len(world.orders.seconds)
    seconds, total = made.seconds.copy(), made.total
    later = world.flaws(rng, n, "sales.orders.ordered_at", "validity")
    seconds[later] = rng.integers(20, 3_000, len(later)) * DAY
    wrong = world.flaws(rng, n, "sales.orders.total_amount", "consistency")
    total[wrong] += rng.integers(1, 5_000, len(wrong))
    given = spots(rng, n, 0.06)
    named = {"name": gather(world.customers.first_name, made.customer[given])}
    wishes = texts("gift_messages")
    messages = written(wishes, skewed(rng, len(given), len(wishes)), named)
    yield pl.DataFrame(
        {
            "order_id": np.arange(1, n + 1),
            "order_number": order_numbers(np.arange(n)),
            "customer_id": made.customer + 1,
            "status": made.status,
            "channel": pick(
                rng, n, ("web", "app", "store", "phone", "WEB", None), (58, 26, 9, 4, 2, 1)
            ),
            "ordered_at": moments(world.anchor, seconds),
            "currency": gather(pl.Series(CURRENCIES), world.customers.country[made.customer]),
            "subtotal": money(made.subtotal),
            "discount": money(made.discount),
            "shipping_fee": money(made.shipping),
            "total_amount": money(total),
            "coupon_code": holes(
                rng, pick(rng, n, ("WELCOME10", "SPRING26", "NORTH5", "staff20", "N/A")), 0.87
            ),
            "shipping_address_id": made.customer + 1,
            "gift_message": put(pick(rng, n, (None,)), given, messages),
        }
    )


def order_numbers(position: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    """The printed numbers of the orders at these positions."""
    return numbered("ORD-", position + 1, 8)


def order_lines(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("sales.order_lines")
    made, n = world.lines, len(world.lines.order)
    quantity = made.quantity.copy()
    wrong = world.flaws(rng, n, "sales.order_lines.quantity", "validity")
    quantity[wrong] = rng.integers(-2, 1, len(wrong))
    yield pl.DataFrame(
        {
            "order_id": made.order + 1,
            "line_no": made.number,
            "product_id": made.product + 1,
            "quantity": quantity,
            "unit_price": money(made.price),
            "discount_pct": made.discount,
            "tax_rate": np.array([19.0, 20.0, 20.0, 8.9])[
                world.customers.country[world.orders.customer[made.order]]
            ],
            "line_total": money(made.total),
        }
    )


def returns(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("sales.returns")
    n, known = world.rows("harbour", "sales.returns"), len(world.orders.seconds)
    order = sampled(rng, n, known)
    asked = np.minimum(world.orders.seconds[order] // DAY + rng.integers(3, 40, n), -1)
    back = asked + rng.integers(1, 15, n)
    wrong = world.flaws(rng, n, "sales.returns.received_on", "consistency")
    back[wrong] = asked[wrong] - 9
    order_id = order + 1
    lost = world.flaws(rng, n, "sales.returns.order_id", "consistency")
    order_id[lost] = known + rng.integers(1_000, 90_000, len(lost))
    phone = gather(world.customers.phone, world.orders.customer[order])
    received = days(world.anchor, back)
    yield pl.DataFrame(
        {
            "return_id": np.arange(1, n + 1),
            "order_id": order_id,
            "line_no": np.ones(n, dtype=np.int64),
            "reason": pick(
                rng, n, ("wrong_size", "damaged", "not_as_described", "changed_mind", "other", "")
            ),
            "reason_text": written(
                texts("return_reasons"),
                rng.integers(0, len(texts("return_reasons")), n),
                {"phone": phone},
            ),
            "refunded_amount": money(world.orders.subtotal[order] * rng.integers(2, 11, n) // 10),
            "requested_on": days(world.anchor, asked),
            "received_on": only(back < 0, received),
        }
    )


def order_notes(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("sales.Order Notes (old)")
    n = world.rows("harbour", "sales.Order Notes (old)")
    whose = rng.integers(0, len(world.customers), n)
    slots = {
        "phone": gather(world.customers.phone, whose),
        "email": gather(world.customers.email, whose),
        "name": gather(world.customers.full_name, whose),
    }
    yield pl.DataFrame(
        {
            "Order No": patterned(
                rng,
                ("HP/####/19", "HP/####/20", "HP/####/21", "??"),
                weighted(rng, n, 4, (30, 40, 29, 1)),
            ),
            "Note Text": written(
                texts("order_notes"), skewed(rng, n, len(texts("order_notes"))), slots
            ),
            "Entered By": gather(world.staff_emails, skewed(rng, n, len(world.staff), power=3)),
            "Entered On": days(world.anchor, -rng.integers(1_700, 2_700, n)),
        }
    )


TABLES = {
    "sales.customers": customers,
    "sales.addresses": addresses,
    "sales.categories": categories,
    "sales.products": products,
    "sales.orders": orders,
    "sales.order_lines": order_lines,
    "sales.returns": returns,
    "sales.Order Notes (old)": order_notes,
}
