"""kill -9 of worker, API and PostgreSQL at random moments of a scan: nothing is lost or repeated.

The real product over a real file, its processes started as its supervisor starts them. The seeds
fix who is killed and when; what the machine does in between is left to chance.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from muniment.platform.embedded import EmbeddedPostgres
from muniment.platform.embedded.processes import server_processes
from muniment.platform.migrate import upgrade

SEEDS = (11, 23, 47)
KILLS = 4
BOUND_SECONDS = 120.0
WIDE, WIDE_ROWS = 5, 30_000
LONG_ROWS = 505_000
"""More than one partition holds, so that states are merged after a kill."""

REPEATED = """
select chunk_id from scans.chunk_attempt where run_id = %s group by chunk_id
having count(*) filter (where outcome = 'done') <> 1
    or max(attempt) <> max(attempt) filter (where outcome = 'done')
"""


@dataclass(slots=True)
class Product:
    """The parts of the product, each in a process of its own."""

    home: Path
    postgres: EmbeddedPostgres
    url: str
    port: int
    token: str = ""
    parts: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, part: str) -> None:
        module = {"worker": "muniment.worker", "api": "muniment.api.main"}[part]
        log = (self.home / f"{part}.log").open("ab")
        self.parts[part] = subprocess.Popen(
            [sys.executable, "-m", module],
            env={
                **os.environ,
                "MUNIMENT_STATE_DIR": str(self.home / "state"),
                "MUNIMENT_DATABASE_URL": self.url,
                "MUNIMENT_PORT": str(self.port),
                "MUNIMENT_LOG_FORMAT": "json",
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def kill(self, part: str) -> None:
        """kill -9; ``supervise`` starts it again."""
        if part == "postgres":
            for pid in server_processes(self.home / "state" / "postgres" / "data"):
                with suppress(ProcessLookupError):  # a connection that ended by itself meanwhile
                    os.kill(pid, signal.SIGKILL)
            return
        self.parts[part].kill()
        self.parts[part].wait()

    def supervise(self) -> None:
        """Start again what has ended, as the supervisor would.

        A killed process takes a moment to be gone, so PostgreSQL is looked at every time.
        """
        self.postgres.ensure_running()
        for part, process in list(self.parts.items()):
            if process.poll() is not None:
                self.start(part)

    def stop(self) -> None:
        for process in self.parts.values():
            process.kill()
            process.wait()

    def ask(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # our own
            return json.loads(answer.read() or b"null")

    def rows(self, statement: str, *values: object) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchall()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    home = tmp_path_factory.mktemp("kill")
    postgres = EmbeddedPostgres(home / "state")
    postgres.ensure_running()
    url = postgres.ensure_database("muniment").url("muniment")
    upgrade(url)
    made = Product(home, postgres, url, _free_port())
    made.token = _administrators_token(made)
    made.start("api")
    made.start("worker")
    try:
        yield made
    finally:
        made.stop()
        postgres.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _administrators_token(product: Product) -> str:
    script = (
        "import asyncio\n"
        "from muniment.composition.product import Product\n"
        "from muniment.platform.settings import load_settings\n"
        "async def main():\n"
        "    settings = load_settings()\n"
        "    product = Product.on(settings, settings.database_url.get_secret_value())\n"
        "    async with product.writing() as unit:\n"
        "        await unit.identity.ensure_administrator()\n"
        "        account = (await unit.identity.accounts.by_name('admin'))\n"
        "        _, secret = await unit.identity.issue_token(\n"
        "            account.id, title='kill', scopes=None, expires_at=None)\n"
        "        print(secret)\n"
        "    await product.close()\n"
        "asyncio.run(main())\n"
    )
    environment = {
        **os.environ,
        "MUNIMENT_STATE_DIR": str(product.home / "state"),
        "MUNIMENT_DATABASE_URL": product.url,
    }
    answer = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
    )
    return answer.stdout.strip()


def _make_source(path: Path) -> dict[str, int]:
    """A file of tables with personal data; returns rows by table."""
    rows: dict[str, int] = {}
    with sqlite3.connect(path) as file:
        for n in range(WIDE):
            name = f"customers_{n}"
            file.execute(
                f"create table {name} (id integer primary key, email text, phone text, city text,"
                " amount real, note text, born text, score integer)"
            )
            file.executemany(
                f"insert into {name} values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (i, f"p{i}@shop{n}.example", f"+49 30 {i:07d}", f"city {i % 97}", i / 7,
                     None if i % 3 else f"note {i}", f"19{i % 90:02d}-01-02", i % 11)
                    for i in range(WIDE_ROWS)
                ),
            )  # fmt: skip
            rows[name] = WIDE_ROWS
        file.execute("create table visits (id integer primary key, page integer)")
        file.executemany(
            "insert into visits values (?, ?)", ((i, i % 1013) for i in range(LONG_ROWS))
        )
        rows["visits"] = LONG_ROWS
    return rows


def _patiently(product: Product, method: str, path: str, body: object = None) -> Any:
    deadline = time.monotonic() + 60
    while True:
        product.supervise()
        try:
            return product.ask(method, path, body)
        except urllib.error.HTTPError as refused:
            if refused.code < 500 or time.monotonic() > deadline:
                raise AssertionError(refused.read().decode()) from refused
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_kills_lose_nothing_and_repeat_nothing(product: Product, seed: int) -> None:
    chance = Random(seed)
    name = f"shop{seed}"
    tables = _make_source(product.home / f"{name}.db")
    _patiently(
        product,
        "POST",
        "/sources",
        {"name": name, "kind": "sqlite", "settings": {"path": str(product.home / f"{name}.db")}},
    )
    run_id = _patiently(product, "POST", "/scans", {"source": name})["run_id"]
    acknowledged = _scan_under_fire(product, run_id, chance, seed)

    run = _patiently(product, "GET", f"/runs/{run_id}")
    failed = product.rows(
        "select asset, failure from scans.run_asset where run_id = %s and failure is not null",
        run_id,
    )
    assert (run["state"], run["problem"], failed) == ("succeeded", None, [])
    outcomes = product.rows(
        "select asset, state, rows from scans.run_asset where run_id = %s", run_id
    )
    assert {asset.split("/")[-1]: rows for asset, _, rows in outcomes} == tables
    assert {state for _, state, _ in outcomes} == {"published"}
    assert product.rows(REPEATED, run_id) == []
    assert run["rows_done"] == sum(tables.values())
    assets = product.rows(
        "select name, count(*) from catalog.asset"
        " where source = %s and kind = 'table' and vanished_at is null group by name",
        name,
    )
    assert dict(assets) == dict.fromkeys(tables, 1)
    told = product.rows(
        "select payload->>'state' from platform.outbox"
        " where topic = 'scans.run-finished.v1' and payload->>'run_id' = %s",
        run_id,
    )
    assert told == [("succeeded",)]
    kept = {row[0] for row in product.rows("select name from platform.account")}
    assert acknowledged <= kept


def _scan_under_fire(product: Product, run_id: str, chance: Random, seed: int) -> set[str]:
    """Kill parts until the kills are used up, writing all the while; wait for the end of the run.

    Returns the writes the API acknowledged.
    """
    victims = ["worker", "postgres", "api", chance.choice(["worker", "postgres"])][:KILLS]
    chance.shuffle(victims)
    acknowledged: set[str] = set()
    deadline = time.monotonic() + BOUND_SECONDS
    next_kill = time.monotonic() + chance.uniform(0.3, 2.0)
    while time.monotonic() < deadline:
        product.supervise()
        account = f"k{seed}.{len(acknowledged)}.{chance.randrange(10**9)}"
        try:
            product.ask("POST", "/accounts", {"name": account})
            acknowledged.add(account)
            state = product.ask("GET", f"/runs/{run_id}")["state"]
            if state not in ("queued", "running") and not victims:
                return acknowledged
        except (urllib.error.URLError, OSError):
            pass
        if victims and time.monotonic() >= next_kill:
            product.kill(victims.pop())
            next_kill = time.monotonic() + chance.uniform(0.3, 3.0)
        time.sleep(0.1)
    worker_log = (product.home / "worker.log").read_text()[-2000:]
    raise AssertionError(
        f"the run did not end within {BOUND_SECONDS:.0f} s:\n{_standing(product)}\n{worker_log}"
    )


STANDING = (
    "select id, state, stage, assets_done, chunks_done, chunks_total from scans.run",
    "select id, state, attempt, worker_id, ready_at from scans.chunk where state <> 'done'",
    "select id, state, recovered, beat_at from scans.worker",
    "select workflow_uuid, status, executor_id, queue_name from dbos.workflow_status",
    "select application_name, state, wait_event, xact_start, query from pg_stat_activity",
)


def _standing(product: Product) -> str:
    """What a run that does not end stands on: whoever reads the failure needs to know."""
    return "\n".join(
        f"{statement}\n" + "\n".join(f"    {row}" for row in product.rows(statement))
        for statement in STANDING
    )
