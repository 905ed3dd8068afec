"""What any database counts in one pass."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import types as sqltypes

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.figures import Basis, ColumnFigures, TableFigures, plain
from muniment.kernel.errors import SourceObjectGone
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.generic import catalogue, dialects

COLUMNS_AT_ONCE = 200
DATES = (sqltypes.Date, sqltypes.DateTime)
ORDERED = (sqltypes.Integer, sqltypes.Numeric, *DATES)


def counted(connection: sa.Connection, asset: AssetMeta) -> TableFigures:
    """Rows, nulls and ends, by one pass for every 200 columns; a view is not run."""
    if asset.kind is AssetKind.VIEW:
        return TableFigures(asset.path, Basis.EXACT, "not counted: a view is not run")
    told = catalogue.columns_of(connection, asset.path)
    if not told:
        raise SourceObjectGone(catalogue.GONE, asset=".".join(asset.path))
    relation = catalogue.relation(asset.path, [each["name"] for each in told])
    rows, found = 0, []
    for start in range(0, len(told) or 1, COLUMNS_AT_ONCE):
        part = told[start : start + COLUMNS_AT_ONCE]
        items: list[sa.ColumnElement[Any]] = [sa.func.count()]
        for each in part:
            column, kind = relation.c[each["name"]], each["type"]
            items.append(sa.func.count(column))
            known: sa.ColumnElement[Any] = column
            if isinstance(kind, DATES):
                day = isinstance(kind, sqltypes.Date)
                known = dialects.within_calendar(column, connection.dialect.name, day=day)
            if isinstance(kind, ORDERED):
                items += [sa.func.min(known), sa.func.max(known)]
        statement = sa.select(*(item.label(f"c{n}") for n, item in enumerate(items)))
        answer = connection.execute(statement.select_from(relation)).one()
        rows, rest = int(answer[0]), iter(answer[1:])
        for each in part:
            there = int(next(rest))
            ordered = isinstance(each["type"], ORDERED)
            low, high = (next(rest), next(rest)) if ordered else (None, None)
            found.append(
                ColumnFigures(each["name"], rows - there, low=plain(low), high=plain(high))
            )
    return TableFigures(asset.path, Basis.EXACT, "one pass in the database", rows, tuple(found))
