"""Asks chat endpoints over HTTP, with bounded patience; loaded where something is asked."""

import asyncio
import email.utils
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from muniment.kernel.values import JsonObject
from muniment.platform.chat import AnswerFormat, Endpoint, EndpointFailed, Said

LARGEST_ANSWER = 2_000_000
LONGEST_WAIT = 60.0
"""Seconds; an endpoint that asks for more is left alone."""
FIRST_WAIT = 0.5
CHECK_SECONDS = 20.0
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class HttpChat:
    """Implements ``platform.chat.Chat``."""

    http: httpx.AsyncClient

    async def ask(
        self,
        endpoint: Endpoint,
        key: str | None,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: JsonObject,
        max_tokens: int,
    ) -> Said:
        """One answer. EndpointFailed after the last try, or at once where trying cannot help.

        Waits as long as the endpoint asks for (``Retry-After``), up to a minute, else twice as
        long before each next try.
        """
        body = _body(endpoint, messages, schema, max_tokens)
        began, problem = time.monotonic(), ""
        for attempt in range(1, endpoint.retries + 2):
            wait: float | None = None
            try:
                async with asyncio.timeout(endpoint.timeout_seconds):
                    status, headers, raw = await _post(self.http, endpoint, key, body)
            except (httpx.HTTPError, TimeoutError, httpx.InvalidURL) as error:
                problem = _unreachable(error)
            else:
                if status == httpx.codes.OK:
                    spent = int(1000 * (time.monotonic() - began))
                    return _read(raw, endpoint, attempt, spent)
                problem, wait = _refused(status), _asked_to_wait(headers)
                if status not in AGAIN or (wait or 0) > LONGEST_WAIT:
                    raise EndpointFailed(problem, status=status, tries=attempt)
            if attempt <= endpoint.retries:
                await asyncio.sleep(wait if wait is not None else FIRST_WAIT * 2 ** (attempt - 1))
        raise EndpointFailed(problem, tries=endpoint.retries + 1)


@asynccontextmanager
async def client() -> AsyncIterator[HttpChat]:
    """A client that follows no redirect: a key goes to the address it was entered for."""
    async with httpx.AsyncClient(follow_redirects=False) as opened:
        yield HttpChat(opened)


async def _post(
    http: httpx.AsyncClient, endpoint: Endpoint, key: str | None, body: Mapping[str, Any]
) -> tuple[int, httpx.Headers, bytes]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    timeout = httpx.Timeout(endpoint.timeout_seconds, connect=min(endpoint.timeout_seconds, 10))
    raw = bytearray()
    async with http.stream(
        "POST", endpoint.url, json=body, headers=headers, timeout=timeout
    ) as response:
        async for part in response.aiter_bytes():
            raw += part
            if len(raw) > LARGEST_ANSWER:
                raise EndpointFailed("The endpoint's answer is far too large.", tries=1)
        return response.status_code, response.headers, bytes(raw)


def _body(
    endpoint: Endpoint, messages: Sequence[Mapping[str, str]], schema: JsonObject, max_tokens: int
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [dict(each) for each in messages],
        "temperature": 0,
        "max_tokens": max_tokens,
        "stream": False,
    }
    match endpoint.answer_format:
        case AnswerFormat.JSON_SCHEMA:
            named = {"name": "answer", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        case AnswerFormat.JSON_OBJECT:
            body["response_format"] = {"type": "json_object"}
        case AnswerFormat.TEXT:
            pass
    return body


def _read(raw: bytes, endpoint: Endpoint, tries: int, milliseconds: int) -> Said:
    try:
        tree = json.loads(raw)
        text = tree["choices"][0]["message"]["content"]
        usage = tree.get("usage") or {}
        said = Said(
            text=text,
            model=str(tree.get("model") or endpoint.model)[:200],
            prompt_tokens=max(int(usage.get("prompt_tokens") or 0), 0),
            completion_tokens=max(int(usage.get("completion_tokens") or 0), 0),
            tries=tries,
            milliseconds=milliseconds,
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise EndpointFailed(
            "The endpoint answered, but not as a chat completion. Check the base address.",
            tries=tries,
        ) from error
    if not isinstance(text, str):
        raise EndpointFailed("The endpoint answered without a text.", tries=tries)
    return said


def _refused(status: int) -> str:
    match status:
        case 401 | 403:
            return f"The endpoint refused the key ({status}). Enter it again."
        case 404:
            return "The endpoint knows no such address or model (404). Check both."
        case 429:
            return "The endpoint says that it is asked too often (429)."
        case _ if 300 <= status < 400:
            return f"The endpoint sends elsewhere ({status}), which is not followed."
        case _:
            return f"The endpoint answered with status {status}."


def _unreachable(error: Exception) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "The endpoint did not answer in time."
    return f"The endpoint cannot be reached ({type(error).__name__})."


def _asked_to_wait(headers: httpx.Headers) -> float | None:
    """Seconds that ``Retry-After`` asks for, as a number or a date."""
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    try:
        return max(float(said), 0.0) if said.replace(".", "", 1).isdigit() else _until(said)
    except (ValueError, OverflowError):
        return None


def _until(said: str) -> float | None:
    when = email.utils.parsedate_to_datetime(said)
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)


async def check(endpoint: Endpoint, key: str | None) -> Said:
    """Ask for ``{"ready": true}`` once, within 20 seconds. EndpointFailed says what is wrong."""
    patient = replace(
        endpoint, retries=0, timeout_seconds=min(endpoint.timeout_seconds, CHECK_SECONDS)
    )
    schema: JsonObject = {
        "type": "object",
        "properties": {"ready": {"type": "boolean"}},
        "required": ["ready"],
        "additionalProperties": False,
    }
    asked = {"role": "user", "content": 'Answer with the JSON object {"ready": true} only.'}
    async with client() as chat:
        said = await chat.ask(patient, key, [asked], schema=schema, max_tokens=200)
    try:
        json.loads(said.text)
    except (ValueError, RecursionError) as error:
        raise EndpointFailed(
            "The endpoint answered, but not with JSON. Choose another way of holding it to JSON, "
            "or another model."
        ) from error
    return said
