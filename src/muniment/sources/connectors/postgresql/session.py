"""Connections to the source: read-only, bounded in time, known by name, cancelled from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import psycopg
from psycopg import sql
from psycopg.abc import RV, PQGen
from psycopg.conninfo import make_conninfo

from muniment.contracts.connectors import Bounds
from muniment.kernel.errors import MunimentError, SourceUnreachable
from muniment.sources.connectors.postgresql import errors
from muniment.sources.connectors.settings import PostgresSettings

APPLICATION = "muniment"
LOCK_TIMEOUT_SECONDS = 15.0
GRACE_SECONDS = 5.0
"""What is waited beyond the statement's limit before a silent server is given up."""
SILENT = "The server stopped answering. Check its load and the network, then try again."

PREPARE = sql.SQL("""
    select set_config('statement_timeout', {statement}, false),
           set_config('lock_timeout', {lock}, false),
           set_config('idle_in_transaction_session_timeout', '15min', false),
           set_config('default_transaction_read_only', 'on', false),
           set_config('jit', 'off', false),
           set_config('search_path', 'pg_catalog', false),
           set_config('extra_float_digits', '1', false),
           set_config('datestyle', 'ISO', false),
           set_config('intervalstyle', 'postgres', false),
           pg_backend_pid(),
           current_setting('server_version_num')::int,
           current_setting('server_encoding')
""")


class Silent(psycopg.OperationalError):
    """The server was asked and does not answer."""


class Session(psycopg.Connection):
    """A connection that does not wait for ever: statement time-outs are kept by the server, and a
    server, or a network between, that stalls keeps nothing."""

    patience: float = 15.0
    """Seconds for each answer."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.errors._WaitTimeout:
            # Half an answer may be on its way: of no use any more.
            self.pgconn.finish()
            raise Silent("no answer in time") from None


class Sessions:
    """Opens connections and remembers their backends, so that ``cancel`` can reach them."""

    def __init__(self, settings: PostgresSettings, bounds: Bounds) -> None:
        self._settings = settings
        self._bounds = bounds
        self._pids: set[int] = set()
        self._lock = Lock()
        self.cancelled = False
        self.version = 0
        self.encoding = "UTF8"

    @property
    def conninfo(self) -> str:
        """libpq's connection string; holds the password, so it is never shown."""
        given = self._settings
        password = given.password.get_secret_value() if given.password else None
        return make_conninfo(
            host=given.host,
            port=given.port,
            dbname=given.database,
            user=given.user,
            password=password,
            sslmode=given.sslmode.value,
            sslrootcert=given.sslrootcert,
            application_name=APPLICATION,
            connect_timeout=max(2, int(self._bounds.connect_timeout_seconds)),
            client_encoding="UTF8",
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=60_000,
        )

    @property
    def prepare(self) -> str:
        """The statement that bounds a fresh session and tells which backend serves it."""
        statement = int(self._bounds.statement_timeout_seconds * 1000)
        lock = int(min(LOCK_TIMEOUT_SECONDS, self._bounds.statement_timeout_seconds) * 1000)
        return PREPARE.format(
            statement=sql.Literal(f"{statement}ms"), lock=sql.Literal(f"{lock}ms")
        ).as_string()

    def open(self) -> psycopg.Connection:
        """A new read-only connection; a SourceError says why there is none."""
        if self.cancelled:
            raise errors.cancelled()
        try:
            connection = Session.connect(self.conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            raise self.explain_connecting(error) from None
        connection.patience = self._bounds.statement_timeout_seconds + GRACE_SECONDS
        with self.explained():
            row = connection.execute(self.prepare.encode()).fetchone()
        if row is not None:
            self.note(int(row[9]), int(row[10]), str(row[11]))
        return connection

    def note(self, pid: int, version: int, encoding: str) -> None:
        """Remember a backend of ours and what the server said of itself."""
        with self._lock:
            self._pids.add(pid)
        self.version, self.encoding = version, encoding

    def forget(self, pid: int) -> None:
        with self._lock:
            self._pids.discard(pid)

    def cancel(self) -> None:
        """Stop whatever our backends run, over a connection of its own; safe to repeat."""
        self.cancelled = True
        with self._lock:
            pids = list(self._pids)
        if not pids:
            return
        try:
            with Session.connect(self.conninfo, autocommit=True) as connection:
                connection.patience = self._bounds.connect_timeout_seconds
                connection.execute(
                    "select pg_cancel_backend(pid) from pg_stat_activity"
                    " where pid = any(%s) and application_name = %s and usename = current_user",
                    (pids, APPLICATION),
                )
        except Silent:
            raise SourceUnreachable(SILENT) from None
        except psycopg.OperationalError as error:
            raise self.explain_connecting(error) from None

    def explain_connecting(self, error: psycopg.OperationalError) -> MunimentError:
        used = error.pgconn is not None and error.pgconn.used_password
        host = self._settings.host
        return errors.explain_connecting(str(error), used_password=bool(used), host=host)

    @contextmanager
    def explained(self, **context: object) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except psycopg.Error as error:
            if self.cancelled:
                raise errors.cancelled() from None
            if isinstance(error, Silent):
                raise SourceUnreachable(SILENT, **context) from None
            raise errors.explain(error.sqlstate, str(error), **context) from None
