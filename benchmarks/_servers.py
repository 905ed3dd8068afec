"""The PostgreSQL that is measured: the embedded one, or one that is installed on the machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg

from muniment.platform.embedded import EmbeddedPostgres

PORT = 54_329


class Server(Protocol):
    """What makes databases."""

    def ensure_database(self, name: str) -> "Server": ...

    def url(self, database: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Installed:
    """A server of the machine's own binaries, for the time of a benchmark."""

    folder: Path

    def ensure_database(self, name: str) -> "Installed":
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("select from pg_database where datname = %s", [name])
            if known.fetchone() is None:
                connection.execute(f'create database "{name}"')
        return self

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}&port={PORT}"


@contextmanager
def server(folder: Path, binaries: Path | None) -> Iterator[tuple[Server, Path]]:
    """A server and its data directory; ``binaries`` is where initdb and pg_ctl lie."""
    if binaries is None:
        embedded = EmbeddedPostgres(folder, durable=False)
        embedded.ensure_running()
        try:
            yield embedded, folder / "postgres" / "data"
        finally:
            embedded.stop()
        return
    data, user = folder / "data", "postgres" if os.geteuid() == 0 else None
    if user is not None:  # PostgreSQL refuses to run as root
        shutil.chown(folder, user)
    make = [binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres"]
    subprocess.run(make, user=user, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    control = [binaries / "pg_ctl", "-D", data, "-w"]
    options = f"-p {PORT} -k {folder} -c listen_addresses= -c fsync=off -c shared_buffers=256MB"
    log = folder / "log"
    subprocess.run([*control, "-o", options, "-l", log, "start"], user=user, check=True, cwd=folder)
    try:
        yield Installed(folder), data
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], user=user, check=True, cwd=folder)
