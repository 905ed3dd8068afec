"""A MariaDB server of its own for tests: a temporary folder, a socket, a free loopback port."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymysql
import pytest
from tests.contract.connectors import estates
from tests.contract.connectors.estates import LONG

START_SECONDS = 60
ADMIN = "root"
AWKWARD = estates.AWKWARD.replace("😀", "☃ `x`")
AWKWARD_COLUMNS = tuple(name.replace("😀", "☃") for name in estates.AWKWARD_COLUMNS)
"""As everywhere, within the Basic Multilingual Plane: MySQL allows no more in names."""
READER = "reader"
READER_PASSWORD = "s3cret/+@:%"


@dataclass(frozen=True, slots=True)
class MariaServer:
    """A running server; ``root`` signs in over the socket without a password."""

    socket: Path
    port: int
    certificate: Path | None

    def run(self, *statements: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run statements as the administrator; the rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        with (
            closing(
                pymysql.connect(
                    unix_socket=str(self.socket),
                    user=ADMIN,
                    database=database,
                    autocommit=True,
                    charset="utf8mb4",
                )
            ) as connection,
            connection.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)
                rows = list(cursor.fetchall())
        return rows

    def url(self, user: str, password: str, database: str = "") -> str:
        return f"mysql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"


@contextmanager
def mariadb() -> Iterator[MariaServer]:
    """Start a server as an unprivileged user, and stop it; skips loudly where there is none."""
    program = shutil.which("mariadbd") or shutil.which("mysqld")
    install = shutil.which("mariadb-install-db")
    if program is None or install is None:
        warnings.warn(
            "MariaDB is not installed: the MySQL connector is NOT tested here.", stacklevel=2
        )
        pytest.skip("MARIADB IS NOT INSTALLED: the MySQL connector is not tested")
    home = Path(tempfile.mkdtemp(prefix="muniment-maria-"))
    account = _account(home)
    process: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(
            [
                install,
                "--no-defaults",
                f"--datadir={home / 'data'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            check=True,
            timeout=START_SECONDS,
            capture_output=True,
            cwd=home,
            **account,
        )
        server = MariaServer(home / "s", _free_port(), _certificate(home))
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, *_options(home, server)],
                stdout=log,
                stderr=log,
                cwd=home,
                **account,
            )
        _wait(server, process, home / "log")
        yield server
    finally:
        if process is not None:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=10)
        shutil.rmtree(home, ignore_errors=True)


def _options(home: Path, server: MariaServer) -> list[str]:
    options = [
        "--no-defaults",
        f"--datadir={home / 'data'}",
        f"--socket={server.socket}",
        f"--pid-file={home / 'pid'}",
        f"--port={server.port}",
        "--bind-address=127.0.0.1",
        "--skip-log-bin",
        "--innodb-buffer-pool-size=64M",
        "--innodb-flush-log-at-trx-commit=0",
        "--performance-schema=OFF",
        "--character-set-server=utf8mb4",
        "--sql-mode=",
    ]
    if server.certificate is not None:
        options += [f"--ssl-cert={server.certificate}", f"--ssl-key={home / 'key.pem'}"]
    return options


def _certificate(home: Path) -> Path | None:
    """A certificate of its own for the name localhost, where openssl is there to make one."""
    if shutil.which("openssl") is None:
        return None
    made = subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(home / "key.pem"), "-out", str(home / "cert.pem")),
        ],
        capture_output=True,
        check=False,
        timeout=30,
    )
    if made.returncode:
        return None
    (home / "key.pem").chmod(0o644)
    return home / "cert.pem"


def _account(home: Path) -> Mapping[str, Any]:
    """Whom the server runs as: whoever runs the tests, and never root."""
    if os.getuid() != 0:
        return {}
    for name in ("mysql", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(home, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pytest.skip("NO UNPRIVILEGED ACCOUNT: the MySQL connector is not tested")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: MariaServer, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(server.socket)) == 0:
                server.run("select 1")
                return
        time.sleep(0.1)
    raise AssertionError(f"MariaDB did not start:\n{log.read_text(errors='replace')[-2000:]}")


def ticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def fill(server: MariaServer, *, rows: int) -> None:
    """A database ``shop``: tables, a partitioned one, views, routines, a trigger, an account."""
    columns = ", ".join(f"{ticked(name)} int" for name in AWKWARD_COLUMNS)
    server.run(
        "drop database if exists shop",
        "create database shop character set utf8mb4 comment 'What is sold'",
        "use shop",
        """create table shop.customer (id int primary key auto_increment,
            email varchar(200) unique, note text) comment 'Who buys'""",
        f"""insert into shop.customer (email, note)
            select concat('c', seq, '@example.org'), '{LONG}' from seq_1_to_500""",
        """create table shop.big (
            id bigint unsigned primary key auto_increment,
            customer int not null comment 'Who bought', amount decimal(10, 2) not null default 0,
            huge bigint unsigned, tiny tinyint unsigned, yes tinyint(1), bits bit(9), flag bit(1),
            at timestamp null, moment datetime(6), day date, spent time, born year,
            mood enum('good', 'bad') default 'good', wants set('a', 'b'), document json,
            raw varbinary(20), image blob, place point, code varchar(20) character set latin1,
            ratio float, exact double, padded int(5) zerofill, body mediumtext,
            constraint buyer foreign key (customer) references shop.customer (id),
            key by_day (day, mood))""",
        f"""insert into shop.big (customer, amount, huge, tiny, yes, bits, flag, at, moment, day,
            spent, born, mood, wants, document, raw, image, place, code, ratio, exact, padded, body)
            select 1 + seq mod 500, seq * 1.25,
            if(seq = 7, 18446744073709551615, seq), 255, seq mod 2, 257, seq mod 2,
            timestamp '2024-01-01 00:00:00' + interval seq mod 100000 minute,
            timestamp '2024-01-01 00:00:00.123456' + interval seq second,
            if(seq = 8, '0000-00-00', date '2024-01-01' + interval seq mod 300 day),
            if(seq = 9, '-838:59:59', '12:30:00'), 2024, 'bad', 'a,b', '{{"a": [1]}}', x'deadbeef',
            x'00ff', point(1, 2), 'Stra\u00dfe', 16777215, 0.1, 42, null
            from seq_1_to_{rows}""",
        f"create table shop.{ticked(AWKWARD)} ({columns})",
        f"insert into shop.{ticked(AWKWARD)} values (1, 2, 3, 4, 5), (6, 7, 8, 9, 10)",
        """create table shop.event (id int, year int) partition by list (year)
            (partition one values in (1), partition two values in (2))""",
        "insert into shop.event select seq, 1 + seq mod 2 from seq_1_to_1000",
        "create table shop.empty (a int, b text)",
        """create sql security invoker view shop.spent (who, total) as
            select customer, sum(amount) from shop.big group by customer""",
        "create function shop.twice(n int) returns int deterministic return n * 2",
        "create procedure shop.clean(in days int) begin delete from shop.empty; end",
        """create trigger shop.tidy before insert on shop.customer
            for each row set new.email = lower(new.email)""",
        "grant select on shop.customer to ''@'nowhere.invalid' identified by 'x'",
        f"create or replace user {READER}@'%' identified by '{READER_PASSWORD}'",
        f"grant select, show view, execute, trigger on shop.* to {READER}@'%'",
        f"grant select on mysql.proc to {READER}@'%'",
        f"grant select on mysql.column_stats to {READER}@'%'",
        "analyze table shop.customer, shop.big, shop.event, shop.empty",
    )


def rows_of(big: int) -> Mapping[tuple[str, ...], int]:
    return {
        ("shop", "customer"): 500,
        ("shop", "big"): big,
        ("shop", AWKWARD): 2,
        ("shop", "event"): 1000,
        ("shop", "empty"): 0,
    }
