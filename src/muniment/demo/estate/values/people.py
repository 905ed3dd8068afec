"""Persons of four countries: names, e-mail addresses, telephone numbers, birthdays, homes."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

import numpy as np
import polars as pl

from muniment.demo.estate.company import COUNTRIES
from muniment.demo.estate.resources import content
from muniment.demo.estate.values.draw import (
    Ints,
    Rng,
    by_group,
    days,
    either,
    gather,
    joined,
    patterned,
    skewed,
    weighted,
)

# Reserved for documentation (RFC 2606): mail to these domains reaches nobody.
_DOMAINS: Final = (
    "example.com",
    "example.org",
    "example.net",
    "mail.example.com",
    "post.example.org",
    "web.example.net",
    "inbox.example.com",
    "home.example.org",
)
_PHONES: Final = (
    (
        "+49 151 ########",
        "+49 170 #######",
        "0176 ########",
        "0160/#######",
        "+4915########1",
        "030 #######",
        "0211-######",
    ),
    ("+33 6 ## ## ## ##", "06 ## ## ## ##", "07 ## ## ## ##", "+336########", "01 4# ## ## ##"),
    ("+44 7700 9#####", "07700 9#####", "+447911######", "07500 ######", "020 7946 0###"),
    (
        "(212) 555-01##",
        "312-555-01##",
        "+1 415 555 01##",
        "(617) 555-01##",
        "206.555.01##",
        "+1-303-555-01##",
    ),
)
_TRANSLITERATED: Final = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",  # codespell:ignore ue
        "ß": "ss",
        "ı": "i",
        "ş": "s",
        "ø": "o",
        "'": "",
        " ": "",
    }
)


@dataclass(frozen=True, slots=True)
class Pool:
    """A list of strings cut into groups: where each begins, how long it is."""

    values: pl.Series
    start: Ints
    size: Ints

    @classmethod
    def of(cls, groups: list[list[str]]) -> "Pool":
        sizes = np.array([len(group) for group in groups], dtype=np.int64)
        return cls(
            pl.Series([v for g in groups for v in g], dtype=pl.String),
            np.cumsum(sizes) - sizes,
            sizes,
        )

    def index(self, rng: Rng, group: Ints, *, power: float = 1.6) -> Ints:
        """A position in the list for each row, inside the row's group, its head more often."""
        return self.start[group] + (rng.random(len(group)) ** power * self.size[group]).astype(
            np.int64
        )


@dataclass(frozen=True, slots=True)
class People:
    """Persons in columns; `country` is a position in COUNTRIES, `female` is 0 or 1."""

    country: Ints
    female: Ints
    first_name: pl.Series
    last_name: pl.Series
    born: pl.Series
    email: pl.Series
    phone: pl.Series

    def __len__(self) -> int:
        return len(self.country)

    @property
    def full_name(self) -> pl.Series:
        return joined(self.first_name, " ", self.last_name)

    @property
    def country_code(self) -> pl.Series:
        return gather(pl.Series(COUNTRIES), self.country)

    @property
    def gender(self) -> pl.Series:
        return gather(pl.Series(["m", "f"]), self.female)


@cache
def _names() -> tuple[Pool, Pool]:
    words = content("people.toml")
    first = [words[country][kind].split() for country in COUNTRIES for kind in ("male", "female")]
    return Pool.of(first), Pool.of([words[country]["last"].split() for country in COUNTRIES])


@cache
def _mail_names() -> tuple[pl.Series, pl.Series]:
    first, last = _names()
    return _mail_form(first.values), _mail_form(last.values)


def _mail_form(names: pl.Series) -> pl.Series:
    plain = [
        unicodedata.normalize("NFKD", name.lower().translate(_TRANSLITERATED))
        for name in names.to_list()
    ]
    return pl.Series([name.encode("ascii", "ignore").decode() for name in plain], dtype=pl.String)


def countries(rng: Rng, n: int, weights: tuple[float, ...]) -> Ints:
    """Positions in COUNTRIES, by weight."""
    return weighted(rng, n, len(COUNTRIES), weights)


def people(
    rng: Rng, country: Ints, anchor: date, *, youngest: int = 18, oldest: int = 88
) -> People:
    """One person for each row; e-mail addresses are unique inside the draw."""
    n = len(country)
    female = (rng.random(n) < 0.54).astype(np.int64)
    first_pool, last_pool = _names()
    first, last = first_pool.index(rng, country * 2 + female), last_pool.index(rng, country)
    age = (rng.beta(2.2, 2.9, n) * (oldest - youngest) + youngest) * 365.25
    return People(
        country=country,
        female=female,
        first_name=gather(first_pool.values, first),
        last_name=gather(last_pool.values, last),
        born=days(anchor, -age.astype(np.int64) - 1),
        email=_emails(rng, first, last),
        phone=phones(rng, country),
    )


