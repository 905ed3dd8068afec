"""Turns what people type (a URL, a path) into a kind, settings, secrets and a name."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from os import environ
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject, JsonValue
from muniment.sources import bucket_locators

OPTIONS = frozenset(
    (
        *("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert"),
        *("application_name", "connect_timeout"),
    )
)
MYSQL_OPTIONS = frozenset(
    ("sslmode", "ssl-mode", "sslrootcert", "ssl-ca", "unix_socket", "charset")
)
MYSQL_TLS = {
    "disabled": "disable",
    "preferred": "prefer",
    "required": "require",
    "verify_ca": "verify-ca",
    "verify_identity": "verify-full",
}
"""MySQL's own words for what is called as libpq calls it here."""
SQLITE_MAGIC = b"SQLite format 3\0"
DUCKDB_MAGIC = b"DUCK"
DUCKDB_MAGIC_AT = 8
DIALECTS = frozenset(
    (
        *("postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql", "redshift", "snowflake"),
        *("awsathena", "bigquery", "clickhouse", "clickhousedb", "cockroachdb", "databricks"),
        *("db2", "dremio", "druid", "exa", "firebird", "hana", "hive", "ibm_db_sa", "impala"),
        *("presto", "teradatasql", "trino", "vertica"),
    )
)
"""What SQLAlchemy speaks itself, or with the package that its error will name."""
DUCKDB_ENDS = frozenset({".duckdb", ".ddb", ".db", ""})


@dataclass(frozen=True, slots=True)
class Located:
    """What a locator means; ``secrets`` are kept apart from the rest."""

    kind: str
    settings: JsonObject
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)
    name: str = "source"


def parse(locator: str) -> Located:
    """``postgresql://user:pw@host/db``, ``sqlite:///x.db``, ``file:///dir`` or a path.

    Paths are made absolute here, because the worker may stand elsewhere. Invalid when it is none
    of these.
    """
    text = locator.strip()
    if not text or "\0" in text:
        raise Invalid("Name what to connect to: a URL such as postgresql://..., or a path.")
    scheme, separator, rest = text.partition("://")
    if not separator:
        return _path(Path(text))
    match scheme.lower():
        case "postgresql" | "postgres":
            return _postgres(text)
        case "mysql" | "mariadb":
            return _mysql(text)
        case "sqlite":
            return _database_file("sqlite", rest)
        case "duckdb":
            return _database_file("duckdb", rest)
        case bucket if bucket in bucket_locators.KINDS:
            kind, settings, secrets = bucket_locators.of_bucket(bucket, text, environ)
            named = settings.get("prefix") or settings.get("bucket") or settings.get("container")
            return Located(kind, settings, secrets, slug(str(named).rsplit("/", 1)[-1]))
        case "file":
            return _path(Path(unquote(_without_host(rest))))
    if _is_dialect(scheme.lower()):
        return _sqlalchemy(text)
    raise Invalid(
        f"'{scheme}://' is not known. There are postgresql://user@host/database,"
        " mysql://user@host/database, sqlite:///file.db, duckdb:///file.duckdb,"
        " oracle+oracledb://user@host/?service_name=x and other SQLAlchemy URLs,"
        " s3://bucket/folder, abfss://container@account.dfs.core.windows.net/folder,"
        " gs://bucket/folder, and paths of folders and files."
    )


def slug(text: str) -> str:
    """A source name made of what people call the thing."""
    made = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")
    return made[:63].rstrip("-._") or "source"


