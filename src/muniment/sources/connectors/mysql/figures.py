"""What MySQL and MariaDB know of their tables, and what they count in one cheap pass."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pymysql

from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.figures import Basis, ColumnFigures, TableFigures, plain
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.mysql import columns, errors, quoting, session, statements
from muniment.sources.connectors.mysql.session import Connection

CARDINALITY = """
    select table_schema, table_name, column_name, max(cardinality)
    from information_schema.statistics
    where {within} and seq_in_index = 1 and cardinality is not null and sub_part is null
    group by table_schema, table_name, column_name"""
"""How many different values the first column of each index has, as the engine estimates."""

ENGINE_INDEPENDENT = """
    select db_name, table_name, column_name, nulls_ratio, avg_length, avg_frequency,
           min_value, max_value
    from mysql.column_stats
    where {within}"""
"""MariaDB's own statistics, where ANALYZE TABLE ... PERSISTENT was run and they may be read."""

MAY_NOT_BE_READ = (1142, 1143, 1146, 1044)
COLUMNS_AT_ONCE = 400
ORDERED = frozenset(
    {*columns.INTEGERS, "decimal", "double", "float", "date", "datetime", "timestamp"}
)

Path = tuple[str, ...]
Known = defaultdict[Path, dict[str, ColumnFigures]]


def known(
    connection: Connection, assets: Sequence[AssetMeta], database: str | None
) -> Iterator[TableFigures]:
    """Estimates of the engine, and MariaDB's own statistics where there are any."""
    wanted = {asset.path: asset for asset in assets}
    found: Known = defaultdict(dict)
    statement = CARDINALITY.format(within=statements.within("table_schema", database))
    for schema, table, column, distinct in session.rows(connection, statement):
        if (schema, table) in wanted and distinct:
            found[schema, table][column] = ColumnFigures(column, distinct=int(distinct))
    analysed = _analysed(connection, wanted, found, database)
    for path, asset in wanted.items():
        origin = "the engine's estimates for its indexes"
        if path in analysed:
            origin = "mysql.column_stats, as of the last ANALYZE"
        yield TableFigures(
            path, Basis.ESTIMATED, origin, asset.row_estimate, tuple(found[path].values())
        )


def _analysed(
    connection: Connection, wanted: dict[Path, AssetMeta], found: Known, database: str | None
) -> set[Path]:
    """Add what MariaDB's ANALYZE left behind; nothing where the account may not see it."""
    statement = ENGINE_INDEPENDENT.format(within=statements.within("db_name", database))
    analysed: set[Path] = set()
    try:
        for schema, table, *row in session.rows(connection, statement):
            path = (schema, table)
            if path in wanted:
                asset = wanted[path]
                types = {column.name: column.type for column in asset.columns}
                if row[0] in types:
                    analysed.add(path)
                    known_distinct = found[path].get(row[0])
                    found[path][row[0]] = _estimated(
                        row, types[row[0]], asset.row_estimate or 0, known_distinct
                    )
    except pymysql.Error as error:
        if errors.number_of(error) not in MAY_NOT_BE_READ:
            raise
    return analysed


def _estimated(
    row: Sequence[Any], declared: str, rows: int, before: ColumnFigures | None
) -> ColumnFigures:
    name, nulls, width, frequency, low, high = row
    share = float(nulls or 0)
    distinct = before.distinct if before else None
    if frequency:
        distinct = round(rows * (1 - share) / float(frequency)) or None
    ordered = _ordered(declared)
    return ColumnFigures(
        name=name,
        nulls=None if nulls is None else round(share * rows),
        distinct=distinct,
        low=_text(low) if ordered else None,
        high=_text(high) if ordered else None,
        mean_bytes=None if width is None else float(width),
    )


def counted(connection: Connection, asset: AssetMeta) -> TableFigures:
    """Rows, nulls and ends, by one pass for every 400 columns; a view is not run."""
    if asset.kind is not AssetKind.TABLE:
        return TableFigures(asset.path, Basis.EXACT, "not counted: a view is not run")
    rows, found = 0, []
    for start in range(0, len(asset.columns) or 1, COLUMNS_AT_ONCE):
        part = asset.columns[start : start + COLUMNS_AT_ONCE]
        items = ["count(*)", *(item for column in part for item in _items(column))]
        statement = f"select {', '.join(items)} from {quoting.name(*asset.path)}"  # noqa: S608
        [answer] = session.rows(connection, statement)
        rows, rest = int(answer[0]), iter(answer[1:])
        for column in part:
            there = int(next(rest))
            low, high = (next(rest), next(rest)) if _ordered(column.type) else (None, None)
            found.append(ColumnFigures(column.name, rows - there, low=plain(low), high=plain(high)))
    return TableFigures(asset.path, Basis.EXACT, "one pass in the server", rows, tuple(found))


def _items(column: ColumnMeta) -> Iterator[str]:
    """A date with a zero in it is counted as missing, as it is where rows are read."""
    name, base = quoting.name(column.name), columns.base_of(column.type)
    if base in ("date", "datetime", "timestamp"):
        name = f"if(year({name}) > 0 and month({name}) > 0 and day({name}) > 0, {name}, null)"
    elif base == "float":  # as text the server gives six digits of it
        name = f"{name} + 0e0"
    yield f"count({name})"
    if _ordered(column.type):
        yield f"min({name})"
        yield f"max({name})"


def _ordered(declared: str) -> bool:
    return columns.base_of(declared) in ORDERED


def _text(value: object) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else _or_none(value)


def _or_none(value: object) -> str | None:
    return None if value is None else str(value)
