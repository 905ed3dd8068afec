"""Many rows as one parameter: the way a batch reaches PostgreSQL in a single statement."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


def recordset(
    rows: Sequence[Mapping[str, Any]], name: str, fields: Mapping[str, TypeEngine[Any]]
) -> TableValuedAlias:
    """The rows as a table of the statement, with a column for each field."""
    columns = [sa.column(field, type_) for field, type_ in fields.items()]
    return (
        sa.func.jsonb_to_recordset(sa.literal(rows, JSONB))
        .table_valued(*columns, name=name)
        .render_derived(with_types=True)
    )


def fields_of(table: sa.FromClause, *names: str) -> dict[str, TypeEngine[Any]]:
    """The named columns of a table with their types, without collations."""
    return {name: _plain(table.c[name].type) for name in names}


def _plain(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    return sa.Text() if isinstance(type_, sa.String) else type_


def texts(values: Sequence[str]) -> sa.ScalarSelect[Any]:
    """Any number of texts as one array parameter, to be used with ``in_``."""
    array = sa.literal(list(values), sa.ARRAY(sa.Text()))
    return sa.select(sa.func.unnest(array)).scalar_subquery()


def ids(values: Sequence[UUID]) -> sa.ScalarSelect[Any]:
    array = sa.literal(list(values), sa.ARRAY(sa.Uuid()))
    return sa.select(sa.func.unnest(array)).scalar_subquery()
