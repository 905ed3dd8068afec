"""A real Chromium before the real product over the scanned demo estate."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, StorageState, async_playwright, expect

from muniment.api.ui import BUNDLE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 240.0
SCALE = "0.02"
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
HERE = Path(__file__).parent

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All stories share one event loop, so that they can share one browser."""
    mine = [item for item in items if HERE in item.path.parents]
    for item in mine:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    loud = None
    if CHROMIUM is None:
        loud = "NO CHROMIUM: the browser stories are skipped. Install it: apt install chromium"
    elif not (BUNDLE / "index.html").is_file():
        loud = "NO UI BUNDLE: the browser stories are skipped. Build it: make ui"
    if mine and loud is not None:
        sys.stderr.write(f"\n{loud}\n")
        for item in mine:
            item.add_marker(pytest.mark.skip(reason=loud))


@dataclass(frozen=True, slots=True)
class Served:
    """A running product: its address, and the cookies of its administrator."""

    url: str
    signed_in: StorageState
    cookies: dict[str, str]

    def get(self, path: str, **query: object) -> httpx.Response:
        """Ask the API as the administrator."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, **body: object) -> httpx.Response:
        return self._ask("POST", path, json=body)

    def patch(self, path: str, **body: object) -> httpx.Response:
        return self._ask("PATCH", path, json=body)

    def _ask(self, method: str, path: str, **rest: object) -> httpx.Response:
        with httpx.Client(base_url=f"{self.url}/api/v1", cookies=self.cookies) as client:
            return client.request(method, path, **rest).raise_for_status()  # type: ignore[arg-type]  # httpx names them one by one


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``muniment demo`` at a small scale, scanned, with its administrator signed in."""
    state = tmp_path_factory.mktemp("product")
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "muniment.cli.run", "demo", f"--scale={SCALE}"],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("MUNIMENT_")},
            "MUNIMENT_STATE_DIR": str(state),
            "MUNIMENT_CACHE_DIR": os.environ["MUNIMENT_CACHE_DIR"],
            "MUNIMENT_PORT": str(port),
            "COLUMNS": "200",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said: list[str] = []
            opened = _sign_in(*_ready(process, said))
            ended = {run["source"]: run["state"] for run in opened.get("/runs").json()["items"]}
            assert set(ended.values()) == {"succeeded"}, f"{ended} The product said: {said[-40:]}"
            yield opened
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ready(process: subprocess.Popen[str], said: list[str]) -> tuple[str, str]:
    """The address and the sign-in code that the product prints when it is ready."""
    lines: SimpleQueue[str | None] = SimpleQueue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    Thread(target=read, daemon=True).start()
    deadline = monotonic() + START_SECONDS
    while (left := deadline - monotonic()) > 0:
        try:
            line = lines.get(timeout=left)
        except Empty:
            break
        if line is None:
            break
        said.append(line)
        if "/sign-in?code=" in line:
            url, code = line.strip().split("/sign-in?code=")
            return url, code
    raise AssertionError("The product did not start. It said:\n" + "".join(said[-40:]))


def _sign_in(url: str, code: str) -> Served:
    answer = httpx.post(f"{url}/api/v1/auth/sign-in-by-link", json={"code": code})
    answer.raise_for_status()
    cookies = dict(answer.cookies.items())
    kept: StorageState = {
        "cookies": [
            {"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}
            for name, value in cookies.items()
        ],
        "origins": [],
    }
    return Served(url, kept, cookies)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all stories; each story gets a profile of its own."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, served: Served) -> AsyncIterator[Page]:
    """A signed-in page, 1440 wide. What the console calls an error fails the story."""
    async for opened in _opened(browser, served, WIDE):
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def narrow(browser: Browser, served: Served) -> AsyncIterator[Page]:
    """The same on a telephone."""
    async for opened in _opened(browser, served, NARROW):
        yield opened


async def _opened(browser: Browser, served: Served, size: dict[str, int]) -> AsyncIterator[Page]:
    context = await browser.new_context(
        base_url=served.url,
        storage_state=served.signed_in,
        viewport={"width": size["width"], "height": size["height"]},
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(10_000)
    opened = await context.new_page()
    broken: list[str] = []
    opened.on("pageerror", lambda error: broken.append(str(error)))
    yield opened
    await context.close()
    assert not broken, f"The page threw: {broken}"
