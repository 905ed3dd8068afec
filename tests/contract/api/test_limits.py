"""What no database can hold is refused, wherever it is put into a request."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

NUL = "a\x00b"
HUGE = 2**40
ENDLESS = frozenset({"stream_run_events"})


def _addresses(app: FastAPI) -> Iterator[str]:
    """Every operation that reads, with such values for all of its parameters."""
    for path, operations in app.openapi()["paths"].items():
        operation = operations.get("get")
        if operation is None or operation["operationId"] in ENDLESS:
            continue
        filled, query = path, []
        for parameter in operation.get("parameters", ()):
            value = _value(parameter["schema"])
            if parameter["in"] == "path":
                filled = filled.replace(f"{{{parameter['name']}}}", quote(str(value), safe=""))
            elif parameter["in"] == "query" and value is not None:
                query.append((parameter["name"], value))
        for name, value in query:
            yield f"{filled}?{urlencode([(name, value)])}"
        if not query:
            yield filled


def _value(schema: dict[str, Any]) -> object:
    kinds = [schema, *schema.get("anyOf", ())]
    for kind in kinds:
        if kind.get("format") == "uuid":
            return uuid4()
        if kind.get("type") == "integer":
            return HUGE
        if kind.get("type") == "string":
            return kind["enum"][0] if "enum" in kind else NUL
    return None


async def test_numbers_too_large_and_nul_are_refused_everywhere(
    app: FastAPI, client: AsyncClient
) -> None:
    failed = []
    for address in _addresses(app):
        answer = await client.get(address)
        if answer.status_code >= 500:
            failed.append((answer.status_code, address))
    assert failed == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sources", {"name": "shop", "kind": "files", "settings": {"path": "/x"}, "title": NUL}),
        ("/accounts", {"name": "ada", "title": NUL}),
        ("/scans", {"source": NUL}),
        ("/rule-sets", {"name": "mine", "title": NUL, "body": {}}),
        ("/labels", {"asset": NUL, "column": NUL, "label": "contact.email"}),
    ],
)
async def test_a_body_with_nul_is_refused(
    client: AsyncClient, path: str, body: dict[str, Any]
) -> None:
    answer = await client.post(f"/api/v1{path}", json=body)
    assert answer.status_code in (404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
