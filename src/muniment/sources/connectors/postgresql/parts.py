"""What of a relation a part reads: a range of its pages, rows above a high-water mark."""

from collections.abc import Sequence

from psycopg import sql

from muniment.contracts.markers import Water
from muniment.kernel.values import JsonObject
from muniment.sources.connectors import ends


def rows_of(spec: JsonObject) -> sql.Composable:
    """The relation and the condition of a part: what stands after ``from``."""
    names = spec["table"]
    table: sql.Composable = sql.Identifier(*map(str, names if isinstance(names, Sequence) else ()))
    conditions = _water(spec)
    if not spec.get("whole"):
        table = sql.SQL("only {}").format(table)
        # All pages of a relation need no condition, which would keep an index from being used.
        if spec["from"] or not conditions:
            conditions.append(sql.SQL("ctid >= {}::tid").format(_tid(spec["from"])))
        if spec["to"] is not None:
            conditions.append(sql.SQL("ctid < {}::tid").format(_tid(spec["to"])))
    if not conditions:
        return table
    return sql.SQL("{} where {}").format(table, sql.SQL(" and ").join(conditions))


def uncut(spec: JsonObject) -> JsonObject:
    """All pages of one relation, or the table as it is read where it has none of its own."""
    if spec.get("whole"):
        return {"table": spec["table"], "whole": True}
    return {"table": spec["table"], "from": 0, "to": None}


def _water(spec: JsonObject) -> list[sql.Composable]:
    """What a part is narrowed to; the ends take the type of the column."""
    water = Water.of(spec)
    if water is None:
        return []
    column, upto = sql.Identifier(water.column), sql.Literal(ends.checked(water.upto))
    if water.above is None:
        return [sql.SQL("({0} <= {1} or {0} is null)").format(column, upto)]
    above = sql.Literal(ends.checked(water.above))
    return [sql.SQL("{0} > {1} and {0} <= {2}").format(column, above, upto)]


def _tid(page: object) -> sql.Literal:
    return sql.Literal(f"({int(str(page))},0)")
