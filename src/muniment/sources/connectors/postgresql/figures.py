"""What PostgreSQL knows of its tables, and what it counts in one cheap pass."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import psycopg
from psycopg import sql

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.figures import Basis, ColumnFigures, TableFigures, plain

STATISTICS = """
    select s.schemaname::text, s.tablename::text, s.attname::text, s.null_frac, s.n_distinct,
           s.avg_width,
           case when b.ordered then b.bounds[1] end,
           case when b.ordered then b.bounds[cardinality(b.bounds)] end,
           c.reltuples
    from pg_stats s
    join pg_namespace n on n.nspname = s.schemaname
    join pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
    join pg_attribute a on a.attrelid = c.oid and a.attname = s.attname
    join pg_type t on t.oid = a.atttypid,
    lateral (
        select s.histogram_bounds::text::text[] as bounds,
               t.typcategory in ('N', 'D') and t.typname <> 'money' as ordered
    ) b
    where s.schemaname <> all (array['pg_catalog', 'information_schema'])
      and s.inherited = (c.relkind = 'p')
    order by 1, 2
"""
"""``histogram_bounds`` leaves out the most common values, so the ends are estimates too."""

ORDERED = (
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "real",
    "double precision",
    "date",
    "timestamp",
)
COLUMNS_AT_ONCE = 400
"""PostgreSQL allows 1,664 expressions in a list; each column takes up to three."""


def known(connection: psycopg.Connection, assets: Sequence[AssetMeta]) -> Iterator[TableFigures]:
    """The planner's statistics, as they were when the table was last analysed."""
    wanted = {asset.path: asset for asset in assets}
    rows = connection.execute(STATISTICS).fetchall()
    told: set[tuple[str, ...]] = set()
    for names, of_table in groupby(rows, key=lambda row: (row[0], row[1])):
        path: tuple[str, ...] = names
        if path not in wanted:
            continue
        told.add(path)
        lines = list(of_table)
        count = max(0, round(lines[0][8]))
        yield TableFigures(
            path=path,
            basis=Basis.ESTIMATED,
            origin="pg_stats, as of the last ANALYZE",
            rows=wanted[path].row_estimate,
            columns=tuple(_estimated(*line[2:8], rows=count) for line in lines),
        )
    for path in wanted.keys() - told:
        yield TableFigures(
            path, Basis.ESTIMATED, "the catalogue; never analysed", wanted[path].row_estimate
        )


def _estimated(
    name: str,
    null_share: float,
    distinct: float,
    width: int,
    low: str | None,
    high: str | None,
    *,
    rows: int,
) -> ColumnFigures:
    """``n_distinct`` below zero is a share of the rows (pg_stats, PostgreSQL's manual)."""
    return ColumnFigures(
        name=name,
        nulls=round(null_share * rows),
        distinct=round(-distinct * rows) if distinct < 0 else round(distinct) or None,
        low=low,
        high=high,
        mean_bytes=float(width),
    )


def counted(connection: psycopg.Connection, asset: AssetMeta) -> TableFigures:
    """Rows, nulls and ends, by one sequential pass for every 400 columns."""
    table = sql.Identifier(*asset.path)
    rows, found = 0, []
    for start in range(0, len(asset.columns) or 1, COLUMNS_AT_ONCE):
        part = asset.columns[start : start + COLUMNS_AT_ONCE]
        items: list[sql.Composable] = [sql.SQL("count(*)")]
        for column in part:
            name = sql.Identifier(column.name)
            items.append(sql.SQL("count({})").format(name))
            if _ordered(column.type):
                items += [sql.SQL("min({})").format(name), sql.SQL("max({})").format(name)]
        statement = sql.SQL("select {} from {}").format(sql.SQL(", ").join(items), table)
        answer = connection.execute(statement).fetchone() or (0,)
        rows, rest = int(answer[0]), iter(answer[1:])
        for column in part:
            there = next(rest)
            low, high = (next(rest), next(rest)) if _ordered(column.type) else (None, None)
            found.append(ColumnFigures(column.name, rows - there, low=plain(low), high=plain(high)))
    return TableFigures(asset.path, Basis.EXACT, "one pass in PostgreSQL", rows, tuple(found))


def _ordered(kind: str) -> bool:
    return kind.startswith(ORDERED) and not kind.endswith("[]")
