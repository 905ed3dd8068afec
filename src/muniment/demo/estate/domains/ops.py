"""Goods and machines: warehouses, suppliers, stock, shipments, scanners, integrations, jobs."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from muniment.demo.estate.values.checks import (
    bank_accounts,
    ip_addresses,
    mac_addresses,
    vat_numbers,
)
from muniment.demo.estate.values.draw import (
    by_group,
    days,
    gather,
    generator,
    hex_text,
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
    weighted,
)
from muniment.demo.estate.values.people import countries, people
from muniment.demo.estate.values.text import json_rows
from muniment.demo.estate.world import DAY, World

_WAREHOUSES = (
    ("Hamburg Altenwerder", "Hamburg", "DE", 53.51, 9.93),
    ("Leipzig Nord", "Leipzig", "DE", 51.40, 12.35),
    ("Lyon Saint-Priest", "Lyon", "FR", 45.70, 4.95),
    ("Avonmouth", "Bristol", "GB", 51.50, -2.69),
    ("Edison", "Edison", "US", 40.52, -74.41),
    ("Flensburg (closed)", "Flensburg", "DE", 54.78, 9.43),
)
_CARRIERS = ("DHL", "UPS", "Colissimo", "Royal Mail", "DPD")
_TRACKING = (
    "##############",
    "1Z999AA1########",
    "6A###########",
    "RM#########GB",
    "0#############",
)
_SYSTEMS = (
    "erp", "tax-adviser", "payment-provider", "newsletter", "warehouse-robots", "price-watch",
    "courier-labels", "reviews", "address-check", "fraud-score", "call-centre", "payroll",
    "old-shop", "bi-extract", "marketplace-de", "marketplace-fr", "marketplace-us",
    "returns-portal", "gift-wrap", "search", "image-resizer", "chat", "loyalty", "data-lake",
)  # fmt: skip
_JOBS = (
    "nightly_closing",
    "feed_import",
    "stock_sync",
    "mail_digest",
    "lake_export",
    "gdpr_delete",
)


def warehouses(_: World) -> Iterator[pl.DataFrame]:
    columns = ["name", "city", "country_code", "latitude", "longitude"]
    yield pl.DataFrame(_WAREHOUSES, schema=columns, orient="row").with_row_index(
        "warehouse_id", offset=1
    )


def suppliers(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("ops.suppliers")
    n = world.rows("harbour", "ops.suppliers")
    who = people(
        rng, countries(rng, n, (0.5, 0.25, 0.2, 0.05)), world.anchor, youngest=25, oldest=66
    )
    iban, _, _ = bank_accounts(rng, who.country)
    yield pl.DataFrame(
        {
            "supplier_id": np.arange(1, n + 1),
            "name": joined(
                who.last_name,
                " ",
                pick(rng, n, ("Holz", "Textil", "Woodworks", "Céramique", "Lighting", "Metall")),
                " ",
                pick(rng, n, ("GmbH", "SA", "Ltd", "AG")),
            ),
            "contact_name": who.full_name,
            "contact_email": who.email,
            "contact_phone": who.phone,
            "vat_id": vat_numbers(rng, who.country),
            "iban": iban,
            "country": put(
                who.country_code,
                spots(rng, n, 0.0833),
                ("Germany", "FRA", "uk"),
            ),
            "rating": pl.Series(rng.uniform(1, 5, n)).round(1),
            "active": pl.Series(rng.random(n) < 0.85),
        }
    )


def inventory(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("ops.inventory")
    goods, wanted = len(world.prices), world.rows("harbour", "ops.inventory")
    cells = np.sort(rng.choice(goods * len(_WAREHOUSES), wanted, replace=False))
    stock = skewed(rng, wanted, 400, power=3)
    below = world.flaws(rng, wanted, "ops.inventory.on_hand", "validity")
    stock[below] = -1 - stock[below]
    yield pl.DataFrame(
        {
            "warehouse_id": cells // goods + 1,
            "product_id": cells % goods + 1,
            "on_hand": stock,
            "reserved": skewed(rng, wanted, 30, power=4),
            "reorder_point": rng.integers(0, 6, wanted) * 10,
            "counted_at": moments(world.anchor, -rng.integers(3_600, 400 * DAY, wanted)),
        }
    )


def purchase_orders(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("ops.purchase_orders")
    n = world.rows("harbour", "ops.purchase_orders")
    product = rng.integers(0, len(world.prices), n)
    ordered = -rng.integers(1, 1_400, n)
    received = ordered + rng.integers(5, 90, n)
    yield pl.DataFrame(
        {
            "po_id": np.arange(1, n + 1),
            "supplier_id": 1 + rng.integers(0, world.rows("harbour", "ops.suppliers"), n),
            "customer_name": gather(world.skus, product),
            "quantity": rng.integers(1, 60, n) * 10,
            "unit_cost": money(world.prices[product] // 2),
            "ordered_on": days(world.anchor, ordered),
            "expected_on": days(world.anchor, ordered + 45),
            "received_on": only(received < 0, days(world.anchor, received)),
        }
    )


def shipments(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("ops.shipments")
    n, orders = world.rows("harbour", "ops.shipments"), world.orders
    order = sampled(rng, n, len(orders.seconds))
    carrier = weighted(rng, n, len(_CARRIERS), (40, 15, 15, 18, 12))
    shipped = np.minimum(orders.seconds[order] + rng.integers(3_600, 5 * DAY, n), -3_600)
    arrived = shipped + rng.integers(DAY, 6 * DAY, n)
    wrong = world.flaws(rng, n, "ops.shipments.delivered_at", "consistency")
    arrived[wrong] = shipped[wrong] - rng.integers(3_600, 3 * DAY, len(wrong))
    yield pl.DataFrame(
        {
            "shipment_id": np.arange(1, n + 1),
            "order_id": order + 1,
            "warehouse_id": 1 + weighted(rng, n, 5, (35, 20, 18, 17, 10)),
            "carrier": gather(pl.Series(_CARRIERS), carrier),
            "tracking_number": patterned(rng, _TRACKING, carrier),
            "recipient": holes(
                rng, gather(world.customers.full_name, orders.customer[order]), 0.02
            ),
            "weight_grams": np.exp(rng.normal(8.5, 1, n)).clip(80, 200_000).astype(np.int64),
            "shipped_at": moments(world.anchor, shipped),
            "delivered_at": only(arrived < 0, moments(world.anchor, arrived)),
        }
    )


def devices(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("ops.devices")
    n = world.rows("harbour", "ops.devices")
    yield pl.DataFrame(
        {
            "device_id": np.arange(1, n + 1),
            "warehouse_id": 1 + rng.integers(0, 6, n),
            "model": pick(rng, n, ("TC58", "MC3300", "CN80", None)),
            "address": mac_addresses(rng, n),
            "last_seen_ip": ip_addresses(rng, n),
            "firmware": pick(rng, n, ("4.2.1", "4.3.0", "3.9.9-beta")),
            "last_seen_at": moments(world.anchor, -skewed(rng, n, 500 * DAY, power=5)),
        }
    )


def integrations(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("ops.integrations")
    n = len(_SYSTEMS)
    name, secret = pl.Series(_SYSTEMS), hex_text(rng, n, 16)
    settings = joined(
        "Server=tcp:",
        name,
        ".internal.example.com,1433;Database=",
        name,
        ";User ID=svc_harbour;Password=",
        secret,
        ";Encrypt=true;",
    )
    live = by_group(
        np.arange(n) % 2,
        lambda which, k: joined(("sk_live_", "rk_live_")[which], hex_text(rng, k, 24)),
    )
    yield pl.DataFrame(
        {
            "integration_id": np.arange(1, n + 1),
            "name": name,
            "endpoint": joined("https://", name, ".example.com/api/v2"),
            "settings": settings,
            "api_key": holes(rng, live, 0.3),
            "owner_email": gather(world.staff_emails, rng.integers(0, len(world.staff), n)),
            "rotated_on": holes(rng, days(world.anchor, -rng.integers(30, 2_200, n)), 0.4),
        }
    )


def job_runs(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("ops.job_runs")
    n = world.rows("harbour", "ops.job_runs")
    start = np.sort(-rng.integers(3_600, 700 * DAY, n))
    state = weighted(rng, n, 3, (94, 5, 1))
    message = pick(
        rng,
        n,
        (
            "connection reset by peer",
            "duplicate key value violates unique constraint",
            "disk quota exceeded",
        ),
    )
    yield pl.DataFrame(
        {
            "run_id": np.arange(1, n + 1),
            "job": pick(rng, n, _JOBS),
            "params": json_rows(
                requested_by=gather(world.staff_emails, skewed(rng, n, len(world.staff), power=4)),
                batch=numbered("b", np.arange(n), 6),
                dry_run=pl.Series(rng.random(n) < 0.1),
            ),
            "state": gather(pl.Series(["succeeded", "failed", "running"]), state),
            "message": only(state == 1, message),
            "started_at": moments(world.anchor, start),
            "finished_at": only(
                state < 2, moments(world.anchor, start + rng.integers(2, 3_000, n))
            ),
        }
    )


TABLES = {
    "ops.warehouses": warehouses,
    "ops.suppliers": suppliers,
    "ops.inventory": inventory,
    "ops.purchase_orders": purchase_orders,
    "ops.shipments": shipments,
    "ops.devices": devices,
    "ops.integrations": integrations,
    "ops.job_runs": job_runs,
}
