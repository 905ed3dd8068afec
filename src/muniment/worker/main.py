"""Runs the worker process: ``python -m muniment.worker``."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass

import structlog

from muniment.compliance.jobs import settle_frameworks
from muniment.composition.listeners import opener, subscribe_all
from muniment.composition.product import Product
from muniment.kernel.errors import MunimentError, Unavailable
from muniment.platform.logs import configure
from muniment.platform.outbox import CHANNEL
from muniment.platform.relay import Relay
from muniment.platform.settings import Settings, load_settings
from muniment.platform.store import store_url
from muniment.scans.bench import patiently
from muniment.worker.assistant import AssistantWorker
from muniment.worker.host import Host
from muniment.worker.lease import LeaseLost
from muniment.worker.listener import listen
from muniment.worker.revaluing import Revaluer
from muniment.worker.teaching import Teacher
from muniment.worker.wiring import answer_time, chores_of, unit_opener

POOL = 4
LEASE_LOST = 75
"""Exit code of a worker that was slow to beat and taken for dead (EX_TEMPFAIL)."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class WorkerHost:
    """A worker over the whole product, to be started and stopped inside a running loop."""

    settings: Settings
    _product: Product | None = None
    _host: Host | None = None

    async def start(self) -> None:
        """Begin to work; Unavailable when the database does not answer."""
        url = await asyncio.to_thread(store_url, self.settings)
        product = Product.on(self.settings, url, pool_size=POOL, application_name="muniment-worker")
        self._product = product
        await product.database.wait_until_ready()
        subscribe_all(product)
        open_frameworks = opener(product, lambda unit: unit.compliance.frameworks)
        await patiently(lambda: settle_frameworks(open_frameworks), what="frameworks.settle")
        relay = Relay(product.database, product.bus)
        revaluer = Revaluer(opener(product, lambda unit: unit.classification.revaluations))
        teacher = Teacher(opener(product, lambda unit: unit.classification.models))
        assistant = AssistantWorker(opener(product, lambda unit: unit.assistant.asking))
        self._host = Host(
            url,
            unit_opener(product),
            slots=self.settings.worker_processes or os.cpu_count() or 1,
            chores=chores_of(product),
            timer=answer_time,
            background=[
                relay.run,
                lambda: listen(url, [CHANNEL], relay.wake),
                assistant.run,
                revaluer.run,
                teacher.run,
            ],
        )
        await self._host.start()

    async def wait(self) -> None:
        """Return never, or raise what ended the worker."""
        if self._host is not None:
            await self._host.wait()

    async def stop(self) -> None:
        """End in good order; unfinished work is taken up by the next worker."""
        if self._host is not None:
            await self._host.stop()
            self._host = None
        if self._product is not None:
            await self._product.close()
            self._product = None


async def _serve(settings: Settings) -> None:
    host = WorkerHost(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    try:
        await host.start()
        ending = asyncio.create_task(stopped.wait())
        working = asyncio.create_task(host.wait())
        await asyncio.wait({ending, working}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if working.done():
            working.result()
        working.cancel()
    finally:
        await host.stop()


def main() -> None:
    """Work until told to stop."""
    try:
        settings = load_settings()
    except MunimentError as error:
        sys.exit(f"Error: {error.message}")
    configure(settings, process="worker")
    try:
        asyncio.run(_serve(settings))
    except* Unavailable as errors:
        log.error("worker.ended", reason=str(errors.exceptions[0]))
        sys.exit(1)
    except* LeaseLost:
        log.error("worker.lease_lost", remedy="Others took over; the supervisor starts it again.")
        sys.exit(LEASE_LOST)
