"""``muniment doctor``: what Muniment needs, checked one by one, with what to do."""

import asyncio
import json
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from rich.console import Console

from muniment.cli.words import plain
from muniment.kernel.errors import MunimentError
from muniment.platform.db import Database
from muniment.platform.migrate import is_current
from muniment.platform.settings import Settings, load_settings
from muniment.platform.store import store_url
from muniment.platform.vault import Vault

ROOM_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at."""

    what: str
    ok: bool
    found: str


def run(*, as_json: bool) -> int:
    """Print each check; 0 when all is well."""
    checks = list(examine())
    if as_json:
        sys.stdout.write(json.dumps([asdict(each) for each in checks], indent=1) + "\n")
    else:
        console = Console()
        for each in checks:
            mark = "[green]ok  [/]" if each.ok else "[red]fail[/]"
            console.print(f"{mark} {each.what}: {plain(each.found)}", highlight=False)
    return 0 if all(each.ok for each in checks) else 1


def examine() -> Iterator[Examined]:
    """Python, settings, disk, key, database, schema, port; what fails ends what builds on it."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Examined("Python", sys.version_info >= (3, 11), version)
    try:
        settings = load_settings()
    except MunimentError as error:
        yield Examined("settings", False, error.message)
        return
    yield Examined("settings", True, f"state in {settings.state_dir}")
    yield _disk(settings)
    yield _tried("master key", lambda: f"{Vault.from_file(settings.key_file).key_id}")
    database = _tried("database", lambda: _database(settings))
    yield database
    if database.ok:
        current = is_current(store_url(settings))
        yield Examined(
            "schema", current, "current" if current else "start Muniment once: it migrates"
        )
    yield _port(settings)


def _tried(what: str, look: Callable[[], str]) -> Examined:
    try:
        return Examined(what, True, look())
    except MunimentError as error:
        return Examined(what, False, error.message)


def _disk(settings: Settings) -> Examined:
    try:
        settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = shutil.disk_usage(settings.state_dir).free
    except OSError as error:
        return Examined("state directory", False, f"{settings.state_dir}: {error.strerror}")
    return Examined("disk", free > ROOM_BYTES, f"{free / 1e9:.1f} GB free")


def _database(settings: Settings) -> str:
    async def look() -> str:
        database = Database(store_url(settings), pool_size=1)
        try:
            await database.wait_until_ready(seconds=5)
        finally:
            await database.close()
        return "external" if settings.database_url else "embedded"

    return asyncio.run(look()) + ", answers"


def _port(settings: Settings) -> Examined:
    with socket.socket() as probe:
        taken = probe.connect_ex((settings.host, settings.port)) == 0
    found = "in use (by Muniment, if it runs)" if taken else "free"
    return Examined(f"port {settings.port}", True, found)
