"""Sentences from templates: what customers write, what agents answer, what somebody noted."""

import json
from collections.abc import Mapping, Sequence
from string import Formatter

import numpy as np
import polars as pl

from muniment.demo.estate.resources import content
from muniment.demo.estate.values.draw import Ints, gather, joined


def texts(kind: str) -> tuple[str, ...]:
    """The templates of one kind, in the order of content/texts.toml."""
    return tuple(content("texts.toml")[kind])


def written(templates: Sequence[str], index: Ints, slots: Mapping[str, pl.Series]) -> pl.Series:
    """Each row's template with its {slots} filled from the row; a missing value reads as empty."""
    parts, positions = [], []
    filled = {name: values.cast(pl.String).fill_null("") for name, values in slots.items()}
    for which in np.unique(index):
        rows = np.flatnonzero(index == which)
        pieces: list[pl.Series | str] = [pl.Series([""]).new_from_index(0, len(rows))]
        for literal, slot, _, _ in Formatter().parse(templates[which]):
            pieces.append(literal)
            if slot:
                pieces.append(gather(filled[slot], rows))
        parts.append(joined(*pieces))
        positions.append(rows)
    back = np.empty(len(index), dtype=np.int64)
    back[np.concatenate(positions)] = np.arange(len(index))
    return gather(pl.concat(parts), back)


def json_rows(**columns: pl.Series) -> pl.Series:
    """One JSON object for each row."""
    return pl.DataFrame(columns).select(pl.struct(pl.all()).struct.json_encode()).to_series()


def array_rows(options: Sequence[Sequence[str]], index: Ints) -> pl.Series:
    """PostgreSQL array literals out of a list of possible arrays."""
    literals = [
        "{" + ",".join(json.dumps(item, ensure_ascii=False) for item in option) + "}"
        for option in options
    ]
    return gather(pl.Series(literals), index)
