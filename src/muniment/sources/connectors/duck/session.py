"""Read-only DuckDB connections, shut off from all but their file, stopped by time and by hand."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer

import duckdb

from muniment.contracts.connectors import Bounds
from muniment.kernel.errors import (
    SourceDataUnreadable,
    SourcePermissionMissing,
    SourceUnreachable,
)
from muniment.sources.connectors.duck import errors

MAGIC = b"DUCK"
MAGIC_AT = 8
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "access_mode": "READ_ONLY",
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "threads": "1",
    "memory_limit": "256MB",
}
"""The same for every connection: DuckDB opens a file once per process, in one configuration.

One thread, because a scan reads partitions in several processes at once.
"""


class Session:
    """Opens the file when first needed; ``cancel`` may come from any thread."""

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self.path = path
        self._bounds = bounds
        self._connections: set[duckdb.DuckDBPyConnection] = set()
        self._lock = Lock()
        self.cancelled = False

    def open(self) -> duckdb.DuckDBPyConnection:
        """A new connection; a SourceError says why there is none."""
        if self.cancelled:
            raise errors.cancelled()
        self.look()
        with self.explained():
            connection = duckdb.connect(str(self.path), config=CONFIG)
            connection.execute("set TimeZone = 'UTC'")
        with self._lock:
            self._connections.add(connection)
        return connection

    def close(self, connection: duckdb.DuckDBPyConnection) -> None:
        with self._lock:
            self._connections.discard(connection)
        connection.close()

    @contextmanager
    def lent(self, **context: object) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for a while; what goes wrong with it is told in our errors."""
        connection = self.open()
        try:
            with self.running(connection, **context):
                yield connection
        finally:
            self.close(connection)

    def look(self) -> None:
        """That the file is there, is a file, may be read and is a DuckDB database."""
        if "?" in self.path.name:
            raise SourceUnreachable(
                "DuckDB reads what follows a '?' as options. Give the file a name without one."
            )
        try:
            status = self.path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise SourceUnreachable("The path is not a file. Name the database file itself.")
            with self.path.open("rb") as file:
                head = file.read(MAGIC_AT + len(MAGIC))
        except FileNotFoundError:
            raise SourceUnreachable("There is no such file. Check the path.") from None
        except PermissionError:
            raise SourcePermissionMissing(
                "The account that scans may not read this file.",
                grant=f"chmod g+r {self.path}",
            ) from None
        except OSError as error:
            raise SourceUnreachable(f"The file cannot be opened: {error.strerror}.") from None
        if head[MAGIC_AT:] != MAGIC:
            raise SourceDataUnreadable(errors.NO_DATABASE)

    def cancel(self) -> None:
        self.cancelled = True
        with self._lock:
            for connection in self._connections:
                connection.interrupt()

    @contextmanager
    def running(self, connection: duckdb.DuckDBPyConnection, **context: object) -> Iterator[None]:
        """Stop what runs when its time is over, and turn DuckDB's errors into ours."""
        alarm = Timer(self._bounds.statement_timeout_seconds, connection.interrupt)
        alarm.start()
        try:
            with self.explained(**context):
                yield
        finally:
            alarm.cancel()

    @contextmanager
    def explained(self, **context: object) -> Iterator[None]:
        """Turn DuckDB's errors into ours."""
        try:
            yield
        except errors.FAILURES as error:
            if self.cancelled:
                raise errors.cancelled() from None
            raise errors.explain(error, **context) from None


def quoted(*names: str) -> str:
    """A name, qualified by those before it, as it stands in a statement."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(text: str) -> str:
    """A text as it stands in a statement."""
    return "'" + text.replace("'", "''") + "'"
