"""What DuckDB knows of its tables, and what it counts in one cheap pass."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.figures import Basis, ColumnFigures, Plain, TableFigures, plain
from muniment.kernel.errors import SourceObjectGone
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.duck import catalogue
from muniment.sources.connectors.duck.fields import Field, Flattening
from muniment.sources.connectors.duck.session import literal, quoted

COLUMNS_AT_ONCE = 400
MOMENT = "between timestamp '0001-01-01' and timestamp '9999-12-31 23:59:59.999999'"

ZONES = f"""
    with segment as (
        select column_name, segment_type = 'VALIDITY' as validity, stats.has_null::boolean as gaps,
               stats.min::varchar as low, stats.max::varchar as high
        from pragma_storage_info({{table}})
        where column_path not like '%,%' or (segment_type = 'VALIDITY' and column_path like '%, 0]')
    ), bound as (
        select *, try_cast(low as timestamp) as early, try_cast(high as timestamp) as late
        from segment
    )
    select column_name, bool_or(gaps) filter (validity),
           min(try_cast(low as hugeint)), max(try_cast(high as hugeint)),
           min(try_cast(low as double)), max(try_cast(high as double)),
           min(early) filter (early {MOMENT}), max(late) filter (late {MOMENT})
    from bound group by column_name
"""  # noqa: S608  (the table is put in as a literal)
"""Each row group keeps the ends of each of its columns; deleted rows may still widen them."""

ENDS = {"int": 0, "float": 2, "date": 4, "moment": 4, "instant": 4}


def known(
    connection: duckdb.DuckDBPyConnection, assets: Sequence[AssetMeta]
) -> Iterator[TableFigures]:
    """Rows as the catalogue estimates them, ends and gaps as the row groups tell; no row is read.

    One statement a table, within this process.
    """
    flattening = Flattening(connection.cursor())
    for asset in assets:
        if asset.kind is not AssetKind.TABLE:
            continue
        statement = ZONES.format(table=literal(quoted(*asset.path)))
        zones = {name: rest for name, *rest in connection.execute(statement).fetchall()}
        declared = catalogue.declared(connection, asset.path)
        yield TableFigures(
            asset.path,
            Basis.ESTIMATED,
            "the zone maps of DuckDB's row groups",
            asset.row_estimate,
            tuple(
                _bounded(field, zones[field.name])
                for field in flattening.fields(declared)
                if field.name in zones
            ),
        )


def _bounded(field: Field, zone: Sequence[Any]) -> ColumnFigures:
    gaps, *ends = zone
    at = ENDS.get(field.form.rstrip("0123456789"))
    low, high = (None, None) if at is None else (_end(field, end) for end in ends[at : at + 2])
    return ColumnFigures(field.name, 0 if gaps is False else None, low=low, high=high)


def counted(connection: duckdb.DuckDBPyConnection, asset: AssetMeta) -> TableFigures:
    """Rows, nulls and ends, by one pass for every 400 columns; a view is not run."""
    if asset.kind is not AssetKind.TABLE:
        return TableFigures(asset.path, Basis.EXACT, "not counted: a view is not run")
    declared = catalogue.declared(connection, asset.path)
    fields = Flattening(connection.cursor()).fields(declared)
    if not fields:
        raise SourceObjectGone(catalogue.GONE, asset=".".join(asset.path))
    rows, found = 0, []
    for start in range(0, len(fields), COLUMNS_AT_ONCE):
        part = fields[start : start + COLUMNS_AT_ONCE]
        items = ["count(*)", *(item for field in part for item in _items(field))]
        statement = f"select {', '.join(items)} from {quoted(*asset.path)}"  # noqa: S608
        answer = connection.execute(statement).fetchone() or (0,)
        rows, rest = int(answer[0]), iter(answer[1:])
        for field in part:
            there, low, high = next(rest), _end(field, next(rest)), _end(field, next(rest))
            found.append(ColumnFigures(field.name, rows - there, low=low, high=high))
    return TableFigures(asset.path, Basis.EXACT, "one pass in DuckDB", rows, tuple(found))


def _items(field: Field) -> Iterator[str]:
    value = field.expression
    yield f"count({value})"
    for end in ("min", "max"):
        yield _finite(field, end)


def _finite(field: Field, end: str) -> str:
    """An end among those values that a number or a calendar can tell."""
    value = field.expression
    match field.form:
        case "float32" | "float64":
            return f"{end}({value}) filter (isfinite({value}::double))"
        case "int16" | "int32" | "int64":
            return f"try_cast({end}({value}) as hugeint)"
        case "date":
            return f"{end}({value}) filter ({value} between '0001-01-01' and '9999-12-31')"
        case "moment":
            return f"{end}({value}::timestamp) filter ({value}::timestamp {MOMENT})"
        case "instant":
            at = f"timezone('UTC', {value}::timestamp with time zone)"
            return f"{end}({at}) filter ({at} {MOMENT})"
    return "null"


def _end(field: Field, value: object) -> Plain:
    if isinstance(value, datetime) and field.form == "date":
        return plain(value.date())
    if isinstance(value, datetime) and field.form == "instant":
        return plain(value.replace(tzinfo=UTC))
    return plain(value)
