"""The bytes of one object as a file: a few large requests, the next begun before it is needed."""

import io
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

Fetch = Callable[[int, int], "Future[bytes]"]
"""Begins to fetch a span of the bytes."""

PART = 4 << 20
"""A request asks for no more; a larger span is fetched by several at once."""
FIRST = 128 << 10
"""What is fetched at a time doubles from here while the reading goes on in order."""
LEAST = 64 << 10
AHEAD = 2
"""So many parts are under way while one is read."""


class RangeReader(io.RawIOBase):
    """Random access to an object; used by one thread at a time."""

    def __init__(self, size: int, fetch: Fetch, wait: "Callable[[Future[bytes]], bytes]") -> None:
        self._size = size
        self._fetch = fetch
        self._wait = wait
        self._place = 0
        self._window = FIRST
        self._start = 0
        self._held = memoryview(b"")
        self._coming: deque[tuple[int, Future[bytes]]] = deque()
        self._asked = 0
        """Where the last span that was asked for ends."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readall(self) -> bytes:
        return self.read(-1)

    def read(self, size: int | None = -1, /) -> bytes:
        """Exactly so many bytes, fewer only at the end."""
        left = self._size - self._place
        left = max(0, left if size is None or size < 0 else min(size, left))
        parts: list[memoryview] = []
        while left > 0:
            parts.append(self._some(left))
            left -= len(parts[-1])
        return bytes(parts[0]) if len(parts) == 1 else b"".join(parts)

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # what is handed is a buffer
        found = self.read(len(view))
        view[: len(found)] = found
        return len(found)

    def close(self) -> None:
        self._drop()
        self._held = memoryview(b"")
        super().close()

    def _some(self, wanted: int) -> memoryview:
        """Bytes at the place, at least one and no more than are wanted."""
        at = self._place - self._start
        if not 0 <= at < len(self._held):
            self._next(wanted)
            at = self._place - self._start
        found = self._held[at : at + wanted]
        self._place += len(found)
        return found

    def _next(self, wanted: int) -> None:
        """Hold the part in which the place lies."""
        while self._coming and self._coming[0][0] != self._place:
            self._coming.popleft()[1].cancel()
        if not self._coming:
            in_order = self._place == self._asked
            self._ask(self._place, max(wanted, self._window if in_order else LEAST))
            self._window = min(PART, self._window * 2) if in_order else FIRST
        self._start, coming = self._coming.popleft()
        self._held = memoryview(self._wait(coming))
        while self._window == PART and len(self._coming) < AHEAD and self._asked < self._size:
            self._ask(self._asked, PART)

    def _ask(self, start: int, length: int) -> None:
        """Begin to fetch a span, in parts."""
        end = min(self._size, start + length)
        for part in range(start, end, PART):
            self._coming.append((part, self._fetch(part, min(end, part + PART))))
        self._asked = end

    def _drop(self) -> None:
        while self._coming:
            self._coming.popleft()[1].cancel()
