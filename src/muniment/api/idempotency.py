"""A POST with an Idempotency-Key is carried out once; its repetition gets the same answer."""

import hashlib
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from muniment.api.problems import problem_response
from muniment.api.security import current_principal
from muniment.composition.product import Product
from muniment.kernel.errors import Conflict, Invalid, MunimentError
from muniment.platform.tables import IdempotentAnswer

HEADER = "idempotency-key"
MAX_KEY = 200
KEPT_HEADERS = ("content-type", "etag", "location")


class IdempotentPosts:
    """Keeps the answers of keyed POSTs, by caller and key. Server failures are not kept."""

    def __init__(self, app: ASGIApp, *, app_state: State, base: str) -> None:
        self.app = app
        self.state = app_state
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        key = request.headers.get(HEADER)
        if key is None or not scope["path"].startswith(self.base):
            await self.app(scope, receive, send)
            return
        scope["app"] = scope.get("app") or _App(self.state)
        try:
            await self._once(request, key, send)
        except MunimentError as error:
            await problem_response(request, error)(scope, receive, send)

    async def _once(self, request: Request, key: str, send: Send) -> None:
        if not 1 <= len(key) <= MAX_KEY:
            raise Invalid(f"An Idempotency-Key has 1 to {MAX_KEY} characters.")
        caller = (await current_principal(request)).id
        body = await request.body()
        fingerprint = hashlib.sha256(
            b"\n".join((request.url.path.encode(), request.url.query.encode(), body))
        ).hexdigest()
        product: Product = self.state.product
        known = await _claim(product, caller, key, fingerprint)
        if known is not None:
            await known(request.scope, request.receive, send)
            return
        recorded = _Recorder(send)
        try:
            await self.app(request.scope, _replayed(body), recorded)
        finally:
            await _settle(product, caller, key, recorded)


class _App:
    """Gives a request its application's state before the router has set it."""

    def __init__(self, state: State) -> None:
        self.state = state


def _replayed(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


class _Recorder:
    """Passes the answer on and remembers it."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                name.decode(): value.decode()
                for name, value in message.get("headers", [])
                if name.decode() in KEPT_HEADERS
            }
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
        await self.send(message)


async def _claim(product: Product, caller: UUID, key: str, fingerprint: str) -> Response | None:
    """None when the key is ours to carry out; else the answer it got before."""
    async with product.database.writing() as session:
        mine = await session.scalar(
            insert(IdempotentAnswer)
            .values(caller=caller, key=key, fingerprint=fingerprint)
            .on_conflict_do_nothing()
            .returning(IdempotentAnswer.key)
        )
        if mine is not None:
            return None
        before = await session.get(IdempotentAnswer, (caller, key))
    if before is None:
        raise Conflict(
            "The first request with this Idempotency-Key has just failed. Send it again."
        )
    if before.fingerprint != fingerprint:
        raise Invalid("This Idempotency-Key was used for another request. Take a new one.")
    if before.status is None:
        raise Conflict("The first request with this Idempotency-Key is still being carried out.")
    return Response(
        before.body or b"",
        status_code=before.status,
        headers={**(before.headers or {}), "idempotency-replayed": "true"},
    )


async def _settle(product: Product, caller: UUID, key: str, recorded: _Recorder) -> None:
    mine: Any = sa.and_(IdempotentAnswer.caller == caller, IdempotentAnswer.key == key)
    failed = recorded.status is None or recorded.status >= 500
    statement: Any = (
        sa.delete(IdempotentAnswer).where(mine)
        if failed
        else sa.update(IdempotentAnswer)
        .where(mine)
        .values(status=recorded.status, headers=recorded.headers, body=recorded.body)
    )
    async with product.database.writing() as session:
        await session.execute(statement)
