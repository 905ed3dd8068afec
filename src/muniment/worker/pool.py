"""A pool of processes that outlives its members: one that dies loses its own job and no other."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from muniment.kernel.errors import SourceTimeout
from muniment.scans.jobs import Frame, Job, Word
from muniment.scans.ports import ComputeLost, OnFrame, Reins
from muniment.worker.frames import HEADER, Cancel, End, packed, unpacked

ONE_THREAD = dict.fromkeys(
    (
        "POLARS_MAX_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "RAYON_NUM_THREADS",
    ),
    "1",
)
KEPT_BACK = frozenset({"MUNIMENT_DATABASE_URL", "MUNIMENT_MASTER_KEY_FILE"})
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many children, and when one has done enough."""

    children: int
    memory_mb: int = 1536
    """A child that grows past it is ended, and its job fails."""
    recycle_mb: int = 400
    """A child that is larger than this between two jobs is replaced."""
    recycle_jobs: int = 100
    idle: timedelta = timedelta(seconds=20)
    grace: timedelta = timedelta(seconds=1)
    """From the polite request to stop until the process is killed."""
    look: timedelta = timedelta(seconds=0.25)


@dataclass(slots=True, eq=False)
class _Child:
    process: Process
    jobs: int = 0
    rss: int = 0
    idle_since: float = 0.0

    @property
    def pid(self) -> int:
        return self.process.pid

    def resident(self) -> int:
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_bytes().split()[1]) * PAGE
        except (OSError, IndexError):
            return 0


@dataclass(slots=True)
class Pool:
    """Implements ``scans.ports.Compute``. Children start at need and end when nothing is to do."""

    limits: PoolLimits
    _idle: deque[_Child] = field(default_factory=deque)
    _all: set[_Child] = field(default_factory=set)
    _slots: asyncio.Semaphore | None = None
    _sweeper: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """How many children live."""
        return len(self._all)

    async def run(
        self, job: Job, *, on_frame: OnFrame, within: timedelta, reins: Reins | None = None
    ) -> None:
        """As the port says; waits its turn in order of asking."""
        if self._slots is None:
            self._slots = asyncio.Semaphore(self.limits.children)
        async with self._slots:
            child = await self._take()
            healthy = False
            try:
                if reins is not None:
                    reins.hold(lambda word: _say(child, word))
                await self._serve(child, job, on_frame, within)
                healthy = True
            finally:
                if reins is not None:
                    reins.hold(None)
                await self._give_back(child, healthy=healthy)

    async def close(self) -> None:
        """End every child at once."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        await asyncio.gather(*(self._end(child) for child in list(self._all)))
        self._idle.clear()

    async def _take(self) -> _Child:
        while self._idle:
            child = self._idle.pop()
            if child.process.returncode is None:
                return child
            self._all.discard(child)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "muniment.worker.child",
            stdin=PIPE,
            stdout=PIPE,
            env=self._environment(),
            start_new_session=True,
        )
        child = _Child(process)
        self._all.add(child)
        return child

    def _environment(self) -> dict[str, str]:
        """Ours without what opens the metadata database: a child runs connectors of others."""
        kept = {name: value for name, value in os.environ.items() if name not in KEPT_BACK}
        limits = {"MALLOC_ARENA_MAX": "2", "MUNIMENT_CHILD_MEMORY_MB": str(self.limits.memory_mb)}
        return kept | ONE_THREAD | limits

    async def _serve(self, child: _Child, job: Job, on_frame: OnFrame, within: timedelta) -> None:
        frames = asyncio.create_task(_frames(child, job, on_frame))
        watch = asyncio.create_task(self._watch(child))
        try:
            await asyncio.wait(
                {frames, watch},
                timeout=within.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if watch.done():
                raise ComputeLost(
                    f"The worker process needed more than {self.limits.memory_mb} MB and was ended."
                )
            if not frames.done():
                raise SourceTimeout(
                    f"The work took longer than {within.total_seconds():.0f} s and was stopped."
                )
            frames.result()
        except BaseException:
            await asyncio.shield(self._stop(child, frames))
            raise
        finally:
            watch.cancel()

    async def _watch(self, child: _Child) -> None:
        """Return when the child has grown past its cap."""
        while child.resident() < self.limits.memory_mb * 1024 * 1024:  # noqa: ASYNC110
            # Polled: the kernel tells nobody when a process grows.
            await asyncio.sleep(self.limits.look.total_seconds())

    async def _stop(self, child: _Child, frames: "asyncio.Task[None]") -> None:
        """Ask the job to stop on the source, wait a moment, then kill."""
        stdin = child.process.stdin
        if not frames.done() and stdin is not None:
            try:
                stdin.write(packed(Cancel()))
                await stdin.drain()
            except OSError:
                pass
            await asyncio.wait({frames}, timeout=self.limits.grace.total_seconds())
        frames.cancel()
        await asyncio.gather(frames, return_exceptions=True)
        await self._end(child)

    async def _give_back(self, child: _Child, *, healthy: bool) -> None:
        spent = (
            child.jobs >= self.limits.recycle_jobs
            or child.rss > self.limits.recycle_mb * 1024 * 1024
        )
        if not healthy or spent or child.process.returncode is not None:
            await asyncio.shield(self._end(child))
            return
        child.idle_since = asyncio.get_running_loop().time()
        self._idle.append(child)
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        """End children that had nothing to do for a while; stop when none is left idle."""
        while self._idle:
            oldest = self._idle[0]
            due = oldest.idle_since + self.limits.idle.total_seconds()
            wait = due - asyncio.get_running_loop().time()
            if wait > 0:
                await asyncio.sleep(wait)
            elif self._idle and self._idle[0] is oldest:
                self._idle.popleft()
                await self._end(oldest)

    async def _end(self, child: _Child) -> None:
        self._all.discard(child)
        if child.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        await child.process.wait()
        transport = getattr(child.process, "_transport", None)
        if transport is not None:
            transport.close()


async def _frames(child: _Child, job: Job, on_frame: Callable[[Frame], None]) -> None:
    """Send the job and hand on what comes back, until its end."""
    stdin, stdout = child.process.stdin, child.process.stdout
    if stdin is None or stdout is None:
        raise ComputeLost("The worker process has no pipes.")
    child.jobs += 1
    try:
        stdin.write(packed(job))
        await stdin.drain()
        while True:
            (length,) = HEADER.unpack(await stdout.readexactly(HEADER.size))
            frame = unpacked(await stdout.readexactly(length))
            if isinstance(frame, End):
                child.rss = frame.rss_bytes
                return
            on_frame(frame)
    except (asyncio.IncompleteReadError, OSError) as error:
        await child.process.wait()
        raise ComputeLost(_why(child.process.returncode)) from error


def _say(child: _Child, word: Word) -> None:
    """A few bytes, which the pipe takes; a child that is gone needs no word any more."""
    stdin = child.process.stdin
    if stdin is not None and not stdin.is_closing():
        stdin.write(packed(word))


def _why(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        return f"The worker process was ended by the signal {name}, perhaps for lack of memory."
    return f"The worker process ended by itself with the code {code}."
