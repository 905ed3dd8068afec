"""Columns to learn from as rows of features: generated ones with dirt, and real ones."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import real
import values
import yaml

from muniment.classification.content import builtin
from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.model.features import Schema
from muniment.classification.engine.sample import RawValues, canonical, kind_of
from muniment.classification.engine.state import ColumnState
from muniment.classification.model import Kind

NONE = "none"
NAMES = yaml.safe_load((Path(__file__).parent / "names.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Rows:
    """Features, kinds, and of what source each row is, so that sources can be held out."""

    features: npt.NDArray[np.float32]
    labels: Sequence[str]
    sources: Sequence[str]
    families: Sequence[str]


def header_words() -> Mapping[str, Sequence[str]]:
    """Column names that the shipped classifiers know, by classifier."""
    return {
        c.id: [*c.header.strong, *c.header.weak[:3]]
        for c in builtin().classifiers.values()
        if c.header.strong
    }


def _styled(phrase: str, chance: random.Random) -> str:
    words = phrase.replace("-", " ").split()
    match chance.randrange(5):
        case 0:
            return "_".join(words)
        case 1:
            return "".join(w.title() for w in words)
        case 2:
            return "_".join(words).upper()
        case 3:
            return chance.choice(("cust_", "emp_", "usr_", "home_", "primary_", "the_")) + "_".join(
                words
            )
        case _:
            return words[0] + "".join(w.title() for w in words[1:])


def _dirty(drawn: list[str | None], chance: random.Random) -> list[str | None]:
    """Missing values, placeholders, blanks, other case, strays."""
    mess = chance.random()
    if mess < 0.45:
        return drawn
    share = chance.choice((0.02, 0.05, 0.1, 0.15))
    case = chance.choice((str.upper, str.lower, str, str, str))
    strays = ("N/A", "unknown", "-", "test", "0", "?", "see notes", "xxx")
    made: list[str | None] = []
    for value in drawn:
        told = None if value is None else case(value)
        if chance.random() < share:
            told = chance.choice(
                (None, None, chance.choice(strays), f" {told} ", told and told[:-1])
            )
        made.append(told)
    return made


def _name(label: str, words: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    """A telling name, one that says nothing, none at all, or now and then a wrong one."""
    drawn = chance.random()
    if drawn < 0.45:
        return ""
    if drawn < 0.65:
        return str(chance.choice(NAMES["blank"]))
    if drawn < 0.70:
        return _styled(chance.choice(words[chance.choice(sorted(words))]), chance)
    if label == NONE or label not in words:
        return str(chance.choice(NAMES["negative"]))
    return _styled(chance.choice(words[label]), chance)


def generated(count: int, chance: random.Random) -> Iterator[tuple[str, str, str, str, pl.Series]]:
    """Label, source, family, name and values."""
    words = header_words()
    kinds = values.positives()
    weights = [3.0 if label in HEAVY else 1.0 for label in kinds]
    for _ in range(count):
        if chance.random() < 0.6:
            label = chance.choices(list(kinds), weights)[0]
            source, draw = chance.choice(list(kinds[label]))
            family = source
        else:
            label = NONE
            family, draw = _negative(chance)
            source = family
        size = chance.choice((8, 20, 40, 90, 200, 200, 320))
        pool = [draw(chance) for _ in range(min(size, chance.choice((size, size, 12, 40))))]
        drawn = [*pool, *chance.choices(pool, k=size - len(pool))]
        chance.shuffle(drawn)
        series = pl.Series("v", _dirty(list(drawn), chance), dtype=pl.String)
        yield label, source, family, _name(label, words, chance), _typed(series, chance)


def _negative(chance: random.Random) -> tuple[str, values.Draw]:
    """A source of what is none of the kinds; each family as often as any other, nearly."""
    families: dict[str, list[values.Draw]] = {}
    for family, draw in values.negatives():
        families.setdefault(family, []).append(draw)
    sizes = [len(draws) ** 0.5 for draws in families.values()]
    family = chance.choices(list(families), sizes)[0]
    return family, chance.choice(families[family])


HEAVY = frozenset(
    ("person.full_name", "person.first_name", "person.last_name", "geo.city", "geo.country", "org.company",
     "contact.street_address", "geo.latitude", "geo.longitude", "contact.phone", "person.occupation",
     "us.state", "person.birth_date")
)  # fmt: skip


def _typed(series: pl.Series, chance: random.Random) -> pl.Series:
    """Numbers and days as such, as files with types hold them."""
    if chance.random() < 0.5:
        for dtype in (pl.Int64, pl.Float64):
            cast = series.str.strip_chars().cast(dtype, strict=False)
            zeros = series.str.contains(r"^0\d").any()
            if not zeros and cast.null_count() == series.null_count():
                return cast
        days = series.str.to_date("%Y-%m-%d", strict=False)
        if days.null_count() == series.null_count():
            return days
    return series


def real_ones(
    chance: random.Random, folder: Path | None
) -> Iterator[tuple[str, str, str, str, pl.Series]]:
    """Real columns, each cut into a few different samples of its rows, named and not."""
    for column in real.columns(folder):
        label = column.label or NONE
        for turn in range(5 if column.label else 1):
            size = chance.choice((30, 100, 300, 1000))
            some = (
                column.values
                if turn == 0
                else column.values.sample(
                    min(size, len(column.values)), seed=chance.randrange(10**6)
                )
            )
            name = column.name if chance.random() < 0.35 else ""
            yield label, column.source, f"real:{column.source}/{column.table}", name, some


def settled(
    series: pl.Series, name: str, detectors: Detectors, seed: int = 1
) -> ColumnState | None:
    """The state that a scan would keep of a column."""
    kind = kind_of(series.dtype)
    if kind is None:
        return None
    column = ColumnState(name, kind, RawValues(seed))
    present = canonical(series, kind)
    column.rows, column.nulls = len(series), len(series) - len(present)
    column.raw.add(present)
    column.settle(detectors, sorted(detectors.headers(name)) if name else [])
    return column


def rows_of(
    drawn: Iterator[tuple[str, str, str, str, pl.Series]], detectors: Detectors, schema: Schema
) -> Rows:
    features, labels, sources, families = [], [], [], []
    for label, source, family, name, series in drawn:
        column = settled(series, name, detectors)
        if column is None or column.rows == column.nulls:
            continue
        headers = detectors.headers(name) if name else {}
        features.append(schema.row(column, name, headers))
        labels.append(label)
        sources.append(source)
        families.append(family)
    return Rows(np.stack(features), labels, sources, families)


def kinds_of(rows: Rows) -> dict[str, int]:
    return {label: rows.labels.count(label) for label in sorted(set(rows.labels))}


__all__ = ["NONE", "Kind", "Rows", "generated", "kinds_of", "real_ones", "rows_of", "settled"]
