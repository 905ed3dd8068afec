"""The processes of a data directory: one by its pid file, the others by where they work."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_HAS_PROC = (_PROC / "self" / "cwd").exists()


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What ``postmaster.pid`` says, a format that ``pg_ctl`` relies upon too."""

    pid: int
    port: int = 0
    socket_directory: str = ""
    ready: bool = False


def postmaster_of(data: Path) -> Postmaster | None:
    """The live server process of a data directory, ready or on its way; None if there is none."""
    recorded = _read_pid_file(data)
    return recorded if recorded is not None and works_in(recorded.pid, data) else None


def _read_pid_file(data: Path) -> Postmaster | None:
    try:
        lines = [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
        pid = int(lines[0])
        if pid <= 1:  # negative: a single-user server
            return None
        if len(lines) < 8:
            return Postmaster(pid)
        return Postmaster(pid, int(lines[3]), lines[4], ready=lines[7] == "ready")
    except (FileNotFoundError, IndexError, ValueError):
        return None


def works_in(pid: int, data: Path) -> bool:
    """Whether the process lives and is a server of this data directory.

    Every PostgreSQL process works inside its data directory, which tells it from a zombie and
    from a stranger with a recycled id. Without ``/proc`` (macOS) a live process must do.
    """
    process = _PROC / str(pid)
    try:
        if _HAS_PROC:
            return (process / "comm").read_bytes() == b"postgres\n" and (process / "cwd").samefile(
                data
            )
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def server_processes(data: Path) -> list[int]:
    """The ids of all processes at work in a data directory (none are found without ``/proc``)."""
    if not _HAS_PROC:
        return []
    pids = (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())
    return sorted(pid for pid in pids if pid != os.getpid() and works_in(pid, data))


def send(pids: list[int], signal_number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            continue
