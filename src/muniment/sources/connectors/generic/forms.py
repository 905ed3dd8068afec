"""What SQLAlchemy's types are read as, and values of whatever driver as Arrow columns."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow as pa
from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.mssql import MONEY
from sqlalchemy.dialects.postgresql import DOMAIN

from muniment.sources.connectors.arrow import Array

DIGITS_OF_INT64 = 18
INT64 = 2**63


class Form(StrEnum):
    """What a column is read as, whatever its cells hold."""

    WHOLE = "whole"
    VAST = "vast"
    """Whole numbers that may have more than 64 bits: whole if all fit, else text."""
    NUMBER = "number"
    YES_NO = "yes-no"
    DAY = "day"
    MOMENT = "moment"
    INSTANT = "instant"
    TEXT = "text"
    LONG_TEXT = "long-text"
    """Text that may be longer than a cell; cut at the source."""
    BYTES = "bytes"


BY_NAME: Mapping[str, Form] = {
    "DATETIMEOFFSET": Form.INSTANT,
    "TIMESTAMP_LTZ": Form.INSTANT,
    "TIMESTAMP_TZ": Form.INSTANT,
    "LONG": Form.TEXT,
    "XML": Form.TEXT,
    "SMALLMONEY": Form.NUMBER,
    "YEAR": Form.WHOLE,
}
"""Types of dialects that their classes do not tell, and texts that cannot be cut at the source."""

ARROW: Mapping[Form, pa.DataType] = {
    Form.WHOLE: pa.int64(),
    Form.VAST: pa.string(),
    Form.NUMBER: pa.float64(),
    Form.YES_NO: pa.bool_(),
    Form.DAY: pa.date32(),
    Form.MOMENT: pa.timestamp("us"),
    Form.INSTANT: pa.timestamp("us", tz="UTC"),
    Form.TEXT: pa.string(),
    Form.LONG_TEXT: pa.string(),
    Form.BYTES: pa.string(),
}


def form_of(kind: sqltypes.TypeEngine[Any], longest: int) -> Form:
    """By the declared type; what neither SQLAlchemy nor its dialect can place is text."""
    if isinstance(kind, DOMAIN):
        return form_of(kind.data_type, longest)
    named = BY_NAME.get(str(getattr(kind, "__visit_name__", "")).upper())
    if named is not None:
        return named
    found = next((form for known, form in BY_CLASS if isinstance(kind, known)), Form.TEXT)
    if found is Form.LONG_TEXT:
        length = getattr(kind, "length", None)
        return Form.TEXT if length and length <= longest else found
    return found if isinstance(found, Form) else found(kind)


def _decimal(kind: Any) -> Form:
    if kind.scale != 0:
        return Form.NUMBER
    return Form.WHOLE if (kind.precision or 99) <= DIGITS_OF_INT64 else Form.VAST


def _big(kind: Any) -> Form:
    return Form.VAST if getattr(kind, "unsigned", False) else Form.WHOLE


def _dated(kind: Any) -> Form:
    return Form.INSTANT if kind.timezone else Form.MOMENT


BY_CLASS: Sequence[tuple[type[Any], Form | Callable[[Any], Form]]] = (
    (MONEY, Form.NUMBER),  # SQL Server's; PostgreSQL's has a currency sign, and is text
    (sqltypes.Boolean, Form.YES_NO),
    (sqltypes.Float, Form.NUMBER),
    (sqltypes.Numeric, _decimal),  # before whole numbers, because Oracle's NUMBER is both
    (sqltypes.BigInteger, _big),
    (sqltypes.Integer, Form.WHOLE),
    (sqltypes.Date, Form.DAY),
    (sqltypes.DateTime, _dated),
    (sqltypes.Enum, Form.TEXT),
    (sqltypes.String, Form.LONG_TEXT),
    (sqltypes._Binary, Form.BYTES),
)


def fits(low: object, high: object) -> bool:
    """Whether all between two ends has 64 bits at most; nothing at all has."""
    ends = [end for end in (low, high) if end is not None]
    return all(isinstance(end, int | Decimal) and -INT64 <= end < INT64 for end in ends)


NONE = type(None)
JUST_TEXT = frozenset({str, NONE})
AS_THEY_ARE: Mapping[Form, frozenset[type]] = {
    Form.WHOLE: frozenset({int, NONE}),
    Form.NUMBER: frozenset({float, NONE}),
    Form.YES_NO: frozenset({bool, NONE}),
    Form.DAY: frozenset({date, NONE}),
    Form.MOMENT: frozenset({datetime, NONE}),
    Form.INSTANT: frozenset({datetime, NONE}),
}
"""What Arrow takes at once and exactly; of a decimal it would drop the fraction."""


def column(cells: Sequence[object], form: Form) -> tuple[Array, int]:
    """An Arrow column, and how many cells did not fit its form and are missing in it."""
    kind = ARROW[form]
    if {type(cell) for cell in cells} <= AS_THEY_ARE.get(form, JUST_TEXT):
        try:
            return (_texts(cells) if kind == pa.string() else pa.array(cells, kind)), 0
        except (pa.ArrowInvalid, OverflowError):
            pass  # one does not fit: cell by cell
    made = [None if cell is None else _fitted(CONVERT[form], cell) for cell in cells]
    lost = sum(cell is not None and new is None for cell, new in zip(cells, made, strict=True))
    return (_texts(made) if kind == pa.string() else pa.array(made, kind)), lost


def _texts(cells: Sequence[object]) -> Array:
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:  # half of a character outside the basic plane
        return pa.array(
            [None if c is None else str(c).encode("utf-8", "replace").decode() for c in cells],
            pa.string(),
        )


def _fitted(convert: Callable[[Any], object], cell: object) -> object:
    try:
        return convert(cell)
    except (ValueError, TypeError, OverflowError, ArithmeticError):
        return None


def _whole(cell: Any) -> int:
    number = int(cell)
    if not -INT64 <= number < INT64 or (isinstance(cell, float | Decimal) and number != cell):
        raise ValueError("is no whole number of 64 bits")
    return number


def _yes_no(cell: Any) -> bool:
    if isinstance(cell, bytes):
        return any(cell)
    if isinstance(cell, str):
        return {"t": True, "true": True, "y": True, "1": True}.get(cell.lower(), False)
    return bool(cell)


def _moment(cell: Any) -> datetime:
    if isinstance(cell, str):
        cell = datetime.fromisoformat(cell)
    if not isinstance(cell, datetime):
        cell = datetime.combine(_dated_only(cell), time())
    zoned: datetime = cell
    return zoned.astimezone(UTC).replace(tzinfo=None) if zoned.tzinfo else zoned


def _instant(cell: Any) -> datetime:
    return _moment(cell).replace(tzinfo=UTC)


def _day(cell: Any) -> date:
    if isinstance(cell, str):
        return date.fromisoformat(cell[:10])
    return _moment(cell).date() if isinstance(cell, datetime) else _dated_only(cell)


def _dated_only(cell: Any) -> date:
    if not isinstance(cell, date):
        raise TypeError("is no date")
    return cell


def _text(cell: Any) -> str:
    match cell:
        case str():
            return cell
        case bytes() | bytearray() | memoryview():
            return bytes(cell).hex()
        case dict() | list() | tuple():
            return json.dumps(cell, ensure_ascii=False, separators=(",", ":"), default=_text)
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
    return str(cell)


CONVERT: Mapping[Form, Callable[[Any], object]] = {
    Form.WHOLE: _whole,
    Form.VAST: _text,
    Form.NUMBER: float,
    Form.YES_NO: _yes_no,
    Form.DAY: _day,
    Form.MOMENT: _moment,
    Form.INSTANT: _instant,
    Form.TEXT: _text,
    Form.LONG_TEXT: _text,
    Form.BYTES: _text,
}
