"""Small files that are private, written whole or not at all, and safe to write as root."""

import os
import tempfile
from pathlib import Path

from muniment.platform.embedded.account import Account

LOG_BYTES = 4 * 1024 * 1024


def write_private(path: Path, content: str | bytes, account: Account) -> None:
    """Replace a file by one that only ``account`` may read; an unchanged file is left alone."""
    encoded = content.encode() if isinstance(content, str) else content
    if path.is_file() and not path.is_symlink() and path.read_bytes() == encoded:
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(encoded)
            file.flush()
            os.fsync(descriptor)
        account.own(Path(name))
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def sync_directory(path: Path) -> None:
    """Make a rename inside the directory survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rotate(log: Path, account: Account) -> None:
    """Move what a large log holds aside; a running server goes on writing into the same file."""
    try:
        descriptor = os.open(log, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "r+b") as file:
        if os.fstat(descriptor).st_size > LOG_BYTES:
            write_private(log.with_name(f"{log.name}.1"), file.read(2 * LOG_BYTES), account)
            file.truncate(0)


def read_from(log: Path, offset: int) -> str:
    """What the log has gained since it was ``offset`` bytes long, at most its last 20,000 bytes."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(min(offset, size), size - 20_000))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
