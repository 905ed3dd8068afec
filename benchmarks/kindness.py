"""What a scan does to those who use its source, how exactly a rate is kept, how fast one stops.

    python benchmarks/kindness.py [rows] [clients]

The source is a PostgreSQL server of its own on this machine. A person's query (a hundred orders of
one customer, by an index) is asked of it twenty times a second: alone, and while the product scans
with the governor off and on. ``clients`` others keep the server busy from a while after the scan
has begun, so that there is somebody to make room for. Then come the rate that is kept, the time
from a cancel until nothing runs on the source, and the time until a source that stalls in the
middle of an answer is given up (idle limit: 5 s).
"""

import asyncio
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg

from muniment.cli.prepare import first_administrator
from muniment.composition.product import Product
from muniment.platform.embedded import EmbeddedPostgres
from muniment.platform.migrate import prepared_store
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING
from muniment.platform.settings import load_settings
from muniment.platform.store import embedded_of
from muniment.scans.model import Progress
from muniment.sources.locators import Located, parse
from muniment.sources.model import NewSource
from muniment.worker.main import WorkerHost

CUSTOMERS = 5_000
ASKED_EVERY = 0.05
ALONE_SECONDS = 5.0
LEARN_SECONDS = 7.0
"""The governor measures every second; so it knows what is usual."""
WATCHED_SECONDS = 15.0
RATES = (10_000, 20_000)
RATE_SECONDS = 20.0
QUESTION = "select count(*), sum(amount) from orders where customer = %s"
BUSY = "select count(*) from orders where mail like '%7%' and customer % 7 = 3"
AT_WORK = "select count(*) from pg_stat_activity where application_name = 'muniment' and state = %s"


def fill(url: str, rows: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table orders as select n as id, n % 5000 as customer,"
            " round((random() * 100)::numeric, 2)::float8 as amount,"
            " 'user' || (random() * 1000000)::int || '@example.com' as mail,"
            " repeat(md5(n::text), 4) as note, date '2024-01-01' + (n % 700) as day"
            f" from generate_series(1, {rows}) n"
        )
        connection.execute("create index on orders (customer)")
        connection.execute("analyze orders")


@dataclass
class Person:
    """Asks a short question again and again, and notes how long each answer takes."""

    url: str
    took: list[float] = field(default_factory=list)

    def ask(self, seconds: float) -> "Person":
        chance = np.random.default_rng(1)
        until = time.monotonic() + seconds
        with psycopg.connect(self.url, autocommit=True) as connection:
            while time.monotonic() < until:
                began = time.monotonic()
                customer = int(chance.integers(CUSTOMERS))
                connection.execute(QUESTION, (customer,)).fetchone()
                self.took.append(time.monotonic() - began)
                time.sleep(max(0.0, ASKED_EVERY - self.took[-1]))
        return self

    def __str__(self) -> str:
        half, most = (np.quantile(self.took, share) * 1000 for share in (0.5, 0.95))
        return f"median {half:6.1f} ms, p95 {most:6.1f} ms"


@contextmanager
def others(url: str, clients: int, after: float) -> Iterator[None]:
    """Keep the server busy from a while after the beginning."""
    over = threading.Event()

    def work() -> None:
        over.wait(after)
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.is_set():
                connection.execute(BUSY)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(10)


