"""Writes the data lake of the company: Parquet in partitions, CSV clean and dirty, NDJSON, gzip."""

import gzip
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from muniment.demo.estate.company import COUNTRIES, CURRENCIES, ESTATE
from muniment.demo.estate.domains.sales import order_numbers
from muniment.demo.estate.marks import LAKE_FILE, lake_mark, present_in_lake
from muniment.demo.estate.values.checks import (
    bank_accounts,
    card_numbers,
    de_tax_ids,
    fr_social_numbers,
    gb_ninos,
    ip_addresses,
    us_ssns,
)
from muniment.demo.estate.values.draw import (
    Ints,
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
    uuids,
    weighted,
)
from muniment.demo.estate.values.people import by_country, countries, homes, people
from muniment.demo.estate.values.text import texts, written
from muniment.demo.estate.world import DAY, World
from muniment.kernel.errors import Conflict

Progress = Callable[[str, int, int], None]

_SITES: Final = ("HAM", "LEJ", "LYS", "BRS")
_MONTHS: Final = tuple(date(2025 + i // 12, i % 12 + 1, 1) for i in range(17))


def build_lake(
    directory: Path,
    *,
    scale: float = 1.0,
    anchor: date = ESTATE.anchor,
    progress: Progress | None = None,
) -> None:
    """Write the lake to `directory`; `progress` hears data set, rows done and rows in all.

    The folder appears under its name only when it is whole; what an interrupted build left beside
    it is thrown away. A complete lake of the same content is left as it is. Raises Conflict where
    the folder holds something else.
    """
    mark, present = lake_mark(scale, anchor), present_in_lake(directory)
    if present == mark:
        return
    if directory.exists() and present is None and any(directory.iterdir()):
        raise Conflict(
            "The folder for the demo lake holds other files. Give it an empty or a new folder."
        )
    partial = directory.with_name(directory.name + ".partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    world, tell = World(scale=scale, anchor=anchor), progress or (lambda *_: None)
    total, done = sum(world.rows("lake", name) for name in _DATA_SETS), 0
    for name, write in _DATA_SETS.items():
        tell(name, done, total)
        (partial / name).parent.mkdir(parents=True, exist_ok=True)
        write(world, partial / name)
        done += world.rows("lake", name)
        tell(name, done, total)
    (partial / LAKE_FILE).write_text(mark, "utf-8")
    if directory.exists():
        shutil.rmtree(directory)
    partial.rename(directory)


def web_events(world: World, place: Path) -> None:
    rng = generator("lake.web_events")
    n = world.rows("lake", "web_events")
    bounds = np.linspace(0, n, len(_MONTHS)).astype(np.int64)
    for month, after, start, stop in zip(_MONTHS, _MONTHS[1:], bounds, bounds[1:], strict=False):
        folder = place / f"year={month.year}" / f"month={month.month:02d}"
        folder.mkdir(parents=True)
        _month_of_events(rng, month, after, int(start), int(stop), world).write_parquet(
            folder / "part-0000.parquet"
        )


def _month_of_events(
    rng: np.random.Generator, month: date, after: date, start: int, stop: int, world: World
) -> pl.DataFrame:
    n, agents = stop - start, texts("user_agents")
    kinds = ("page_view", "product_view", "add_to_cart", "purchase", "PageView")
    return pl.DataFrame(
        {
            "event_id": np.arange(start + 1, stop + 1),
            "session_id": gather(
                uuids(rng, max(1, n // 4)), np.sort(rng.integers(0, max(1, n // 4), n))
            ),
            "occurred_at": moments(month, np.sort(rng.integers(0, (after - month).days * DAY, n))),
            "event_type": pick(rng, n, kinds, (55, 30, 10, 4, 1)),
            "url": joined(
                "https://shop.example.com",
                pick(rng, n, ("/", "/sale", "/p/table", "/account", "/checkout")),
            ),
            "client_ip": holes(rng, ip_addresses(rng, n), 0.02),
            "user_agent": gather(
                pl.Series(agents), weighted(rng, n, len(agents), (34, 30, 12, 16, 6, 2))
            ),
            "sku": holes(rng, gather(world.skus, skewed(rng, n, len(world.skus), power=2.2)), 0.6),
            "country": pick(rng, n, (*COUNTRIES, "??"), (36, 20, 27, 15, 2)),
            "duration_ms": np.exp(rng.normal(8, 1.3, n)).astype(np.int64),
        }
    )


def warehouse_sensors(world: World, place: Path) -> None:
    rng = generator("lake.warehouse_sensors")
    total = world.rows("lake", "warehouse_sensors")
    bounds = np.linspace(0, total, len(_SITES) + 1).astype(np.int64)
    for site, start, stop in zip(_SITES, bounds, bounds[1:], strict=False):
        n = int(stop - start)
        warm = rng.normal(17, 3, n).round(1)
        warm[spots(rng, n, 0.003)] = 999.9
        frame = pl.DataFrame(
            {
                "sensor_id": numbered(f"{site}-", rng.integers(1, 25, n), 3),
                "measured_at": moments(world.anchor, np.sort(-rng.integers(60, 30 * DAY, n))),
                "temperature_c": pl.Series(warm),
                "humidity_pct": holes(rng, pl.Series(rng.integers(25, 85, n)), 0.05),
                "battery_mv": pl.Series(rng.integers(2_400, 3_300, n)),
            }
        )
        folder = place / f"site={site}"
        folder.mkdir(parents=True)
        frame.write_parquet(folder / "readings.parquet")


def reviews(world: World, place: Path) -> None:
    rng = generator("lake.reviews")
    n = world.rows("lake", "product_reviews/reviews.parquet")
    whose = rng.integers(0, len(world.customers), n)
    body = written(
        texts("review_texts"),
        rng.integers(0, len(texts("review_texts")), n),
        {"name": gather(world.customers.first_name, whose)},
    )
    pl.DataFrame(
        {
            "review_id": uuids(rng, n),
            "sku": gather(world.skus, skewed(rng, n, len(world.skus), power=2)),
            "stars": put(
                pl.Series(1 + weighted(rng, n, 5, (6, 5, 12, 30, 47))),
                spots(rng, n, 0.002),
                (0, 10),
            ),
            "body": body,
            "language": pick(rng, n, ("en", "de", "fr", None)),
            "helpful_votes": skewed(rng, n, 120, power=6),
            "written_on": days(world.anchor, -rng.integers(1, 1_300, n)),
        }
    ).write_parquet(place)


def nested_orders(world: World, place: Path) -> None:
    rng = generator("lake.orders")
    n, orders, lines = world.rows("lake", "orders/orders_2025.ndjson"), world.orders, world.lines
    first = max(
        0, int(np.searchsorted(orders.seconds, (date(2025, 1, 1) - world.anchor).days * DAY))
    )
    first = min(first, max(0, len(orders.seconds) - n))
    order = np.arange(first, first + n) % len(orders.seconds)
    who, whose = world.customers, orders.customer[order]
    items = _items(world, lines.order, order)
    home = homes(rng, who.country[whose])
    frame = pl.DataFrame(
        {
            "order_number": order_numbers(order),
            "placed_at": moments(world.anchor, orders.seconds[order]).dt.strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
            "name": gather(who.full_name, whose),
            "email": gather(who.email, whose),
            "loyalty": holes(rng, pick(rng, n, ("pine", "oak", "harbour")), 0.7),
            "street": home.line1,
            "postcode": home.postcode,
            "city": home.city,
            "country": who.country_code.gather(pl.Series(whose)),
            "currency": gather(pl.Series(CURRENCIES), who.country[whose]),
            "total": money(orders.total[order]),
            "items": items,
        }
    )
    address = pl.struct("street", "postcode", "city", "country").alias("address")
    frame.select(
        "order_number",
        "placed_at",
        pl.struct("name", "email", "loyalty", address).alias("customer"),
        "currency",
        "total",
        "items",
    ).write_ndjson(place)


def _items(world: World, line_order: Ints, order: Ints) -> pl.Series:
    """The lines of these orders, as a list of structs for each."""
    lines, first = world.lines, np.searchsorted(line_order, order)
    count = np.searchsorted(line_order, order, side="right") - first
    owner = np.repeat(np.arange(len(order)), count)
    rows = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count) + np.arange(
        len(owner)
    )
    frame = pl.DataFrame(
        {
            "owner": owner,
            "sku": gather(world.skus, lines.product[rows]),
            "quantity": lines.quantity[rows],
            "price": money(lines.price[rows]),
        }
    )
    grouped = frame.group_by("owner", maintain_order=True).agg(
        pl.struct("sku", "quantity", "price").alias("items")
    )
    return grouped["items"]


def chats(world: World, place: Path) -> None:
    rng = generator("lake.chats")
    n = world.rows("lake", "support/chats.ndjson")
    lines, answers = texts("chat_lines"), texts("chat_answers")
    whose = rng.integers(0, len(world.customers), n)
    slots = {
        "email": gather(world.customers.email, whose),
        "phone": gather(world.customers.phone, whose),
        "name": gather(world.customers.full_name, whose),
        "order": order_numbers(rng.integers(0, len(world.orders.seconds), n)),
    }
    said = {
        turn: written(spoken, rng.integers(0, len(spoken), n), slots)
        for turn, spoken in (("first", lines), ("second", answers), ("third", lines))
    }
    frame = pl.DataFrame(said).with_columns(
        chat_id=uuids(rng, n),
        started_at=moments(world.anchor, np.sort(-rng.integers(60, 400 * DAY, n))).dt.strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        ),
        email=holes(rng, slots["email"], 0.4),
        language=pick(rng, n, ("de", "en", "fr")),
        rating=holes(rng, pl.Series(rng.integers(1, 6, n)), 0.7),
    )
    messages = pl.concat_list(
        [
            pl.struct(pl.lit(who).alias("from"), pl.col(name).alias("text"))
            for who, name in (("visitor", "first"), ("agent", "second"), ("visitor", "third"))
        ]
    )
    frame.select(
        "chat_id",
        "started_at",
        pl.struct("email", "language").alias("visitor"),
        messages.alias("messages"),
        "rating",
    ).write_ndjson(place)


def customers_eu(world: World, place: Path) -> None:
    rng = generator("lake.customers_eu")
    n, who = world.rows("lake", "exports/customers_eu.csv"), world.customers
    european = np.flatnonzero(who.country < 3)
    whose = european[np.arange(n) % len(european)]
    home = homes(rng, who.country[whose])
    pl.DataFrame(
        {
            "id": whose + 1,
            "name": gather(who.full_name, whose),
            "email": holes(rng, gather(who.email, whose), 0.03),
            "phone": holes(rng, gather(who.phone, whose), 0.2),
            "birthday": holes(rng, gather(who.born, whose).dt.strftime("%d/%m/%Y"), 0.3),
            "street": home.line1,
            "postcode": home.postcode,
            "city": home.city,
            "country": gather(who.country_code, whose),
            "comment": pick(
                rng,
                n,
                (None, "VIP", 'said "never again"', "moved, see mail\nof 3 May"),
                (95, 3, 1, 1),
            ),
        }
    ).write_csv(place)


def suppliers(world: World, place: Path) -> None:
    rng = generator("lake.suppliers")
    n = world.rows("lake", "exports/suppliers_2026.csv")
    who = people(rng, countries(rng, n, (0.6, 0.2, 0.2, 0.0)), world.anchor, youngest=25, oldest=66)
    iban, _, _ = bank_accounts(rng, who.country)
    pl.DataFrame(
        {
            "Lieferant": joined(who.last_name, " ", pick(rng, n, ("GmbH", "SA", "Ltd"))),
            "Ansprechpartner": who.full_name,
            "E-Mail": who.email,
            "IBAN": iban,
            "Umsatz 2026": joined(
                pl.Series(rng.integers(1, 900, n)).cast(pl.String),
                ".",
                pl.Series(rng.integers(100, 999, n)).cast(pl.String),
                ",00",
            ),
        }
    ).write_csv(place, separator=";")


def returns_dirty(world: World, place: Path) -> None:
    rng = generator("lake.returns_dirty")
    n = world.rows("lake", "exports/returns_2024_final_v2.csv")
    whose = rng.integers(0, len(world.customers), n)
    lines = (
        pl.DataFrame(
            {
                "order": order_numbers(rng.integers(0, len(world.orders.seconds), n)),
                "date": pick(
                    rng, n, ("2024-03-11", "11.03.2024", "3/11/24", "", "n/a"), (70, 15, 10, 3, 2)
                ),
                "contact": gather(world.customers.email, whose),
                "amount": pick(rng, n, ("12.90", "1.299,00", "-49.00", "€ 20", "")),
                "reason": pick(rng, n, ("damaged", "Damaged ", "DAMAGED", "too big", "?")),
            }
        )
        .write_csv()
        .splitlines()
    )
    for number, row in enumerate(
        spots(
            rng, n, world.flaw_share("exports/returns_2024_final_v2.csv", "validity", source="lake")
        )
    ):
        line = lines[row + 1]
        lines[row + 1] = line + ",called twice,see mail" if number % 2 else line.rsplit(",", 1)[0]
    place.write_text("\n".join(lines) + "\n", "utf-8")


def card_settlements(world: World, place: Path) -> None:
    rng = generator("lake.card_settlements")
    n = world.rows("lake", "finance/card_settlements_2026-09.csv.gz")
    number, brand = card_numbers(rng, n)
    _gzip(
        place,
        pl.DataFrame(
            {
                "settled_on": days(world.anchor, np.sort(-rng.integers(32, 62, n))),
                "pan": number,
                "scheme": brand,
                "holder": gather(
                    world.customers.full_name, rng.integers(0, len(world.customers), n)
                ),
                "amount": money(rng.integers(500, 120_000, n)),
                "currency": pick(rng, n, ("EUR", "GBP", "USD")),
                "terminal": numbered("T", rng.integers(1, 90, n), 4),
            }
        ),
    )


def payroll(world: World, place: Path) -> None:
    rng = generator("lake.payroll")
    n, staff = world.rows("lake", "hr/payroll_2026-10.csv.gz"), world.staff
    whose = np.arange(n) % len(staff)
    country, born = staff.country[whose], gather(staff.born, whose)
    iban, _, _ = bank_accounts(rng, country)
    reference = {
        "DE": de_tax_ids(rng, n),
        "FR": fr_social_numbers(rng, born, staff.female[whose]),
        "GB": gb_ninos(rng, n),
        "US": us_ssns(rng, n),
    }
    gross = np.exp(rng.normal(8.1, 0.35, n)).round(2)
    _gzip(
        place,
        pl.DataFrame(
            {
                "employee": gather(staff.full_name, whose),
                "tax_ref": by_country(country, reference),
                "iban": iban,
                "gross": gross,
                "net": (gross * 0.64).round(2),
                "paid_on": days(world.anchor, np.full(n, -3)),
            }
        ),
    )


def _gzip(place: Path, frame: pl.DataFrame) -> None:
    """Compressed CSV without a time stamp, so that the same rows are the same bytes."""
    with (
        place.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=5, mtime=0) as packed,
    ):
        for part in _slices(frame):
            packed.write(part)


def _slices(frame: pl.DataFrame) -> Iterator[bytes]:
    for number, part in enumerate(frame.iter_slices(20_000)):
        yield part.write_csv(include_header=number == 0).encode()


_DATA_SETS: Final[dict[str, Callable[[World, Path], None]]] = {
    "web_events": web_events,
    "warehouse_sensors": warehouse_sensors,
    "product_reviews/reviews.parquet": reviews,
    "orders/orders_2025.ndjson": nested_orders,
    "support/chats.ndjson": chats,
    "exports/customers_eu.csv": customers_eu,
    "exports/suppliers_2026.csv": suppliers,
    "exports/returns_2024_final_v2.csv": returns_dirty,
    "finance/card_settlements_2026-09.csv.gz": card_settlements,
    "hr/payroll_2026-10.csv.gz": payroll,
}
