"""Backup and restore of everything Muniment keeps: the database and the keys that open it.

A backup is one tar file, mode 0600, with ``manifest.json``, ``database.dump`` (pg_dump's custom
format) and ``keys/``. Who holds it can open the stored credentials: keep it like a key.
"""

import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

import muniment
from muniment.kernel.errors import Conflict, Invalid, Unavailable
from muniment.platform.embedded import EmbeddedPostgres
from muniment.platform.settings import Settings
from muniment.platform.store import DATABASE, store_url

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; ``digest`` is the SHA-256 of the dump."""

    format: int
    version: str
    made_at: str
    digest: str
    dump_bytes: int


def backup(settings: Settings, target: Path) -> Manifest:
    """Write a consistent backup while the product runs.

    The file appears whole or not at all. Raises Conflict when it exists, Unavailable when
    pg_dump fails (it says why: disk full, no right to read).
    """
    if target.exists():
        raise Conflict(f"{target} exists already. Give another name.")
    with tempfile.TemporaryDirectory(dir=_parent(target), prefix=".muniment-backup-") as made:
        folder = Path(made)
        dump = folder / DUMP
        _run(settings, "pg_dump", store_url(settings), "--format=custom", f"--file={dump}")
        manifest = Manifest(
            format=FORMAT,
            version=muniment.__version__,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            digest=_digest(dump),
            dump_bytes=dump.stat().st_size,
        )
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
        archive = folder / "backup.tar"
        with os.fdopen(os.open(archive, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                tar.add(folder / MANIFEST, MANIFEST)
                tar.add(dump, DUMP)
                for key in sorted(settings.key_file.parent.glob("*")):
                    tar.add(key, f"{KEYS}/{key.name}", recursive=False)
            file.flush()
            os.fsync(file.fileno())
        archive.rename(target)
    return manifest


def restore(settings: Settings, source: Path, *, replace: bool = False) -> Manifest:
    """Put a backup in the place of the present database and keys.

    The dump is loaded beside the present database and takes its name only when all of it is
    there. Raises Conflict while a worker runs, or when there is data and ``replace`` is not said;
    Invalid for a file that is not a backup, is damaged, or is of a newer Muniment.
    """
    with _unpacked(source) as folder:
        manifest = _checked(folder)
        url = store_url(settings)
        _refuse_if_busy(url)
        if not replace and _has_data(url):
            raise Conflict(
                "There is a database with data already. Say --replace to put the backup in its "
                "place, or set MUNIMENT_STATE_DIR to an empty directory."
            )
        fresh, name = _beside(url)
        with _maintenance(url) as connection:
            connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(fresh)))
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(fresh)))
            try:
                _load(settings, _with_database(url, fresh), folder / DUMP)
            except Unavailable:
                connection.execute(sql.SQL("drop database {}").format(sql.Identifier(fresh)))
                raise
            _swap(connection, fresh, name)
        _place_keys(settings, folder / KEYS)
        # What this machine remembers of the trail's end belongs to the database that was replaced.
        (settings.state_dir / "audit" / "head.json").unlink(missing_ok=True)
    return manifest


def _parent(target: Path) -> Path:
    if not target.absolute().parent.is_dir():
        raise Invalid(f"The directory {target.absolute().parent} does not exist.")
    return target.absolute().parent


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(settings: Settings, program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, not by argument."""
    parts = urlsplit(url)
    password = unquote(parts.password or "")
    shown = urlunsplit(
        parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@"))
        if parts.password
        else parts
    )
    if settings.database_url is not None and shown.startswith("postgres://"):
        shown = shown.replace("postgres://", "postgresql://", 1)
    done = subprocess.run(
        [EmbeddedPostgres(settings.state_dir).binary(program), f"--dbname={shown}", *arguments],
        env={**os.environ, "PGPASSWORD": password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Unavailable(f"{program} failed: {said[-1] if said else 'no reason given'}")


def _load(settings: Settings, url: str, dump: Path) -> None:
    """Load the dump and make the outbox readable where transaction ids begin anew."""
    _run(settings, "pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", str(dump))
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            update platform.subscription s set xid = '3', seq = coalesce(
              (select min(o.seq) - 1 from platform.outbox o where (o.xid, o.seq) > (s.xid, s.seq)),
              s.seq)
            """
        )
        connection.execute("update platform.outbox set xid = '3'")
        connection.execute("delete from platform.web_session")
        connection.execute("delete from platform.sign_in_code")


@contextmanager
def _unpacked(source: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="muniment-restore-") as made:
        try:
            with tarfile.open(source) as tar:
                tar.extractall(made, filter="data")
        except FileNotFoundError as error:
            raise Invalid(f"There is no file {source}.") from error
        except (tarfile.TarError, EOFError) as error:
            raise Invalid(f"{source} is not a Muniment backup, or it is damaged.") from error
        except OSError as error:
            raise Invalid(f"{source} cannot be read: {error.strerror}.") from error
        yield Path(made)


def _checked(folder: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise Invalid("The file is not a Muniment backup: it has no manifest.") from error
    if manifest.format > FORMAT:
        raise Invalid(
            f"The backup was made by a newer Muniment ({manifest.version}). Restore it with that."
        )
    if not (folder / DUMP).is_file() or _digest(folder / DUMP) != manifest.digest:
        raise Invalid("The backup is damaged: the dump is not what the manifest says.")
    return manifest


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _beside(url: str) -> tuple[str, str]:
    name = unquote(urlsplit(url).path.lstrip("/")) or DATABASE
    return f"{name}_restoring", name


@contextmanager
def _maintenance(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(_with_database(url, "postgres"), autocommit=True) as connection:
        yield connection


def _swap(connection: psycopg.Connection, fresh: str, name: str) -> None:
    """Let the restored database take the name; the one before it goes."""
    before = f"{name}_replaced"
    old, new, gone = sql.Identifier(name), sql.Identifier(fresh), sql.Identifier(before)
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(gone))
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
    )
    connection.execute(sql.SQL("alter database {} rename to {}").format(old, gone))
    connection.execute(sql.SQL("alter database {} rename to {}").format(new, old))
    connection.execute(sql.SQL("drop database {} with (force)").format(gone))


def _tables(url: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute("select to_regclass('platform.outbox') is not null").fetchone()
    return bool(row and row[0])


def _has_data(url: str) -> bool:
    if not _tables(url):
        return False
    with psycopg.connect(url) as connection:
        row = connection.execute("select exists (select 1 from platform.outbox)").fetchone()
    return bool(row and row[0])


def _refuse_if_busy(url: str) -> None:
    """Muniment's own processes name themselves to the server."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            """
            select count(*) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
              and application_name like 'muniment%%'
            """
        ).fetchone()
    if row and row[0]:
        raise Conflict("Muniment is running on this database. Stop it first, then restore.")


def _place_keys(settings: Settings, keys: Path) -> None:
    """Put the backup's keys where the vault looks; a key that differs is kept beside it."""
    home = settings.key_file.parent
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for key in sorted(keys.glob("*")) if keys.is_dir() else ():
        place = home / key.name
        if place.exists() and place.read_bytes() != key.read_bytes():
            place.rename(place.with_name(f"{place.name}.before-restore"))
        made = home / f".{key.name}.restoring"
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key.read_bytes())
        made.rename(place)
