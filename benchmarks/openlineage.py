"""OpenLineage events over HTTP: how many one API process commits, and how soon they are seen.

An event is answered once it is committed, so that an answer is the moment from which every reader
sees it. Then the process is killed with SIGKILL while events are under way: whatever was answered
must be there. The baseline is the same clients asking for ``/version``, which touches nothing.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg

from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant
from muniment.platform.embedded import EmbeddedPostgres
from muniment.platform.migrate import upgrade
from muniment.platform.settings import Settings

PORT = 54_390
BATCH = 100
NAMESPACE = "postgres://warehouse:5432"


def body(number: int, run: str, kind: str) -> bytes:
    """An event as dbt or Spark sends it: two inputs, an output with ten columns."""
    fields = [{"name": f"c{at}", "type": "text"} for at in range(10)]
    inputs = [{"namespace": NAMESPACE, "name": f"shop.raw.t{(number + at) % 500}"} for at in (0, 1)]
    lineage = {
        f"c{at}": {
            "inputFields": [
                {
                    **inputs[at % 2],
                    "field": f"c{at}",
                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}],
                }
            ]
        }
        for at in range(10)
    }
    output = {
        "namespace": NAMESPACE,
        "name": f"shop.mart.m{number % 500}",
        "facets": {"schema": {"fields": fields}, "columnLineage": {"fields": lineage}},
    }
    event = {
        "eventType": kind,
        "eventTime": f"2026-01-31T12:00:00.{number % 1000:03d}Z",
        "run": {"runId": run},
        "job": {"namespace": "bench", "name": f"job{number % 500}"},
        "inputs": inputs,
        "outputs": [output] if kind == "COMPLETE" else [],
        "producer": "https://example.com/bench",
    }
    return json.dumps(event).encode()


async def answered(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    size = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
    await reader.readexactly(size)
    return int(lines[0].split()[1])


async def client(
    token: str, numbers: "count[int]", until: float, took: list[float], done: list[str], kind: str
) -> None:
    """One connection that sends an event after the other until the time is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    head = f"Host: b\r\nAuthorization: Bearer {token}\r\n"
    try:
        while time.perf_counter() < until:
            if kind == "version":
                request, run = f"GET /api/v1/version HTTP/1.1\r\n{head}\r\n".encode(), ""
            else:
                number, run = next(numbers), str(uuid4())
                told = "START" if number % 2 else "COMPLETE"
                sent, path = body(number, run, told), "/api/v1/lineage"
                if kind == "batch":
                    more = [body(number + at, str(uuid4()), told) for at in range(1, BATCH)]
                    sent, path = b"[" + b",".join([sent, *more]) + b"]", "/api/v1/lineage/batch"
                size = f"Content-Length: {len(sent)}\r\n"
                request = f"POST {path} HTTP/1.1\r\n{head}{size}\r\n".encode() + sent
            start = time.perf_counter()
            writer.write(request)
            status = await answered(reader)
            if status not in (200, 201):
                raise SystemExit(f"The server answered {status}.")
            took.append(time.perf_counter() - start)
            done.append(run)
    except (asyncio.IncompleteReadError, ConnectionError):
        return  # the server was killed
    finally:
        writer.close()


async def load(
    token: str, clients: int, seconds: float, kind: str
) -> tuple[list[float], list[str]]:
    took: list[float] = []
    done: list[str] = []
    numbers, until = count(), time.perf_counter() + seconds
    await asyncio.gather(*(client(token, numbers, until, took, done, kind) for _ in range(clients)))
    return took, done


def share(took: Sequence[float], part: float) -> float:
    return sorted(took)[int(len(took) * part)] * 1000


async def token_of(settings: Settings, url: str) -> str:
    product = Product.on(settings, url)
    async with product.writing() as unit:
        view = await unit.identity.create("bench", roles=(RoleGrant("administrator"),))
        _, secret = await unit.identity.issue_token(
            view.account.id, title="bench", scopes=None, expires_at=None
        )
    await product.close()
    return secret


def start(folder: Path, url: str) -> "subprocess.Popen[bytes]":
    settings = {"STATE_DIR": str(folder), "DATABASE_URL": url, "PORT": str(PORT)}
    return subprocess.Popen(
        [sys.executable, "-m", "muniment.api.main"],
        env={**os.environ, **{f"MUNIMENT_{name}": value for name, value in settings.items()}},
        stdout=subprocess.DEVNULL,
    )


async def ready() -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", PORT)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise SystemExit("The server did not start.")


async def measure(folder: Path, arguments: argparse.Namespace) -> None:
    server = EmbeddedPostgres(folder)
    server.ensure_running()
    try:
        url = server.ensure_database("bench").url("bench")
        upgrade(url)
        token = await token_of(Settings(state_dir=folder), url)
        api = start(folder, url)
        await ready()
        await load(token, arguments.clients, 2.0, "event")
        bare, _ = await load(token, arguments.clients, arguments.seconds / 2, "version")
        took, done = await load(token, arguments.clients, arguments.seconds, "event")
        plain = len(bare) / arguments.seconds * 2
        rate = len(took) / arguments.seconds
        print(f"/version: {plain:,.0f} answers a second")
        print(
            f"events committed and seen: {rate:,.0f} a second ({plain / rate:.1f}x a bare answer)"
        )
        print(f"until seen: median {share(took, 0.5):.0f} ms, p95 {share(took, 0.95):.0f} ms")
        batches, _ = await load(token, 4, arguments.seconds, "batch")
        batched = len(batches) * BATCH / arguments.seconds
        print(f"in batches of {BATCH}: {batched:,.0f} a second; p95 {share(batches, 0.95):.0f} ms")
        asyncio.get_running_loop().call_later(3.0, api.send_signal, signal.SIGKILL)
        _, killed = await load(token, arguments.clients, 6.0, "event")
        api.wait()
        with psycopg.connect(url) as connection:
            rows = connection.execute("select run_id::text from catalog.pipeline_event").fetchall()
            runs = connection.execute("select id::text from catalog.pipeline_run").fetchall()
        lost = set(done + killed) - {row[0] for row in rows}
        lost |= set(done + killed) - {row[0] for row in runs}
        print(f"answered until SIGKILL: {len(killed):,}; answered and not there: {len(lost)}")
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=15.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), arguments))


if __name__ == "__main__":
    main()
