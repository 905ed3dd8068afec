"""Serves the web UI that travels inside the package; every unknown page is the UI's to show."""

from mimetypes import guess_type
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import muniment

BUNDLE = Path(muniment.__file__).parent / "ui"
FOREVER = "public, max-age=31536000, immutable"
REFUSED = ("q=0", "q=0.0", "q=0.00", "q=0.000")
NOT_BUILT = """<!doctype html><title>Muniment</title><h1>The web UI is not built</h1>
<p>Run <code>make ui</code> once, then reload. The API: <a href="/api/docs">/api/docs</a></p>"""


CODINGS = (("br", ".br"), ("gzip", ".gz"))


class Hashed(StaticFiles):
    """Files whose names hold their hash, so that browsers may keep them.

    Where the build laid a compressed twin beside a file, who understands it gets that one.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        accepted = _accepted(Headers(scope=scope).get("accept-encoding", ""))
        twins = [
            (coding, path + suffix)
            for coding, suffix in CODINGS
            if self.lookup_path(path + suffix)[1] is not None
        ]
        coding, sent = next((each for each in twins if each[0] in accepted), (None, path))
        response = await super().get_response(sent, scope)
        response.headers["Cache-Control"] = FOREVER
        if twins:
            response.headers["Vary"] = "Accept-Encoding"
        if coding is not None:
            response.headers["Content-Encoding"] = coding
            response.headers["Content-Type"] = _media_type(path)
        return response


def _accepted(header: str) -> set[str]:
    """The codings that a client takes; one with weight zero is refused."""
    offers = (each.strip().lower().partition(";") for each in header.split(","))
    return {name.strip() for name, _, weight in offers if weight.strip() not in REFUSED}


def _media_type(path: str) -> str:
    guessed = guess_type(path)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed


def install(app: FastAPI) -> None:
    """Serve the bundle; paths under /api that do not exist stay 404."""
    if (BUNDLE / "static").is_dir():
        app.mount("/static", Hashed(directory=BUNDLE / "static"), name="static")

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404)
        file = (BUNDLE / path).resolve()
        if path and file.is_file() and file.is_relative_to(BUNDLE.resolve()):
            return FileResponse(file)
        index = BUNDLE / "index.html"
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    app.add_route("/{path:path}", page, methods=["GET", "HEAD"], include_in_schema=False)
