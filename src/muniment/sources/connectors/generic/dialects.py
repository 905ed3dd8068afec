"""What is known of single dialects and drivers; of any other, SQLAlchemy's own ways are used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

PACKAGES: Mapping[str, str] = {
    "awsathena": "PyAthena[SQLAlchemy]",
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "clickhousedb": "clickhouse-connect",
    "cockroachdb": "sqlalchemy-cockroachdb",
    "databricks": "databricks-sqlalchemy",
    "db2": "ibm_db_sa",
    "dremio": "sqlalchemy-dremio",
    "druid": "pydruid[sqlalchemy]",
    "exa": "sqlalchemy-exasol",
    "firebird": "sqlalchemy-firebird",
    "hana": "sqlalchemy-hana",
    "hive": "PyHive[hive]",
    "ibm_db_sa": "ibm_db_sa",
    "impala": "impyla",
    "mariadb": "mariadb",
    "mssql": "pyodbc",
    "mysql": "pymysql",
    "oracle": "oracledb",
    "postgresql": "psycopg",
    "presto": "PyHive[presto]",
    "redshift": "sqlalchemy-redshift redshift_connector",
    "snowflake": "snowflake-sqlalchemy",
    "teradatasql": "teradatasqlalchemy",
    "trino": "trino[sqlalchemy]",
    "vertica": "vertica-sqlalchemy",
}
"""The packages, as pip calls them, that bring a dialect or the driver it takes by default."""

DRIVERS: Mapping[str, str] = {
    "MySQLdb": "mysqlclient",
    "cx_Oracle": "cx_Oracle",
    "mysql": "mysql-connector-python",
    "psycopg2": "psycopg2-binary",
}
"""Where the package of a driver is not called like its module."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a dialect is told to be gentle.

    ``{seconds}`` and ``{milliseconds}`` in a statement are the time limit. ``begin`` opens each
    transaction; ``views`` lists schema, name and SQL of all views.
    """

    session: tuple[str, ...] = ()
    begin: str | None = None
    views: str | None = None
    system: frozenset[str] = frozenset()


INFORMATION_SCHEMA = (
    "select table_schema, table_name, view_definition from information_schema.views"
)
POSTGRESQL = Manners(
    session=(
        "set statement_timeout = {milliseconds}",
        "set session characteristics as transaction read only",
    ),
    views="select schemaname, viewname, definition from pg_views"
    " where schemaname not in ('pg_catalog', 'information_schema')",
)
MYSQL_SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys"})

MANNERS: Mapping[str, Manners] = {
    "postgresql": POSTGRESQL,
    "cockroachdb": POSTGRESQL,
    "redshift": Manners(
        session=("set statement_timeout to {milliseconds}",), views=POSTGRESQL.views
    ),
    "mysql": Manners(
        session=(
            (
                "set session /*M!100101 max_statement_time = {seconds}, */"
                " /*!50708 max_execution_time = {milliseconds}, */ lock_wait_timeout = 15"
            ),
            "set session transaction read only",
        ),
        views=INFORMATION_SCHEMA,
        system=MYSQL_SYSTEM,
    ),
    "mariadb": Manners(
        session=(
            "set session max_statement_time = {seconds}",
            "set session transaction read only",
        ),
        views=INFORMATION_SCHEMA,
        system=MYSQL_SYSTEM,
    ),
    "oracle": Manners(
        begin="set transaction read only",
        views="select lower(owner), lower(view_name), text_vc from all_views",
        system=frozenset(
            {"sys", "system", "outln", "xdb", "ctxsys", "mdsys", "dbsnmp", "gsmadmin_internal"}
            | {"appqossys", "audsys", "dvsys", "lbacsys", "olapsys", "ojvmsys", "orddata", "ordsys"}
            | {"wmsys", "dbsfwuser", "remote_scheduler_agent", "sysbackup", "sysdg", "syskm"}
        ),
    ),
    "mssql": Manners(
        session=("set lock_timeout 15000",),
        views="select s.name, v.name, m.definition from sys.views v"
        " join sys.schemas s on s.schema_id = v.schema_id"
        " join sys.sql_modules m on m.object_id = v.object_id",
        system=frozenset({"sys", "guest", "db_owner", "db_accessadmin", "db_securityadmin"})
        | {"db_ddladmin", "db_backupoperator", "db_datareader", "db_datawriter"}
        | {"db_denydatareader", "db_denydatawriter"},
    ),
    "snowflake": Manners(
        session=("alter session set statement_timeout_in_seconds = {whole_seconds}",),
        views=INFORMATION_SCHEMA,
    ),
    "trino": Manners(
        session=("set session query_max_execution_time = '{whole_seconds}s'",),
        views=INFORMATION_SCHEMA,
    ),
    "sqlite": Manners(
        session=("pragma query_only = on", "pragma trusted_schema = off"),
        views="select 'main', name, sql from sqlite_schema where type = 'view'",
    ),
}
ALWAYS_SYSTEM = frozenset({"information_schema", "pg_catalog"})

CONNECT_TIMEOUTS: Mapping[str, str] = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "mariadbconnector": "connect_timeout",
    "oracledb": "tcp_connect_timeout",
    "pymssql": "login_timeout",
    "pyodbc": "timeout",
    "snowflake": "login_timeout",
}
"""What each driver calls the seconds that connecting may take."""

WHOLE_SECONDS = frozenset({"psycopg", "psycopg2", "pymysql", "mysqldb", "pymssql", "pyodbc"})


def manners(dialect: str) -> Manners:
    return MANNERS.get(dialect, Manners())


def connect_args(driver: str, seconds: float) -> dict[str, object]:
    """What bounds the time of connecting, where the driver has a word for it."""
    name = CONNECT_TIMEOUTS.get(driver)
    if name is None:
        return {}
    return {name: max(2, int(seconds)) if driver in WHOLE_SECONDS else max(1.0, seconds)}


def is_system(dialect: str, schema: str) -> bool:
    name = schema.lower()
    return name in ALWAYS_SYSTEM or name in manners(dialect).system or name.startswith("pg_temp_")


def package_of(url: sa.URL, module: str | None) -> str:
    """What to install: for the driver's module that is missing, or else for the dialect."""
    dialect = url.drivername.partition("+")[0]
    if module is not None:
        return DRIVERS.get(module, module)
    return PACKAGES.get(dialect, f"the package that brings SQLAlchemy's dialect {dialect}")


def within_calendar(
    column: sa.ColumnElement[Any], dialect: str, *, day: bool
) -> sa.ColumnElement[Any]:
    """A date or a moment, or nothing where Python has none such: PostgreSQL knows infinite ones."""
    if dialect != "postgresql":
        return column
    last = "'9999-12-31'" if day else "'9999-12-31 23:59:59'"
    first: sa.ColumnElement[Any] = sa.literal_column("'0001-01-02'")
    return sa.case((column.between(first, sa.literal_column(last)), column))
