"""Finds what kinds of source are installed, and opens them; descriptions load nothing heavy."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Protocol, cast

from muniment.contracts.connectors import (
    Bounds,
    ConnectorType,
    MetadataConnector,
    SourceConnection,
)
from muniment.kernel.errors import NotFound


class _Factory(Protocol):
    def __call__(self, connection: SourceConnection, bounds: Bounds) -> MetadataConnector: ...


@cache
def connector_types() -> Mapping[str, ConnectorType]:
    """Every kind that is installed, by its name."""
    found = (point.load() for point in entry_points(group="muniment.connector_types"))
    types = sorted((cast(ConnectorType, each) for each in found), key=lambda each: each.title)
    return {each.kind: each for each in types}


def connector_type(kind: str) -> ConnectorType:
    """One kind; NotFound names those that there are."""
    types = connector_types()
    if kind not in types:
        raise NotFound(
            f"There is no connector of the kind '{kind}'. There are: {', '.join(types)}.",
            kind=kind,
        )
    return types[kind]


def open_connector(connection: SourceConnection, bounds: Bounds) -> MetadataConnector:
    """An open connector; Invalid when the settings do not fit it."""
    connector_type(connection.kind)
    for point in entry_points(group="muniment.connectors", name=connection.kind):
        return cast(_Factory, point.load())(connection, bounds)
    raise NotFound(f"The connector '{connection.kind}' is described and not installed.")
