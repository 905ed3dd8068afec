"""How a data directory comes to be: beside its place, and moved there when it is whole."""

import secrets
import shutil
import tempfile
from pathlib import Path

from muniment.kernel.errors import Unavailable
from muniment.platform.embedded.account import Account
from muniment.platform.embedded.configuration import ACCESS_RULES, INCLUDED_AS
from muniment.platform.embedded.failures import start_failure
from muniment.platform.embedded.files import sync_directory, write_private
from muniment.platform.embedded.layout import Layout
from muniment.platform.embedded.server import DEFAULT_DATABASE, SUPERUSER

_BYTES_NEEDED = 200 * 1024 * 1024
_UNFINISHED = "data.new-"


def create_data(layout: Layout, account: Account, binaries: Path, *, durable: bool) -> None:
    """Make the data directory with its password and its first, empty database.

    The caller holds the lock. What an interrupted attempt left is removed first; it had a name
    of its own, so that an ``initdb`` which survived its starter spoils nothing.
    """
    for leftover in layout.home.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    _require_space(layout.home)
    write_private(layout.password, f"{secrets.token_urlsafe(24)}\n", account)
    unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=layout.home))  # mode 0700
    account.own(unfinished)
    try:
        _initdb(layout, account, binaries, unfinished, durable=durable)
        _configure(account, unfinished)
        _add_database(layout, account, binaries, unfinished, durable=durable)
        unfinished.rename(layout.data)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    sync_directory(layout.home)


def _require_space(home: Path) -> None:
    free = shutil.disk_usage(home).free
    if free < _BYTES_NEEDED:
        raise Unavailable(
            f"The disk of {home} has {free // 2**20} MB left, and a new database needs "
            f"{_BYTES_NEEDED // 2**20} MB: the disk is full. Free "
            "some space there, then try again.",
            free_bytes=free,
        )


def _initdb(
    layout: Layout, account: Account, binaries: Path, unfinished: Path, *, durable: bool
) -> None:
    command = [str(binaries / "initdb"), "-D", layout.address_for(account, unfinished)]
    command += ["--username", SUPERUSER, "--auth", "scram-sha-256"]
    command += ["--pwfile", f"../{layout.password.name}"]
    command += ["--encoding", "UTF8", "--locale", "C", "--data-checksums"]
    command += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    command += ["--text-search-config", "english", "--no-instructions"]
    if not durable:
        command.append("--no-sync")
    done = account.run(command, cwd=unfinished)
    if done.returncode != 0:
        raise start_failure("created", layout.home, done.stdout)


def _configure(account: Account, unfinished: Path) -> None:
    write_private(unfinished / "pg_hba.conf", ACCESS_RULES, account)
    main = unfinished / "postgresql.conf"
    included = f"\n# Muniment's own settings\ninclude_if_exists = '{INCLUDED_AS}'\n"
    write_private(main, main.read_text() + included, account)


def _add_database(
    layout: Layout, account: Account, binaries: Path, unfinished: Path, *, durable: bool
) -> None:
    # A single-user server: no socket and no password are needed, and the rename that follows
    # makes directory and database appear together.
    where = layout.address_for(account, unfinished)
    command = [str(binaries / "postgres"), "--single", "-D", where, "-c", "exit_on_error=on"]
    if not durable:
        command.append("-F")
    done = account.run(
        [*command, "template1"], cwd=unfinished, stdin=f"CREATE DATABASE {DEFAULT_DATABASE};\n"
    )
    if done.returncode != 0:
        raise start_failure("created", layout.home, done.stdout)
