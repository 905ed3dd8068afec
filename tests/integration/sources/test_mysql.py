"""What a real MariaDB does to the MySQL connector, and how it answers."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pymysql
import pytest
from tests.contract.connectors import estates, mariadb
from tests.integration.sources.hostile import Manners, proxy

from muniment.catalog.lineage.engine.job import parse_job
from muniment.contracts.connectors import (
    AssetMeta,
    Bounds,
    ColumnMeta,
    KeyKind,
    Partition,
    StepOutcome,
)
from muniment.contracts.figures import Basis
from muniment.contracts.markers import KnownPart
from muniment.contracts.reading import ReadPlan, Scope
from muniment.kernel.errors import (
    Cancelled,
    SourceAuthenticationFailed,
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceTimeout,
    SourceUnreachable,
)
from muniment.kernel.values import AssetKind, JsonValue
from muniment.sources.connectors.mysql import MysqlConnector
from muniment.sources.connectors.mysql.markers import names_of

MIB = 1 << 20
ROWS = 20_000
Assets = dict[tuple[str, ...], AssetMeta]
LOCKED = AssetMeta(("scratch", "slow"), AssetKind.TABLE, (ColumnMeta("a", "int"),), row_estimate=10)


@pytest.fixture(scope="module")
def server() -> Iterator[mariadb.MariaServer]:
    with mariadb.mariadb() as started:
        mariadb.fill(started, rows=ROWS)
        yield started


@pytest.fixture
def url(server: mariadb.MariaServer) -> str:
    return server.url(mariadb.READER, mariadb.READER_PASSWORD, "shop")


@pytest.fixture
def scratch(server: mariadb.MariaServer) -> Iterator[str]:
    """An empty database that the account may read, and its URL."""
    server.run(
        "create database scratch", f"grant select, show view on scratch.* to {mariadb.READER}@'%'"
    )
    yield server.url(mariadb.READER, mariadb.READER_PASSWORD, "scratch")
    server.run("drop database scratch", f"revoke all on scratch.* from {mariadb.READER}@'%'")


def connect(
    url: str, bounds: Bounds | None = None, **changes: JsonValue
) -> "closing[MysqlConnector]":
    return closing(MysqlConnector(estates.connection_to(url, **changes), bounds or Bounds()))


def found(url: str) -> Assets:
    with connect(url) as connector:
        return {asset.path: asset for asset in connector.discover(Scope())}


def read(
    connector: MysqlConnector, asset: AssetMeta, plan: ReadPlan | None = None
) -> Iterator[pa.RecordBatch]:
    chosen = plan or ReadPlan()
    for part in connector.partitions(asset, chosen):
        yield from connector.read(asset, part, chosen)


def rows_of(url: str, name: str, bounds: Bounds | None = None) -> list[dict[str, Any]]:
    asset = found(url)["scratch", name]
    with connect(url, bounds) as connector:
        return [row for batch in read(connector, asset) for row in batch.to_pylist()]


def test_everything_a_server_declares_is_read(url: str) -> None:
    assets = found(url)
    assert assets["shop",].kind is AssetKind.SCHEMA
    assert assets["shop",].comment == "What is sold"
    assert ("reader@%", "SELECT") in [(g.grantee, g.privilege) for g in assets["shop",].grants]
    big = assets["shop", "big"]
    assert big.row_estimate == pytest.approx(ROWS, rel=0.3)
    assert big.size_bytes is not None
    assert big.size_bytes > MIB
    assert "by_day (day, mood)" in big.properties["indexes"]
    columns = {column.name: column for column in big.columns}
    assert columns["id"].default == "auto_increment"
    assert columns["id"].type.endswith("unsigned")
    assert columns["customer"].comment == "Who bought"
    assert not columns["amount"].nullable
    assert columns["mood"].default == "'good'"
    assert columns["day"].default is None
    keys = {key.kind: key for key in big.keys}
    assert keys[KeyKind.PRIMARY].columns == ("id",)
    assert keys[KeyKind.FOREIGN].references == ("shop", "customer")
    assert keys[KeyKind.FOREIGN].referenced_columns == ("id",)
    customer = assets["shop", "customer"]
    assert customer.comment == "Who buys"
    assert customer.properties["triggers"] == "tidy (before insert)"
    assert KeyKind.UNIQUE in {key.kind for key in customer.keys}
    assert assets["shop", "event"].properties["partitions"] == "2"
    view = assets["shop", "spent"]
    assert view.kind is AssetKind.VIEW
    assert [column.name for column in view.columns] == ["who", "total"]
    assert "`shop`.`big`" in (view.definition or "")
    clean = next(asset for asset in assets.values() if asset.kind is AssetKind.PROCEDURE)
    assert "delete from shop.empty" in (clean.definition or "")
    assert AssetKind.FUNCTION in {asset.kind for asset in assets.values()}
    awkward = assets["shop", mariadb.AWKWARD]
    assert tuple(column.name for column in awkward.columns) == mariadb.AWKWARD_COLUMNS


def test_without_a_database_all_that_are_people_s_are_read(
    server: mariadb.MariaServer, scratch: str
) -> None:
    server.run("create table scratch.t (a int)")
    assets = found(server.url(mariadb.READER, mariadb.READER_PASSWORD))
    assert {path[0] for path in assets} == {"shop", "scratch"}


def test_values_arrive_as_they_are(url: str) -> None:
    with connect(url) as connector:
        batch = next(read(connector, found(url)["shop", "big"]))
    row, zero, negative = batch.slice(6, 3).to_pylist()
    assert row["id"] == 7
    assert row["amount"] == 8.75
    assert row["huge"] == float((1 << 64) - 1)
    assert (row["tiny"], row["yes"], row["bits"], row["flag"]) == (255, 1, 257, True)
    assert row["at"] == datetime(2024, 1, 1, 0, 7, tzinfo=UTC)
    assert row["moment"].isoformat() == "2024-01-01T00:00:07.123456"
    assert row["day"] == date(2024, 1, 8)
    assert (row["born"], row["mood"], row["wants"]) == (2024, "bad", "a,b")
    assert (row["document"], row["place"]) == ('{"a": [1]}', "POINT(1 2)")
    assert (row["raw"], row["image"], row["code"]) == ("deadbeef", "00ff", "Straße")
    assert (row["ratio"], row["exact"], row["padded"]) == (16777215.0, 0.1, 42)
    assert zero["day"] is None  # 0000-00-00
    assert negative["spent"] == "-838:59:59"
    assert batch.schema.field("id").type == pa.int64()  # unsigned, and seen to fit
    assert batch.column("body").null_count == batch.num_rows


def test_odd_values_are_missing_or_replaced_and_never_fatal(
    server: mariadb.MariaServer, scratch: str
) -> None:
    server.run(
        "use scratch",
        """create table odd (id bigint primary key, day date, moment datetime(3), bare datetime,
           words text character set latin1, raw varbinary(10), twisted varchar(20),
           huge decimal(65), wide bit(64))""",
        "set sql_mode = 'ALLOW_INVALID_DATES'",
        """insert into odd values
           (-9223372036854775808, '0000-00-00', '0000-00-00', '0000-00-00', '', '', '', 0, 0),
           (0, '2024-00-10', '2024-02-31', '0001-01-01', x'e9', x'', 'x', -1e64, b'1'),
           (9223372036854775807, '9999-12-31', '9999-12-31 23:59:59.999', '2024-02-29 12:00:01',
            null, null, null, null, 0xffffffffffffffff)""",
    )
    low, middle, high = rows_of(scratch, "odd")
    assert low["id"] == -(1 << 63)
    assert (low["day"], low["moment"], low["bare"]) == (None, None, None)
    assert (low["words"], low["raw"]) == ("", "")
    assert (middle["day"], middle["moment"]) == (None, None)
    assert middle["bare"] == datetime(1, 1, 1)  # noqa: DTZ001
    assert middle["words"] == "é"
    assert middle["huge"] == -1e64
    assert high["id"] == (1 << 63) - 1
    assert high["day"] == date(9999, 12, 31)
    assert high["moment"].isoformat() == "9999-12-31T23:59:59.999000"
    assert high["bare"].isoformat() == "2024-02-29T12:00:01"
    assert (high["words"], high["raw"], high["twisted"], high["huge"]) == (None,) * 4
    assert high["wide"] == float((1 << 64) - 1)


def test_bytes_that_are_no_text_are_replaced(server: mariadb.MariaServer, scratch: str) -> None:
    server.run(
        "use scratch",
        "create table broken (a varbinary(20)) engine=myisam",
        "insert into broken values (x'61ff62'), (x'c3a9')",
    )
    # Declared as text over bytes that are none, as a careless migration leaves them.
    asset = found(scratch)["scratch", "broken"]
    [column] = asset.columns
    with connect(scratch) as connector:
        [part] = connector.partitions(asset, ReadPlan())
        as_text = AssetMeta(asset.path, asset.kind, (replace(column, type="tinytext"),))
        [batch] = connector.read(as_text, part, ReadPlan())
    assert batch.column("a").to_pylist() == ["a\ufffdb", "é"]


def test_cells_and_rows_of_any_size_are_bounded(server: mariadb.MariaServer, scratch: str) -> None:
    server.run(
        "use scratch",
        "set global max_allowed_packet = 134217728",
    )
    server.run(
        "use scratch",
        "create table long_ (id int primary key, a longtext, b longblob, c longtext, d int)",
        "insert into long_ select seq, repeat('ä', 9000000), repeat(x'ff', 9000000),"
        " repeat('x', seq * 60), seq from seq_1_to_4",
    )
    whole = Bounds(max_cell_bytes=20_000_000)
    rows = rows_of(scratch, "long_", whole)  # each row comes in several packets of the protocol
    assert [len(row["a"]) for row in rows] == [9_000_000] * 4
    assert [len(row["b"]) for row in rows] == [18_000_000] * 4
    assert [(len(row["c"]), row["d"]) for row in rows] == [(n * 60, n) for n in range(1, 5)]
    cut = rows_of(scratch, "long_", Bounds(max_cell_bytes=100))
    assert {len(row["a"].encode()) for row in cut} == {100}
    assert {len(row["b"]) for row in cut} == {100}


def test_the_number_of_statements_does_not_depend_on_the_number_of_tables(
    server: mariadb.MariaServer, scratch: str
) -> None:
    def statements() -> int:
        server.run(
            "set global log_output = 'TABLE'",
            "truncate mysql.general_log",
            "set global general_log = 1",
        )
        with connect(scratch) as connector:
            for asset in list(connector.discover(Scope())):
                connector.partitions(asset, ReadPlan())
        [[count]] = server.run(
            "set global general_log = 0",
            "select count(*) from mysql.general_log where user_host like 'reader%'"
            " and command_type = 'Query' and argument not like 'SET NAMES%'"
            " and argument not like 'SET AUTOCOMMIT%'",
        )
        return int(count)

    def make(numbers: range) -> None:
        server.run(
            "use scratch",
            *(f"create table t{n} (id int primary key, b text comment 'x')" for n in numbers),
            *(f"insert into t{n} select seq, 'x' from seq_1_to_10" for n in numbers),
            f"analyze table {', '.join(f't{n}' for n in numbers)}",
        )

    make(range(3))
    few = statements()
    make(range(3, 60))
    assert statements() == few <= 6


def test_a_missing_permission_is_named_with_its_grant(
    server: mariadb.MariaServer, scratch: str
) -> None:
    server.run(
        "use scratch",
        "create table `not mine` (a int, b text)", "create table partly (a int, b text)",
        "create table readable (a int)",
        "create or replace user `read er`@'%' identified by 'pw'",
        "grant select on scratch.readable to `read er`@'%'",
        "grant insert on scratch.`not mine` to `read er`@'%'",
        "grant select (a), insert (b) on scratch.partly to `read er`@'%'",
    )  # fmt: skip
    mine = server.url("read%20er", "pw", "scratch")
    assets = found(mine)
    assert "readable" not in assets["scratch", "readable"].properties
    refused = assets["scratch", "not mine"]
    assert refused.properties["readable"] == "false"
    assert refused.properties["grant"] == ("grant select on `scratch`.`not mine` to 'read er'@'%';")
    assert assets["scratch", "partly"].properties["readable"] == "false"
    with connect(mine) as connector:
        with pytest.raises(SourcePermissionMissing) as caught:
            connector.partitions(refused, ReadPlan())
        steps = {step.name: step for step in connector.test()}
        script = connector.grant_script()
    assert caught.value.context["grant"] == refused.properties["grant"]
    assert steps["Tables"].outcome is StepOutcome.WARNED
    assert "grant select, show view" in (steps["Tables"].remedy or "")
    for line in script.splitlines():
        if not line.startswith("--"):
            server.run(line.partition(" --")[0])
    assert "readable" not in found(mine)["scratch", "not mine"].properties
    with connect(mine) as connector:
        steps = {step.name: step for step in connector.test()}
    assert steps["Tables"].outcome is StepOutcome.PASSED
    server.run("drop user `read er`@'%'")


def test_a_view_that_does_not_work_is_told(server: mariadb.MariaServer, scratch: str) -> None:
    server.run(
        "use scratch",
        "create table base (a int)",
        "create view broken as select a from base",
        "drop table base",
    )
    broken = found(scratch)["scratch", "broken"]
    assert broken.kind is AssetKind.VIEW
    assert broken.properties["readable"] == "false"
    with connect(scratch) as connector:
        assert connector.partitions(broken, ReadPlan()) == ()


def test_a_session_refuses_to_write(server: mariadb.MariaServer, scratch: str) -> None:
    server.run(
        "use scratch",
        "create table kept (a int)",
        f"grant insert on scratch.kept to {mariadb.READER}@'%'",
        # a function that writes is the one way in which reading a table could
        "create function scratch.sly() returns int"
        " begin insert into kept values (1); return 1; end",
        f"grant execute on scratch.* to {mariadb.READER}@'%'",
        "create table bait (a int, b int default 1)",
        "insert into bait (a) values (1)",
    )
    asset = found(scratch)["scratch", "bait"]
    sly = AssetMeta(asset.path, asset.kind, asset.columns)
    with connect(scratch) as connector:
        session = connector._sessions.open()
        with pytest.raises(SourceError), connector._sessions.explained():
            session.cursor().execute("select sly()")
        connector._sessions.drop(session)
        assert sum(batch.num_rows for batch in read(connector, sly)) == 1
    assert server.run("select count(*) from scratch.kept") == [(0,)]


def test_a_statement_that_takes_too_long_is_ended_by_the_server(
    server: mariadb.MariaServer, scratch: str
) -> None:
    with held(server), connect(scratch, Bounds(statement_timeout_seconds=0.5)) as connector:
        begun = time.monotonic()
        with pytest.raises(SourceTimeout):
            list(read(connector, LOCKED))
        assert time.monotonic() - begun < 5
    assert running(server) == 0


def test_cancelling_stops_the_statement_on_the_server(
    server: mariadb.MariaServer, scratch: str
) -> None:
    caught: list[BaseException] = []
    with held(server), connect(scratch) as connector:

        def reading() -> None:
            try:
                list(read(connector, LOCKED))
            except Cancelled as error:
                caught.append(error)

        thread = threading.Thread(target=reading)
        thread.start()
        wait_until(lambda: running(server) == 1)
        begun = time.monotonic()
        connector.cancel()
        wait_until(lambda: running(server) == 0)
        thread.join(timeout=5)
        spent = time.monotonic() - begun
    assert caught
    assert spent < 2


def test_an_abandoned_reading_leaves_nothing_running(server: mariadb.MariaServer, url: str) -> None:
    asset = found(url)["shop", "big"]
    with connect(url) as connector:
        plan = ReadPlan(rows_per_batch=10)
        [part] = connector.partitions(asset, plan)
        reading = connector.read(asset, part, plan)
        next(reading)
        del reading  # as when a scan gives up: the iterator is closed
        assert sum(b.num_rows for b in read(connector, asset)) == ROWS
    wait_until(lambda: running(server) == 0)


@contextmanager
def held(server: mariadb.MariaServer) -> Iterator[None]:
    """A table that somebody else has locked: whoever reads it waits on the server."""
    server.run("create or replace table scratch.slow (a int)")
    with (
        closing(pymysql.connect(unix_socket=str(server.socket), user="root")) as other,
        other.cursor() as cursor,
    ):
        cursor.execute("lock tables scratch.slow write")
        yield


def test_a_network_that_misbehaves_ends_in_a_sentence(url: str) -> None:
    hasty = Bounds(statement_timeout_seconds=1.0, connect_timeout_seconds=1.0)
    with proxy(url) as (made, way):
        big = found(way)["shop", "big"]
        for manners in (
            Manners(mute=True),
            Manners(drop_every=1),
            Manners(cut_after=100_000),
            Manners(stall_after=100_000),
        ):
            made.manners = manners
            began = time.monotonic()
            with (
                connect(way, hasty) as connector,
                pytest.raises((SourceUnreachable, SourceTimeout)),
            ):
                list(read(connector, big))
            assert time.monotonic() - began < 9, manners
        made.manners = Manners()
        with connect(way) as connector:
            assert sum(batch.num_rows for batch in read(connector, big)) == ROWS


def test_tls_is_as_asked_for(server: mariadb.MariaServer, url: str) -> None:
    if server.certificate is None:
        pytest.skip("openssl is not there to make a certificate")

    def tls(**changes: JsonValue) -> tuple[StepOutcome, str]:
        connection = estates.connection_to(url, **changes)
        with closing(MysqlConnector(connection, Bounds())) as connector:
            step = next(step for step in connector.test() if step.name == "TLS")
            return step.outcome, step.message

    authority = str(server.certificate)
    assert tls(sslmode="disable") == (
        StepOutcome.PASSED, "Not encrypted; the server is on this machine."
    )  # fmt: skip
    assert tls(sslmode="require")[0] is StepOutcome.WARNED
    verified = tls(sslmode="verify-ca", sslrootcert=authority)
    assert verified == (
        StepOutcome.PASSED, "The connection is encrypted and the server is verified."
    )  # fmt: skip
    assert tls(host="localhost", sslmode="verify-full", sslrootcert=authority) == verified
    # the certificate is for localhost, not for 127.0.0.1, and its issuer is known to nobody
    assert tls(sslmode="verify-full", sslrootcert=authority)[0] is StepOutcome.FAILED
    assert tls(sslmode="verify-ca")[0] is StepOutcome.FAILED
    with connect(url, sslmode="verify-ca") as connector, pytest.raises(SourceUnreachable) as caught:
        connector.probe()
    assert "TLS" in caught.value.message


@pytest.mark.parametrize("plugin", [b"mysql_clear_password", b"dialog"])
def test_a_password_is_not_sent_in_clear_to_whoever_answers(plugin: bytes) -> None:
    heard: list[bytes] = []
    greeting = (
        b"\x0a8.0.36\0" + (7).to_bytes(4, "little") + b"12345678\0"
        b"\x00\xa2" + b"\x21" + b"\x02\x00" + b"\x08\x00" + b"\x15" + bytes(10)
        + b"123456789012\0" + b"mysql_native_password\0"
    )  # fmt: skip
    switch = b"\xfe" + plugin + b"\0" + (b"\x04Password: " if plugin == b"dialog" else b"")

    def packet(number: int, payload: bytes) -> bytes:
        return len(payload).to_bytes(3, "little") + bytes([number]) + payload

    def serve(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            client.settimeout(3)
            client.sendall(packet(0, greeting))
            heard.append(client.recv(4096))
            client.sendall(packet(2, switch))
            heard.append(client.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        port = listener.getsockname()[1]
        with (
            connect(f"mysql://u:hunter2hunter2@127.0.0.1:{port}/d") as connector,
            pytest.raises(SourceAuthenticationFailed) as caught,
        ):
            connector.probe()
        thread.join(timeout=5)
    assert "in clear" in caught.value.message
    assert len(heard) == 2
    assert b"hunter2" not in b"".join(heard)


def test_a_socket_is_a_host_too(server: mariadb.MariaServer, url: str) -> None:
    with connect(url, host=str(server.socket)) as connector:
        connector.probe()
        assert not [s for s in connector.test() if s.outcome is StepOutcome.FAILED]


def test_a_table_that_changes_meanwhile_is_named(server: mariadb.MariaServer, scratch: str) -> None:
    server.run(
        "use scratch",
        "create table t (id int primary key, a int)",
        "insert into t values (1, 1)",
        "create table u (id int primary key)",
    )
    assets = found(scratch)
    server.run("use scratch", "alter table t modify a varchar(10)", "update t set a = 'x'")
    with connect(scratch) as connector:
        [part] = connector.partitions(assets["scratch", "t"], ReadPlan())
        with pytest.raises(SourceDataUnreadable):
            list(connector.read(assets["scratch", "t"], part, ReadPlan()))
        server.run("alter table scratch.t drop column a")
        with pytest.raises(SourceObjectGone):
            list(connector.read(assets["scratch", "t"], part, ReadPlan()))
        server.run("drop table scratch.u")
        with pytest.raises(SourceObjectGone):
            connector.summarise(assets["scratch", "u"])


def test_what_the_server_knows_is_told_as_an_estimate(
    server: mariadb.MariaServer, url: str
) -> None:
    server.run("analyze table shop.big persistent for all")
    with connect(url) as connector:
        assets = list(connector.discover(Scope()))
        told = {figures.path: figures for figures in connector.statistics(assets)}
        counted = connector.summarise(next(a for a in assets if a.path == ("shop", "big")))
    big = told["shop", "big"]
    assert big.basis is Basis.ESTIMATED
    columns = {column.name: column for column in big.columns}
    assert columns["customer"].distinct == pytest.approx(500, rel=0.1)
    assert (columns["customer"].low, columns["customer"].high) == ("1", "500")
    assert columns["amount"].nulls == 0
    assert columns["code"].low is None  # the ends of a text are values of the data
    assert counted.basis is Basis.EXACT
    assert counted.rows == ROWS
    exact = {column.name: column for column in counted.columns}
    assert (exact["id"].low, exact["id"].high, exact["id"].nulls) == (1, ROWS, 0)
    assert (exact["day"].nulls, exact["day"].low) == (1, "2024-01-01")  # one was 0000-00-00
    assert exact["ratio"].high == 16777215.0


def test_a_sample_of_a_big_table_reads_ranges_of_its_key(url: str) -> None:
    big = replace(found(url)["shop", "big"], row_estimate=2_000_000)
    with connect(url) as connector:
        [part] = connector.partitions(big, ReadPlan(sample_rows=200_000))
        rows = sum(batch.num_rows for batch in connector.read(big, part, ReadPlan()))
    assert part.fraction == pytest.approx(0.1, rel=0.1)
    assert rows == pytest.approx(ROWS * part.fraction, rel=0.05)


def test_views_and_procedures_are_read_into_lineage(
    server: mariadb.MariaServer, scratch: str
) -> None:
    server.run(
        "use scratch",
        "create table customers (id int primary key, name text, `E-Mail` text)",
        "create table orders (id int primary key, customer_id int, total decimal(9, 2))",
        """create view enriched (order_id, who, mail) as select o.id, upper(c.name), c.`E-Mail`
           from orders o join customers c on c.id = o.customer_id""",
    )
    assets = found(scratch)
    view = assets["scratch", "enriched"]
    answer = parse_job(
        {
            "job": "1",
            "kind": "view",
            "sql": view.definition or "",
            "dialect": MysqlConnector.type.dialect,
            "search": [["scratch"]],
            "schema": [
                {"path": list(asset.path), "columns": [c.name for c in asset.columns]}
                for asset in assets.values()
                if asset.kind is AssetKind.TABLE
            ],
            "target": list(view.path),
            "columns": [column.name for column in view.columns],
        }
    )
    told = repr(answer)
    assert "customers" in told
    assert "E-Mail" in told
    assert "'failed'" not in told


def running(server: mariadb.MariaServer) -> int:
    [[count]] = server.run(
        "select count(*) from information_schema.processlist"
        " where user = 'reader' and command = 'Query'"
    )
    return int(count)


def wait_until(check: Any, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)


def test_only_partitions_that_were_written_to_are_read_again(
    server: mariadb.MariaServer, scratch: str
) -> None:
    rows, plan = 3_000, ReadPlan(rows_per_partition=1_000)
    server.run(
        "use scratch",
        """create table parted (id int, year int, primary key (id, year)) partition by list (year)
            (partition one values in (1), partition two values in (2), partition none values in (9),
             partition big values in (3))""",
        f"insert into parted select seq, 1 + seq mod 3 from seq_1_to_{rows}",
        "insert into parted select seq, 3 from seq_5000_to_7999",
        "create table plain (id int primary key)",
        "insert into plain values (1)",
        "create table isam (id int) engine = MyISAM",
        "create table lagging (id int) engine = Aria",
        "analyze table parted",
        f"grant process on *.* to {mariadb.READER}@'%'",
    )
    time.sleep(2.1)
    names = {("scratch", name) for name in ("parted", "plain", "isam")}
    assets = [asset for asset in found(scratch).values() if asset.kind is AssetKind.TABLE]
    parted = next(asset for asset in assets if asset.path[1] == "parted")
    with connect(scratch) as connector:
        told = connector.markers(assets)
        first = connector.settle(parted, connector.partitions(parted, plan), ())
    assert set(told) == names
    assert read_parts(scratch, parted, [each.partition for each in first], plan) == rows + 3_000
    with connect(scratch) as connector:
        assert connector.markers(assets) == told

    with server_connection(server) as writer, writer.cursor() as cursor:
        cursor.execute("insert into scratch.parted values (9000, 2), (9001, 2)")
        cursor.execute("begin")
        cursor.execute("insert into scratch.plain values (2)")  # of the same second, and open
        time.sleep(2.1)
        with connect(scratch) as connector:
            assert ("scratch", "parted") in connector.markers(assets)
            known = [KnownPart(e.partition.spec, e.marker or "", 0) for e in first]
            again = connector.settle(parted, connector.partitions(parted, plan), known)
    changed = [each for each in again if not each.unchanged]
    kept = [each.partition.spec for each in again if each.unchanged]
    assert all(set(names_of(each.partition.spec)) <= {"two", "none"} for each in changed)
    assert {"big"} in [set(names_of(spec)) for spec in kept]
    assert read_parts(scratch, parted, [each.partition for each in again], plan) == rows + 3_002
    server.run(f"revoke process on *.* from {mariadb.READER}@'%'")
    with connect(scratch) as connector:  # who else is writing is hidden from this account
        assert set(connector.markers(assets)) == {("scratch", "isam")}


@contextmanager
def server_connection(server: mariadb.MariaServer) -> Iterator[Any]:
    with closing(
        pymysql.connect(unix_socket=str(server.socket), user=mariadb.ADMIN, autocommit=True)
    ) as connection:
        yield connection


def read_parts(url: str, asset: AssetMeta, parts: Sequence[Partition], plan: ReadPlan) -> int:
    with connect(url) as connector:
        return sum(b.num_rows for part in parts for b in connector.read(asset, part, plan))
