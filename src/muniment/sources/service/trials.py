"""Talking to a source from an API node: test, probe, preview, grant script; in a thread."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

from muniment.contracts.connectors import (
    AssetMeta,
    Bounds,
    MetadataConnector,
    Scope,
    SourceConnection,
    StepOutcome,
    TestStep,
)
from muniment.kernel.errors import MunimentError, SourceTimeout
from muniment.sources import registry
from muniment.sources.connectors.scope import ScopeFilter
from muniment.sources.model import Probe

T = TypeVar("T")
QUICK = Bounds(statement_timeout_seconds=10.0, connect_timeout_seconds=5.0)
TEST_SECONDS = 45.0
PROBE_SECONDS = 20.0
PREVIEW_SECONDS = 30.0
STOP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Tested:
    """The steps of a connection test; it passed when none failed."""

    steps: tuple[TestStep, ...]

    @property
    def passed(self) -> bool:
        return all(step.outcome is not StepOutcome.FAILED for step in self.steps)


async def test(connection: SourceConnection) -> Tested:
    """Test a connection step by step; bounded in time."""
    return Tested(tuple([step async for step in test_steps(connection)]))


async def test_steps(connection: SourceConnection) -> AsyncGenerator[TestStep, None]:
    """The steps of a connection test, each as soon as it is known; bounded in time.

    When nobody listens any more the statement at the source is stopped.
    """
    connector = registry.open_connector(connection, QUICK)
    loop = asyncio.get_running_loop()
    known: asyncio.Queue[TestStep | None] = asyncio.Queue()

    def work() -> None:
        with _closing(connector):
            for step in connector.test():
                loop.call_soon_threadsafe(known.put_nowait, step)

    task = asyncio.create_task(asyncio.to_thread(work))
    task.add_done_callback(lambda _: known.put_nowait(None))
    until = loop.time() + TEST_SECONDS
    try:
        while (step := await asyncio.wait_for(known.get(), until - loop.time())) is not None:
            yield step
    except TimeoutError as error:
        raise _too_late(TEST_SECONDS) from error
    finally:
        if not task.done():
            task.add_done_callback(_forget)
            await _stop(connector)
    task.result()


async def probe(connection: SourceConnection) -> Probe:
    """A cheap round trip, as a probe for the history; failures are part of the answer."""
    begun = perf_counter()
    try:
        await _with(connection, lambda connector: connector.probe(), PROBE_SECONDS)
    except MunimentError as error:
        spent = (perf_counter() - begun) * 1000
        return Probe(spent, error.slug, error.message, lasting=not error.retryable)
    return Probe((perf_counter() - begun) * 1000)


async def grant_script(connection: SourceConnection) -> str:
    """What the account must be granted for a scan, and nothing more."""
    return await _with(connection, lambda connector: connector.grant_script(), TEST_SECONDS)


async def discover(connection: SourceConnection) -> Sequence[AssetMeta]:
    """The whole catalogue of a source, live; bounded in time."""

    def listed(connector: MetadataConnector) -> Sequence[AssetMeta]:
        return list(connector.discover(Scope()))

    return await _with(connection, listed, PREVIEW_SECONDS)


async def _with(
    connection: SourceConnection, act: Callable[[MetadataConnector], T], seconds: float
) -> T:
    """Run ``act`` on an open connector in a thread; when time is up the statement is stopped."""
    connector = registry.open_connector(connection, QUICK)

    def work() -> T:
        with _closing(connector):
            return act(connector)

    task = asyncio.create_task(asyncio.to_thread(work))
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.add_done_callback(_forget)
        await _stop(connector)
        raise _too_late(seconds)
    return task.result()


async def _stop(connector: MetadataConnector) -> None:
    """Stop the statement at the source; who waits for us does not wait for that as well."""
    stopping = asyncio.create_task(asyncio.to_thread(connector.cancel))
    stopping.add_done_callback(_forget)
    await asyncio.wait({stopping}, timeout=STOP_SECONDS)


def _too_late(seconds: float) -> SourceTimeout:
    return SourceTimeout(f"The source did not answer within {seconds:.0f} s. Try again later.")


@contextmanager
def _closing(connector: MetadataConnector) -> Iterator[None]:
    try:
        yield
    finally:
        connector.close()


def _forget(task: "asyncio.Task[T]") -> None:
    """The answer comes too late; its failure is taken note of so that nobody logs it."""
    if not task.cancelled():
        task.exception()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a filter would take in: counts, and the first of each side."""

    matched: int
    left_out: int
    matches: tuple[tuple[str, str], ...]
    leaves_out: tuple[tuple[str, str], ...]


def preview(paths: Sequence[tuple[tuple[str, ...], str]], scope: Scope, limit: int) -> Preview:
    """Which assets (path, kind) a scope means; pure."""
    within = ScopeFilter(scope)
    matched = [(".".join(path), kind) for path, kind in paths if within.matches(path)]
    out = [(".".join(path), kind) for path, kind in paths if not within.matches(path)]
    return Preview(len(matched), len(out), tuple(matched[:limit]), tuple(out[:limit]))
