"""How a process names itself and its database sessions, so that others can end a stuck one's."""

import os
import socket
from hashlib import sha256
from pathlib import Path


def machine() -> str:
    """This boot of this machine: a process id means something only within it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        boot = "unknown"
    return f"{socket.gethostname()}/{boot}"


def mark_of(host: str, pid: int) -> str:
    """What the names of all sessions of one process end with; short, for a name holds 63 bytes."""
    return sha256(f"{host} {pid}".encode()).hexdigest()[:12]


def session_name(application: str) -> str:
    """The ``application_name`` of a session of this process."""
    return f"{application} {mark_of(machine(), os.getpid())}"
