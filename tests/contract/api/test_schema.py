"""Every operation, asked with what its own document allows and forbids, keeps to that document."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, SchemathesisConfig
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.conftest import token_for

from muniment.api.app import create_app
from muniment.api.problems import MEDIA_TYPE
from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant
from muniment.platform.embedded import Server
from muniment.platform.settings import Settings

EXAMPLES = int(os.environ.get("MUNIMENT_TEST_EXAMPLES", "3"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class _Place:
    """Where the product of this module is, and the token of its administrator."""

    url: str
    state: Path
    token: str


@asynccontextmanager
async def _product() -> AsyncIterator[Product]:
    opened = Product.on(Settings(state_dir=_Place.state), _Place.url, pool_size=2)
    try:
        yield opened
    finally:
        await opened.close()


async def _administrator() -> str:
    async with _product() as product:
        return await token_for(product, "root", RoleGrant("administrator"))


APP = create_app(_product)
CONFIG = SchemathesisConfig()
CONFIG.projects.default.generation = GenerationConfig(
    max_examples=EXAMPLES, deterministic=True, no_shrink=True, with_security_parameters=False
)
CONFIG.projects.default.phases.coverage.enabled = False
CONFIG.projects.default.phases.stateful.enabled = False
LOADED = schemathesis.openapi.from_dict(APP.openapi(), config=CONFIG)
LOADED.app = APP
OPERATIONS = LOADED.exclude(operation_id="stream_run_events")  # it never ends


@pytest.fixture(scope="module", autouse=True)
def place(
    server: Server, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    name = f"schema_{os.getpid()}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{template}" strategy file_copy')
        _Place.url, _Place.state = server.url(name), tmp_path_factory.mktemp("state")
        _Place.token = asyncio.run(_administrator())
        yield
        shutdown_lifespans()
        connection.execute(f'drop database if exists "{name}" with (force)')


@OPERATIONS.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_documented(case: schemathesis.Case[Any]) -> None:
    answer = case.call(headers={"Authorization": f"Bearer {_Place.token}"})
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == [MEDIA_TYPE]
