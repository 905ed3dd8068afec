"""Hears PostgreSQL's notifications, so that an idle worker neither polls nor is late."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import asyncpg
import structlog

from muniment.platform.processes import session_name

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 1.0
CHECK_SECONDS = 15.0


async def listen(url: str, channels: Sequence[str], heard: Callable[[], None]) -> None:
    """Call ``heard`` for every notification, and once after each reconnection; until cancelled."""
    while True:
        try:
            connection = await asyncpg.connect(
                url,
                timeout=10,
                server_settings={"application_name": session_name("muniment-listener")},
            )
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            log.info("listener.waits", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)
            continue
        try:
            await _hear(connection, channels, heard)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            await asyncio.sleep(AGAIN_SECONDS)
        finally:
            connection.terminate()


async def _hear(
    connection: "asyncpg.Connection[asyncpg.Record]",
    channels: Sequence[str],
    heard: Callable[[], None],
) -> None:
    closed = asyncio.Event()
    connection.add_termination_listener(lambda _: closed.set())
    for channel in channels:
        await connection.add_listener(channel, lambda *_: heard())
    heard()
    while not closed.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closed.wait(), CHECK_SECONDS)
        if not closed.is_set():
            # A half-open connection would leave us deaf for ever.
            await connection.fetchval("select 1", timeout=5)
