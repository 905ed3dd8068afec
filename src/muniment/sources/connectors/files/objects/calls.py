"""Calls to a store of objects: each can be cancelled, and none waits for ever."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from time import monotonic
from typing import Any, TypeVar

from muniment.kernel.errors import SourceTimeout

T = TypeVar("T")

LOOK_SECONDS = 0.2
"""How often a waiting call looks whether it was cancelled."""


class Caller:
    """Runs calls on a loop of their own; any thread may wait for them.

    ``hint`` says what to do about a call that took longer than ``seconds``.
    """

    def __init__(self, stop: Callable[[], None], seconds: float, hint: str) -> None:
        self._stop = stop
        self._seconds = seconds
        self._hint = hint

    def start(self, call: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin a call without waiting; cancelling what is returned closes its connection."""
        return asyncio.run_coroutine_threadsafe(call, _LOOP.running())

    def wait(self, started: Future[T]) -> T:
        """What the call found. Cancelled when somebody stops it, SourceTimeout when it is late."""
        late = monotonic() + self._seconds
        try:
            while True:
                self._stop()
                concurrent.futures.wait([started], timeout=LOOK_SECONDS)
                if started.done():
                    return started.result()
                if monotonic() > late:
                    raise SourceTimeout(
                        f"The store did not answer within {self._seconds:g} seconds. {self._hint}"
                    )
        finally:
            started.cancel()

    def call(self, call: Coroutine[Any, Any, T]) -> T:
        return self.wait(self.start(call))


class _Loop:
    """One loop in one thread for all stores of the process, begun when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=self._loop.run_forever, name="object-stores", daemon=True
                ).start()
            return self._loop


_LOOP = _Loop()
