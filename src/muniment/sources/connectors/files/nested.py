"""Arrow's nested columns laid flat, by the same rules as JSON documents."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from muniment.kernel.errors import LimitExceeded
from muniment.sources.connectors import arrow
from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import limits

SIMPLE = frozenset(
    {pa.bool_(), pa.int64(), pa.float64(), pa.string(), pa.large_string(), pa.null()}
)
OLDEST = pl.CompatLevel.oldest()
DAYS = (-719_162, 2_932_896)
"""The first day of year 1 and the last of year 9999, counted from 1970."""
PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
LISTS = (pa.ListType, pa.LargeListType, pa.FixedSizeListType)


def settled_type(kind: pa.DataType) -> pa.DataType:
    """The plain type of a column; whole numbers that may not fit 64 bits become text, exactly."""
    if isinstance(kind, pa.DictionaryType):
        kind = kind.value_type
    if pa.types.is_uint64(kind):
        return pa.string()
    if pa.types.is_decimal(kind) and kind.scale <= 0:
        return pa.int64() if kind.precision - kind.scale <= 18 else pa.string()
    return arrow.settled_type(kind)


def in_calendar(kind: pa.DataType, low: int, high: int) -> bool:
    """Whether days or moments lie in the years 1 to 9999, which all that follows can tell."""
    each = PER_DAY[kind.unit] if isinstance(kind, pa.TimestampType) else 1
    return DAYS[0] * each <= low and high < (DAYS[1] + 1) * each


def fields(schema: pa.Schema) -> list[tuple[str, pa.DataType, bool]]:
    """Flat name, type and nullability of each column that ``columns`` makes of a batch."""
    found = [
        flat for field in schema for flat in _fields(field.name, field.type, field.nullable, 1)
    ]
    if len(found) > limits.COLUMNS:
        raise LimitExceeded(
            f"The file has more than {limits.COLUMNS} columns; it is not read.",
            remedy="Write it with fewer columns, or exclude it in the rule set.",
        )
    return found


def _fields(
    name: str, kind: pa.DataType, nullable: bool, depth: int
) -> Iterator[tuple[str, pa.DataType, bool]]:
    if pa.types.is_struct(kind) and depth < limits.NESTING:
        for inner in kind:
            yield from _fields(
                f"{name}.{inner.name}", inner.type, nullable or inner.nullable, depth + 1
            )
        return
    if isinstance(kind, pa.DictionaryType):
        kind = kind.value_type
    yield name, kind, nullable
    if isinstance(kind, LISTS) and depth < limits.NESTING:
        yield from _fields(f"{name}[]", kind.value_type, True, depth + 1)


def numbers(schema: pa.Schema) -> dict[int, str]:
    """The flat name of each column that a number was given to, as Parquet keeps it."""
    return dict(told for field in schema for told in _numbers(field, field.name, 1))


def _numbers(field: "pa.Field[Any]", name: str, depth: int) -> Iterator[tuple[int, str]]:
    kind = field.type
    if pa.types.is_struct(kind) and depth < limits.NESTING:
        for inner in kind:
            yield from _numbers(inner, f"{name}.{inner.name}", depth + 1)
        return
    told = (field.metadata or {}).get(b"PARQUET:field_id")
    if told is not None:
        yield int(told), name
    if isinstance(kind, LISTS) and depth < limits.NESTING:
        yield from _numbers(kind.value_field, f"{name}[]", depth + 1)


def columns(batch: pa.RecordBatch, max_cell: int) -> dict[str, Array]:
    """The flat columns of a batch, in plain types."""
    pairs = zip(batch.schema.names, batch.columns, strict=True)
    return dict(flat for name, column in pairs for flat in _columns(name, column, max_cell, 1))


def _columns(name: str, array: Array, max_cell: int, depth: int) -> Iterator[tuple[str, Array]]:
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if isinstance(array, pa.StructArray) and depth < limits.NESTING:
        for inner, child in zip(array.type, array.flatten(), strict=True):
            yield from _columns(f"{name}.{inner.name}", child, max_cell, depth + 1)
    elif isinstance(array.type, LISTS):
        if "_view" in str(array.type):
            array = array.cast(_viewless(array.type))
        yield name, _json(array, max_cell)
        if depth < limits.NESTING:
            yield from _columns(f"{name}[]", _first(array), max_cell, depth + 1)
    elif pa.types.is_nested(array.type):
        yield name, _json(array, max_cell)
    elif _as_it_is(array.type):
        yield name, array
    else:
        yield name, arrow.scrub(arrow.settle(array, max_cell))


def _viewless(kind: pa.DataType) -> pa.DataType:
    """The same without views, from which Arrow cannot choose some."""
    if isinstance(kind, LISTS):
        return pa.list_(kind.value_field.with_type(_viewless(kind.value_type)))
    if isinstance(kind, pa.StructType):
        return pa.struct([each.with_type(_viewless(each.type)) for each in kind])
    if isinstance(kind, pa.MapType):
        return pa.map_(_viewless(kind.key_type), _viewless(kind.item_type))
    if kind == pa.string_view():
        return pa.string()
    return pa.binary() if kind == pa.binary_view() else kind


def _as_it_is(kind: pa.DataType) -> bool:
    """What the plan settles, because it depends on the values whether a plain type holds them."""
    return (
        pa.types.is_uint64(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
        or (pa.types.is_decimal(kind) and kind.scale <= 0)
    )


def _first(array: Array) -> Array:
    """The first element of each list; missing where the list is empty or missing."""
    filled = [bool(length) for length in pc.list_value_length(array).to_pylist()]
    values = pc.list_element(array.filter(pa.array(filled, pa.bool_())), 0)
    counter = count()
    places = [next(counter) if full else None for full in filled]
    return values.take(pa.array(places, pa.int64()))


def _json(array: Array, max_cell: int) -> Array:
    """Each value as compact JSON, by Polars where it knows how, else value by value."""
    if not _is_json(array.type):
        return _json_by_value(array, max_cell)
    frame = pl.DataFrame({"x": pl.Series(array)})
    wrapped = frame.select(pl.struct("x").struct.json_encode()).to_series()
    texts = wrapped.str.strip_prefix('{"x":').str.strip_suffix("}")
    plain = texts.zip_with(frame["x"].is_not_null(), pl.Series([None], dtype=pl.String))
    return arrow.settle(plain.to_arrow(compat_level=OLDEST), max_cell)


def _is_json(kind: pa.DataType) -> bool:
    """Whether all that is inside has a JSON type of its own."""
    if isinstance(kind, LISTS):
        return _is_json(kind.value_type)
    if isinstance(kind, pa.StructType):
        return all(_is_json(field.type) for field in kind)
    return kind in SIMPLE


def _json_by_value(array: Array, max_cell: int) -> Array:
    texts = (
        None
        if value is None
        else json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)[:max_cell]
        for value in array.to_pylist()
    )
    return arrow.cut(pa.array(list(texts), pa.string()), max_cell)


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