def _emails(rng: Rng, first: Ints, last: Ints) -> pl.Series:
    given, family = _mail_names()
    style = weighted(rng, len(first), 4, (52, 18, 18, 12))
    frame = pl.DataFrame(
        {
            "given": gather(given, first),
            "family": gather(family, last),
            "style": style,
            "domain": gather(
                pl.Series(_DOMAINS), skewed(rng, len(first), len(_DOMAINS), power=1.3)
            ),
        }
    )
    given_, family_, style_ = pl.col("given"), pl.col("family"), pl.col("style")
    local = (
        pl.when(style_ == 0)
        .then(pl.concat_str(given_, pl.lit("."), family_))
        .when(style_ == 1)
        .then(pl.concat_str(given_.str.slice(0, 1), family_))
        .when(style_ == 2)
        .then(pl.concat_str(given_, pl.lit("_"), family_))
        .otherwise(pl.concat_str(family_, pl.lit("."), given_))
    )
    frame = frame.with_columns(local=local).with_row_index("row")
    repeated = ~pl.struct("local", "domain").is_first_distinct()
    number = pl.when(repeated).then(pl.col("row").cast(pl.String)).otherwise(pl.lit(""))
    return frame.select(
        email=pl.concat_str(pl.col("local"), number, pl.lit("@"), pl.col("domain"))
    ).to_series()


def phones(rng: Rng, country: Ints) -> pl.Series:
    """Telephone numbers as people of these countries type them."""
    patterns = [pattern for group in _PHONES for pattern in group]
    sizes = np.array([len(group) for group in _PHONES], dtype=np.int64)
    start = np.cumsum(sizes) - sizes
    return patterned(
        rng, patterns, start[country] + (rng.random(len(country)) * sizes[country]).astype(np.int64)
    )


@dataclass(frozen=True, slots=True)
class Homes:
    """Postal addresses in columns."""

    line1: pl.Series
    postcode: pl.Series
    city: pl.Series
    region: pl.Series
    latitude: pl.Series
    longitude: pl.Series

    def frame(self) -> pl.DataFrame:
        return pl.DataFrame({name: getattr(self, name) for name in self.__slots__})


@cache
def _places() -> tuple[Pool, pl.DataFrame]:
    words = content("places.toml")
    rows = [
        [line.split(" | ") for line in words[country]["cities"].strip().splitlines()]
        for country in COUNTRIES
    ]
    cities = pl.DataFrame(
        [row for group in rows for row in group],
        schema=["city", "region", "postcode", "lat", "lon"],
        orient="row",
    )
    return Pool.of([[row[0] for row in group] for group in rows]), cities.with_columns(
        pl.col("lat", "lon").cast(pl.Float64)
    )


@cache
def _streets() -> Pool:
    words = content("places.toml")
    return Pool.of(
        [words[country]["streets"].replace("\n", "").split("|") for country in COUNTRIES]
    )


def homes(rng: Rng, country: Ints) -> Homes:
    """One postal address for each row, its coordinates within some kilometres of the city."""
    pool, cities = _places()
    city = pool.index(rng, country, power=2.0)
    streets = _streets()
    street = gather(streets.values, streets.index(rng, country, power=1.0))
    number = pl.Series(1 + skewed(rng, len(country), 160, power=1.8)).cast(pl.String)
    german = pl.Series(country == 0)
    line1 = either(german, joined(street, " ", number), joined(number, " ", street))
    near = {
        name: cities[name].to_numpy()[city] + rng.normal(0, 0.04, len(country))
        for name in ("lat", "lon")
    }
    return Homes(
        line1=line1,
        postcode=patterned(rng, cities["postcode"].to_list(), city),
        city=gather(cities["city"], city),
        region=gather(cities["region"], city),
        latitude=pl.Series(near["lat"]).round(5),
        longitude=pl.Series(near["lon"]).round(5),
    )


def by_country(country: Ints, makers: dict[str, "pl.Series"]) -> pl.Series:
    """For each row the value of its country's column; missing where a country has none."""
    missing = pl.Series([None] * len(country), dtype=pl.String)
    stacked = pl.concat([makers.get(code, missing) for code in COUNTRIES])
    return by_group(
        country,
        lambda land, _: gather(stacked, land * len(country) + np.flatnonzero(country == land)),
    )
