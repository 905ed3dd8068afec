"""Watching the embedded server for as long as the product runs, and starting it again."""

import threading
import time
from collections import deque

from muniment.kernel.errors import MunimentError, Unavailable
from muniment.platform.embedded.cluster import EmbeddedPostgres

_FAILED_STARTS = 5
_RESTARTS = 10
_RESTART_WINDOW_SECONDS = 60.0
_LOG_CHECK_SECONDS = 60.0


def keep_running(
    postgres: EmbeddedPostgres, stop_event: threading.Event, *, every_seconds: float = 1.0
) -> int:
    """Look every second and restart a server that was killed, until ``stop_event`` is set.

    Blocks, so it wants a thread of its own; returns how many restarts there were. Raises the
    last error after five starts in a row that failed (1, 2, 4 and 8 seconds apart), and
    ``Unavailable`` when the server died more than ten times within a minute: then something is
    wrong that starting it does not mend.
    """
    restarts: deque[float] = deque(maxlen=_RESTARTS)
    count, failures, log_checked = 0, 0, time.monotonic()
    while not stop_event.wait(every_seconds * 2**failures if failures else every_seconds):
        now = time.monotonic()
        try:
            found = postgres.status()
            if found.running:
                if now - log_checked > _LOG_CHECK_SECONDS:
                    log_checked = now
                    postgres.trim_log()
                continue
            postgres.ensure_running()
        except MunimentError:
            failures += 1
            if failures >= _FAILED_STARTS:
                raise
            continue
        failures = 0
        if postgres.status().pid == found.pid:  # it came up by itself, after one process crashed
            continue
        count += 1
        if len(restarts) == _RESTARTS and now - restarts[0] < _RESTART_WINDOW_SECONDS:
            raise Unavailable(
                f"The embedded PostgreSQL stopped {_RESTARTS + 1} times within a minute. Look into "
                f"{postgres.status().log}; free memory and disk space, then start Muniment again."
            )
        restarts.append(now)
    return count
