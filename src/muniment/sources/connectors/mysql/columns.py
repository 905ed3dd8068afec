"""How a column of MySQL is asked for and what becomes of it."""

import re
from dataclasses import dataclass
from enum import Enum

import pyarrow as pa

from muniment.contracts.connectors import ColumnMeta
from muniment.sources.connectors.mysql import quoting
from muniment.sources.connectors.mysql.decoding import Array, Cells

UTC = pa.timestamp("us", tz="UTC")
LOCAL = pa.timestamp("us")
WIDEST_BIT = 63
BYTES_PER_CHARACTER = 4

INTEGERS: dict[str, tuple[pa.DataType, pa.DataType]] = {
    "tinyint": (pa.int16(), pa.int16()),
    "smallint": (pa.int16(), pa.int32()),
    "mediumint": (pa.int32(), pa.int32()),
    "int": (pa.int32(), pa.int64()),
    "integer": (pa.int32(), pa.int64()),
    "bigint": (pa.int64(), pa.float64()),
    "year": (pa.int16(), pa.int16()),
}
"""Signed, then unsigned."""
GEOMETRIES = frozenset(
    (
        *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"),
        *("multipolygon", "geometrycollection", "geomcollection"),
    )
)
SHORT = frozenset({"enum", "set", "time", "uuid", "inet4", "inet6"})
TEXTS = frozenset({"tinytext", "text", "mediumtext", "longtext", "json"})
BINARY = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector"})


class Form(Enum):
    """What a column's bytes are."""

    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    MOMENT = "moment"
    TEXT = "text"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Reading:
    """A column's item of the select list, its type in Arrow, and how to decode it."""

    expression: str
    type: pa.DataType
    form: Form

    def decode(self, cells: Cells) -> Array:
        match self.form:
            case Form.NUMBER:
                return cells.number(self.type)
            case Form.FLAG:
                return cells.flags()
            case Form.DAY:
                return cells.days()
            case Form.MOMENT:
                return cells.moments(self.type)
            case Form.BYTES:
                return cells.hexadecimal()
        return cells.text()


def base_of(declared: str) -> str:
    """``bigint`` of ``bigint(20) unsigned``."""
    return re.split(r"[ (]", declared.lower(), maxsplit=1)[0]


def is_integer(declared: str) -> bool:
    return base_of(declared) in INTEGERS and base_of(declared) != "year"


def is_wide(declared: str) -> bool:
    """Whether values may lie beyond 63 bits."""
    return base_of(declared) == "bigint" and "unsigned" in declared.lower()


def reading(column: ColumnMeta, limit: int, *, narrow: bool = False) -> Reading:
    """How ``column`` is read with cells of at most ``limit`` bytes.

    ``narrow`` says that an unsigned bigint was seen to fit 63 bits; else it becomes a float.
    """
    declared = column.type.lower()
    base, name = base_of(declared), quoting.name(column.name)
    if base in INTEGERS:
        signed, unsigned = INTEGERS[base]
        kind = unsigned if "unsigned" in declared and not narrow else signed
        return Reading(name, kind, Form.NUMBER)
    if base in ("decimal", "numeric", "double"):
        return Reading(name, pa.float64(), Form.NUMBER)
    if base == "float":  # as text the server gives six digits of it
        return Reading(f"{name} + 0e0", pa.float32(), Form.NUMBER)
    if base == "bit":
        return _bit(name, _length(declared) or 1)
    if base == "date":
        return Reading(name, pa.date32(), Form.DAY)
    if base in ("datetime", "timestamp"):
        return Reading(name, UTC if base == "timestamp" else LOCAL, Form.MOMENT)
    if base in BINARY:
        return Reading(f"substr({name}, 1, {max(1, limit // 2)})", pa.string(), Form.BYTES)
    if base in GEOMETRIES:
        return Reading(f"left(st_astext({name}), {limit})", pa.string(), Form.TEXT)
    return Reading(_text(name, base, _length(declared), limit), pa.string(), Form.TEXT)


def _bit(name: str, width: int) -> Reading:
    if width == 1:
        return Reading(f"{name} + 0", pa.bool_(), Form.FLAG)
    kind = pa.int64() if width <= WIDEST_BIT else pa.float64()
    return Reading(f"{name} + 0", kind, Form.NUMBER)


def _text(name: str, base: str, length: int | None, limit: int) -> str:
    if base in SHORT:
        return name
    if base in ("char", "varchar"):
        if length is not None and length * BYTES_PER_CHARACTER <= limit:
            return name
        return _bounded(name, limit)
    if base in TEXTS:
        return name if base == "tinytext" and limit > 0xFF * BYTES_PER_CHARACTER else _bounded(
            name, limit
        )  # fmt: skip
    return f"left(cast({name} as char), {limit})"


def _bounded(name: str, limit: int) -> str:
    """Asking for the length first is cheap: ``left`` counts characters in every value."""
    return f"if(octet_length({name}) > {limit}, left({name}, {limit}), {name})"


def _length(declared: str) -> int | None:
    found = re.match(r"\w+\((\d+)", declared)
    return int(found[1]) if found else None
