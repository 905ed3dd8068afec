"""The web shop: accounts, sessions, the click stream by month."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from muniment.demo.estate.company import COUNTRIES
from muniment.demo.estate.values.checks import ip_addresses
from muniment.demo.estate.values.draw import (
    Ints,
    Rng,
    covering,
    days,
    either,
    gather,
    generator,
    hex_text,
    holes,
    joined,
    moments,
    only,
    pick,
    sampled,
    skewed,
    uuids,
    weighted,
)
from muniment.demo.estate.values.text import json_rows, texts
from muniment.demo.estate.world import DAY, World

_MONTHS_KEPT = 184 * DAY  # May to October before the anchor
_CHUNK = 60_000
_KINDS = ("page_view", "product_view", "search", "add_to_cart", "checkout", "purchase", "login")
_KIND_WEIGHTS = (46, 27, 9, 8, 4, 3, 3)
_PATHS = ("/", "/sale", "/tables", "/lighting", "/account", "/checkout", "/blog/oak-care", "/p")


def user_accounts(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("web.user_accounts")
    n = world.rows("harbour", "web.user_accounts")
    whose = sampled(rng, n, len(world.customers))
    salted = joined(
        "$argon2id$v=19$m=65536,t=3,p=4$", hex_text(rng, n, 22), "$", hex_text(rng, n, 43)
    )
    weak = np.zeros(n, dtype=np.bool_)
    weak[world.flaws(rng, n, "web.user_accounts.password_hash", "compliance")] = True
    yield pl.DataFrame(
        {
            "account_id": np.arange(1, n + 1),
            "customer_id": whose + 1,
            "username": gather(world.customers.email, whose),
            "password_hash": either(weak, hex_text(rng, n, 32), salted),
            "mfa_enabled": pl.Series(rng.random(n) < 0.07),
            "reset_token": holes(rng, hex_text(rng, n, 40), 0.97),
            "last_login_ip": holes(rng, ip_addresses(rng, n), 0.1),
            "last_login_at": holes(
                rng, moments(world.anchor, -skewed(rng, n, 1_300 * DAY, power=2)), 0.08
            ),
        }
    )


def session_starts(world: World) -> Ints:
    """When each session began, the oldest first; all within the months kept."""
    rng = generator("web.session_starts")
    return np.sort(
        -(rng.random(world.rows("harbour", "web.sessions")) * (_MONTHS_KEPT - 4 * 3_600)).astype(
            np.int64
        )
        - 2 * 3_600
    )


def session_ids(world: World) -> pl.Series:
    """The ids of the sessions."""
    return uuids(generator("web.session_ids"), world.rows("harbour", "web.sessions"))


def sessions(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("web.sessions")
    start = session_starts(world)
    n = len(start)
    agents = texts("user_agents")
    landing = joined(
        "https://shop.example.com",
        pick(rng, n, _PATHS),
        pick(rng, n, ("", "?utm_source=newsletter", "?utm_source=ads&gclid=1")),
    )
    yield pl.DataFrame(
        {
            "session_id": session_ids(world),
            "customer_id": holes(rng, pl.Series(world.customers_at(rng, start) + 1), 0.58),
            "started_at": moments(world.anchor, start),
            "ended_at": holes(rng, moments(world.anchor, start + rng.integers(5, 7_000, n)), 0.06),
            "ip_address": ip_addresses(rng, n),
            "user_agent": gather(
                pl.Series(agents), weighted(rng, n, len(agents), (34, 30, 12, 16, 6, 2))
            ),
            "landing_url": landing,
            "country_code": pick(rng, n, (*COUNTRIES, "XX", None), (35, 19, 26, 14, 3, 3)),
        }
    )


def events(world: World) -> Iterator[pl.DataFrame]:
    rng = generator("web.events")
    n, start = world.rows("harbour", "web.events"), session_starts(world)
    session = covering(rng, n, len(start))
    at = np.minimum(start[session] + rng.integers(0, 5_000, n), -1)
    stray = world.flaws(rng, n, "web.events.occurred_at", "validity")
    at[stray] = np.where(
        np.arange(len(stray)) % 3 == 0, 700 * DAY, -days_since_epoch(world) * DAY
    ) + np.arange(len(stray))
    visits = session_ids(world)
    for first in range(0, n, _CHUNK):
        part = slice(first, min(first + _CHUNK, n))
        visit = gather(visits, session[part])
        yield _clicks(rng, world, np.arange(n)[part] + 1, visit, moments(world.anchor, at[part]))


def _clicks(
    rng: Rng, world: World, event_id: Ints, visit: pl.Series, at: pl.Series
) -> pl.DataFrame:
    n = len(event_id)
    kind = weighted(rng, n, len(_KINDS), _KIND_WEIGHTS)
    product = pl.Series(skewed(rng, n, len(world.prices), power=2.2) + 1)
    sought = pick(rng, n, ("oak table", "lampe", "sofa bed", "teppich", "gift"))
    return pl.DataFrame(
        {
            "event_id": event_id,
            "session_id": visit,
            "occurred_at": at,
            "event_type": gather(pl.Series(_KINDS), kind),
            "page": pick(rng, n, _PATHS),
            "product_id": only(np.isin(kind, (1, 3, 5)), product),
            "properties": json_rows(
                device=pick(rng, n, ("desktop", "mobile", "tablet"), (40, 54, 6)),
                query=holes(rng, sought, 0.91),
                ab=pick(rng, n, ("a", "b")),
            ),
        }
    )


def days_since_epoch(world: World) -> int:
    """How many days the anchor lies after 1970-01-01, the moment that broken clocks report."""
    return int(days(world.anchor, np.zeros(1, dtype=np.int64)).cast(pl.Int32)[0])


TABLES = {
    "web.user_accounts": user_accounts,
    "web.sessions": sessions,
    "web.events": events,
}
