"""Writes the SQLite file that marketing keeps for itself: subscribers, leads, campaigns."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from muniment.demo.estate.company import COUNTRY_WEIGHTS, ESTATE, LANGUAGES
from muniment.demo.estate.domains.sales import BROKEN_EMAILS
from muniment.demo.estate.marks import (
    MARKETING_APPLICATION,
    is_marketing_built,
    marketing_mark,
    present_in_file,
)
from muniment.demo.estate.resources import sql
from muniment.demo.estate.values.checks import ip_addresses
from muniment.demo.estate.values.draw import (
    Ints,
    days,
    gather,
    generator,
    holes,
    joined,
    moments,
    numbered,
    pick,
    put,
    skewed,
    spots,
    weighted,
)
from muniment.demo.estate.values.people import People, countries, people
from muniment.demo.estate.values.text import texts, written
from muniment.demo.estate.world import DAY, World
from muniment.kernel.errors import Conflict

Progress = Callable[[str, int, int], None]

_BATCH: Final = 20_000


def build_marketing(
    path: Path,
    *,
    scale: float = 1.0,
    anchor: date = ESTATE.anchor,
    progress: Progress | None = None,
) -> None:
    """Write the file to `path`; `progress` hears table, rows done and rows in all.

    The file appears under its name only when it is whole. A complete file of the same content is
    left as it is. Raises Conflict where another file has the name.
    """
    if is_marketing_built(path, scale=scale, anchor=anchor):
        return
    if path.exists() and present_in_file(path)[0] != MARKETING_APPLICATION:
        raise Conflict(
            "The file for the demo marketing data is something else. Give it a new name."
        )
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    world = World(scale=scale, anchor=anchor)
    with closing(sqlite3.connect(partial, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        connection.executescript(sql("marketing.sql"))
        connection.execute("BEGIN")
        _load(connection, world, progress or (lambda *_: None))
        connection.execute("COMMIT")
        connection.executescript(sql("marketing_after.sql"))
        connection.execute(f"PRAGMA application_id = {MARKETING_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {marketing_mark(scale, anchor)}")
    partial.replace(path)


def _load(connection: sqlite3.Connection, world: World, progress: Progress) -> None:
    total, done = sum(world.rows("marketing", name) for name in _TABLES), 0
    for name, make in _TABLES.items():
        progress(name, done, total)
        frame = make(world)
        marks = ", ".join("?" * frame.width)
        statement = f"INSERT INTO {name} ({', '.join(frame.columns)}) VALUES ({marks})"  # noqa: S608 (names are ours)
        for part in frame.iter_slices(_BATCH):
            connection.executemany(statement, part.rows())
            done += len(part)
            progress(name, done, total)


def _audience(world: World) -> tuple[People, Ints]:
    """The shop's customers, and which of them each subscriber is."""
    n = world.rows("marketing", "subscribers")
    return world.customers, generator("marketing.audience").integers(0, len(world.customers), n)


def _day_text(world: World, offsets: Ints) -> pl.Series:
    return days(world.anchor, offsets).dt.strftime("%Y-%m-%d")


def _time_text(world: World, seconds: Ints) -> pl.Series:
    return moments(world.anchor, seconds).dt.strftime("%Y-%m-%d %H:%M:%S")


def subscribers(world: World) -> pl.DataFrame:
    rng = generator("marketing.subscribers")
    who, whose = _audience(world)
    n = len(whose)
    broken = world.flaws(rng, n, "main.subscribers.email", "validity", source="marketing")
    missing = world.flaw_share("main.subscribers.consent", "compliance", source="marketing")
    return pl.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "email": put(gather(who.email, whose), broken, BROKEN_EMAILS),
            "first_name": gather(who.first_name, whose),
            "last_name": holes(rng, gather(who.last_name, whose), 0.1),
            "birthday": holes(rng, gather(who.born, whose).dt.strftime("%Y-%m-%d"), 0.45),
            "language": gather(pl.Series(LANGUAGES), who.country[whose]),
            "consent": holes(rng, pl.Series(weighted(rng, n, 2, (12, 88))), missing),
            "consent_at": holes(
                rng, _time_text(world, -rng.integers(DAY, 1_500 * DAY, n)), missing
            ),
            "source": pick(rng, n, ("shop", "fair", "partner list", "unknown", "")),
            "created": _day_text(world, -rng.integers(1, 1_500, n)),
        }
    )


