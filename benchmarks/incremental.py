"""The CPU of a scan after 1 % of the partitions changed, over that of a full scan.

    python benchmarks/incremental.py [parts] [rows of each] [dataset|assets|table|all]

``dataset`` is one data set of so many Parquet files, each a partition, of which one in a hundred is
written anew: the standard case. ``assets`` are as many data sets of one file each, ``table`` is a
table of PostgreSQL with as many rows, cut into page ranges. Runs the worker of the product in this
process, on an embedded PostgreSQL. Counted is the CPU of the worker and its children and of the
server, which holds Muniment's store and, for the table, the source as well. What an idle worker
uses in the same time is told beside it.
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from muniment.cli.prepare import first_administrator
from muniment.composition.product import Product
from muniment.contracts.scans import RunState
from muniment.platform.migrate import prepared_store
from muniment.platform.settings import load_settings
from muniment.platform.store import embedded_of
from muniment.rulesets.model import AppliesTo, Layer
from muniment.sources.locators import parse
from muniment.sources.model import NewSource
from muniment.worker.main import WorkerHost

BAR = 0.03
WORDS = np.array(["north", "south", "east", "west", "blue", "red", "green", "amber"])


@dataclass(frozen=True, slots=True)
class Figures:
    """What one scan cost, in CPU seconds."""

    client: float
    server: float
    seconds: float
    read: int
    partitions: int

    @property
    def total(self) -> float:
        return self.client + self.server

    def __str__(self) -> str:
        return (
            f"{self.total:7.2f} CPU s (worker {self.client:.2f}, server {self.server:.2f}), "
            f"{self.seconds:.1f} s, {self.read} of {self.partitions} partitions read"
        )


def columns(number: int, rows: int, seed: int) -> dict[str, object]:
    """A dozen columns of the usual kinds."""
    random = np.random.default_rng((number, seed))
    ids = np.arange(number * rows, (number + 1) * rows)
    found: dict[str, object] = {"id": ids, "customer": random.integers(0, 50_000, rows)}
    found |= {f"amount_{n}": np.round(random.normal(100, 20, rows), 2) for n in range(4)}
    found |= {f"kind_{n}": WORDS[random.integers(0, len(WORDS), rows)] for n in range(3)}
    found["mail"] = [f"user{n}@example.com" for n in random.integers(0, 10**6, rows)]
    found["day"] = np.datetime64("2024-01-01") + random.integers(0, 700, rows)
    return found


def write(folder: Path, name: str, number: int, rows: int, seed: int = 0) -> None:
    table = pa.table(columns(number, rows, seed))
    pq.write_table(table, folder / f"{name}-{number:05}.parquet")


def cpu(server: psutil.Process) -> tuple[float, float]:
    """Of this process with its children, and of the server with its backends."""
    return _family(psutil.Process(), server), _family(server, None)


def _family(root: psutil.Process, without: psutil.Process | None) -> float:
    times = root.cpu_times()
    total = times.user + times.system
    if without is None:
        total += times.children_user + times.children_system
    else:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        total += used.ru_utime + used.ru_stime
    for child in root.children(recursive=True):
        try:
            if without is None or (child.pid != without.pid and without not in child.parents()):
                own = child.cpu_times()
                total += own.user + own.system
        except psutil.NoSuchProcess:
            continue
    return total


@dataclass(frozen=True, slots=True)
class Bench:
    product: Product
    server: psutil.Process

    async def scan(self, source: str, *, full: bool = False) -> Figures:
        before, began = cpu(self.server), time.monotonic()
        async with self.product.writing() as unit:
            run_id = await unit.scans.runs.request(source, full=full)
        while True:
            await asyncio.sleep(0.2)
            async with self.product.reading() as unit:
                run = await unit.scans.runs.get(run_id)
                state, problem = RunState(run.state), run.problem
                partitions, carried = run.partitions_total, run.partitions_carried
            if state.over:
                break
        seconds = time.monotonic() - began
        after = cpu(self.server)
        if state != RunState.SUCCEEDED:
            raise RuntimeError(f"The scan is {state}: {problem}")
        worker, server = (now - then for now, then in zip(after, before, strict=True))
        return Figures(worker, server, seconds, partitions - carried, partitions)

    async def idle(self, seconds: float) -> float:
        """CPU seconds an idle worker uses in a second."""
        before = sum(cpu(self.server))
        await asyncio.sleep(seconds)
        return (sum(cpu(self.server)) - before) / seconds

    async def compare(self, source: str, locator: str, change: Callable[[], None]) -> None:
        located = parse(locator)
        async with self.product.writing() as unit:
            await unit.sources.sources.ensure(
                NewSource(
                    name=source,
                    kind=located.kind,
                    settings=located.settings,
                    secrets=located.secrets,
                )
            )
        await asyncio.sleep(3)
        # Labels bring checks of their own: what the first scan found, the second one asks.
        await self.scan(source)
        full = await self.scan(source, full=True)
        print(f"{source}: full     {full}", flush=True)
        same = await self.scan(source)
        print(f"{source}: the same {same}  {same.total / full.total:.1%}", flush=True)
        change()
        await asyncio.sleep(3)
        again = await self.scan(source)
        share = again.total / full.total
        print(f"{source}: changed  {again}  {share:.1%} (bar {BAR:.0%})", flush=True)


async def run(files: int, rows: int, what: str, home: Path) -> None:
    settings = load_settings()
    embedded = embedded_of(settings)
    if embedded is None:
        raise RuntimeError("Unset MUNIMENT_DATABASE_URL: the benchmark brings its own server.")
    url = await asyncio.to_thread(prepared_store, settings)
    product = Product.on(settings, url, pool_size=2, application_name="muniment-bench")
    worker = WorkerHost(settings)
    try:
        await first_administrator(product)
        await worker.start()
        running = embedded.ensure_running()
        data = settings.state_dir / "postgres" / "data"
        pid = int((data / "postmaster.pid").read_text().split()[0])
        bench = Bench(product, psutil.Process(pid))
        await asyncio.sleep(5)
        print(f"idle: {await bench.idle(5):.3f} CPU s a second", flush=True)
        changed = max(1, files // 100)
        await cut_into(product, rows)
        # Files that bear numbers after "part" are one data set; others are one each.
        for case, name in (("dataset", "part"), ("assets", "orders")):
            if what in (case, "all"):
                folder = home / case / "orders"
                folder.mkdir(parents=True)
                for number in range(files):
                    write(folder, name, number, rows)

                def rewrite(folder: Path = folder, name: str = name) -> None:
                    for number in range(changed):
                        write(folder, name, number * 7 % files, rows, seed=1)

                await bench.compare(case, str(home / case), rewrite)
        if what in ("table", "all"):
            source = running.url("postgres")
            fill(source, files, rows)

            def update() -> None:
                with psycopg.connect(source, autocommit=True) as connection:
                    connection.execute(
                        "update big set amount_0 = 1 where id < %s", (changed * 100,)
                    )

            await bench.compare("table", source, update)
    finally:
        await worker.stop()
        await product.close()
        embedded.stop()


async def cut_into(product: Product, rows: int) -> None:
    """Partitions of so many rows, so that a part is one."""
    async with product.writing() as unit:
        sets = unit.rulesets.sets
        await sets.create(
            "bench",
            title="Parts of the benchmark",
            description="",
            layer=Layer.OVERLAY,
            position=0,
            applies_to=AppliesTo(),
            body={"sampling": {"rows_per_partition": rows}},
        )
        await sets.publish("bench")


def fill(url: str, files: int, rows: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table big as select n as id, n % 50000 as customer,"
            " round((random() * 100)::numeric, 2)::float8 as amount_0, random() as amount_1,"
            " 'user' || (random() * 1000000)::int || '@example.com' as mail,"
            " (array['north', 'south', 'east'])[1 + n % 3] as kind,"
            " date '2024-01-01' + (n % 700) as day"
            f" from generate_series(0, {files * rows - 1}) n"
        )
        connection.execute("analyze big")


def main() -> None:
    given = sys.argv[1:] + ["100", "200000", "dataset"][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory() as home:
        # Never the state of the product that may be installed here.
        os.environ["MUNIMENT_STATE_DIR"] = str(Path(home) / "state")
        asyncio.run(run(int(given[0]), int(given[1]), given[2], Path(home)))


if __name__ == "__main__":
    main()
