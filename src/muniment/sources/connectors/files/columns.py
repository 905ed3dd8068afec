"""The type of each column of a text data set, settled on all its values before they are used."""

from collections.abc import Container, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import forms, inference, nested
from muniment.sources.connectors.files.tally import Tally

ARROW: Mapping[str, pa.DataType] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "text": pa.string(),
}
PATTERNS = {name: f"^(?:{shape.pattern})$" for name, shape in inference.ORDER}
EMPTY = pa.scalar("", pa.string())
NOTHING = pa.scalar(None, pa.string())
SAFE_DIGITS = 15
INSENSITIVE = frozenset({"boolean"})


class ColumnTypes:
    """Narrows, batch by batch, what each column can be; a column without values is text."""

    def __init__(self) -> None:
        self._possible: dict[str, frozenset[str]] = {}

    def see(self, name: str, array: Array) -> None:
        """Take one batch of a column into account."""
        if array.type != pa.string():
            some = array.null_count < len(array)
            self._narrow(name, natural(array.type) if some else None)
            return
        if name in self._possible and not self._possible[name]:
            return
        values = array.drop_null() if array.null_count else array
        if len(values) and not forms.lengths(values).all():
            values = values.filter(pc.not_equal(values, EMPTY))
        if len(values):
            self._narrow(name, self._looks(values, self._possible.get(name)))

    def settled(self, name: str) -> str:
        return inference.narrowest(self._possible.get(name))

    def _narrow(self, name: str, found: frozenset[str] | None) -> None:
        if found is not None:
            known = self._possible.get(name)
            self._possible[name] = found if known is None else known & found

    def _looks(self, values: Array, known: frozenset[str] | None) -> frozenset[str]:
        first = inference.looks_like(values[0].as_py())
        candidates = first if known is None else first & known
        found: set[str] = set()
        for kind in (name for name, _ in inference.ORDER if name in candidates):
            if _follows(kind, found, values) or _all(values, kind):
                found.add(kind)
        return frozenset(found)


def _follows(kind: str, found: Container[str], values: Array) -> bool:
    """Whether it is of this type because it is of a narrower one."""
    if kind == "number" and "integer" in found:
        return int(forms.lengths(values).max()) <= SAFE_DIGITS
    return kind == "timestamp" and "date" in found


def _all(values: Array, kind: str) -> bool:
    """Whether all values are of the type, by the patterns of ``inference``.

    Patterns are slow: a date is nothing but its pattern, and the bytes of most numbers tell.
    """
    try:
        pc.cast(values, ARROW[kind])
    except pa.ArrowInvalid:
        return False
    if kind == "date":
        return True
    if kind in ("integer", "number"):
        told = forms.of_number(values, kind)
        if told is not None:
            return told
    fits = pc.match_substring_regex(values, PATTERNS[kind], ignore_case=kind in INSENSITIVE)
    return bool(pc.all(fits).as_py())


def natural(given: pa.DataType) -> frozenset[str]:
    """What a typed value can stand for: a whole number is a number too."""
    if pa.types.is_boolean(given):
        return frozenset({"boolean"})
    if pa.types.is_integer(given):
        return frozenset({"integer", "number"})
    if pa.types.is_floating(given):
        return frozenset({"number"})
    if pa.types.is_date(given):
        return frozenset({"date", "timestamp"})
    if pa.types.is_timestamp(given):
        return frozenset({"timestamp"})
    return frozenset()


def shaped(array: "Array | None", target: pa.DataType, rows: int, tally: Tally) -> Array:
    """The column as the settled type; a value that does not fit any more is missing, and told."""
    if array is None:
        return pa.array([None] * rows, target)
    if array.type == target:
        return array
    if array.type == pa.string() and pc.any(pc.equal(array, EMPTY)).as_py():
        array = pc.if_else(pc.equal(array, EMPTY), NOTHING, array)
    try:
        return pc.cast(array, target, safe=not _may_round(array.type, target))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        found = pa.array([_one(value, target) for value in array], target)
        tally.tell(
            f"{found.null_count - array.null_count:,} values do not fit {target}; they are left out"
        )
        return found


def _may_round(given: pa.DataType, target: pa.DataType) -> bool:
    """Whether digits beyond the target's are dropped: nanoseconds, and of very long numbers."""
    if pa.types.is_timestamp(given) and pa.types.is_timestamp(target):
        return str(given).startswith("timestamp[ns")
    return bool(pa.types.is_floating(target) and not pa.types.is_string(given))


def _calendar(array: Array, tally: Tally) -> Array:
    """Days and moments outside the years 1 to 9999 are missing, and told."""
    kind = array.type
    if not (pa.types.is_date32(kind) or pa.types.is_timestamp(kind)) or not len(array):
        return array
    numbers = array.view(pa.int32() if pa.types.is_date32(kind) else pa.int64())
    if array.null_count == len(array):
        return array
    if nested.in_calendar(kind, int(pc.min(numbers).as_py()), int(pc.max(numbers).as_py())):
        return array
    kept = pa.array(
        [
            None if value is None or not nested.in_calendar(kind, int(value), int(value)) else value
            for value in numbers.to_pylist()
        ],
        numbers.type,
    )
    lost = kept.null_count - array.null_count
    tally.tell(f"{lost:,} dates lie outside the years 1 to 9999; they are left out")
    return kept.view(kind)


def _one(value: "pa.Scalar[pa.DataType]", target: pa.DataType) -> object:
    try:
        return value.cast(target).as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def batch(schema: pa.Schema, found: Mapping[str, Array], rows: int, tally: Tally) -> pa.RecordBatch:
    """A batch of exactly the schema's columns; those a file lacks are missing values."""
    arrays = (shaped(found.get(field.name), field.type, rows, tally) for field in schema)
    return pa.RecordBatch.from_arrays([_calendar(each, tally) for each in arrays], schema=schema)
