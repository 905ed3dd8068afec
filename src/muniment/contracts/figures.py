"""Figures a source can give without its rows being pulled, and how far each can be trusted."""

import math
from collections.abc import Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Present:
    """How many values of a column are missing?"""

    column: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """How many texts of a column are none of these?"""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """How many numbers of a column lie outside of these ends, which themselves are allowed?"""

    column: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Mean:
    """What is the mean of a column of numbers?"""

    column: str


Question = Present | OneOf | Between | Mean


@dataclass(frozen=True, slots=True)
class Answer:
    """Of ``count`` values (rows, for what is missing) so many fail; or the figure asked for."""

    count: int
    failing: int = 0
    figure: float | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The number of rows, and an answer to each question that could be answered exactly."""

    rows: int
    known: Mapping[Question, Answer]


@runtime_checkable
class AnswersQuestions(Protocol):
    """A connector whose source can count what does not hold, without its rows being pulled."""

    def answer(self, asset: AssetMeta, questions: Sequence[Question]) -> Answers | None:
        """All of it in one pass inside the source, which never groups or sorts.

        A question that the source would answer otherwise than its rows is left unanswered. None
        where the asset holds no rows of its own.
        """
        ...
