"""A read-only SQLite connection that can be stopped by time and by hand."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic
from urllib.parse import quote

from muniment.contracts.connectors import Bounds
from muniment.kernel.errors import (
    Cancelled,
    LimitExceeded,
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceTimeout,
    SourceUnreachable,
)

OPCODES_BETWEEN_LOOKS = 50_000
OLDEST = (3, 37, 0)
MAGIC = b"SQLite format 3\0"


class Session:
    """Opens the file when first needed; ``cancel`` may come from any thread."""

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self.path = path
        self._bounds = bounds
        self._connections: set[sqlite3.Connection] = set()
        self._lock = Lock()
        self.cancelled = False
        self._deadline = 0.0

    def open(self) -> sqlite3.Connection:
        """A new connection; a SourceError says why there is none."""
        if self.cancelled:
            raise Cancelled("The reading of the source was cancelled.")
        self.look()
        with self.explained():
            connection = sqlite3.connect(
                f"file:{quote(str(self.path))}?mode=ro",
                uri=True,
                timeout=self._bounds.connect_timeout_seconds,
                isolation_level=None,
                check_same_thread=False,
            )
            connection.text_factory = _decode
            for statement in ("pragma query_only = on", "pragma trusted_schema = off"):
                connection.execute(statement)
            connection.execute("select count(*) from sqlite_schema").fetchone()
        connection.set_progress_handler(self._too_long, OPCODES_BETWEEN_LOOKS)
        with self._lock:
            self._connections.add(connection)
        return connection

    def look(self) -> None:
        """That the file is there, is a file, may be read and is a SQLite database."""
        try:
            status = self.path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise SourceUnreachable("The path is not a file. Name the database file itself.")
            with self.path.open("rb") as file:
                head = file.read(len(MAGIC))
        except FileNotFoundError:
            raise SourceUnreachable("There is no such file. Check the path.") from None
        except PermissionError:
            raise SourcePermissionMissing(
                "The account that scans may not read this file.",
                grant=f"chmod g+r {self.path}",
            ) from None
        except OSError as error:
            raise SourceUnreachable(f"The file cannot be opened: {error.strerror}.") from None
        if head and head != MAGIC:
            raise SourceDataUnreadable(
                "The file is not a SQLite database (or it is encrypted). Check the path."
            )

    def start(self) -> None:
        """Begin the time that a statement may take."""
        self._deadline = monotonic() + self._bounds.statement_timeout_seconds

    def _too_long(self) -> int:
        return int(self.cancelled or (self._deadline > 0 and monotonic() > self._deadline))

    def cancel(self) -> None:
        self.cancelled = True
        with self._lock:
            for connection in self._connections:
                connection.interrupt()

    def close(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            self._connections.discard(connection)
        connection.close()

    @contextmanager
    def explained(self, **context: object) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except sqlite3.Error as error:
            if self.cancelled:
                raise Cancelled("The reading of the source was cancelled.") from None
            raise _explain(error, context) from None


def quoted(name: str) -> str:
    """A name as it stands in a statement."""
    return '"' + name.replace('"', '""') + '"'


def _explain(error: sqlite3.Error, context: dict[str, object]) -> SourceError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    text = str(error)
    if code == sqlite3.SQLITE_INTERRUPT:
        return SourceTimeout(
            "The statement ran into its time limit. Raise it, or read smaller parts.", **context
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return SourceTimeout("The database is locked by a writer. Try again later.", **context)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return SourceDataUnreadable(
            "The database file is damaged. Run its integrity check or restore it.", **context
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY):
        return SourceUnreachable(
            "The database file cannot be read. Check the disk, and that its folder may be"
            " written when the database uses a write-ahead log.",
            **context,
        )
    if code == sqlite3.SQLITE_TOOBIG:
        return LimitExceeded("A value is larger than SQLite hands over.", **context)
    if "no such table" in text or "no such column" in text:
        return SourceObjectGone(
            "The table or a column of it is not there any more. Scan the source again.", **context
        )
    if "no such module" in text or "unable to use function" in text:
        return SourceDataUnreadable(
            "The table needs a SQLite extension that is not loaded here.", **context
        )
    return SourceError("SQLite reported a failure of a kind that is not known.", **context)


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
