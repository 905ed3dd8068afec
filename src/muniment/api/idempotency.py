"""A POST with an Idempotency-Key is carried out once; its repetition gets the same answer."""

import hashlib

from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from muniment.api.problems import problem_response
from muniment.api.security import current_principal
from muniment.composition.product import Product
from muniment.kernel.errors import Invalid, MunimentError
from muniment.platform.idempotency import KeptAnswer, KeptAnswers

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
        answers = KeptAnswers(product.database, caller, key)
        known = await answers.claim(fingerprint)
        if known is not None:
            await _again(known)(request.scope, request.receive, send)
            return
        recorded = _Recorder(send)
        try:
            await self.app(request.scope, _replayed(body), recorded)
        finally:
            await answers.settle(recorded.status, recorded.headers, recorded.body)


def _again(kept: KeptAnswer) -> Response:
    return Response(
        kept.body,
        status_code=kept.status,
        headers={**kept.headers, "idempotency-replayed": "true"},
    )


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
