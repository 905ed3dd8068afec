"""The connection test of MySQL and MariaDB, one step at a time, each failure with its remedy."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from muniment.contracts.connectors import TestStep
from muniment.kernel.errors import SourceAuthenticationFailed, SourceError
from muniment.sources.connectors.mysql import catalogue, quoting, session, statements
from muniment.sources.connectors.mysql.session import Connection, Sessions
from muniment.sources.connectors.settings import MysqlSettings, MysqlTls
from muniment.sources.connectors.steps import Stopwatch

LATER = ("Authenticate", "Database", "Tables", "View and routine source", "Least privilege")
HARMLESS = frozenset(
    (
        *("USAGE", "SELECT", "SHOW VIEW", "EXECUTE", "SHOW DATABASES", "PROCESS"),
        *("REPLICATION CLIENT", "BINLOG MONITOR", "SHOW_ROUTINE", "TRIGGER"),
    )
)


def run(settings: MysqlSettings, sessions: Sessions, seconds: float) -> Iterator[TestStep]:
    """Resolve, connect, TLS, authenticate, database, tables, source text, least privilege."""
    watch = Stopwatch()
    if settings.host.startswith("/"):
        steps: Iterator[TestStep] = iter([_socket(settings, watch)])
        skipped: tuple[str, ...] = LATER
    else:
        steps = _network(settings, watch, seconds)
        skipped = ("TLS", *LATER)
    for step in steps:
        yield step
        if step.remedy:
            missed = ("Connect", *skipped) if step.name == "Resolve" else skipped
            yield from _skipped(watch, missed)
            return
    try:
        connection = sessions.open()
    except SourceError as error:
        yield from _refused(error, watch)
        return
    with ExitStack() as stack:
        stack.callback(sessions.drop, connection)
        stack.enter_context(sessions.explained())
        yield _tls(settings, connection, watch)
        yield watch.passed("Authenticate", f"Signed in as {settings.user}.")
        yield from _permissions(settings, connection, watch)


def _socket(settings: MysqlSettings, watch: Stopwatch) -> TestStep:
    try:
        there = Path(settings.host).is_socket()
    except OSError:
        there = False
    if there:
        return watch.passed("Connect", f"The socket {settings.host} is there.")
    return watch.failed(
        "Connect",
        f"There is no socket {settings.host}.",
        "Check the path, and that the server runs on this machine.",
    )


def _network(settings: MysqlSettings, watch: Stopwatch, seconds: float) -> Iterator[TestStep]:
    place = f"{settings.host}:{settings.port}"
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        yield watch.failed(
            "Resolve",
            f"The host name {settings.host} cannot be resolved.",
            "Check its spelling and the DNS of the machine that scans.",
        )
        return
    addresses = sorted({str(entry[4][0]) for entry in found})
    yield watch.passed("Resolve", f"{settings.host} is {', '.join(addresses)}.")
    try:
        socket.create_connection((settings.host, settings.port), timeout=seconds).close()
    except TimeoutError:
        yield watch.failed(
            "Connect",
            f"{place} does not answer within {seconds:.0f} s.",
            "Check the address and any firewall between.",
        )
    except OSError:
        yield watch.failed(
            "Connect",
            f"Nothing listens at {place}.",
            "Check host and port, and that the server runs and listens on that address.",
        )
    else:
        yield watch.passed("Connect", f"{place} answers.")


def _refused(error: SourceError, watch: Stopwatch) -> Iterator[TestStep]:
    name, message = "Database", "No session came about."
    if isinstance(error, SourceAuthenticationFailed):
        name, message = "Authenticate", "The server refused the credentials."
    elif "TLS" in error.message or "certificate" in error.message:
        name, message = "TLS", "No encrypted connection came about."
    yield watch.failed(name, message, error.message)
    place = LATER.index(name) if name in LATER else -1
    yield from _skipped(watch, LATER[place + 1 :])


def _tls(settings: MysqlSettings, connection: Connection, watch: Stopwatch) -> TestStep:
    if session.encrypted(connection):
        if settings.sslmode in (MysqlTls.VERIFY_CA, MysqlTls.VERIFY_FULL):
            return watch.passed("TLS", "The connection is encrypted and the server is verified.")
        return watch.warned(
            "TLS",
            "The connection is encrypted; the server's certificate is not checked.",
            "Choose the TLS mode verify-full and name the root certificate.",
        )
    if settings.host.startswith("/") or settings.host in ("localhost", "127.0.0.1", "::1"):
        return watch.passed("TLS", "Not encrypted; the server is on this machine.")
    return watch.warned(
        "TLS",
        "The connection is not encrypted.",
        "Turn TLS on at the server and choose the TLS mode require or verify-full.",
    )


def _permissions(
    settings: MysqlSettings, connection: Connection, watch: Stopwatch
) -> Iterator[TestStep]:
    [(version, account)] = session.rows(connection, "select version(), current_user()")
    found = [row[0] for row in session.rows(connection, statements.schemas(settings.database))]
    where = f"Database {settings.database}" if settings.database else f"{len(found)} databases"
    script = _grants(settings, found, account)
    if found:
        yield watch.passed("Database", f"{where} on version {version}.")
    else:
        yield watch.failed("Database", f"No database is open to {account}.", script)
    yield _tables(settings, connection, account, script, watch)
    yield _sources(settings, connection, account, script, watch)
    yield _least(connection, account, watch)


def _tables(
    settings: MysqlSettings, connection: Connection, account: str, script: str, watch: Stopwatch
) -> TestStep:
    statement = statements.READABLE.format(
        within=statements.within("table_schema", settings.database)
    )
    rows = list(session.rows(connection, statement))
    seen = sum(int(row[1]) for row in rows)
    readable = sum(int(row[2]) for row in rows)
    told = f"{readable} of {seen} tables and views that {account} sees can be read."
    if not readable:
        # The server hides what an account has no right to, so none seen is no proof of emptiness.
        remedy = script or "Grant SELECT on the databases that are to be scanned."
        return watch.failed("Tables", told, remedy) if seen else watch.warned(
            "Tables", f"{account} sees no table.", remedy
        )  # fmt: skip
    if readable < seen:
        lacking = [str(row[0]) for row in rows if row[2] < row[1]]
        return watch.warned(
            "Tables", told, "\n".join(catalogue.schema_grant(s, account) for s in lacking)
        )
    return watch.passed("Tables", told)


def _sources(
    settings: MysqlSettings, connection: Connection, account: str, script: str, watch: Stopwatch
) -> TestStep:
    name = "View and routine source"
    views = f"""select count(*), coalesce(sum(coalesce(view_definition, '') = ''), 0)
        from information_schema.views
        where {statements.within("table_schema", settings.database)}"""  # noqa: S608
    routines = f"""select count(*), coalesce(sum(routine_definition is null), 0)
        from information_schema.routines
        where {statements.within("routine_schema", settings.database)}"""  # noqa: S608
    [(all_views, hidden_views)] = session.rows(connection, views)
    [(all_routines, hidden_routines)] = session.rows(connection, routines)
    if not hidden_views and not hidden_routines:
        return watch.passed(
            name, f"The SQL of {all_views} views and {all_routines} routines can be read."
        )
    remedy = script
    if hidden_routines:
        remedy += "\n" + routine_grant(account)
    return watch.warned(
        name, f"The SQL of {hidden_views} views and {hidden_routines} routines is hidden.", remedy
    )


def _least(connection: Connection, account: str, watch: Stopwatch) -> TestStep:
    held = {str(row[0]).upper() for row in session.rows(connection, statements.PRIVILEGES)}
    beyond = sorted(held - HARMLESS)
    if beyond:
        shown = ", ".join(beyond[:4]) + (" and more" if len(beyond) > 4 else "")
        return watch.warned(
            "Least privilege",
            f"{account} has rights on the whole server that scanning does not need: {shown}.",
            "Make an account of its own for scanning, with the grant script of this source,"
            " and register that one.",
        )
    return watch.passed("Least privilege", f"{account} has no right to change the server.")


def _skipped(watch: Stopwatch, names: tuple[str, ...]) -> Iterator[TestStep]:
    for name in names:
        yield watch.skipped(name, "Not tried, because an earlier step failed.")


def routine_grant(account: str) -> str:
    """What shows the source of routines: MariaDB keeps it in a table, MySQL 8 has a privilege."""
    return (
        f"grant select on mysql.proc to {quoting.account(account)}; -- MariaDB\n"
        f"-- MySQL 8: grant show_routine on *.* to {quoting.account(account)};"
    )


def _grants(settings: MysqlSettings, databases: list[str], account: str) -> str:
    named = [settings.database] if settings.database else databases
    return "\n".join(catalogue.schema_grant(name, account) for name in named)


def grant_script(settings: MysqlSettings, connection: Connection) -> str:
    """What the account needs for a scan, and nothing more."""
    [(account,)] = session.rows(connection, "select current_user()")
    found = [str(row[0]) for row in session.rows(connection, statements.schemas(settings.database))]
    return "\n".join(
        (
            "-- Run as an administrator. The last lines show the source of routines.",
            _grants(settings, found, account),
            routine_grant(account),
        )
    )
