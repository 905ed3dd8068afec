"""What SQLite counts in one cheap pass."""

import sqlite3

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.figures import Basis, ColumnFigures, TableFigures, plain
from muniment.sources.connectors.sqlite.session import quoted

NUMBERS = ("INT", "REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL")
COLUMNS_AT_ONCE = 400
"""SQLite allows 2,000 expressions in a list; each column takes up to three."""


def counted(connection: sqlite3.Connection, asset: AssetMeta) -> TableFigures:
    """Rows, nulls and the ends of numbers, by one pass for every 400 columns.

    A column may hold text whatever its type says, so ends are those of its numbers alone.
    """
    table = quoted(asset.path[-1])
    rows, found = 0, []
    for start in range(0, len(asset.columns) or 1, COLUMNS_AT_ONCE):
        part = asset.columns[start : start + COLUMNS_AT_ONCE]
        items = ["count(*)"]
        for column in part:
            name = quoted(column.name)
            items.append(f"count({name})")
            if _numeric(column.type):
                number = f"case when typeof({name}) in ('integer', 'real') then {name} end"
                items += [f"min({number})", f"max({number})"]
        # The names are quoted, and SQLite has no parameters for names.
        answer = connection.execute(f"select {', '.join(items)} from {table}").fetchone()  # noqa: S608
        rows, rest = int(answer[0]), iter(answer[1:])
        for column in part:
            there = int(next(rest))
            low, high = (next(rest), next(rest)) if _numeric(column.type) else (None, None)
            found.append(ColumnFigures(column.name, rows - there, low=plain(low), high=plain(high)))
    return TableFigures(asset.path, Basis.EXACT, "one pass in SQLite", rows, tuple(found))


def _numeric(kind: str) -> bool:
    return any(word in kind.upper() for word in NUMBERS)
