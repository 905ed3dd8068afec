"""Checks of repetition: exact up to 131,072 different values, by a sample of values beyond."""

from typing import Final

from muniment.catalog.analysis.checks.figures import Figure, between
from muniment.catalog.analysis.sample import ValueSample
from muniment.catalog.analysis.spec import CheckSpec
from muniment.kernel.errors import Invalid

TYPES: Final = frozenset({"unique", "composite_unique", "duplicate_share", "distinct_between"})


def surplus(spec: CheckSpec, sample: ValueSample) -> Figure:
    """The share of rows that repeat a value; at most ``max`` of them may (none for ``unique``)."""
    most = spec.number("max") or 0.0 if spec.type == "duplicate_share" else 0.0
    if spec.type == "composite_unique" and len(spec.columns) < 2:
        raise Invalid("The check composite_unique needs two or more columns.")
    if not sample.rows:
        return Figure(None)
    share = sample.surplus_share
    expected = "every value once" if not most else f"at most {most:.2%} repeated"
    said = f"{share:.4%} repeated" if share else "every value once"
    return Figure(share, share <= most, said, expected, sample.surplus_error)


def distinct(spec: CheckSpec, sample: ValueSample) -> Figure:
    count = round(sample.distinct)
    return between(spec, float(count), count, sample.distinct_error)