def leads(world: World) -> pl.DataFrame:
    rng = generator("marketing.leads")
    n = world.rows("marketing", "leads")
    who = people(rng, countries(rng, n, COUNTRY_WEIGHTS), world.anchor, youngest=22, oldest=70)
    slots = {
        "name": gather(who.full_name, rng.permutation(n)),
        "email": who.email,
        "phone": who.phone,
    }
    return pl.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "name": who.full_name,
            "mail": holes(rng, who.email, 0.08),
            "tel": holes(rng, who.phone, 0.25),
            "company": holes(
                rng, joined(who.last_name, " ", pick(rng, n, ("GmbH", "Ltd", "SARL", "Inc."))), 0.5
            ),
            "score": put(
                pl.Series(rng.uniform(0, 1, n)).round(3), spots(rng, n, 0.01), (-1.0, 7.5)
            ),
            "stage": pick(rng, n, ("new", "contacted", "won", "lost", "Lost", "lost ")),
            "note": written(
                texts("contact_notes"), rng.integers(0, len(texts("contact_notes")), n), slots
            ),
            "created": _day_text(world, -rng.integers(1, 2_000, n)),
        }
    )


def campaigns(world: World) -> pl.DataFrame:
    rng = generator("marketing.campaigns")
    n = world.rows("marketing", "campaigns")
    start = -rng.integers(5, 1_000, n)
    return pl.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "title": joined(
                pick(rng, n, ("Advent", "Spring", "Sofa week", "Outlet")),
                " ",
                numbered("#", np.arange(1, n + 1), 2),
            ),
            "channel": pick(rng, n, ("email", "sms", "post")),
            "budget": rng.integers(-1, 80, n) * 250.0,
            "starts": _day_text(world, start),
            "ends": _day_text(world, start + rng.integers(3, 40, n)),
        }
    )


def sends(world: World) -> pl.DataFrame:
    rng = generator("marketing.sends")
    n = world.rows("marketing", "sends")
    opened = weighted(rng, n, 2, (66, 34))
    return pl.DataFrame(
        {
            "campaign_id": 1 + skewed(rng, n, world.rows("marketing", "campaigns")),
            "subscriber_id": 1
            + rng.integers(0, round(world.rows("marketing", "subscribers") * 1.02), n),
            "sent_at": _time_text(world, np.sort(-rng.integers(DAY, 1_000 * DAY, n))),
            "opened": opened,
            "clicked": opened * weighted(rng, n, 2, (80, 20)),
            "phone": weighted(rng, n, 2, (94, 6)),
        }
    )


def consents(world: World) -> pl.DataFrame:
    rng = generator("marketing.consents")
    n = world.rows("marketing", "consents")
    return pl.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "subscriber_id": 1 + rng.integers(0, world.rows("marketing", "subscribers"), n),
            "purpose": pick(rng, n, ("newsletter", "sms", "profiling")),
            "given": holes(rng, pl.Series(weighted(rng, n, 2, (20, 80))), 0.1),
            "given_at": _time_text(world, -rng.integers(DAY, 1_500 * DAY, n)),
            "ip": holes(rng, ip_addresses(rng, n), 0.35),
        }
    )


def unsubscribes(world: World) -> pl.DataFrame:
    rng = generator("marketing.unsubscribes")
    n = world.rows("marketing", "unsubscribes")
    who, whose = _audience(world)
    return pl.DataFrame(
        {
            "address": gather(who.email, whose[rng.integers(0, len(whose), n)]),
            "reason": pick(rng, n, ("too often", "never signed up", "", None)),
            "at": _time_text(world, -rng.integers(DAY, 900 * DAY, n)),
        }
    )


def event_guests(world: World) -> pl.DataFrame:
    rng = generator("marketing.event_guests")
    n = world.rows("marketing", "event_guests")
    who = people(rng, countries(rng, n, COUNTRY_WEIGHTS), world.anchor)
    return pl.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "event": pick(
                rng, n, ("Oak evening Hamburg", "Soirée Lyon", "Bristol opening", "Design week")
            ),
            "guest": who.full_name,
            "contact": who.email,
            "diet": pick(
                rng,
                n,
                ("none", "Muslim, halal", "Jewish, kosher", "Hindu, vegetarian", "vegan", None),
                (50, 9, 4, 4, 13, 20),
            ),
            "came": holes(rng, pl.Series(weighted(rng, n, 2, (40, 60))), 0.2),
        }
    )


def tmp_upload(world: World) -> pl.DataFrame:
    rng = generator("marketing.tmp_upload")
    n = world.rows("marketing", "tmp_upload")
    who = people(rng, countries(rng, n, COUNTRY_WEIGHTS), world.anchor)
    return pl.DataFrame(
        {
            "field1": put(who.email, spots(rng, n, 0.03), BROKEN_EMAILS),
            "field2": who.full_name,
            "field3": holes(rng, who.phone, 0.2),
            "field4": pick(rng, n, ("x", "", None, "1")),
        }
    )


_TABLES: Final[dict[str, Callable[[World], pl.DataFrame]]] = {
    "subscribers": subscribers,
    "leads": leads,
    "campaigns": campaigns,
    "sends": sends,
    "consents": consents,
    "unsubscribes": unsubscribes,
    "event_guests": event_guests,
    "tmp_upload": tmp_upload,
}
