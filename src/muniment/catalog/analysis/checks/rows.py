"""Checks of rows: what several columns of one row must be to each other."""

from collections.abc import Callable
from typing import Final

import polars as pl

from muniment.catalog.analysis.batches import BatchView, ColumnBatch, Kind
from muniment.catalog.analysis.checks.formula import parsed
from muniment.catalog.analysis.checks.tally import Tally
from muniment.catalog.analysis.checks.values import as_moment, as_text
from muniment.catalog.analysis.hashing import SEED, Hashes
from muniment.catalog.analysis.spec import CheckSpec
from muniment.kernel.errors import Invalid

Look = Callable[[BatchView], Tally]

_DATES: Final = (Kind.DATE, Kind.DATETIME)


def not_null(spec: CheckSpec) -> Look:
    """Every row has a value."""
    name = spec.column

    def look(view: BatchView) -> Tally:
        column = view.column(name)
        return Tally() if column is None else Tally(column.rows, column.nulls)

    return look


def not_all_null(spec: CheckSpec) -> Look:
    """In every row at least one of the columns has a value."""
    names = spec.columns
    if len(names) < 2:
        raise Invalid("The check not_all_null needs two or more columns.")

    def look(view: BatchView) -> Tally:
        columns = _all(view, names)
        if columns is None:
            return Tally()
        empty = pl.repeat(True, view.rows, eager=True)
        for column in columns:
            empty &= column.series.is_null()
        return Tally(view.rows, int(empty.sum()))

    return look


def required_if(spec: CheckSpec) -> Look:
    """Where the second column has one of ``values`` (or any at all), the first has one too."""
    if len(spec.columns) != 2:
        raise Invalid(
            "The check required_if needs two columns: the required one, then the telling one."
        )
    listed = [str(one) for one in spec.values("values")] if spec.params.get("values") else None

    def look(view: BatchView) -> Tally:
        columns = _all(view, spec.columns)
        if columns is None:
            return Tally()
        required, telling = columns
        applies = telling.series.is_not_null()
        if listed is not None:
            applies &= as_text(telling.series, telling.kind).is_in(listed).fill_null(False)
        missing = required.series.is_null()
        if required.kind is Kind.TEXT:
            missing |= (required.series.str.strip_chars().str.len_bytes() == 0).fill_null(True)
        return Tally(int(applies.sum()), int((applies & missing).sum()))

    return look


def a_greater_than_b(spec: CheckSpec) -> Look:
    """The first column is greater than the second (or equal, unless ``strict``)."""
    if len(spec.columns) != 2:
        raise Invalid("The check column_a_gt_b needs two columns, the greater one first.")
    strict = bool(spec.params.get("strict", False))

    def look(view: BatchView) -> Tally:
        columns = _all(view, spec.columns)
        if columns is None:
            return Tally()
        left, right = _comparable(*columns)
        both = left.is_not_null() & right.is_not_null()
        bad = both & ((left <= right) if strict else (left < right))
        return Tally(int(both.sum()), int(bad.fill_null(False).sum()))

    return look


def equals_formula(spec: CheckSpec) -> Look:
    """The first column is what ``formula`` makes of the others, within ``tolerance``.

    Rows in which one of them is missing are left out, and so are tables where one is no number.
    """
    if len(spec.columns) < 2:
        raise Invalid("The check column_formula needs the result first, then what it is made of.")
    formula = parsed(spec.text("formula"), spec.columns[1:])
    tolerance = spec.number("tolerance")
    allowed = (0.005 if tolerance is None else tolerance) + 1e-9  # of binary fractions

    def look(view: BatchView) -> Tally:
        columns = _all(view, spec.columns)
        if columns is None or not all(column.kind.numeric for column in columns):
            return Tally()
        numbers = {
            name: column.series.cast(pl.Float64)
            for name, column in zip(spec.columns, columns, strict=True)
        }
        frame = pl.DataFrame(numbers).drop_nulls()
        away = frame.select((pl.col(spec.columns[0]) - formula).abs()).to_series()
        whole = away.is_finite()
        return Tally(int(whole.sum()), int((whole & (away > allowed)).sum()))

    return look


def row_hashes(view: BatchView, names: tuple[str, ...]) -> Hashes | None:
    """One hash for each row over several columns; rows with a null are left out."""
    columns = _all(view, names)
    if columns is None:
        return None
    if len(columns) == 1:
        return columns[0].hashes
    kept = [column for column in columns if column.kind is not Kind.OTHER]
    if len(kept) < len(columns):
        return None
    frame = pl.DataFrame({str(at): one.series for at, one in enumerate(kept)}).drop_nulls()
    return frame.hash_rows(SEED).to_numpy()


def _all(view: BatchView, names: tuple[str, ...]) -> list[ColumnBatch] | None:
    found = [view.column(name) for name in names]
    known = [column for column in found if column is not None]
    return known if len(known) == len(names) else None


def _comparable(left: ColumnBatch, right: ColumnBatch) -> tuple[pl.Series, pl.Series]:
    kinds = {left.kind, right.kind}
    if left.kind in _DATES or right.kind in _DATES:
        return as_moment(left.series, left.kind), as_moment(right.series, right.kind)
    if kinds == {Kind.TEXT}:
        return left.series, right.series
    if Kind.TEXT in kinds or Kind.OTHER in kinds or Kind.BINARY in kinds:
        nothing = pl.repeat(None, left.rows, dtype=pl.Int64, eager=True)
        return nothing, nothing
    return left.series.cast(pl.Float64), right.series.cast(pl.Float64)


LOOKS: Final[dict[str, Callable[[CheckSpec], Look]]] = {
    "not_null": not_null,
    "null_share": not_null,
    "not_all_null": not_all_null,
    "required_if": required_if,
    "column_a_gt_b": a_greater_than_b,
    "column_formula": equals_formula,
}
"""By check type: what looks at the rows of a batch."""
