"""What DuckDB's failures mean to the person who must act."""

import re

import duckdb

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

FAILURES = (duckdb.Error, OSError)
"""While rows are streamed as Arrow, DuckDB's errors arrive as OSError."""

ENCRYPTED = "The database is encrypted, and such a file is not read. Scan a copy without a key."
NO_DATABASE = "The file is not a DuckDB database. Check the path."
VERSION = (
    f"The file's format is not one that DuckDB {duckdb.__version__} reads. Upgrade Muniment, or"
    " write the file again in an older storage version."
)
DAMAGED = "The database file is damaged or cut short. Restore it from a backup."

_BY_WORDS: tuple[tuple[str, type[SourceError], str], ...] = (
    (
        r"INTERRUPT Error",
        SourceTimeout,
        "The statement ran into its time limit. Raise it, or read smaller parts.",
    ),
    (
        r"could not set lock|conflicting lock",
        SourceTimeout,
        "Another process has the database open for writing. Try again when it is done.",
    ),
    (
        r"version number|newer version|storage version|older version",
        SourceDataUnreadable,
        VERSION,
    ),
    (r"encrypt", SourceDataUnreadable, ENCRYPTED),
    (r"not a valid DuckDB database", SourceDataUnreadable, NO_DATABASE),
    (
        r"corrupt|checksum|enough bytes|deserialize|serialization error",
        SourceDataUnreadable,
        DAMAGED,
    ),
    (
        r"internal error|fatal error",
        SourceDataUnreadable,
        "DuckDB itself failed here. Check the table with its own shell: the file may be damaged.",
    ),
    (
        r"out of memory",
        LimitExceeded,
        "A row group needs more memory than a reading may take. Store long values elsewhere.",
    ),
    (r"permission denied", SourcePermissionMissing, "The account that scans may not read it."),
    (
        r"(table|view|column|schema|catalog).* does not exist|binder error|not found in FROM",
        SourceObjectGone,
        "The table or a column of it is not there any more. Scan the source again.",
    ),
    (
        r"extension|file system operations are disabled",
        SourceDataUnreadable,
        "The table needs a DuckDB extension or another file, and neither is loaded here.",
    ),
    (
        r"conversion error|out of range|invalid unicode",
        SourceDataUnreadable,
        "A value could not be turned into its type.",
    ),
    (
        r"IO Error|does not exist",
        SourceUnreachable,
        "The database file cannot be read. Check the path and the disk.",
    ),
)


def explain(error: BaseException, **context: object) -> SourceError:
    """The error that a failure of DuckDB stands for; its own words may hold values."""
    text = str(error)
    for pattern, failure, sentence in _BY_WORDS:
        if re.search(pattern, text, re.IGNORECASE):
            return failure(sentence, **context)
    return SourceError("DuckDB reported a failure of a kind that is not known.", **context)


def cancelled() -> Cancelled:
    return Cancelled("The reading of the source was cancelled.")
