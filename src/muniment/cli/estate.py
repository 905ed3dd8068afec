"""Puts the demo estate where it lives and tells how to connect to it."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from muniment.demo.estate import ESTATE, is_built, is_lake_built, is_marketing_built
from muniment.kernel.errors import Unavailable
from muniment.platform.embedded import EmbeddedPostgres, Server
from muniment.platform.settings import Settings

READER = "harbour_reader"
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parts of the estate are."""

    server: Server
    lake: Path
    marketing: Path


def build(settings: Settings, *, scale: float, told: Told) -> Place:
    """Build what is missing of the estate; ``told`` hears the part, what is done, and the total."""
    embedded = EmbeddedPostgres(settings.state_dir)
    embedded.ensure_running()
    server = embedded.ensure_database(ESTATE.database)
    home = settings.state_dir / "demo"
    home.mkdir(parents=True, exist_ok=True)
    place = Place(server, home / ESTATE.lake, home / ESTATE.marketing)
    arguments, environment = _missing(place, scale)
    if arguments or environment:
        for part, done, total in _run([*arguments, f"--scale={scale}"], environment):
            told(part, done, total)
    return place


def reader_password(place: Place) -> str:
    """Give the account that scans a new password and no more rights than reading takes."""
    password = secrets.token_urlsafe(18)
    role = sql.Identifier(READER)
    with psycopg.connect(place.server.url(ESTATE.database)) as connection:
        found = connection.execute("select 1 from pg_roles where rolname = %s", [READER])
        verb = sql.SQL("alter" if found.fetchone() else "create")
        connection.execute(
            sql.SQL("{} role {} login password {}").format(verb, role, sql.Literal(password))
        )
        connection.execute(sql.SQL("grant pg_read_all_data, pg_read_all_stats to {}").format(role))
    return password


def _missing(place: Place, scale: float) -> tuple[list[str], dict[str, str]]:
    arguments: list[str] = []
    url = place.server.url(ESTATE.database)
    if not is_lake_built(place.lake, scale=scale):
        arguments += ["--lake", str(place.lake)]
    if not is_marketing_built(place.marketing, scale=scale):
        arguments += ["--marketing", str(place.marketing)]
    built = is_built(url, scale=scale)
    return arguments, {} if built else {"MUNIMENT_DEMO_URL": url}


def _run(arguments: list[str], environment: dict[str, str]) -> Iterator[tuple[str, int, int]]:
    """The builder in a process of its own, so that its memory ends with it."""
    with subprocess.Popen(
        [sys.executable, "-m", "muniment.demo.estate", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        last = "no reason was given"
        for line in process.stdout or ():
            said = json.loads(line)
            if "error" in said:
                last = said["error"]
            else:
                yield f"{said['part']}: {said['name']}", said["done"], said["total"]
    if process.returncode != 0:
        raise Unavailable(f"The demo estate could not be built: {last}")
