"""Columns of an Iceberg table as its metadata declares them: told by number, not by name."""

import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from muniment.sources.connectors.files import limits, nested
from muniment.sources.connectors.files.lake import LakeColumn, broken, unsupported

PRIMITIVES: Mapping[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "string": pa.string(),
    "uuid": pa.binary(16),
    "binary": pa.binary(),
}
DECIMAL = re.compile(r"decimal\((\d{1,2}),\s*(\d{1,2})\)")
FIXED = re.compile(r"fixed\[(\d{1,9})\]")
EPOCH = date(1970, 1, 1)
ENDS: Mapping[str, Callable[[bytes], object]] = {
    "int": lambda raw: int.from_bytes(raw, "little", signed=True),
    "long": lambda raw: int.from_bytes(raw, "little", signed=True),
    "float": lambda raw: struct.unpack("<f", raw)[0],
    "double": lambda raw: struct.unpack("<d" if len(raw) == 8 else "<f", raw)[0],
    "date": lambda raw: EPOCH + timedelta(days=int.from_bytes(raw, "little", signed=True)),
}
"""How the ends of a column are written; of other types they are not told."""


def columns(fields: Sequence[Mapping[str, Any]]) -> tuple[tuple[LakeColumn, ...], dict[int, str]]:
    """Flat columns, and the number of each."""
    try:
        flat = nested.fields(pa.schema([_field(each) for each in fields]))
        known = {name: (number, doc) for each in fields for name, number, doc in _flat(each, "", 1)}
    except (KeyError, TypeError, ValueError):
        raise broken("the schema is damaged") from None
    found = tuple(
        LakeColumn(name, str(kind), str(nested.settled_type(kind)), nullable, known[name][1])
        for name, kind, nullable in flat
    )
    return found, {known[each.name][0]: each.name for each in found}


def _field(given: Mapping[str, Any]) -> "pa.Field[Any]":
    if given.get("initial-default") is not None:
        raise unsupported("default values of columns")
    return pa.field(str(given["name"]), _type(given["type"]), not given.get("required"))


def _type(given: Any) -> pa.DataType:
    if isinstance(given, str):
        if given in PRIMITIVES:
            return PRIMITIVES[given]
        if told := DECIMAL.fullmatch(given):
            return pa.decimal128(int(told[1]), int(told[2]))
        if told := FIXED.fullmatch(given):
            return pa.binary(int(told[1]))
        raise unsupported(f"columns of type {given[:40]}")
    match given["type"]:
        case "struct":
            return pa.struct([_field(each) for each in given["fields"]])
        case "list":
            return pa.list_(_type(given["element"]))
        case "map":
            return pa.map_(_type(given["key"]), _type(given["value"]))
    raise unsupported("columns of a nested type that is not known")


def _flat(
    given: Mapping[str, Any], prefix: str, depth: int
) -> Iterator[tuple[str, int, str | None]]:
    """Flat name, number and comment, by the rules of ``nested``."""
    name, doc = prefix + str(given["name"]), given.get("doc")
    yield from _inner(given["type"], name, int(given["id"]), doc, depth)


def _inner(
    kind: Any, name: str, number: int, doc: str | None, depth: int
) -> Iterator[tuple[str, int, str | None]]:
    deep = depth >= limits.NESTING
    if isinstance(kind, dict) and kind["type"] == "struct" and not deep:
        for each in kind["fields"]:
            yield from _flat(each, f"{name}.", depth + 1)
        return
    yield name, number, doc
    if isinstance(kind, dict) and kind["type"] == "list" and not deep:
        yield from _inner(kind["element"], f"{name}[]", int(kind["element-id"]), None, depth + 1)
