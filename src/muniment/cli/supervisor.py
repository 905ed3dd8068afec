"""Keeps the parts of the product running on one machine: PostgreSQL, the API, the worker.

It is a process of its own that imports little, because it stays for as long as the product does.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from muniment.kernel.errors import MunimentError, Unavailable
from muniment.platform.embedded import EmbeddedPostgres, keep_running

API = ("-m", "muniment.api.main")
WORKER = ("-m", "muniment.worker")
PARTS: Mapping[str, Sequence[str]] = {"api": API, "worker": WORKER}

FAILED_STARTS = 5
EARLY_SECONDS = 30.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 5.0


@dataclass(slots=True)
class Part:
    """One child process that is started again when it ends."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    wait_until: float | None = None

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.wait_until = None
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *self.arguments], start_new_session=True, stdin=subprocess.DEVNULL
        )

    def look(self) -> None:
        """Start it again if it has ended; Unavailable when it fails over and over.

        One that was killed is started at once. One that gave up by itself soon after its start is
        given a little longer each time.
        """
        if self.process is None or (code := self.process.poll()) is None:
            return
        now = time.monotonic()
        if self.wait_until is None:
            gave_up = code > 0 and now - self.started < EARLY_SECONDS
            self.failures = self.failures + 1 if gave_up else 0
            if self.failures >= FAILED_STARTS:
                raise Unavailable(
                    f"The {self.name} failed {FAILED_STARTS} times in a row. Its last lines above "
                    "say why; `muniment doctor` checks the usual causes."
                )
            self.wait_until = now + min(LONGEST_WAIT_SECONDS, self.failures)
        if now >= self.wait_until:
            self.start()

    def stop(self, *, how: int = signal.SIGTERM) -> None:
        """Ask it to end. The whole session gets the signal, its own children included."""
        if self.process is not None and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, how)
            except ProcessLookupError:
                return

    def wait(self, deadline: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.stop(how=signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs the parts until told to stop; use it as a context manager."""

    def __init__(
        self, postgres: EmbeddedPostgres | None, parts: Mapping[str, Sequence[str]] = PARTS
    ) -> None:
        self.postgres = postgres
        self.parts = [Part(name, arguments) for name, arguments in parts.items()]
        self.stopping = threading.Event()
        self._failure: MunimentError | None = None
        self._watchers: list[threading.Thread] = []

    def __enter__(self) -> "Supervisor":
        for part in self.parts:
            part.start()
        self._watch(self._look_at_parts)
        if self.postgres is not None:
            self._watch(self._look_at_postgres)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for watcher in self._watchers:
            watcher.join()
        for part in self.parts:
            part.stop()
        deadline = time.monotonic() + STOP_SECONDS
        for part in self.parts:
            part.wait(deadline)

    def wait(self, seconds: float | None = None) -> None:
        """Return when told to stop or after ``seconds``; raise when a part cannot be kept up."""
        self.stopping.wait(seconds)
        if self._failure is not None:
            raise self._failure

    def _watch(self, look: Callable[[], None]) -> None:
        def watching() -> None:
            try:
                look()
            except MunimentError as error:
                self._failure = error
                self.stopping.set()

        watcher = threading.Thread(target=watching, daemon=True)
        watcher.start()
        self._watchers.append(watcher)

    def _look_at_parts(self) -> None:
        while not self.stopping.wait(POLL_SECONDS):
            for part in self.parts:
                part.look()

    def _look_at_postgres(self) -> None:
        if self.postgres is not None:
            keep_running(self.postgres, self.stopping)
