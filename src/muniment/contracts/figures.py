"""Figures a source can give without its rows being pulled, and how far each can be trusted."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from muniment.contracts.connectors import AssetMeta

Plain = str | int | float | None


class Basis(StrEnum):
    """What a figure rests on."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    SAMPLED = "sampled"


def plain(value: object) -> Plain:
    """What may be told of an end: finite numbers, dates and moments in ISO form; else None."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if not math.isfinite(value):  # JSON knows no such number
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral() else float(value)
    return value


@dataclass(frozen=True, slots=True)
class ColumnFigures:
    """What is known of one column; None is unknown, never zero.

    ``low`` and ``high`` are given for numbers, dates and moments only (the latter two in ISO
    form): the ends of a text are values of the data.
    """

    name: str
    nulls: int | None = None
    distinct: int | None = None
    low: Plain = None
    high: Plain = None
    mean_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class TableFigures:
    """What is known of one asset. ``origin`` says in words where the figures come from."""

    path: tuple[str, ...]
    basis: Basis
    origin: str
    rows: int | None = None
    columns: tuple[ColumnFigures, ...] = ()


@runtime_checkable
class KnowsStatistics(Protocol):
    """A connector whose source keeps statistics of its own."""

    def statistics(self, assets: Sequence[AssetMeta]) -> Iterator[TableFigures]:
        """What the source knows anyway; no row is read, the number of statements is constant.

        SourceDataUnreadable or SourceObjectGone when one asset fails where each is asked alone.
        """
        ...


@runtime_checkable
class Summarises(Protocol):
    """A connector whose source can count by itself."""

    def summarise(self, asset: AssetMeta) -> TableFigures:
        """Rows, nulls and ends in one pass inside the source, which never groups or sorts."""
        ...
