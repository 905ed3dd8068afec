"""Connections to the source: read-only, bounded in time, known by name, cancelled from outside."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Lock
from typing import Any, TypeAlias

import pymysql
from pymysql.cursors import SSCursor

from muniment.contracts.connectors import Bounds
from muniment.kernel.errors import (
    MunimentError,
    SourceAuthenticationFailed,
    SourceUnreachable,
)
from muniment.sources.connectors.mysql import errors
from muniment.sources.connectors.settings import MysqlSettings, MysqlTls

APPLICATION = "muniment"
LOCK_TIMEOUT_SECONDS = 15
WRITE_TIMEOUT_SECONDS = 600
"""How long the server waits while analyzers are busy and nothing is taken off the wire."""
GRACE_SECONDS = 5.0
"""What the client waits beyond the statement's limit before it gives a silent server up."""

Connection: TypeAlias = Any
"""PyMySQL's; it has no types, and more of it is needed here than its interface."""

PREPARE = """\
set session
    /*M!100101 max_statement_time = {seconds}, */
    /*M!100000 tx_read_only = 1, */
    /*!50708 max_execution_time = {milliseconds}, */
    /*!50720 transaction_read_only = 1, */
    /*!80000 information_schema_stats_expiry = 0, */
    lock_wait_timeout = {lock}, innodb_lock_wait_timeout = {lock},
    net_write_timeout = {write}, group_concat_max_len = 1048576,
    sql_mode = '', time_zone = '+00:00'"""
"""MariaDB runs what stands in ``/*M!``, MySQL what stands in ``/*!5``, neither the other's."""

FAILURES = (pymysql.Error, OSError, ValueError)


class _InClear:
    """A way of signing in that sends the password as it is: not to whoever answers unencrypted."""

    plugin = b"mysql_clear_password"

    def __init__(self, connection: Connection) -> None:
        if not connection._secure:
            raise SourceAuthenticationFailed(
                "The server asks for the password in clear, which is sent encrypted only."
                " Choose the TLS mode require or verify-full."
            )
        self._connection = connection

    def authenticate(self, packet: object) -> object:
        return self._connection._process_auth(self.plugin, packet)


class _Dialog(_InClear):
    plugin = b"dialog"


class Sessions:
    """Opens connections and remembers their threads, so that ``cancel`` can reach them."""

    def __init__(self, settings: MysqlSettings, bounds: Bounds) -> None:
        self._settings = settings
        self._bounds = bounds
        self._threads: set[int] = set()
        self._lock = Lock()
        self.cancelled = False

    @property
    def prepare(self) -> str:
        """The statement that bounds a fresh session."""
        seconds = max(0.001, self._bounds.statement_timeout_seconds)
        lock = max(1, int(min(LOCK_TIMEOUT_SECONDS, seconds)))
        return PREPARE.format(
            seconds=f"{seconds:.3f}",
            milliseconds=int(seconds * 1000),
            lock=lock,
            write=WRITE_TIMEOUT_SECONDS,
        )

    def open(self) -> Connection:
        """A new read-only connection; a SourceError says why there is none."""
        if self.cancelled:
            raise errors.cancelled()
        connection = self._connect()
        with self._lock:
            self._threads.add(connection.thread_id())
        try:
            with self.explained(), connection.cursor() as cursor:
                cursor.execute(self.prepare)
        except MunimentError:
            self.drop(connection)
            raise
        return connection

    @contextmanager
    def lent(self, **context: object) -> Iterator[Connection]:
        """A connection for a while; what goes wrong with it is told in our errors."""
        connection = self.open()
        try:
            with self.explained(**context):
                yield connection
        finally:
            self.drop(connection)

    def drop(self, connection: Connection) -> None:
        """Close at once, whatever is still on the wire; safe to repeat."""
        with self._lock:
            self._threads.discard(connection.thread_id())
        # PyMySQL's own close would first read the rest of an answer.
        connection._force_close()

    def stop(self, connection: Connection) -> None:
        """Close a connection whose statement still runs, and stop that on the server too."""
        thread = connection.thread_id()
        self.drop(connection)
        try:
            self._kill([thread])
        except MunimentError:
            return  # the server is gone, or will notice that nobody listens

    def cancel(self) -> None:
        """Stop whatever our threads run, over a connection of its own; safe to repeat."""
        self.cancelled = True
        with self._lock:
            threads = list(self._threads)
        if threads:
            self._kill(threads)

    def _kill(self, threads: list[int]) -> None:
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            for thread in threads:
                try:
                    cursor.execute("kill query %s", (thread,))
                except pymysql.Error:
                    continue  # it has ended already

    @contextmanager
    def explained(self, **context: object) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except FAILURES as error:
            if self.cancelled:
                raise errors.cancelled() from None
            raise errors.explain(error, **context) from None

    def _connect(self) -> Connection:
        given = self._settings
        password = given.password.get_secret_value() if given.password else ""
        connecting = self._bounds.connect_timeout_seconds
        try:
            connection: Connection = pymysql.Connection(
                host=given.host,
                **self._tls(),
                user=given.user,
                password=password.encode(),  # text would become Latin-1
                database=given.database or None,
                charset="utf8mb4",
                autocommit=True,
                cursorclass=SSCursor,
                program_name=APPLICATION,
                auth_plugin_map={"mysql_clear_password": _InClear, "dialog": _Dialog},
                read_timeout=connecting,
                write_timeout=connecting,
                defer_connect=True,
            )
            # A socket of our own, because PyMySQL leaves one open that did not come about.
            connection._secure = given.host.startswith("/")
            connection.connect(_socket(given.host, given.port, connecting))
        except (*FAILURES, RuntimeError) as error:
            raise errors.explain_connecting(error, given.host) from None
        connection._read_timeout = self._bounds.statement_timeout_seconds + GRACE_SECONDS
        return connection

    def _tls(self) -> dict[str, Any]:
        given = self._settings
        mode = given.sslmode
        if mode is MysqlTls.DISABLE or given.host.startswith("/"):
            return {"ssl_disabled": True}
        if mode is MysqlTls.PREFER:
            return {}
        try:
            context = ssl.create_default_context(cafile=given.sslrootcert or None)
        except OSError:
            raise SourceUnreachable(
                "The root certificate cannot be read. Check the file on the machine that scans."
            ) from None
        context.check_hostname = mode is MysqlTls.VERIFY_FULL
        if mode is MysqlTls.REQUIRE:
            context.verify_mode = ssl.CERT_NONE
        return {"ssl": context}


def _socket(host: str, port: int, seconds: float) -> socket.socket:
    if not host.startswith("/"):
        made = socket.create_connection((host, port), seconds)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return made
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.connect(host)
    except OSError:
        made.close()
        raise
    return made


def encrypted(connection: Connection) -> bool:
    """Whether TLS came about."""
    return isinstance(connection._sock, ssl.SSLSocket)


def rows(connection: Connection, statement: str, size: int = 500) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, streamed."""
    cursor = connection.cursor()
    cursor.execute(statement)
    while part := cursor.fetchmany(size):
        yield from part
    cursor.close()
