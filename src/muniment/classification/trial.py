"""Classifiers tried on given values, in a thread; the engine is loaded at the first use."""

import asyncio
from collections.abc import Sequence

from muniment.classification.entries import ClassifierEntry, check_parts, contradictions
from muniment.classification.model import Classifier
from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject

MOST_VALUES = 10_000
LONGEST_VALUE = 4_096


def check_values(values: Sequence[str]) -> None:
    """Bound what one request may ask the engine to look at."""
    if len(values) > MOST_VALUES:
        raise Invalid(f"Send at most {MOST_VALUES} values.", given=len(values))
    if any(len(value) > LONGEST_VALUE for value in values):
        raise Invalid(f"A value has at most {LONGEST_VALUE} characters here.")


async def classify_values(
    header: str, table: str, values: Sequence[str | None], params: JsonObject
) -> JsonObject:
    """What a column with this name and these values holds."""
    check_values([value for value in values if value is not None])
    return await asyncio.to_thread(_classify, header, table, values, params)


def _classify(
    header: str, table: str, values: Sequence[str | None], params: JsonObject
) -> JsonObject:
    # the engine needs Arrow and the pattern library, which an idle API process does not carry
    from muniment.classification.direct import classify_column

    return classify_column(header, table, values, params)


async def matching(classifier: Classifier, values: Sequence[str]) -> list[bool]:
    """Which values one classifier takes for its own."""
    check_values(values)
    return await asyncio.to_thread(_matching, classifier, values)


def _matching(classifier: Classifier, values: Sequence[str]) -> list[bool]:
    # as above: loaded where it is used
    from muniment.classification.direct import matching_values

    return matching_values(classifier, values)


async def check_entry(entry: ClassifierEntry) -> None:
    """Refuse a classifier that cannot work or contradicts its examples; Invalid says where."""
    check_parts(entry)
    if entry.examples.hit == () and (entry.patterns or entry.sure or entry.plain or entry.words):
        raise Invalid("Give at least one example that must hit, and better a near miss as well.")
    wrong = await asyncio.to_thread(_contradictions, entry)
    if wrong:
        raise Invalid(
            "The classifier contradicts its examples. " + "; ".join(wrong) + ".", problems=wrong
        )


def _contradictions(entry: ClassifierEntry) -> list[str]:
    def says(classifier: Classifier, value: str) -> bool:
        return _matching(classifier, [value])[0]

    return contradictions(entry.build(version=1, custom=True), says)
