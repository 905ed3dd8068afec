"""One embedded PostgreSQL: made, started, found and stopped, by however many processes ask."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from muniment.kernel.errors import Conflict, Unavailable
from muniment.platform.embedded.account import Account
from muniment.platform.embedded.binaries import binaries_for, wheel_binaries, wheel_version
from muniment.platform.embedded.configuration import INCLUDED_AS, PORT, settings
from muniment.platform.embedded.creation import create_data
from muniment.platform.embedded.failures import explained, start_failure
from muniment.platform.embedded.files import read_from, rotate, write_private
from muniment.platform.embedded.layout import Layout
from muniment.platform.embedded.locks import exclusive, is_held, try_lock
from muniment.platform.embedded.processes import (
    Postmaster,
    postmaster_of,
    send,
    server_processes,
)
from muniment.platform.embedded.server import SUPERUSER, Server, Status
from muniment.platform.embedded.sockets import forget, socket_directory

_LOCK_SECONDS = 180.0
_START_SECONDS = 120.0  # a crash leaves at most max_wal_size of log to replay
_ORPHAN_SECONDS = 20.0
_ORPHAN_PATIENCE = (1.0, 4.0)  # then SIGQUIT, then SIGKILL
_KILLED_STARTS = 3
_POLL_SECONDS = 0.01


class EmbeddedPostgres:
    """The server of one state directory. Cheap to make; every method may be called at any time.

    ``durable=False`` starts it without fsync, for tests: it survives a killed process, not a
    stopped machine.
    """

    def __init__(self, state_dir: Path, *, durable: bool = True) -> None:
        self._layout = Layout(state_dir.resolve())
        self._durable = durable

    def ensure_running(self) -> Server:
        """The running server, made and started first if need be.

        Raises ``Unavailable`` or ``Conflict`` with a sentence that says what to do.
        """
        with explained(self._layout.home):
            self._check_version()
            return self._ready_server() or self._bring_up()

    def stop(self, *, wait_seconds: float = 30.0) -> None:
        """Stop the server if it runs: open transactions are rolled back, commits are kept.

        A server that is not done after ``wait_seconds`` is stopped at once, and replays its log
        at the next start.
        """
        layout = self._layout
        with explained(layout.home):
            if not layout.data.is_dir():
                return
            with exclusive(layout.lock, self._account(), seconds=_LOCK_SECONDS):
                postmaster = postmaster_of(layout.data)
                if postmaster is not None:
                    self._end(postmaster, wait_seconds)
                    forget(postmaster.socket_directory)

    def status(self) -> Status:
        layout = self._layout
        with explained(layout.home):
            postmaster = postmaster_of(layout.data)
            version = layout.version.read_text() if layout.version.exists() else wheel_version()
        return Status(
            running=postmaster is not None and postmaster.ready,
            pid=None if postmaster is None else postmaster.pid,
            version=version.strip(),
            data=layout.data,
            log=layout.log,
        )

    def ensure_database(self, name: str) -> Server:
        """Make an empty database unless it exists; returns the running server."""
        # Late: only a first start needs the driver, and this module has to import cheaply.
        import psycopg
        from psycopg import sql

        server = self.ensure_running()
        try:
            with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if found.fetchone() is None:
                    # Another process may be quicker.
                    with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                        made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
                        connection.execute(made)
        except psycopg.OperationalError as error:
            raise start_failure("used", self._layout.home, str(error)) from error
        return server

    def binaries(self) -> Path:
        """The directory of PostgreSQL's programs."""
        return wheel_binaries()

    def binary(self, name: str) -> Path:
        """The path of one program, such as ``pg_dump``."""
        return wheel_binaries() / name

    def trim_log(self) -> None:
        """Move the log aside when it has grown large; ``keep_running`` does so now and then."""
        with explained(self._layout.home):
            rotate(self._layout.log, self._account())

    def _account(self) -> Account:
        return Account.for_directories(self._layout.home, self._layout.state)

    def _check_version(self) -> None:
        mark = self._layout.data / "PG_VERSION"
        if not mark.exists():
            return
        kept, brought = mark.read_text().strip(), wheel_version().split(".")[0]
        if kept != brought:
            raise Conflict(
                f"The data in {self._layout.data} was written by PostgreSQL {kept}, and this "
                f"Muniment brings PostgreSQL {brought}. Install the earlier Muniment again, run "
                "`muniment backup`, then `muniment restore` with this one.",
                data_version=kept,
                binaries_version=brought,
            )

    def _ready_server(self) -> Server | None:
        postmaster = postmaster_of(self._layout.data)
        if postmaster is None or not postmaster.ready:
            return None
        return Server(
            host=postmaster.socket_directory,
            port=postmaster.port,
            user=SUPERUSER,
            password=self._layout.read_password(),
        )

    def _bring_up(self) -> Server:
        account = self._account()
        self._layout.make_home(account)
        with exclusive(self._layout.lock, account, seconds=_LOCK_SECONDS):
            # Another process was quicker, or left a server that is still on its way up.
            found = postmaster_of(self._layout.data) is not None
            if found and (server := self._wait_until_ready()) is not None:
                return server
            self._make_data(account)
            return self._start(account)

    def _make_data(self, account: Account) -> None:
        layout = self._layout
        if (layout.data / "PG_VERSION").exists():
            layout.read_password()  # without it a server would be of no use
            return
        if layout.data.exists():
            raise Conflict(
                f"{layout.data} is not a PostgreSQL data directory. Move it away, then try again."
            )
        create_data(layout, account, binaries_for(account), durable=self._durable)

    def _start(self, account: Account) -> Server:
        """Start a server; what an earlier one left behind may need several attempts."""
        deadline = time.monotonic() + _ORPHAN_SECONDS
        attempt = 0
        while True:
            attempt += 1
            self._see_orphans_off(deadline)
            offset = self._spawn(account)
            server = self._wait_until_ready()
            if server is not None:
                return server
            output = read_from(self._layout.log, offset)
            rivals = "pre-existing shared memory block" in output
            killed = "FATAL" not in output and attempt < _KILLED_STARTS
            if not (rivals or killed) or time.monotonic() > deadline:
                raise start_failure("started", self._layout.home, output)
            if rivals:  # they hold no lifeline: that server was started by hand
                send(server_processes(self._layout.data), signal.SIGQUIT)
                time.sleep(0.5)

    def _see_orphans_off(self, deadline: float) -> None:
        """Wait for the last processes of a killed postmaster, helping them after a while.

        They end by themselves as soon as they notice; one in the middle of a long computation
        does not. Ending them loses nothing: without a postmaster no client gets an answer that
        the log does not keep.
        """
        data, began = self._layout.data, time.monotonic()
        gently, firmly = _ORPHAN_PATIENCE
        while is_held(self._layout.lifeline) and postmaster_of(data) is None:
            waited = time.monotonic() - began
            orphans = server_processes(data) if waited > gently else []
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"Processes of an earlier PostgreSQL still use {data} and do not end: end "
                    "them by hand, then try again.",
                    pids=orphans,
                )
            send(orphans, signal.SIGKILL if waited > firmly else signal.SIGQUIT)
            time.sleep(5 * _POLL_SECONDS)

    def _spawn(self, account: Account) -> int:
        """Start a postmaster that outlives us; the length of the log before is returned."""
        layout = self._layout
        sockets = socket_directory(layout.home, account)
        content = settings(socket_directory=sockets, durable=self._durable)
        write_private(layout.data / INCLUDED_AS, content, account)
        write_private(layout.version, f"{wheel_version()}\n", account)
        rotate(layout.log, account)
        offset = layout.log.stat().st_size if layout.log.exists() else 0
        lifeline = try_lock(layout.lifeline, account)
        if lifeline is None:
            return offset
        # The one who holds the lifeline knows that no server is left, and PostgreSQL does not:
        # the id in a file that survived may be a zombie's by now, or a stranger's.
        if postmaster_of(layout.data) is None:
            (layout.data / "postmaster.pid").unlink(missing_ok=True)
            (sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        try:
            pg_ctl = str(binaries_for(account) / "pg_ctl")
            where = layout.address_for(account, layout.data)
            command = [pg_ctl, "start", "--no-wait", "--silent", "-D", where]
            # Relative to the data directory, which is where the shell that opens it stands.
            command += ["-l", f"../{layout.log.name}"]
            done = account.run(command, cwd=layout.data, pass_fds=[lifeline])
        finally:
            os.close(lifeline)  # not unlocked: the server has it now
        if done.returncode != 0:
            raise start_failure("started", layout.home, done.stdout)
        return offset

    def _wait_until_ready(self) -> Server | None:
        """The server once it answers; None when there is none, or it died on its way up."""
        deadline, seen = time.monotonic() + _START_SECONDS, False
        while True:
            if (server := self._ready_server()) is not None:
                return server
            leads = postmaster_of(self._layout.data) is not None
            if not leads and (seen or not is_held(self._layout.lifeline)):
                return None
            seen = leads  # before it writes its pid file, only the lifeline tells of it
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"The embedded PostgreSQL is still getting ready after {_START_SECONDS:.0f} "
                    f"seconds. Look into {self._layout.log}, then try again."
                )
            time.sleep(_POLL_SECONDS)

    def _is_alive(self) -> bool:
        """Whether any process of the server lives."""
        return is_held(self._layout.lifeline) or postmaster_of(self._layout.data) is not None

    def _end(self, postmaster: Postmaster, wait_seconds: float) -> None:
        """Fast shutdown, then immediate shutdown."""
        for signal_number, seconds in ((signal.SIGINT, wait_seconds), (signal.SIGQUIT, 10.0)):
            send([postmaster.pid], signal_number)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                if not self._is_alive():
                    return
                time.sleep(_POLL_SECONDS)
        raise Unavailable(
            f"The embedded PostgreSQL (process {postmaster.pid}) does not stop. End it by hand, "
            "then try again.",
            pid=postmaster.pid,
        )
