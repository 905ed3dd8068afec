"""/connectors: the kinds of source that can be registered."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.contracts.connectors import ConnectorType
from muniment.kernel.errors import NotFound
from muniment.sources import registry

router = APIRouter(prefix="/connectors", tags=["sources"])


class ConnectorOut(BaseModel):
    kind: str
    title: str
    description: str
    capabilities: dict[str, bool] = Field(description="What it can do; nothing else is asked.")
    secret_fields: list[str] = Field(description="Settings that go to the vault.")
    dialect: str | None = Field(description="Of its SQL, in sqlglot's words.")

    @classmethod
    def of(cls, known: ConnectorType) -> "ConnectorOut":
        return cls(
            kind=known.kind,
            title=known.title,
            description=known.description,
            capabilities=asdict(known.capabilities),
            secret_fields=list(known.secret_fields),
            dialect=known.dialect,
        )


@router.get("", dependencies=[permit("sources.read")], responses=may_fail())
async def list_connectors() -> list[ConnectorOut]:
    """Every kind of source that is installed, by title."""
    return [ConnectorOut.of(known) for known in registry.connector_types().values()]


@router.get("/{kind}", dependencies=[permit("sources.read")], responses=may_fail(NotFound))
async def get_connector(kind: str) -> ConnectorOut:
    """One kind of source."""
    return ConnectorOut.of(registry.connector_type(kind))


@router.get("/{kind}/schema", dependencies=[permit("sources.read")], responses=may_fail(NotFound))
async def get_connector_schema(kind: str) -> Mapping[str, Any]:
    """JSON Schema of its settings, from which a form can be built."""
    schema: Mapping[str, Any] = registry.connector_type(kind).settings_schema
    return schema
