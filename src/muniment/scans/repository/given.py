"""Rows given to a statement as arrays, so that one statement does the work of many."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

UNSYNCHRONISED = {"synchronize_session": False}
"""For bulk updates: no mapped object of the session is to follow."""


def given(**columns: tuple[sa.types.TypeEngine[Any], Sequence[Any]]) -> sa.TableValuedAlias:
    """A table made of columns, each a type and its values."""
    arrays: Mapping[str, tuple[sa.types.TypeEngine[Any], Sequence[Any]]] = columns
    unnested = sa.func.unnest(
        *(sa.cast(list(values), ARRAY(kind)) for kind, values in arrays.values())
    )
    names = [sa.column(name, kind) for name, (kind, _) in arrays.items()]
    return unnested.table_valued(*names, name="given").render_derived()
