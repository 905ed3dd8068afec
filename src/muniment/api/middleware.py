"""What every request passes: an id, a size limit, a log line, a count, security headers."""

import re
import time
from typing import Any

import structlog
from fastapi import FastAPI
from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from muniment.api.problems import problem_response
from muniment.kernel.errors import TooLarge
from muniment.kernel.ids import new_id

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 16 * 1024 * 1024
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

REQUESTS = Counter("muniment_http_requests_total", "Requests answered", ["method", "status"])
SECONDS = Histogram("muniment_http_request_seconds", "Time to the start of the answer", ["method"])

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'"
    ),
}
_DOCS = "/api/docs"


def install(app: FastAPI) -> None:
    app.add_middleware(BodyLimit)
    app.add_middleware(Observed)


class Observed:
    """Gives each request an id, logs and counts its answer, adds the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        given = request.headers.get("x-request-id", "")
        request_id = given if _SAFE_ID.fullmatch(given) else new_id().hex
        request.state.request_id = request_id
        began = time.perf_counter()
        method, path = scope["method"], scope["path"]

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = time.perf_counter() - began
                REQUESTS.labels(method, message["status"]).inc()
                SECONDS.labels(method).observe(seconds)
                message["headers"] = [*message.get("headers", []), *_headers(path, request_id)]
                if path.startswith("/api"):
                    log.debug(
                        "request.answered",
                        method=method,
                        path=path,
                        status=message["status"],
                        milliseconds=round(seconds * 1000, 1),
                    )
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self.app(scope, receive, observed)


def _headers(path: str, request_id: str) -> list[tuple[bytes, bytes]]:
    sent = {"X-Request-Id": request_id, **HEADERS}
    if path.startswith(_DOCS):
        # The documentation page of FastAPI loads its viewer from elsewhere.
        sent.pop("Content-Security-Policy")
    return [(name.lower().encode(), value.encode()) for name, value in sent.items()]


class BodyLimit:
    """Refuses bodies that are too large, whether they say so or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            await _refuse(request, receive, send)
            return
        read = 0
        refused = False

        async def counted() -> Message:
            nonlocal read, refused
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                refused = True
                return {"type": "http.disconnect"}
            return message

        async def unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        try:
            await self.app(scope, counted, unless_refused)
        finally:
            if refused:
                await _refuse(request, receive, send)


async def _refuse(request: Request, receive: Receive, send: Send) -> None:
    limit = MAX_BODY_BYTES // 1024 // 1024
    answer: Any = problem_response(
        request, TooLarge(f"A request may have {limit} MB. Send it in parts.")
    )
    await answer(request.scope, receive, send)
