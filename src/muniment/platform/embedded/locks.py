"""Two file locks: one taken to change the server's state, one held as long as it lives.

The second is a lock on a file whose descriptor the server and all its processes inherit: the
kernel lets go of it when the last of them is gone, however they died. It tells more than a
process id, which may be a zombie's or belong to a stranger after a restart of the machine.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from muniment.kernel.errors import Unavailable
from muniment.platform.embedded.account import Account


def try_lock(path: Path, account: Account) -> int | None:
    """The descriptor of the locked file, or None while somebody else holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    account.own(path)
    return descriptor


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock; asking leaves it as it is."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(path: Path, account: Account, *, seconds: float) -> Iterator[None]:
    """Hold the lock for a while; ``Unavailable`` if others keep it longer than ``seconds``."""
    deadline = time.monotonic() + seconds
    while (descriptor := try_lock(path, account)) is None:
        if time.monotonic() > deadline:
            raise Unavailable(
                "Another Muniment process has been starting or stopping the embedded PostgreSQL "
                f"for over {seconds:.0f} seconds: end that process, then try again.",
                lock=str(path),
            )
        time.sleep(0.02)
    try:
        yield
    finally:
        # Unlocked by name: a child forked meanwhile may still have the descriptor open.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
