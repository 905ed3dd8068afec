"""What stands in the way of the server, worded for the person who can remove it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from muniment.kernel.errors import Conflict, MunimentError, Unavailable

_FULL = "the disk is full. Free some space there, then try again."
_NO_SOCKET = (
    "its socket could not be created. Make room for sockets in /tmp (is it writable, and not "
    "full?), then try again."
)
_NO_MEMORY = "there is too little memory. Free about 200 MB, then try again."
_RIVAL = "another PostgreSQL is at work on the same data. Stop it, then try again."
_NO_ACCESS = (
    "it may not read or write its files. Give the account that runs it the ownership of that "
    "directory, then try again."
)
_DAMAGED = (
    "its data is damaged. Move the directory away and run `muniment restore` with your latest "
    "backup."
)
_ADVICE = {
    "No space left on device": _FULL,
    "Disk quota exceeded": _FULL,
    "could not create Unix socket": _NO_SOCKET,
    "could not bind Unix address": _NO_SOCKET,
    "could not create any Unix": _NO_SOCKET,
    "could not map anonymous shared memory": _NO_MEMORY,
    "Cannot allocate memory": _NO_MEMORY,
    "pre-existing shared memory block": _RIVAL,
    "another postmaster": _RIVAL,
    "another postgres": _RIVAL,
    "Permission denied": _NO_ACCESS,
    "Operation not permitted": _NO_ACCESS,
    "checkpoint record": _DAMAGED,
    "page verification failed": _DAMAGED,
    "could not read file": _DAMAGED,
}


def start_failure(doing: str, home: Path, output: str) -> Unavailable:
    """The error for PostgreSQL's own words, which go into the context; the sentence advises."""
    advice = next(
        (text for mark, text in _ADVICE.items() if mark in output),
        f"it gave the reason in {home / 'postgres.log'}.",
    )
    return Unavailable(
        f"The embedded PostgreSQL in {home} could not be {doing}: {advice}",
        output=output.strip()[-2000:],
    )


@contextmanager
def explained(home: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a sentence that says what to do."""
    try:
        yield
    except OSError as error:
        raise _refusal(error, home) from error


def _refusal(error: OSError, home: Path) -> MunimentError:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            cause, act = "the disk is full", "free some space there"
        case errno.EACCES | errno.EPERM:
            cause = "this user may not use that directory"
            act = "start Muniment as the user who owns it, or choose another state directory"
        case errno.EROFS:
            cause, act = "the file system is read-only", "choose another state directory"
        case errno.ENOTDIR | errno.EEXIST | errno.ELOOP:
            return Conflict(
                f"The embedded PostgreSQL cannot keep its data in {home}: a file or link is in "
                "the way. Move it, or choose another state directory.",
                path=str(error.filename or home),
            )
        case _:
            cause, act = (error.strerror or "the system refused"), "mend that"
    return Unavailable(
        f"The embedded PostgreSQL cannot work in {home}: {cause}. Please {act}, then try again.",
        path=str(error.filename or home),
        errno=error.errno,
    )
