"""A directory for the server's socket: short, private, and the same one at every start."""

import hashlib
import os
import re
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from muniment.platform.embedded.account import Account
from muniment.platform.embedded.configuration import PORT

_LONGEST = 103  # bytes of a socket's path that every system takes (macOS 103, Linux 107)
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


def socket_directory(home: Path, account: Account) -> Path:
    """``run`` beside the data where that works, else a private directory in ``/tmp``.

    The name in ``/tmp`` follows from the identity of ``home``, so that clients find a restarted
    server where they left it. A directory of that name which is not ours is never used: whoever
    made it could stand in for the server.
    """
    beside = home / "run"
    if _fits(beside) and account.reaches(home) and _is_private(beside, account):
        return beside
    facts = home.stat()
    identity = f"{facts.st_dev}:{facts.st_ino}:{home}".encode(errors="surrogateescape")
    shared = Path("/tmp", f"muniment-{hashlib.sha256(identity).hexdigest()[:12]}")  # noqa: S108
    if _is_private(shared, account):
        return shared
    fresh = Path(tempfile.mkdtemp(prefix="muniment-", dir="/tmp"))
    account.own(fresh)
    return fresh


def forget(directory: str) -> None:
    """Remove the directory of a server that has stopped, unless something else lies in it."""
    with suppress(OSError):
        Path(directory).rmdir()


def _fits(directory: Path) -> bool:
    longest = os.fsencode(directory / f".s.PGSQL.{PORT}")
    return len(longest) <= _LONGEST and _PLAIN.fullmatch(str(directory)) is not None


def _is_private(directory: Path, account: Account) -> bool:
    """Make the directory if it is not there, and see that it is ours alone and takes sockets."""
    try:
        directory.mkdir(mode=0o700)
        account.own(directory)
    except FileExistsError:
        pass
    facts = directory.lstat()
    mine = stat.S_ISDIR(facts.st_mode) and facts.st_uid == account.uid
    return mine and not facts.st_mode & 0o077 and _takes_sockets(directory)


def _takes_sockets(directory: Path) -> bool:
    """Some shared and network file systems hold files but no sockets."""
    probe = directory / f".probe-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.bind(str(probe))
        except OSError:
            return False
        finally:
            probe.unlink(missing_ok=True)
    return True
