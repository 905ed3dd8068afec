"""Serves the web UI that travels inside the package; every unknown page is the UI's to show."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import muniment

BUNDLE = Path(muniment.__file__).parent / "ui"
FOREVER = "public, max-age=31536000, immutable"
NOT_BUILT = """<!doctype html><title>Muniment</title><h1>The web UI is not built</h1>
<p>Run <code>make ui</code> once, then reload. The API: <a href="/api/docs">/api/docs</a></p>"""


class Hashed(StaticFiles):
    """Files whose names hold their hash, so that browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOREVER
        return response


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
