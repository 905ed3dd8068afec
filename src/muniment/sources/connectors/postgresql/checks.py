"""The connection test of PostgreSQL, one step at a time, each failure with its remedy."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg

from muniment.contracts.connectors import TestStep
from muniment.kernel.errors import SourceAuthenticationFailed, SourceError
from muniment.sources.connectors.postgresql import catalogue, statements
from muniment.sources.connectors.postgresql.session import Sessions
from muniment.sources.connectors.settings import PostgresSettings, SslMode
from muniment.sources.connectors.steps import Stopwatch

LATER = ("Authenticate", "Database", "Schemas", "Tables", "Least privilege")


def run(settings: PostgresSettings, sessions: Sessions, seconds: float) -> Iterator[TestStep]:
    """Resolve, connect, TLS, authenticate, database, schemas, tables, least privilege."""
    watch = Stopwatch()
    if settings.host.startswith("/"):
        reached = _socket(settings, watch)
        yield reached
        if reached.remedy:
            yield from _skipped(watch, LATER)
            return
    else:
        addresses, step = _resolve(settings, watch)
        yield step
        if not addresses:
            yield from _skipped(watch, ("Connect", "TLS", *LATER))
            return
        step = _reach(settings, watch, seconds)
        yield step
        if step.remedy:
            yield from _skipped(watch, ("TLS", *LATER))
            return
    try:
        connection = sessions.open()
    except SourceError as error:
        yield from _refused(error, watch)
        return
    with closing(connection):
        yield _tls(settings, connection, watch)
        yield watch.passed("Authenticate", f"Signed in as {settings.user}.")
        yield from _permissions(settings, connection, watch)


def _socket(settings: PostgresSettings, watch: Stopwatch) -> TestStep:
    path = Path(settings.host) / f".s.PGSQL.{settings.port}"
    try:
        there = path.is_socket()
    except OSError:
        there = False
    if there:
        return watch.passed("Connect", f"The socket {path} is there.")
    return watch.failed(
        "Connect",
        f"There is no socket {path}.",
        "Check the folder and the port, and that the server runs on this machine.",
    )


def _resolve(settings: PostgresSettings, watch: Stopwatch) -> tuple[list[str], TestStep]:
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return [], watch.failed(
            "Resolve",
            f"The host name {settings.host} cannot be resolved.",
            "Check its spelling and the DNS of the machine that scans.",
        )
    addresses = sorted({str(entry[4][0]) for entry in found})
    return addresses, watch.passed("Resolve", f"{settings.host} is {', '.join(addresses)}.")


def _reach(settings: PostgresSettings, watch: Stopwatch, seconds: float) -> TestStep:
    place = f"{settings.host}:{settings.port}"
    try:
        socket.create_connection((settings.host, settings.port), timeout=seconds).close()
    except TimeoutError:
        return watch.failed(
            "Connect",
            f"{place} does not answer within {seconds:.0f} s.",
            "Check the address and any firewall between.",
        )
    except OSError:
        return watch.failed(
            "Connect",
            f"Nothing listens at {place}.",
            "Check host and port, and that the server runs and listens on that address.",
        )
    return watch.passed("Connect", f"{place} answers.")


def _refused(error: SourceError, watch: Stopwatch) -> Iterator[TestStep]:
    name, message = "Database", "No session came about."
    if isinstance(error, SourceAuthenticationFailed):
        name, message = "Authenticate", "The server refused the credentials."
    elif "TLS" in error.message:
        name, message = "TLS", "No encrypted connection came about."
    yield watch.failed(name, message, error.message)
    place = LATER.index(name) if name in LATER else -1
    yield from _skipped(watch, LATER[place + 1 :])


def _tls(settings: PostgresSettings, connection: psycopg.Connection, watch: Stopwatch) -> TestStep:
    if connection.pgconn.ssl_in_use:
        if settings.sslmode in (SslMode.VERIFY_CA, SslMode.VERIFY_FULL):
            return watch.passed("TLS", "The connection is encrypted and the server is verified.")
        return watch.warned(
            "TLS",
            "The connection is encrypted; the server's certificate is not checked.",
            "Choose sslmode verify-full and name the root certificate.",
        )
    if settings.host.startswith("/") or settings.host in ("localhost", "127.0.0.1", "::1"):
        return watch.passed("TLS", "Not encrypted; the server is on this machine.")
    return watch.warned(
        "TLS",
        "The connection is not encrypted.",
        "Turn TLS on at the server and choose sslmode require or verify-full.",
    )


def _permissions(
    settings: PostgresSettings, connection: psycopg.Connection, watch: Stopwatch
) -> Iterator[TestStep]:
    account = connection.execute(statements.ACCOUNT).fetchone()
    version = str(account[2]).split(" on ")[0] if account else "PostgreSQL"
    yield watch.passed("Database", f"Database {settings.database} on {version}.")
    rows = connection.execute(statements.READABLE).fetchall()
    closed = [row[0] for row in rows if not row[1]]
    partly = [row[0] for row in rows if row[1] and row[3] < row[2]]
    if closed:
        yield watch.warned(
            "Schemas",
            f"{len(rows) - len(closed)} of {len(rows)} schemas are open to {settings.user}.",
            "\n".join(catalogue.schema_grants(schema, settings.user) for schema in closed),
        )
    else:
        yield watch.passed("Schemas", f"All {len(rows)} schemas are open to {settings.user}.")
    tables = sum(row[2] for row in rows)
    readable = sum(row[3] for row in rows if row[1])
    remedy = "\n".join(catalogue.schema_grants(s, settings.user) for s in [*closed, *partly])
    told = f"{readable} of {tables} tables and views can be read."
    if tables and not readable:
        yield watch.failed("Tables", told, remedy)
    elif readable < tables:
        yield watch.warned("Tables", told, remedy)
    else:
        yield watch.passed("Tables", told)
    yield _least(settings, account, watch)


def _least(
    settings: PostgresSettings, account: tuple[object, ...] | None, watch: Stopwatch
) -> TestStep:
    remedy = (
        "Make an account of its own for scanning, with the grant script of this source,"
        " and register that one."
    )
    if account is not None and account[3]:
        return watch.warned(
            "Least privilege", f"{settings.user} is a superuser; scanning needs far less.", remedy
        )
    if account is not None and account[5]:
        return watch.warned(
            "Least privilege", f"{settings.user} may write to {account[5]} tables.", remedy
        )
    return watch.passed("Least privilege", f"{settings.user} may only read.")


def _skipped(watch: Stopwatch, names: tuple[str, ...]) -> Iterator[TestStep]:
    for name in names:
        yield watch.skipped(name, "Not tried, because an earlier step failed.")


def grant_script(settings: PostgresSettings, schemas: list[str]) -> str:
    """What the account needs for a scan, and nothing more."""
    return "\n".join(
        (
            "-- Run as the owner of the database or as a superuser.",
            catalogue.connect_grant(settings.database, settings.user),
            *(catalogue.schema_grants(schema, settings.user) for schema in schemas),
        )
    )
