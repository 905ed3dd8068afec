"""What several tables must agree on: the customers, the staff, the products, the orders."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from muniment.demo.estate.company import COUNTRY_WEIGHTS, ESTATE
from muniment.demo.estate.truth import DefectKind, facts
from muniment.demo.estate.values.draw import (
    Ints,
    Rng,
    covering,
    days,
    generator,
    pick,
    skewed,
    spots,
    weighted,
)
from muniment.demo.estate.values.people import People, countries, people

DAY = 86_400
SHOP_OPENED = (
    1_400  # days before the anchor on which the shop that this database serves took its first order
)
_STAFF_WEIGHTS = (0.55, 0.12, 0.23, 0.10)


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders in columns, the oldest first; order number i has the id i + 1. Money in cents."""

    customer: Ints
    seconds: Ints
    status: pl.Series
    subtotal: Ints
    discount: Ints
    shipping: Ints

    @property
    def total(self) -> Ints:
        return self.subtotal - self.discount + self.shipping


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of all orders in columns; `order` (rising) and `product` are positions."""

    order: Ints
    number: Ints
    product: Ints
    quantity: Ints
    price: Ints
    discount: Ints
    total: Ints


class World:
    """The estate at one scale, on one day. What is asked of it twice is made once."""

    def __init__(self, *, scale: float = 1.0, anchor: date = ESTATE.anchor) -> None:
        if not 0 < scale <= 10:
            raise ValueError(
                f"The scale of the demo estate must lie between 0 and 10; {scale} was given."
            )
        self.scale = scale
        self.anchor = anchor

    def rows(self, source: str, name: str) -> int:
        """How many rows this asset gets."""
        return facts().rows_at(source, name, self.scale)

    def flaws(self, rng: Rng, n: int, at: str, kind: str, *, source: str = "harbour") -> Ints:
        """The rows that carry the defect which the facts declare at this place."""
        return spots(rng, n, self.flaw_share(at, kind, source=source))

    def flaw_share(self, at: str, kind: str, *, source: str = "harbour") -> float:
        """The share of rows that carry the defect which the facts declare at this place."""
        return facts().share(source, at, DefectKind(kind))

    @cached_property
    def customers(self) -> People:
        rng = generator("world.customers")
        return people(
            rng,
            countries(rng, self.rows("harbour", "sales.customers"), COUNTRY_WEIGHTS),
            self.anchor,
        )

    @cached_property
    def customer_since(self) -> Ints:
        """The second (counted from the anchor) in which each customer registered, rising."""
        rng = generator("world.customer_since")
        return np.sort(
            (-(rng.random(len(self.customers)) ** 1.2) * (SHOP_OPENED + 900) * DAY).astype(np.int64)
            - 60
        )

    def customers_at(self, rng: Rng, seconds: Ints) -> Ints:
        """A customer for each of these moments, registered by then, the early ones more often."""
        known = np.searchsorted(self.customer_since, seconds)
        return (rng.random(len(seconds)) ** 1.4 * known).astype(np.int64)

    @cached_property
    def staff(self) -> People:
        rng = generator("world.staff")
        country = countries(rng, self.rows("harbour", "hr.employees"), _STAFF_WEIGHTS)
        return people(rng, country, self.anchor, youngest=17, oldest=67)

    @cached_property
    def staff_emails(self) -> pl.Series:
        """Work addresses, one for each employee."""
        local = pl.DataFrame(
            {"local": self.staff.email.str.replace(r"\d*@.*$", "")}
        ).with_row_index("row")
        number = (
            pl.when(pl.col("local").is_first_distinct())
            .then(pl.lit(""))
            .otherwise(pl.col("row").cast(pl.String))
        )
        return local.select(
            email=pl.concat_str("local", number, pl.lit("@harbour-pine.example.com"))
        ).to_series()

    @cached_property
    def prices(self) -> Ints:
        """List prices of the products, in cents."""
        rng = generator("world.prices")
        n = self.rows("harbour", "sales.products")
        euros = np.exp(rng.normal(3.9, 1.0, n)).clip(3, 4_000).astype(np.int64)
        endings = np.array([-1, -5, -10, -50, 0], dtype=np.int64)
        cents: Ints = euros * 100 + endings[weighted(rng, n, 5, (50, 15, 15, 10, 10))]
        return cents

    @cached_property
    def skus(self) -> pl.Series:
        rng = generator("world.skus")
        n = len(self.prices)
        line = pick(rng, n, ("FJ", "NO", "HA", "PI", "OA", "SK", "LU", "MO"))
        number = pl.Series(np.arange(10_000, 10_000 + n)).cast(pl.String)
        return pl.select(
            pl.concat_str(
                pl.lit(line),
                pl.lit("-"),
                pl.lit(number),
                pl.lit("-"),
                pl.lit(pick(rng, n, tuple("ABCD"))),
            )
        ).to_series()

    @cached_property
    def lines(self) -> Lines:
        rng = generator("world.lines")
        orders, n = self.rows("harbour", "sales.orders"), self.rows("harbour", "sales.order_lines")
        order = covering(rng, max(n, orders), orders)
        first = np.searchsorted(order, np.arange(orders))
        product = skewed(rng, len(order), len(self.prices), power=2.2)
        quantity = 1 + weighted(rng, len(order), 5, (70, 17, 6, 5, 2))
        discount = np.array([0, 5, 10, 15, 20, 30])[
            weighted(rng, len(order), 6, (78, 6, 7, 3, 4, 2))
        ]
        price = self.prices[product]
        total = quantity * price * (100 - discount) // 100
        return Lines(
            order,
            np.arange(len(order)) - first[order] + 1,
            product,
            quantity,
            price,
            discount,
            total,
        )

    @cached_property
    def orders(self) -> Orders:
        rng = generator("world.orders")
        n = self.rows("harbour", "sales.orders")
        ages = _seasonal_days(rng, n, SHOP_OPENED, self.anchor)
        seconds = np.sort(-ages * DAY + (rng.normal(15.5, 4.2, n) % 24 * 3_600).astype(np.int64))
        age_in_days = -seconds // DAY
        status = weighted(rng, n, 4, (91, 4, 3, 2))
        status = np.where(
            (status == 0) & (age_in_days < 12), 4 + weighted(rng, n, 3, (2, 3, 5)), status
        )
        subtotal = np.bincount(self.lines.order, weights=self.lines.total, minlength=n).astype(
            np.int64
        )
        return Orders(
            customer=self.customers_at(rng, seconds),
            seconds=seconds,
            status=pl.Series(
                ["delivered", "cancelled", "returned", "refunded", "new", "paid", "shipped"]
            ).gather(pl.Series(status)),
            subtotal=subtotal,
            discount=subtotal * (rng.random(n) < 0.14) // 10,
            shipping=np.where(subtotal >= 20_000, 0, 490),
        )


def _seasonal_days(rng: Rng, n: int, span: int, anchor: date) -> Ints:
    """Ages in days (1 = yesterday): more of late, more before Christmas, fewer on Sundays."""
    age = np.arange(1, span + 1)
    calendar = days(anchor, -age)
    month, weekday = calendar.dt.month().to_numpy(), calendar.dt.weekday().to_numpy()
    weight = (
        np.linspace(1.6, 0.7, span)
        * np.where(month >= 11, 1.7, 1.0)
        * np.where(weekday == 7, 0.7, 1.0)
    )
    return age[weighted(rng, n, span, weight.tolist())]
