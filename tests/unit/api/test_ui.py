"""The bundle is served compressed to who understands it, and whole to who does not."""

import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from muniment.api.ui import FOREVER, Hashed

SCRIPT = b"export const word = 'muniment';" * 100


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "page-1a2b.js").write_bytes(SCRIPT)
    (tmp_path / "page-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "page-1a2b.js.br").write_bytes(b"as the build wrote it")
    (tmp_path / "small-3c4d.js").write_bytes(b"1;")
    app = Starlette()
    app.mount("/static", Hashed(directory=tmp_path))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muniment")


@pytest.mark.parametrize(
    ("accepts", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
async def test_the_best_twin_that_is_understood_is_sent(
    client: httpx.AsyncClient, accepts: str, coding: str | None
) -> None:
    async with client.stream(
        "GET", "/static/page-1a2b.js", headers={"Accept-Encoding": accepts}
    ) as answer:
        body = b"".join([part async for part in answer.aiter_raw()])
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == FOREVER
    if coding == "gzip":
        assert gzip.decompress(body) == SCRIPT
    if coding is None:
        assert body == SCRIPT


async def test_a_file_without_a_twin_is_sent_as_it_is(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static/small-3c4d.js", headers={"Accept-Encoding": "br, gzip"})
    assert answer.content == b"1;"
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers


async def test_what_does_not_exist_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/static/gone-5e6f.js")).status_code == 404
    assert (await client.get("/static/%2e%2e/%2e%2e/etc/passwd")).status_code == 404
