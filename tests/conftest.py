"""A real PostgreSQL for the tests: one server a run, a fresh migrated database a test."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import psycopg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from muniment.api.app import create_app
from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant
from muniment.platform.db import Database
from muniment.platform.embedded import EmbeddedPostgres, Server
from muniment.platform.migrate import upgrade
from muniment.platform.settings import Settings

TEMPLATE = "muniment_template"
_numbers = count()

# A busy machine must not make a law fail: how long an example takes is no part of it.
hypothesis.settings.register_profile("muniment", deadline=None)
hypothesis.settings.load_profile("muniment")


BROWSER = "tests/e2e/browser"


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """Modules are shared out whole, and the browser stories together: they share one product."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)


def pytest_configure(config: pytest.Config) -> None:
    """One cache for the whole run: processes of the product need not compile patterns anew."""
    if "MUNIMENT_CACHE_DIR" not in os.environ:
        cache = TemporaryDirectory(prefix="muniment-cache-")
        os.environ["MUNIMENT_CACHE_DIR"] = cache.name
        config.add_cleanup(cache.cleanup)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """The project's way of sharing out, where modules are asked to stay whole."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An embedded PostgreSQL of this test process, without fsync."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False)
    yield postgres.ensure_running()
    postgres.stop()


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """The name of a database with every migration run, to be cloned."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{TEMPLATE}"')
    upgrade(server.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(server: Server, template: str) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{template}" strategy file_copy')
        yield server.url(name)
        connection.execute(f'drop database if exists "{name}" with (force)')


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open ``Database`` on a fresh, migrated database."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def empty_database_url(server: Server) -> Iterator[str]:
    """The URL of an empty database, to be used as a data source."""
    name = f"source_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
        yield server.url(name)
        connection.execute(f'drop database if exists "{name}" with (force)')


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """A state directory of its own."""
    place = tmp_path / "state"
    place.mkdir(mode=0o700)
    return place


@pytest.fixture
async def product(database_url: str, state_dir: Path) -> AsyncIterator[Product]:
    opened = Product.on(Settings(state_dir=state_dir), database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def app(product: Product) -> AsyncIterator[FastAPI]:
    @asynccontextmanager
    async def already_open() -> AsyncIterator[Product]:
        yield product

    made = create_app(already_open)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def anonymous(app: FastAPI) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://muniment.test") as client:
        yield client


async def token_for(product: Product, name: str, *roles: RoleGrant) -> str:
    """A service token of a new account with these roles."""
    async with product.writing() as unit:
        view = await unit.identity.create(name, roles=roles)
        _, secret = await unit.identity.issue_token(
            view.account.id, title="test", scopes=None, expires_at=None
        )
    return secret


@pytest.fixture
async def client(app: FastAPI, product: Product) -> AsyncIterator[AsyncClient]:
    """A client that may do everything."""
    secret = await token_for(product, "root", RoleGrant("administrator"))
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(
        transport=transport,
        base_url="http://muniment.test",
        headers={"Authorization": f"Bearer {secret}"},
    ) as opened:
        yield opened
