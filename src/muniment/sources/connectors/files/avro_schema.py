"""An Avro schema as Arrow types, and how its values become theirs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pyarrow as pa

from muniment.sources.connectors.files import limits

Schema: TypeAlias = "Mapping[str, Schema] | Sequence[Schema] | str | int | None"
Convert: TypeAlias = Callable[[object], object]
Typed: TypeAlias = "tuple[pa.DataType, Convert | None]"

PRIMITIVES: Mapping[str, pa.DataType] = {
    "null": pa.null(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "string": pa.string(),
}
LOGICAL: Mapping[tuple[str, str], pa.DataType] = {
    ("int", "date"): pa.date32(),
    ("int", "time-millis"): pa.time32("ms"),
    ("long", "time-micros"): pa.time64("us"),
    ("long", "timestamp-millis"): pa.timestamp("ms", tz="UTC"),
    ("long", "timestamp-micros"): pa.timestamp("us", tz="UTC"),
    ("long", "timestamp-nanos"): pa.timestamp("ns", tz="UTC"),
    ("long", "local-timestamp-millis"): pa.timestamp("ms"),
    ("long", "local-timestamp-micros"): pa.timestamp("us"),
    ("long", "local-timestamp-nanos"): pa.timestamp("ns"),
}
MOST_DIGITS = 76


def bare(schema: Schema) -> Schema:
    """The schema without the logical types that Arrow reads from the plain numbers."""
    if isinstance(schema, Mapping):
        kept = {
            name: bare(value) if name in ("type", "items", "values", "fields") else value
            for name, value in schema.items()
        }
        return (
            kept if _is_decimal(schema) else {n: v for n, v in kept.items() if n != "logicalType"}
        )
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return [bare(each) for each in schema]
    return schema


def _is_decimal(schema: Mapping[str, Schema]) -> bool:
    digits = schema.get("precision")
    return (
        schema.get("logicalType") == "decimal"
        and isinstance(digits, int)
        and 0 < digits <= MOST_DIGITS
    )


def fields_of(schema: Schema) -> tuple[pa.Schema, Convert | None]:
    """The columns of a file's records; a file of anything else has the one column ``value``."""
    kind, convert = _Reading().of(schema, 1)
    if isinstance(kind, pa.StructType):
        return pa.schema(list(kind)), convert
    return pa.schema([("value", kind)]), lambda value: {
        "value": value if convert is None or value is None else convert(value)
    }


@dataclass(slots=True)
class _Reading:
    """Types by name, and those that are being described: a type inside itself becomes text."""

    known: dict[str, Schema] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def of(self, schema: Schema, depth: int, space: str = "") -> Typed:
        if depth > limits.NESTING:
            return pa.string(), _text
        if isinstance(schema, str):
            return self._named(schema, depth, space)
        if isinstance(schema, Mapping):
            return self._complex(schema, depth, space)
        branches = [each for each in schema if each != "null"] if schema else []  # type: ignore[union-attr]  # no number stands for a type
        return self._union(branches, depth, space)

    def _named(self, name: str, depth: int, space: str) -> Typed:
        if name in PRIMITIVES:
            return PRIMITIVES[name], None
        full = name if "." in name or f"{space}.{name}" not in self.known else f"{space}.{name}"
        if full in self.open or full not in self.known:
            return pa.string(), _text
        return self.of(self.known[full], depth, full.rpartition(".")[0])

    def _union(self, branches: Sequence[Schema], depth: int, space: str) -> Typed:
        if not branches:
            return pa.null(), None
        typed = [self.of(each, depth, space) for each in branches]
        if len(typed) == 1:
            return typed[0]
        kinds = {kind for kind, _ in typed}
        if kinds <= {pa.int32(), pa.int64()}:
            return pa.int64(), None
        if kinds <= {pa.float32(), pa.float64()}:
            return pa.float64(), None
        return pa.string(), _text

    def _complex(self, schema: Mapping[str, Schema], depth: int, space: str) -> Typed:
        kind = schema.get("type")
        if not isinstance(kind, str):
            return self.of(kind, depth, space)
        if (kind, str(schema.get("logicalType"))) in LOGICAL:
            return LOGICAL[kind, str(schema["logicalType"])], None
        if _is_decimal(schema):
            self._register(schema, space)
            return _decimal(schema), None
        match kind:
            case "record" | "error":
                return self._record(schema, depth, space)
            case "array":
                inner, convert = self.of(schema.get("items"), depth + 1, space)
                return pa.list_(inner), _each(convert)
            case "map":
                inner, convert = self.of(schema.get("values"), depth + 1, space)
                return pa.map_(pa.string(), inner), _pairs(convert)
            case "enum" | "fixed":
                self._register(schema, space)
                return (pa.string() if kind == "enum" else pa.binary()), None
        return self._named(kind, depth, space)

    def _register(self, schema: Mapping[str, Schema], space: str) -> str:
        name = str(schema.get("name", ""))
        within = str(schema.get("namespace", space))
        full = name if "." in name or not within else f"{within}.{name}"
        self.known[full] = schema
        return full

    def _record(self, schema: Mapping[str, Schema], depth: int, space: str) -> Typed:
        full = self._register(schema, space)
        self.open.add(full)
        try:
            given = schema.get("fields")
            fields: list[pa.Field[pa.DataType]] = []
            converts: dict[str, Convert] = {}
            for each in given if isinstance(given, Sequence) else ():
                if isinstance(each, Mapping):
                    name = str(each["name"])
                    kind, convert = self.of(each.get("type"), depth + 1, full.rpartition(".")[0])
                    fields.append(pa.field(name, kind, nullable=_may_miss(each.get("type"))))
                    if convert is not None:
                        converts[name] = convert
            return pa.struct(fields), _inside(converts)
        finally:
            self.open.discard(full)


def _may_miss(schema: Schema) -> bool:
    if isinstance(schema, str):
        return schema == "null"
    return isinstance(schema, Sequence) and "null" in schema


def _decimal(schema: Mapping[str, Schema]) -> pa.DataType:
    digits, scale = int(str(schema["precision"])), int(str(schema.get("scale", 0)))
    return pa.decimal128(digits, scale) if digits <= 38 else pa.decimal256(digits, scale)


def _text(value: object) -> object:
    """A value of several kinds as text, what has parts as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_text)
    return str(value)


def _each(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None
    return lambda value: [
        None if item is None else convert(item)
        for item in value  # type: ignore[attr-defined]  # Avro arrays are lists
    ]


def _pairs(convert: Convert | None) -> Convert:
    return lambda value: [
        (name, item if convert is None or item is None else convert(item))
        for name, item in value.items()  # type: ignore[attr-defined]  # Avro maps are dicts
    ]


def _inside(converts: Mapping[str, Convert]) -> Convert | None:
    if not converts:
        return None

    def convert(value: object) -> object:
        row: dict[str, object] = value  # type: ignore[assignment]  # Avro records are dicts
        for name, change in converts.items():
            if row[name] is not None:
                row[name] = change(row[name])
        return row

    return convert
