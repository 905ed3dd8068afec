"""How a column of a PostgreSQL table is selected: a type that Arrow has, of bounded size."""

from dataclasses import dataclass

from psycopg import sql

VARCHAR_HEADER = 4

AS_IT_IS = frozenset({"bool", "int2", "int4", "int8", "float4", "float8"})
SMALL = frozenset(
    {"uuid", "time", "timetz", "interval", "name", "char", "macaddr", "macaddr8", "cidr", "pg_lsn"}
)
MOMENTS = frozenset({"date", "timestamp", "timestamptz"})
BUILT_IN = AS_IT_IS | MOMENTS | {"numeric", "money", "oid", "bytea"}


@dataclass(frozen=True, slots=True)
class Selected:
    """An item of the select list; ``padded`` text comes with the blanks of its ``char(n)``."""

    item: sql.Composable
    padded: bool = False


def selected(name: str, base: str, modifier: int, is_domain: bool, *, limit: int) -> Selected:
    """How a column is selected; never more than ``limit`` of a text.

    ``base`` and ``modifier`` are of the type below a domain (pg_type, PostgreSQL's manual).
    """
    if base == "bpchar" and not is_domain and 0 < modifier - VARCHAR_HEADER <= limit // 4:
        # The server takes longer to strip the blanks than to send them; here it is one pass.
        return Selected(sql.Identifier(name), padded=True)
    return Selected(_expression(name, base, modifier, is_domain, limit=limit))


def _expression(
    name: str, base: str, modifier: int, is_domain: bool, *, limit: int
) -> sql.Composable:
    column: sql.Composable = sql.Identifier(name)
    alias = sql.SQL(" as {}").format(column)
    if is_domain and base in BUILT_IN:
        column = sql.SQL("({}::{})").format(column, sql.Identifier(base))
    if base in AS_IT_IS:
        return column + alias
    if base in MOMENTS:
        return sql.SQL("case when isfinite({0}) then {0} end").format(column) + alias
    if base == "oid":
        return sql.SQL("{}::int8").format(column) + alias
    if base in ("numeric", "money"):
        return _float(column, base, unbounded=modifier < 0) + alias
    if base == "inet":
        return sql.SQL("abbrev({})").format(column) + alias
    if base == "bytea":
        half = sql.Literal(max(1, limit // 2))
        return sql.SQL("encode(substring({} from 1 for {}), 'hex')").format(column, half) + alias
    short = base in ("varchar", "bpchar") and 0 < modifier - VARCHAR_HEADER <= limit // 4
    if short or base in SMALL:
        return sql.SQL("{}::text").format(column) + alias
    if base in ("text", "varchar"):
        # Asking for the length first is twice as fast: left() counts characters in every value.
        bounded = "case when octet_length({0}) > {1} then left({0}, {1}) else {0} end"
        return sql.SQL(bounded).format(column, sql.Literal(limit)) + alias
    return sql.SQL("left({}::text, {})").format(column, sql.Literal(limit)) + alias


def _float(column: sql.Composable, base: str, *, unbounded: bool) -> sql.Composable:
    if base == "money":
        return sql.SQL("{}::numeric::float8").format(column)
    if not unbounded:
        return sql.SQL("{}::float8").format(column)
    return sql.SQL("case when abs({0}) < 1e300 then {0}::float8 end").format(column)