@contextmanager
def stalling(host: str, port: int, after: int) -> Iterator[int]:
    """A relay on loopback that passes so much of each answer on, and then nothing for ever."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket, limit: float) -> None:
        sent = 0
        with suppress(OSError):
            while chunk := source.recv(1 << 14):
                sent += len(chunk)
                if sent > limit:
                    return  # both stay open: nobody is told
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{host}/.s.PGSQL.{port}")
                for pair in ((client, server, float("inf")), (server, client, after)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


@dataclass(frozen=True, slots=True)
class Bench:
    product: Product
    url: str

    async def register(self, located: Located, **limits: Any) -> None:
        async with self.product.writing() as unit:
            await unit.sources.sources.ensure(
                NewSource("shop", located.kind, located.settings, located.secrets)
            )
            await unit.sources.sources.update("shop", limits, expected=None)

    async def start(self) -> UUID:
        async with self.product.writing() as unit:
            return await unit.scans.runs.request("shop", full=True)

    async def progress(self, run_id: UUID) -> Progress:
        async with self.product.reading() as unit:
            return await unit.scans.runs.progress(run_id)

    async def until(self, run_id: UUID, held: Callable[[Progress], bool]) -> Progress:
        while not held(now := await self.progress(run_id)):
            if now.state.over:
                raise RuntimeError(f"The scan is {now.state}: {now.problem}")
            await asyncio.sleep(0.1)
        return now

    async def stop(self, run_id: UUID) -> float:
        """Cancel; the seconds until nothing of ours runs on the source any more."""
        began = time.monotonic()
        async with self.product.writing() as unit:
            await unit.scans.runs.cancel(run_id)
        while await asyncio.to_thread(self.at_work):  # noqa: ASYNC110  # another server's state
            await asyncio.sleep(0.02)
        seconds = time.monotonic() - began
        while not (await self.progress(run_id)).state.over:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.1)
        return seconds

    def at_work(self) -> int:
        with psycopg.connect(self.url) as connection:
            found = connection.execute(AT_WORK, ("active",)).fetchone()
        return int(found[0]) if found else 0

    async def foreground(self, clients: int, *, governed: bool) -> None:
        await self.register(parse(self.url), governed=governed, max_concurrency=2)
        run_id = await self.start()
        await self.until(run_id, lambda now: now.rows_read > 0)
        await asyncio.sleep(LEARN_SECONDS)
        before = (await self.progress(run_id)).rows_read
        said: dict[str, None] = {}
        with others(self.url, clients, after=0.0):
            asking = asyncio.create_task(asyncio.to_thread(Person(self.url).ask, WATCHED_SECONDS))
            while not asking.done():
                now = await self.progress(run_id)
                said |= {now.held: None} if now.held else {}
                if now.state.over:
                    raise RuntimeError("The scan ended before it was measured: ask for more rows.")
                await asyncio.sleep(0.5)
            person = await asking
        read = (await self.progress(run_id)).rows_read - before
        await self.stop(run_id)
        word = "on " if governed else "off"
        print(
            f"scan, governor {word}: {person}; {read / WATCHED_SECONDS:,.0f} rows/s read",
            flush=True,
        )
        for sentence in said:
            print(f"    it said: {sentence}", flush=True)

    async def kept(self, rate: int) -> None:
        await self.register(parse(self.url), governed=False, rows_per_second=rate)
        run_id = await self.start()
        await self.until(run_id, lambda now: now.rows_read > rate)
        first, began = (await self.progress(run_id)).rows_read, time.monotonic()
        await asyncio.sleep(RATE_SECONDS)
        last, seconds = (await self.progress(run_id)).rows_read, time.monotonic() - began
        found = (last - first) / seconds
        stopped = await self.stop(run_id)
        share = found / rate - 1
        print(f"limit {rate:,} rows/s: kept {found:,.0f} ({share:+.1%}); ", end="")
        print(f"cancelled on the source after {stopped:.2f} s", flush=True)
        await self.register(parse(self.url), rows_per_second=None)

    async def stalled(self) -> None:
        located = parse(self.url)
        host, port = str(located.settings["host"]), int(str(located.settings["port"]))
        with stalling(host, port, after=30_000_000) as through:
            way = {**located.settings, "host": "127.0.0.1", "port": through}
            through_it = replace(located, settings=way)
            await self.register(through_it, idle_timeout_seconds=5.0, max_concurrency=1)
            run_id, read, since = await self.start(), -1, time.monotonic()
            while True:
                await asyncio.sleep(0.1)
                async with self.product.reading() as unit:
                    page = await unit.scans.runs.chunks(run_id, PageQuery(limit=100), EVERYTHING)
                    given_up = any(chunk.failure for chunk in page.items)
                now = await self.progress(run_id)
                if now.rows_read > read:
                    read, since = now.rows_read, time.monotonic()
                if given_up:
                    break
            print(f"stalled in an answer: given up after {time.monotonic() - since:.1f} s", end="")
            print(f"; cancelled then within {await self.stop(run_id):.2f} s", flush=True)


async def run(rows: int, clients: int, home: Path) -> None:
    settings = load_settings()
    embedded = embedded_of(settings)
    if embedded is None:
        raise RuntimeError("Unset MUNIMENT_DATABASE_URL: the benchmark brings its own server.")
    source = EmbeddedPostgres(home / "source", durable=False)
    url = source.ensure_running().url("postgres")
    await asyncio.to_thread(fill, url, rows)
    store = await asyncio.to_thread(prepared_store, settings)
    product = Product.on(settings, store, pool_size=2, application_name="muniment-bench")
    worker = WorkerHost(settings)
    try:
        await first_administrator(product)
        await worker.start()
        bench = Bench(product, url)
        alone = await asyncio.to_thread(Person(url).ask, ALONE_SECONDS)
        print(f"no scan:            {alone}", flush=True)
        with others(url, clients, after=0.0):
            await asyncio.sleep(1)
            crowded = await asyncio.to_thread(Person(url).ask, ALONE_SECONDS)
        print(f"no scan, {clients} others:  {crowded}", flush=True)
        for governed in (False, True):
            await bench.foreground(clients, governed=governed)
        for rate in RATES:
            await bench.kept(rate)
        await bench.stalled()
    finally:
        await worker.stop()
        await product.close()
        embedded.stop()
        source.stop()


def main() -> None:
    given = sys.argv[1:] + ["3000000", "4"][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(run(int(given[0]), int(given[1]), Path(home)))


if __name__ == "__main__":
    main()
