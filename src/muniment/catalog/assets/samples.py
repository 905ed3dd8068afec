"""Which values of a column may be shown to whom. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muniment.kernel.masking import mask
from muniment.kernel.values import JsonObject, Sensitivity


@dataclass(frozen=True, slots=True)
class SampleValue:
    """A frequent value and how often it was seen; ``masked`` when only its shape is shown."""

    value: str
    count: int
    masked: bool


@dataclass(frozen=True, slots=True)
class ColumnSample:
    """``why`` says why values are masked; None where they are shown."""

    column: str
    sensitivity: Sensitivity | None
    values: tuple[SampleValue, ...]
    why: str | None = None


def samples(
    profile: JsonObject,
    sensitivities: Mapping[str, Sensitivity | None],
    *,
    may_see: bool,
) -> list[ColumnSample]:
    """The most frequent values of each column, masked where they must be.

    Values of columns that are confidential or more are never shown (their profile keeps shapes
    only, and a label may be younger than the profile). Others need ``may_see``.
    """
    found: list[ColumnSample] = []
    for column in _objects(profile.get("columns")):
        name = str(column.get("name"))
        sensitivity = sensitivities.get(name)
        why = _why_masked(sensitivity, sensitive=bool(column.get("sensitive")), may_see=may_see)
        values = tuple(_value(entry, why is not None) for entry in _objects(column.get("top")))
        found.append(ColumnSample(name, sensitivity, values, why))
    return found


def _why_masked(sensitivity: Sensitivity | None, *, sensitive: bool, may_see: bool) -> str | None:
    if sensitive or (sensitivity is not None and sensitivity >= Sensitivity.CONFIDENTIAL):
        word = (sensitivity or Sensitivity.CONFIDENTIAL).word
        return f"The column is {word}: its values are never shown, only their shape."
    if not may_see:
        return "Your roles do not include seeing sample values; only their shape is shown."
    return None


def _value(entry: Mapping[str, Any], masked: bool) -> SampleValue:
    value = entry.get("value")
    text = "" if value is None else str(value)
    already = bool(entry.get("masked"))
    count = entry.get("count")
    return SampleValue(
        mask(text) if masked and not already else text,
        count if isinstance(count, int) else 0,
        masked or already,
    )


def _objects(value: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return [entry for entry in value if isinstance(entry, Mapping)]
