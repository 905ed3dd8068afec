"""Reads no faster than a source may be read, and no longer than it answers."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeVar

import pyarrow as pa

from muniment.scans.engine.patience import Patience
from muniment.scans.jobs import Asks, Frame, MayGo, Rest, SourceLimits, Word
from muniment.scans.limits import STATEMENTS_PER_READ

T = TypeVar("T")
GRACE_SECONDS = 5.0
"""What is waited beyond the statement time-out, which the server keeps itself."""
CLOSING_SECONDS = 10.0


@dataclass(slots=True)
class Brake:
    """What the coordinator says to a running job: go on, or rest between batches."""

    rest: float = 0.0
    """Seconds to rest after each second of work."""
    _go: threading.Event = field(default_factory=threading.Event)

    def hear(self, word: Word) -> None:
        match word:
            case MayGo():
                self._go.set()
            case Rest():
                self.rest = word.share

    def release(self) -> None:
        """Let nobody wait any more: the job is stopped."""
        self._go.set()

    def wait(self) -> None:
        """Return when the coordinator lets the job go on."""
        self._go.wait()
        self._go.clear()


@dataclass(frozen=True, slots=True)
class Pacer:
    """Paces one job. ``check`` raises when the job is to stop; ``asked`` is set then."""

    limits: SourceLimits
    brake: Brake
    patience: Patience
    send: Callable[[Frame], None]
    asked: threading.Event
    check: Callable[[], None]

    def through(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches of one reading, each when it may be read."""
        self._ask(Asks(statements=STATEMENTS_PER_READ))
        allowed = self.limits.statement_timeout_seconds + GRACE_SECONDS
        try:
            while True:
                began = time.monotonic()
                with self.patience.during(allowed):
                    batch = next(batches, None)
                if batch is None:
                    return
                yield batch
                worked = time.monotonic() - began
                allowed = self.limits.idle_timeout_seconds
                self._ask(Asks(rows=batch.num_rows, bytes=batch.nbytes))
                self._rest(worked)
        finally:
            # Closing a reading that was left early talks to the source, which may be silent.
            with self.closing():
                close = getattr(batches, "close", None)
                if close is not None:
                    close()

    def each(self, found: Iterator[T]) -> Iterator[T]:
        """What a source lists, one by one."""
        while True:
            with self.asking():
                one = next(found, None)
            if one is None:
                return
            yield one

    def asking(self) -> AbstractContextManager[None]:
        """Around a call that waits for a statement."""
        return self.patience.during(self.limits.statement_timeout_seconds + GRACE_SECONDS)

    def closing(self) -> AbstractContextManager[None]:
        """Around a call that only ends what was begun."""
        return self.patience.during(CLOSING_SECONDS)

    def _ask(self, asks: Asks) -> None:
        if not self.limits.metered:
            return
        self.send(asks)
        self.brake.wait()
        self.check()

    def _rest(self, worked: float) -> None:
        if self.brake.rest:
            self.asked.wait(worked * self.brake.rest)
            self.check()
