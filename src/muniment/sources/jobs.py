"""What runs in the background: probing every source whose time has come."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import structlog

from muniment.contracts.connectors import SourceConnection
from muniment.kernel.errors import MunimentError, NotFound
from muniment.sources.service import trials
from muniment.sources.service.health import HealthService

log = structlog.get_logger(__name__)

OpenHealth = Callable[[], AbstractAsyncContextManager[HealthService]]
AT_ONCE = 4


async def probe_all(open_service: OpenHealth) -> int:
    """Probe what is due, a few at a time, each recorded in its own unit of work.

    To be called every few seconds: sources come up when their own waiting time is over, so calling
    it more often costs one small statement. Returns how many were probed.
    """
    async with open_service() as health:
        due = await health.claim_due()
    places = asyncio.Semaphore(AT_ONCE)

    async def one(connection: SourceConnection) -> None:
        async with places:
            await _probe(open_service, connection)

    async with asyncio.TaskGroup() as group:
        for connection in due:
            group.create_task(one(connection))
    return len(due)


async def forget_old_probes(open_service: OpenHealth) -> int:
    """Drop probe history that is older than a month, a bounded number at a time."""
    async with open_service() as health:
        return await health.forget_old()


async def _probe(open_service: OpenHealth, connection: SourceConnection) -> None:
    try:
        probe = await trials.probe(connection)
        async with open_service() as health:
            pulse = await health.record(connection.name, probe)
    except NotFound:
        return  # the source was removed meanwhile
    except MunimentError as error:
        log.warning("probe.lost", source=connection.name, error=error.slug)
        return
    log.debug("probe.done", source=connection.name, health=pulse.health, error=probe.error)