def _split(text: str, example: str, options: Set[str]) -> tuple[SplitResult, Mapping[str, str]]:
    """The parts of a server's URL and its options; Invalid when it does not look like one."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where it is no number
        if "@" in parts.path or "/" in parts.path[1:]:
            raise ValueError("the password has a slash that is not written as %2F")
    except ValueError:
        raise Invalid(
            f"The URL does not fit: {example}. Write special characters of the password as %XX."
        ) from None
    query = dict(parse_qsl(parts.query))
    unknown = sorted(set(query) - options)
    if unknown:
        raise Invalid(f"The URL has options that are not known: {', '.join(unknown)}.")
    return parts, query


def _postgres(text: str) -> Located:
    parts, query = _split(text, "postgresql://user:password@host:5432/database", OPTIONS)
    user = unquote(parts.username or query.get("user", ""))
    database = unquote(parts.path.lstrip("/")) or query.get("dbname", "") or user
    if not user:
        raise Invalid("The URL names no user: postgresql://user@host/database.")
    host = query.get("host") or unquote(parts.hostname or "localhost")
    settings: dict[str, JsonValue] = {
        "host": host,
        "port": parts.port or _port(query.get("port")),
        "database": database,
        "user": user,
    }
    settings |= {key: query[key] for key in ("sslmode", "sslrootcert") if key in query}
    password = unquote(parts.password) if parts.password else query.get("password")
    return Located(
        "postgresql", settings, {"password": password} if password else {}, slug(database)
    )


def _mysql(text: str) -> Located:
    parts, query = _split(text, "mysql://user:password@host:3306/database", MYSQL_OPTIONS)
    user = unquote(parts.username or "")
    if not user:
        raise Invalid("The URL names no user: mysql://user@host/database.")
    database = unquote(parts.path.lstrip("/"))
    host = query.get("unix_socket") or unquote(parts.hostname or "localhost")
    settings: dict[str, JsonValue] = {"host": host, "port": parts.port or 3306, "user": user}
    if database:
        settings["database"] = database
    tls = query.get("sslmode") or query.get("ssl-mode")
    if tls:
        settings["sslmode"] = MYSQL_TLS.get(tls.lower(), tls)
    certificate = query.get("sslrootcert") or query.get("ssl-ca")
    if certificate:
        settings["sslrootcert"] = certificate
    secrets = {"password": unquote(parts.password)} if parts.password else {}
    return Located("mysql", settings, secrets, slug(database or host))


def _port(text: str | None) -> int:
    if text is None:
        return 5432
    if not text.isdigit():
        raise Invalid("The port in the URL is not a number.")
    return int(text)


def _is_dialect(scheme: str) -> bool:
    """Whether SQLAlchemy has, or could be given, a dialect of this name."""
    name = scheme.partition("+")[0]
    return name in DIALECTS or any(
        point.name == name for point in entry_points(group="sqlalchemy.dialects")
    )


def _sqlalchemy(text: str) -> Located:
    from sqlalchemy.engine import make_url  # heavy, and of no use to other sources
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise Invalid(
            "The URL does not fit: dialect+driver://user:password@host:port/database. Write special"
            " characters of the password as %XX."
        ) from None
    given = url.password or next((text for text in (url.query.get("password"),) if text), None)
    bare = url._replace(password=None).difference_update_query(["password"])
    settings: dict[str, JsonValue] = {"url": bare.render_as_string(hide_password=False)}
    named = (url.database or "").rstrip("/").rpartition("/")[2] or url.host or url.drivername
    return Located("sqlalchemy", settings, {"password": str(given)} if given else {}, slug(named))


def _database_file(kind: str, rest: str) -> Located:
    path = unquote(rest.partition("?")[0])
    if not path.startswith("/"):
        raise Invalid(f"Write {kind}:///file.db, or {kind}:////absolute/path/file.db.")
    # As in SQLAlchemy, three slashes are followed by a relative path and four by an absolute one;
    # a relative reading that does not exist is taken as absolute when that one does.
    relative = Path(path[1:]).expanduser()
    chosen = Path(path) if not relative.exists() and Path(path).exists() else relative
    return Located(kind, {"path": str(chosen.absolute())}, {}, slug(chosen.stem))


def _kind_of_database(path: Path) -> str | None:
    """What database a file is by its first bytes; None when it is none."""
    with path.open("rb") as file:
        head = file.read(max(len(SQLITE_MAGIC), DUCKDB_MAGIC_AT + len(DUCKDB_MAGIC)))
    if head.startswith(SQLITE_MAGIC):
        return "sqlite"
    is_duckdb = head[DUCKDB_MAGIC_AT:].startswith(DUCKDB_MAGIC)
    return "duckdb" if is_duckdb and path.suffix.lower() in DUCKDB_ENDS else None


def _without_host(rest: str) -> str:
    host, slash, path = rest.partition("/")
    if host not in ("", "localhost"):
        raise Invalid("file:// is for this machine: file:///folder, with three slashes.")
    return slash + path


def _path(path: Path) -> Located:
    absolute = path.expanduser().absolute()
    try:
        database = _kind_of_database(absolute) if absolute.is_file() else None
        exists = absolute.exists()
    except OSError as error:
        raise Invalid(f"The path cannot be read: {error.strerror}.") from None
    if database is not None:
        return Located(database, {"path": str(absolute)}, {}, slug(absolute.stem))
    if not exists:
        raise Invalid(
            f"There is nothing at {path}. Name a folder or file, or a URL such as"
            " postgresql://user@host/database."
        )
    name = absolute.resolve().name if absolute.is_dir() else absolute.name.split(".")[0]
    return Located("files", {"path": str(absolute)}, {}, slug(name))
