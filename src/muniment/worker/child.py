"""A process of the pool: it takes one job after the other, until its parent closes the pipe."""

import contextlib
import os
import queue
import resource
import signal
import sys
import threading
from typing import BinaryIO

from muniment.scans.engine import leaf
from muniment.scans.jobs import Frame, Job, JobFailed, MayGo, Rest
from muniment.scans.model import Failure
from muniment.worker.frames import Cancel, End, packed, read_frame

NICENESS = 5
"""The API and the coordinator answer people; the children work when there is time."""
LAST_WORDS_SECONDS = 1.0


def main() -> None:
    """Serve the pipes this process was started with."""
    jobs_in, frames_out = _own_pipes()
    # The terminal's Ctrl-C is for the parent, which ends its children in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    limit_memory()
    Child(jobs_in, frames_out).serve()


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our ends of the pipes; what libraries print goes to the error stream instead."""
    frames_out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    jobs_in = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123  # a device, not a file
        os.dup2(nothing.fileno(), 0)
    return jobs_in, frames_out


def limit_memory() -> None:
    cap = int(os.environ.get("MUNIMENT_CHILD_MEMORY_MB", "0"))
    if cap:
        # A backstop for one huge allocation; the parent watches the resident size closely.
        limit = 2 * cap * 1024 * 1024
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


class Child:
    """Jobs run on the main thread; a second one listens, so that a cancel is heard at once."""

    def __init__(self, jobs_in: BinaryIO, frames_out: BinaryIO) -> None:
        self._in = jobs_in
        self._out = frames_out
        self._jobs: queue.SimpleQueue[tuple[Job, leaf.Stop]] = queue.SimpleQueue()
        self._stop = leaf.Stop()
        self._writing = threading.Lock()

    def serve(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            job, stop = self._jobs.get()
            leaf.run(job, self._send, stop)
            self._write(End(_resident_bytes()))

    def _listen(self) -> None:
        try:
            while True:
                message = read_frame(self._in)
                if isinstance(message, Cancel):
                    self._stop.now()
                elif isinstance(message, MayGo | Rest):
                    self._stop.brake.hear(message)
                else:
                    # Made here, so that what is said next is said to this job.
                    self._stop = leaf.Stop(give_up=self._give_up)
                    self._jobs.put((message, self._stop))
        except (EOFError, OSError):
            # The parent is gone: stop what runs on the source, then end without ceremony.
            last = threading.Timer(LAST_WORDS_SECONDS, os._exit, (0,))
            last.daemon = True
            last.start()
            with contextlib.suppress(Exception):
                self._stop.now()
            os._exit(0)

    def _give_up(self, failure: Failure) -> None:
        """The source is silent, and the job waits in a library that cannot be woken: tell why,
        ask the source to stop, and end. Nothing else is sent any more."""
        with self._writing:
            self._put(JobFailed(failure))
            stopping = threading.Thread(target=self._stop.now, daemon=True)
            stopping.start()
            stopping.join(LAST_WORDS_SECONDS)
            os._exit(0)

    def _send(self, frame: Frame) -> None:
        self._write(frame)

    def _write(self, message: object) -> None:
        with self._writing:
            self._put(message)

    def _put(self, message: object) -> None:
        try:
            self._out.write(packed(message))
            self._out.flush()
        except BrokenPipeError:  # the parent is gone: nobody is left to be told
            os._exit(0)


def _resident_bytes() -> int:
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  # read often and small
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main()
    sys.exit(0)
