"""Lists page by key: a cursor names the last row seen, so a page costs the same at any depth."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from muniment.kernel.errors import Invalid

T = TypeVar("T")
U = TypeVar("U")
Key = InstrumentedAttribute[Any] | sa.ColumnElement[Any]


class Page(BaseModel, Generic[T]):
    """A part of a list. ``next_cursor`` absent means that it was the last one."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    items: list[T]
    next_cursor: str | None = None
    total: int | None = Field(default=None, description="Only where it was asked for.")

    def map(self, turn: Callable[[T], U]) -> "Page[U]":
        return Page[U](
            items=[turn(item) for item in self.items],
            next_cursor=self.next_cursor,
            total=self.total,
        )


class PageQuery(BaseModel):
    """The paging part of a query string."""

    model_config = ConfigDict(frozen=True)

    limit: int = Field(default=50, ge=1, le=1000)
    cursor: str | None = Field(default=None, max_length=2000)


def encode_cursor(values: Sequence[object]) -> str:
    """An opaque cursor for the key values of the last row of a page."""
    plain = json.dumps([_tagged(value) for value in values], separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, count: int) -> list[object]:
    """The key values again; Invalid when the cursor was not made by ``encode_cursor``."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        tagged = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        values = [_plain(kind, text) for kind, text in tagged]
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError) as error:
        raise _bad_cursor() from error
    if len(values) != count:
        raise _bad_cursor()
    return values


def _bad_cursor() -> Invalid:
    return Invalid("The cursor is not one of this list. Begin again without it.")


def _tagged(value: object) -> tuple[str, object]:
    match value:
        case None | bool() | int() | float():
            return "j", value
        case UUID():
            return "u", str(value)
        case datetime():
            return "t", value.isoformat()
        case _:
            return "s", str(value)


def _plain(kind: str, text: object) -> object:
    match kind, text:
        case "j", None | bool() | int() | float():
            return text
        case "u", str():
            return UUID(text)
        case "t", str():
            return datetime.fromisoformat(text)
        case "s", str():
            if "\x00" in text:
                raise ValueError("NUL")
            return text
    raise ValueError(kind)


async def page_by(
    session: AsyncSession,
    statement: sa.Select[Any],
    *keys: Key,
    query: PageQuery,
    descending: bool = False,
    with_total: bool = False,
) -> Page[Any]:
    """One page of ``statement`` in the order of ``keys``, which together must be unique.

    Keys must not be null and are compared as a row. A statement over one entity yields entities,
    any other yields rows.
    """
    total = None
    if with_total:
        counted = sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
        total = await session.scalar(counted)
    seek = statement
    if query.cursor is not None:
        after = sa.tuple_(
            *(
                sa.literal(value, key.type)
                for key, value in zip(keys, decode_cursor(query.cursor, len(keys)), strict=True)
            )
        )
        row = sa.tuple_(*keys)
        seek = seek.where(row < after if descending else row > after)
    order = [key.desc() if descending else key.asc() for key in keys]
    labelled = [key.label(f"_key_{index}") for index, key in enumerate(keys)]
    result = await session.execute(
        seek.add_columns(*labelled).order_by(*order).limit(query.limit + 1)
    )
    rows = result.all()
    kept = rows[: query.limit]
    more = len(rows) > query.limit
    width = len(labelled)
    cursor = encode_cursor(list(kept[-1][-width:])) if more and kept else None
    single = len(statement.column_descriptions) == 1
    items = [found[0] if single else found[:-width] for found in kept]
    return Page[Any](items=items, next_cursor=cursor, total=total)
