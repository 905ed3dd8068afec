"""What SQLAlchemy's types are read as, and values of whatever driver as Arrow columns."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow as pa
from sqlalchemy import types as sqltypes

from muniment.sources.connectors.arrow import Array

DIGITS_OF_INT64 = 18
INT64 = 2**63


class Form(StrEnum):
    """What a column is read as, whatever its cells hold."""

    WHOLE = "whole"
    NUMBER = "number"
    YES_NO = "yes-no"
    DAY = "day"
    MOMENT = "moment"
    INSTANT = "instant"
    TEXT = "text"
    LONG_TEXT = "long-text"
    """Text that may be longer than a cell; cut at the source."""
    BYTES = "bytes"


ARROW: Mapping[Form, pa.DataType] = {
    Form.WHOLE: pa.int64(),
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
    """By the declared type; what SQLAlchemy does not know is text."""
    match kind:
        case sqltypes.Boolean():
            return Form.YES_NO
        case sqltypes.Integer():
            return Form.NUMBER if getattr(kind, "unsigned", False) and _is_big(kind) else Form.WHOLE
        case sqltypes.Float():
            return Form.NUMBER
        case sqltypes.Numeric():
            exact = kind.scale == 0 and (kind.precision or 99) <= DIGITS_OF_INT64
            return Form.WHOLE if exact else Form.NUMBER
        case sqltypes.Date():
            return Form.DAY
        case sqltypes.DateTime():
            return Form.INSTANT if kind.timezone else Form.MOMENT
        case sqltypes.Enum():
            return Form.TEXT
        case sqltypes.String():
            return Form.TEXT if kind.length and kind.length <= longest else Form.LONG_TEXT
        case sqltypes.LargeBinary() | sqltypes._Binary():
            return Form.BYTES
    return Form.TEXT


def _is_big(kind: sqltypes.TypeEngine[Any]) -> bool:
    return isinstance(kind, sqltypes.BigInteger)


def column(cells: Sequence[object], form: Form) -> tuple[Array, int]:
    """An Arrow column, and how many cells did not fit its form and are missing in it."""
    kind = ARROW[form]
    if form not in (Form.TEXT, Form.LONG_TEXT, Form.BYTES, Form.DAY):
        try:
            return pa.array(cells, kind), 0
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, OverflowError):
            pass  # cell by cell, as some driver tells numbers or moments in another way
    elif form is not Form.DAY and all(cell is None or type(cell) is str for cell in cells):
        return _texts(cells), 0
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
        cell = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001  (as the column is)
    zoned: datetime = cell
    return zoned.astimezone(UTC).replace(tzinfo=None) if zoned.tzinfo else zoned


def _instant(cell: Any) -> datetime:
    return _moment(cell).replace(tzinfo=UTC)


def _day(cell: Any) -> date:
    if isinstance(cell, str):
        return date.fromisoformat(cell[:10])
    return cell.date() if isinstance(cell, datetime) else date(cell.year, cell.month, cell.day)


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
    Form.NUMBER: float,
    Form.YES_NO: _yes_no,
    Form.DAY: _day,
    Form.MOMENT: _moment,
    Form.INSTANT: _instant,
    Form.TEXT: _text,
    Form.LONG_TEXT: _text,
    Form.BYTES: _text,
}
