"""The whole product in one process: API, worker with its pool, a real database to be scanned."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
import pytest_asyncio
import structlog
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from tests.conftest import token_for

from muniment.api.app import create_app
from muniment.composition.listeners import subscribe_all
from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant
from muniment.platform.embedded import Server
from muniment.platform.relay import Relay
from muniment.platform.settings import Settings
from muniment.worker.main import WorkerHost

PATIENCE_SECONDS = 150.0
POLL_SECONDS = 0.1
OVER = frozenset({"succeeded", "partial", "failed", "cancelled", "rejected"})

T = TypeVar("T")
Json = Any


class Person:
    """Somebody at the API: asks, and takes only the answer that was expected."""

    def __init__(self, http: AsyncClient) -> None:
        self.http = http

    async def get(self, path: str, **query: object) -> Json:
        return await self._ask(200, "GET", path, params=query)

    async def post(self, path: str, body: object = None, *, status: int = 200) -> Json:
        return await self._ask(status, "POST", path, json=body)

    async def patch(self, path: str, body: object) -> Json:
        return await self._ask(200, "PATCH", path, json=body)

    async def items(self, path: str, **query: object) -> list[Json]:
        """Every item of a list, page after page."""
        found: list[Json] = []
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = await self.get(path, **{"limit": 100, **query, **more})
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    async def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Status and detail of an answer that must be a problem document."""
        answer = await self.http.request(method, f"/api/v1{path}", json=body)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return answer.status_code, answer.json()["detail"]

    async def _ask(self, status: int, method: str, path: str, **rest: Any) -> Json:
        answer = await self.http.request(method, f"/api/v1{path}", **rest)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@dataclass(slots=True)
class World:
    """The running product and what a story needs around it."""

    app: FastAPI
    product: Product
    server: Server
    root: Person
    clients: AsyncExitStack
    databases: list[str] = field(default_factory=list)

    async def person(self, name: str, *roles: RoleGrant) -> Person:
        """A new account with a token."""
        return await signed_in(self.clients, self.app, self.product, name, *roles)

    async def database(self, name: str, script: str, **source: object) -> str:
        """A new PostgreSQL database made by ``script``, registered as the source ``name``."""
        made = f"{name}_{os.getpid()}"
        self._sql("postgres", f'create database "{made}"')
        self.databases.append(made)
        self.change(name, script)
        settings = {
            "host": self.server.host,
            "port": self.server.port,
            "database": made,
            "user": self.server.user,
        }
        body = {"name": name, "kind": "postgresql", "settings": settings, **source}
        if self.server.password:
            body["secrets"] = {"password": self.server.password}
        await self.root.post("/sources", body, status=201)
        return name

    def change(self, name: str, script: str) -> None:
        """Run SQL in the database of a source."""
        self._sql(f"{name}_{os.getpid()}", script)

    def _sql(self, database: str, script: str) -> None:
        with psycopg.connect(self.server.url(database), autocommit=True) as connection:
            connection.execute(script.encode())

    async def scan(self, source: str, *, by: Person | None = None) -> Json:
        """Scan a source to the end, deliveries included; returns the run."""
        asked = await (by or self.root).post("/scans", {"source": source}, status=202)
        return await self.ended(asked["run_id"])

    async def ended(self, run_id: str) -> Json:
        async def over() -> Json:
            run = await self.root.get(f"/runs/{run_id}")
            return run if run["state"] in OVER else None

        run = await eventually(over, f"the run {run_id} ends")
        await self.settled()
        return run

    async def settled(self) -> None:
        """Return when every subscriber has heard all that was told."""
        relay = Relay(self.product.database, self.product.bus)

        async def quiet() -> bool:
            return not await relay.behind()

        await eventually(quiet, "all events are delivered")

    async def asset(self, ref: str) -> Json:
        return await self.root.get("/assets/by-ref", ref=ref)

    async def told(self, topic: str, subject: str) -> Sequence[Mapping[str, Any]]:
        """The audit trail's events of one topic about one subject, the oldest first."""
        found = await self.root.items("/audit-events", topic=topic, subject=subject)
        return found[::-1]


async def signed_in(
    clients: AsyncExitStack, app: FastAPI, product: Product, name: str, *roles: RoleGrant
) -> Person:
    """A new account at the API; its client closes with ``clients``."""
    client = AsyncClient(
        transport=ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://muniment.test",
        headers={"Authorization": f"Bearer {await token_for(product, name, *roles)}"},
    )
    return Person(await clients.enter_async_context(client))


async def eventually(look: Callable[[], Awaitable[T]], what: str) -> T:
    """The first answer of ``look`` that is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := await look():
            return found
        await asyncio.sleep(POLL_SECONDS)
    raise AssertionError(f"It did not come to pass in {PATIENCE_SECONDS:.0f} s that {what}.")


@pytest.fixture(scope="module")
def store(server: Server, template: str) -> Iterator[str]:
    """A migrated metadata database for one module of stories."""
    name = f"story_{os.getpid()}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{template}" strategy file_copy')
        yield server.url(name)
        connection.execute(f'drop database if exists "{name}" with (force)')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    server: Server, store: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Everything runs; stories keep apart by using sources of their own."""
    state = tmp_path_factory.mktemp("state")
    settings = Settings(state_dir=state, database_url=SecretStr(store), worker_processes=2)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    async with AsyncExitStack() as stack:
        stack.callback(structlog.reset_defaults)
        product = Product.on(settings, store)
        stack.push_async_callback(product.close)
        subscribe_all(product)
        worker = WorkerHost(settings)
        stack.push_async_callback(worker.stop)
        await worker.start()
        app = await stack.enter_async_context(_app(product))
        root = await signed_in(stack, app, product, "root", RoleGrant("administrator"))
        made = World(app, product, server, root, stack)
        stack.callback(_drop, server, made.databases)
        yield made


@asynccontextmanager
async def _app(product: Product) -> AsyncIterator[FastAPI]:
    @asynccontextmanager
    async def already_open() -> AsyncIterator[Product]:
        yield product

    made = create_app(already_open)
    async with made.router.lifespan_context(made):
        yield made


def _drop(server: Server, databases: Sequence[str]) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        for name in databases:
            connection.execute(f'drop database if exists "{name}" with (force)'.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "lake"
    place.mkdir()
    return place
