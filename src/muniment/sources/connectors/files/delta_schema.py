"""Columns of a Delta table as its log declares them, flat, under logical and physical names."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from muniment.sources.connectors.files import limits, nested
from muniment.sources.connectors.files.lake import LakeColumn, broken, unsupported

PRIMITIVES: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "long": pa.int64(),
    "integer": pa.int32(),
    "short": pa.int16(),
    "byte": pa.int8(),
    "float": pa.float32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "void": pa.null(),
}
DECIMAL = re.compile(r"decimal\((\d{1,2}),\s*(\d{1,2})\)")
PHYSICAL = "delta.columnMapping.physicalName"


@dataclass(frozen=True, slots=True)
class DeltaSchema:
    """Flat columns; ``names`` from the physical names, where files use such."""

    columns: tuple[LakeColumn, ...]
    names: Mapping[str, str] | None
    top: Mapping[str, str]
    """Physical by logical name of the columns at the top, for partition values."""


def read(text: str, *, mapped: bool) -> DeltaSchema:
    """``mapped``: whether files use physical names."""
    try:
        body = json.loads(text)
        logical = pa.schema([_field(each) for each in body["fields"]])
        flat = nested.fields(logical)
        pairs = [pair for each in body["fields"] for pair in _names(each, "", "", 1)]
    except (ValueError, KeyError, TypeError):
        raise broken("the schema is damaged") from None
    comments = dict(_comments(body["fields"], "", 1))
    columns = tuple(
        LakeColumn(name, str(kind), str(nested.settled_type(kind)), nullable, comments.get(name))
        for name, kind, nullable in flat
    )
    top = {each["name"]: _physical(each) for each in body["fields"]}
    if not mapped:
        return DeltaSchema(columns, None, {name: name for name in top})
    if any(_hidden(each["type"]) for each in body["fields"]):
        raise unsupported("renamed columns inside of lists")
    return DeltaSchema(columns, dict(pairs), top)


def _field(given: Mapping[str, Any]) -> "pa.Field[Any]":
    return pa.field(given["name"], _type(given["type"]), bool(given.get("nullable", True)))


def _type(given: Any) -> pa.DataType:
    if isinstance(given, str):
        if given in PRIMITIVES:
            return PRIMITIVES[given]
        if told := DECIMAL.fullmatch(given):
            return pa.decimal128(int(told[1]), int(told[2]))
        raise unsupported(f"columns of type {given[:40]}")
    match given["type"]:
        case "struct":
            return pa.struct([_field(each) for each in given["fields"]])
        case "array":
            return pa.list_(_type(given["elementType"]))
        case "map":
            return pa.map_(_type(given["keyType"]), _type(given["valueType"]))
    raise unsupported("columns of a nested type that is not known")


def _physical(given: Mapping[str, Any]) -> str:
    return str((given.get("metadata") or {}).get(PHYSICAL) or given["name"])


def _names(
    given: Mapping[str, Any], physical: str, logical: str, depth: int
) -> Iterator[tuple[str, str]]:
    """Flat physical and logical names, by the rules of ``nested``."""
    yield from _inner(given["type"], physical + _physical(given), logical + given["name"], depth)


def _inner(kind: Any, physical: str, logical: str, depth: int) -> Iterator[tuple[str, str]]:
    deep = depth >= limits.NESTING
    if isinstance(kind, dict) and kind["type"] == "struct" and not deep:
        for each in kind["fields"]:
            yield from _names(each, f"{physical}.", f"{logical}.", depth + 1)
        return
    yield physical, logical
    if isinstance(kind, dict) and kind["type"] == "array" and not deep:
        yield from _inner(kind["elementType"], f"{physical}[]", f"{logical}[]", depth + 1)


def _hidden(kind: Any, *, in_list: bool = False) -> bool:
    """Whether names that differ stand where they are read as part of a text."""
    if not isinstance(kind, dict):
        return False
    if kind["type"] == "struct":
        return any(
            (in_list and _physical(each) != each["name"]) or _hidden(each["type"], in_list=in_list)
            for each in kind["fields"]
        )
    inner = (kind.get("elementType"), kind.get("keyType"), kind.get("valueType"))
    return any(_hidden(each, in_list=True) for each in inner)


def _comments(fields: Any, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for each in fields:
        name = prefix + each["name"]
        if comment := (each.get("metadata") or {}).get("comment"):
            yield name, str(comment)
        kind = each["type"]
        if isinstance(kind, dict) and kind["type"] == "struct" and depth < limits.NESTING:
            yield from _comments(kind["fields"], f"{name}.", depth + 1)
