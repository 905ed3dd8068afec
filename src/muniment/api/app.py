"""The HTTP composition root: routes, problems, limits and the UI on one port."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

import muniment
import muniment.api.routes
from muniment.api import middleware, problems, ui
from muniment.api.background import Background
from muniment.api.idempotency import IdempotentPosts
from muniment.api.security import permission_of
from muniment.composition.product import Product
from muniment.kernel.errors import Forbidden, TooLarge, Unauthenticated

BASE = "/api/v1"

PUBLIC = frozenset(
    {
        "sign_in",
        "sign_in_by_link",
        "sign_out",
        "get_me",
        "get_health",
        "get_readiness",
        "get_version",
        "get_metrics",
    }
)
"""Operations without a permission: what must work before anyone is known, and one's own account."""

OpenProduct = Callable[[], AbstractAsyncContextManager[Product]]


def create_app(open_product: OpenProduct) -> FastAPI:
    """The application; the product opens when it starts and closes when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_product() as product, Background(product) as background:
            app.state.product = product
            app.state.background = background
            yield

    app = FastAPI(
        title="Muniment",
        version=muniment.__version__,
        summary="Data governance: sources, scans, catalogue, classification, quality, compliance.",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url="/api/docs",
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    _name_operations()  # before they are included: what an application makes of them is its own
    for router in routers():
        app.include_router(router, prefix=BASE)
    problems.install(app)
    ui.install(app)
    app.add_middleware(IdempotentPosts, app_state=app.state, base=BASE)
    middleware.install(app)
    _document(app)
    return app


def routers() -> Iterator[APIRouter]:
    """Every router of ``api.routes``: a new module is served without being listed anywhere."""
    for module in sorted(pkgutil.iter_modules(muniment.api.routes.__path__), key=lambda m: m.name):
        loaded = importlib.import_module(f"{muniment.api.routes.__name__}.{module.name}")
        router = getattr(loaded, "router", None)
        if isinstance(router, APIRouter):
            yield router


def operations() -> Iterator[APIRoute]:
    """Every operation of the API, its path without ``BASE``."""
    for router in routers():
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def _name_operations() -> None:
    for route in operations():
        route.operation_id = route.name
        permission = permission_of(route)
        if permission is not None:
            route.openapi_extra = {**(route.openapi_extra or {}), "x-permission": permission}


def _document(app: FastAPI) -> None:
    """The OpenAPI document: built once, with problem documents as the shape of every error."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                routes=app.routes,
                license_info=app.license_info,
            )
            app.openapi_schema = _with_problems(schema)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for model in (problems.FieldProblem, problems.Problem):
        schemas[model.__name__] = _schema_of(model)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in schema["paths"].values():
        for operation in path.values():
            for status, title in _implied(operation):
                operation["responses"].setdefault(status, {"description": title})
            for status, answer in operation["responses"].items():
                if status.startswith(("4", "5")):
                    answer["content"] = problem
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "muniment_session"},
    }
    schema["security"] = [{"token": []}, {"session": []}]
    return schema


def _implied(operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Failures that follow from what an operation is, whatever its route declares."""
    if "x-permission" in operation:
        yield "401", Unauthenticated.title
        yield "403", Forbidden.title
    if "requestBody" in operation:
        yield "400", "The body cannot be read"
        yield "413", TooLarge.title


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    described = model.model_json_schema(ref_template="#/components/schemas/{model}")
    described.pop("$defs", None)
    return described
