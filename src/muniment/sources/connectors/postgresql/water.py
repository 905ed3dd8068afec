"""What a high-water mark asks of PostgreSQL: the highest value, and how many rows there are."""

import psycopg
from psycopg import sql

from muniment.contracts.connectors import AssetMeta
from muniment.kernel.values import JsonObject
from muniment.sources.connectors import ends
from muniment.sources.connectors.postgresql.parts import rows_of

KINDS = ("smallint", "integer", "bigint", "numeric", "date", "timestamp")


def highest(
    connection: psycopg.Connection, asset: AssetMeta, spec: JsonObject, column: str
) -> str | None:
    """Of a whole relation; Invalid when the column has no order that tells its age."""
    kind = next((each.type for each in asset.columns if each.name == column), None)
    if kind is None:
        raise ends.missing(column)
    if kind.split("(")[0].split()[0] not in KINDS:
        raise ends.refused(column, kind)
    statement = sql.SQL("select max({})::text from {}").format(
        sql.Identifier(column), rows_of(spec)
    )
    row = connection.execute(statement).fetchone()
    return None if row is None or row[0] is None else ends.checked(str(row[0]))


def count(connection: psycopg.Connection, spec: JsonObject) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(rows_of(spec))).fetchone()
    return 0 if row is None else int(row[0])
