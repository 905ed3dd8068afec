"""Gives a source up that was asked and is silent, whatever library waits for it."""

import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

LOOK_SECONDS = 0.25
LEAST_BYTES_PER_SECOND = 1024
"""Slower than this counts as silence: a drip must not hold a process for ever."""
LEAST_SHARE_OF_CPU = 0.05
"""A process that works this much is decoding what it has, and the source is not to blame."""

_BYTES_RECEIVED_AT = 128
"""Where Linux' ``struct tcp_info`` holds ``tcpi_bytes_received``, an unsigned 64-bit number."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """How much had arrived and was worked at a moment."""

    at: float
    received: int
    cpu: float


class Patience:
    """Watches the calls of one job that wait for a source.

    A statement time-out is kept by the server, and a server that stalls keeps nothing; the network
    libraries below the connectors can wait for ever. So what is watched is the process itself:
    bytes that arrive over TCP, and CPU. A call in which neither moves for as long as it is allowed
    is given up: ``on_silence`` hears after how many seconds, once, on a thread of its own.
    """

    def __init__(
        self,
        on_silence: Callable[[float], None],
        *,
        received: "Callable[[], int] | None" = None,
        look: float = LOOK_SECONDS,
    ) -> None:
        self._on_silence = on_silence
        self._received = received or bytes_received
        self._look = look
        self._lock = threading.Lock()
        self._allowed: float | None = None
        self._mark: _Mark | None = None
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    @contextmanager
    def during(self, allowed: float) -> Iterator[None]:
        """What happens inside may be silent for ``allowed`` seconds."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        with self._lock:
            self._allowed, self._mark = allowed, None
        try:
            yield
        finally:
            with self._lock:
                self._allowed = None

    def end(self) -> None:
        """Watch no more."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(self._look):
            with self._lock:
                silent = self._silent_for()
            if silent is not None:
                self._on_silence(silent)
                return

    def _silent_for(self) -> float | None:
        """For how long nothing has moved, when that is longer than allowed."""
        if self._allowed is None:
            return None
        now = _Mark(time.monotonic(), self._received(), time.process_time())
        if self._mark is None or _moved(self._mark, now):
            # Taken here and not by the call: a call costs the reader next to nothing.
            self._mark = now
            return None
        seconds = now.at - self._mark.at
        return seconds if seconds >= self._allowed else None


def _moved(before: _Mark, now: _Mark) -> bool:
    """Whether enough arrived, or was worked, since the mark; closed connections count as news."""
    seconds = now.at - before.at
    arrived = now.received - before.received
    worked = now.cpu - before.cpu
    return (
        arrived < 0
        or arrived > LEAST_BYTES_PER_SECOND * seconds
        or worked > LEAST_SHARE_OF_CPU * seconds
    )


def bytes_received() -> int:
    """Bytes that the TCP connections of this process have received; 0 where that is not told."""
    total = 0
    with suppress(OSError):
        for entry in os.scandir("/proc/self/fd"):
            with suppress(OSError, struct.error):
                total += _received_by(int(entry.name))
    return total


def _received_by(descriptor: int) -> int:
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return 0
    with socket.socket(fileno=os.dup(descriptor)) as known:
        if known.family not in (socket.AF_INET, socket.AF_INET6):
            return 0
        info = known.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    (received,) = struct.unpack_from("=Q", info, _BYTES_RECEIVED_AT)
    return int(received)
