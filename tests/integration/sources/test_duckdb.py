"""DuckDB files as they are found: of every type, with gaps, in use, damaged, changed."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.contracts.connectors import AssetMeta, Bounds, Partition, Scope, SourceConnection
from muniment.contracts.markers import Water
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import (
    Invalid,
    MunimentError,
    SourceDataUnreadable,
    SourceObjectGone,
    SourceTimeout,
    SourceUnreachable,
)
from muniment.kernel.ids import new_id
from muniment.sources import locators
from muniment.sources.connectors.duck import DuckdbConnector
from muniment.sources.connectors.duck.session import CONFIG

TABLE = ("main", "t")
WORD = 2**64
ID = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"


def filled(path: Path, *statements: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


@contextmanager
def opened(path: Path, bounds: Bounds | None = None) -> Iterator[DuckdbConnector]:
    located = locators.parse(f"duckdb:///{path}")
    connection = SourceConnection(new_id(), located.name, located.kind, located.settings)
    with closing(DuckdbConnector(connection, bounds or Bounds())) as connector:
        yield connector


def asset_of(connector: DuckdbConnector, path: tuple[str, ...] = TABLE) -> AssetMeta:
    return next(asset for asset in connector.discover(Scope()) if asset.path == path)


def table_of(connector: DuckdbConnector, plan: ReadPlan | None = None) -> pa.Table:
    plan = plan or ReadPlan()
    asset = asset_of(connector)
    batches = [
        batch
        for part in connector.partitions(asset, plan)
        for batch in connector.read(asset, part, plan)
    ]
    return pa.Table.from_batches(batches)


def moment(*parts: int) -> datetime:
    """One without a zone, as the column has none."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001  (no zone among the parts)


VALUES: Sequence[tuple[str, str, str, object]] = (
    ("fits", "hugeint", "-9223372036854775808", -(2**63)),
    ("huge", "hugeint", "9223372036854775808", "9223372036854775808"),
    ("unsigned", "ubigint", "18446744073709551615", "18446744073709551615"),
    ("vast", "uhugeint", "7", 7),
    ("endless", "bignum", "123456789012345678901234567890", "123456789012345678901234567890"),
    ("whole", "decimal(38, 0)", f"{10**30}", str(10**30)),
    ("money", "decimal(10, 2)", "1.25", 1.25),
    ("uuid", "uuid", f"'{ID}'", ID),
    ("feels", "enum('good', 'b,(')", "'b,('", "b,("),
    ("raw", "blob", r"'\xFF\x00'", "ff00"),
    ("span", "interval", "interval 1 month", "1 month"),
    ("bits", "bit", "'0101'", "0101"),
    ("clock", "time", "'24:00:00'", "24:00:00"),
    ("zoned", "timetz", "'10:00:00+02'", "10:00:00+02"),
    ("nano", "timestamp_ns", "'2024-01-01 00:00:00.000001999'", moment(2024, 1, 1, 0, 0, 0, 2)),
    ("second", "timestamp_s", "'2024-01-01 10:00:00'", moment(2024, 1, 1, 10)),
    ("instant", "timestamptz", "'2024-01-01 10:00:00+02'", datetime(2024, 1, 1, 8, tzinfo=UTC)),
    ("day", "date", "'2024-02-29'", date(2024, 2, 29)),
    ("ever", "date", "'infinity'", "infinity"),
    ("before", "timestamp", "'0044-03-15 (BC) 12:00:00'", "0044-03-15 (BC) 12:00:00"),
    ("late", "timestamp", "'9999-12-31 23:59:59'", moment(9999, 12, 31, 23, 59, 59)),
    ("more", "double", "'infinity'", float("inf")),
    ("small", "utinyint", "255", 255),
    ("yes", "boolean", "true", True),
    ("document", "json", """'{"a": [1]}'""", '{"a": [1]}'),
    ("pairs", "map(varchar, int)", "map {'k': 1}", '{"k":1}'),
    ("either", "union(number int, text varchar)", "'x'", '{"text":"x"}'),
    ("shape", "geometry", "'POINT(1 2)'", "POINT (1 2)"),
    ("text", "varchar", "'Straße \U0001f6b2'", "Straße \U0001f6b2"),
)  # fmt: skip


def test_every_type_arrives_as_what_it_says(tmp_path: Path) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind, _, _ in VALUES)
    literals = ", ".join(f"{text}::{kind}" for _, kind, text, _ in VALUES)
    nulls = ", ".join("null" for _ in VALUES)
    path = filled(
        tmp_path / "x.duckdb",
        f"create table t ({columns})",
        f"insert into t values ({literals}), ({nulls})",
    )
    with opened(path) as connector:
        read = table_of(connector).to_pylist()
    assert read == [
        {name: value for name, _, _, value in VALUES},
        dict.fromkeys((name for name, _, _, _ in VALUES), None),
    ]


def test_nested_columns_are_laid_flat_unless_names_would_clash(tmp_path: Path) -> None:
    path = filled(
        tmp_path / "x.duckdb",
        """create table t (place struct(city varchar, "a b" struct(tags varchar[], n int)),
                           items struct(sku varchar)[], three float[3],
                           clash struct(x int), "clash.x" int)""",
        """insert into t values (
               {'city': 'Köln', 'a b': {'tags': ['x', 'y'], 'n': 1}}, [{'sku': 's'}],
               [1, 2, 3], {'x': 1}, 2), (null, [], null, null, null)""",
    )
    with opened(path) as connector:
        types = {column.name: column.type for column in asset_of(connector).columns}
        full, bare = table_of(connector).to_pylist()
    assert types["place.a b.tags"] == "VARCHAR[]"
    assert full == {
        "place.city": "Köln",
        "place.a b.tags": '["x","y"]',
        "place.a b.tags[]": "x",
        "place.a b.n": 1,
        "items": '[{"sku":"s"}]',
        "items[].sku": "s",
        "three": "[1.0,2.0,3.0]",
        "three[]": 1.0,
        "clash": '{"x":1}',
        "clash.x": 2,
    }
    assert bare == {**dict.fromkeys(full, None), "items": "[]"}


def test_the_metadata_is_all_there(tmp_path: Path) -> None:
    path = filled(
        tmp_path / "x.duckdb",
        "create schema s",
        "create table s.parent (a int, b varchar default 'x', primary key (a))",
        "create table s.t (a int references s.parent (a), b int not null, c int, unique (b, c))",
        "create unique index one on s.t (c)",
        "comment on table s.t is 'Things'",
        "comment on column s.t.b is 'How many'",
        "create view s.v as select a from s.t",
        "create macro s.twice(n) as n * 2, (n, m) as n + m",
        "create macro s.rows_of(n) as table select * from s.t where b = n",
    )
    with opened(path) as connector:
        found = {asset.path: asset for asset in connector.discover(Scope())}
    table, view = found["s", "t"], found["s", "v"]
    assert table.comment == "Things"
    assert [(c.name, c.nullable, c.comment) for c in table.columns] == [
        ("a", True, None),
        ("b", False, "How many"),
        ("c", True, None),
    ]
    assert [(key.kind.value, key.columns, key.references) for key in table.keys] == [
        ("foreign", ("a",), ("s", "parent")),
        ("unique", ("b", "c"), ()),
        ("unique", ("c",), ()),
    ]
    assert found["s", "parent"].columns[1].default == "'x'"
    assert view.definition == "CREATE VIEW s.v AS SELECT a FROM s.t;"
    assert {p[1]: found[p].properties["returns"] for p in found if p[1:] and "(" in p[1]} == {
        "twice(n)": "value",
        "twice(n, m)": "value",
        "rows_of(n)": "table",
    }


@settings(max_examples=5, deadline=None)
@given(
    gone=st.sets(st.integers(0, 299), max_size=8),
    later=st.booleans(),
    step=st.integers(9_000, 260_000),
)
def test_every_row_comes_once_whatever_was_deleted(
    tmp_path_factory: pytest.TempPathFactory, gone: set[int], later: bool, step: int
) -> None:
    """Whole row groups vanish, and gaps stay in others; ``later`` rows are in the log only."""
    path = tmp_path_factory.mktemp("gaps") / "x.duckdb"
    filled(path, "create table t as select range id from range(300_000)")
    with duckdb.connect(str(path)) as connection:
        connection.execute("set checkpoint_threshold = '1GB'")
        for thousand in gone:
            connection.execute(f"delete from t where id // 1000 = {thousand} and id % 7 <> 3")
        connection.execute("delete from t where id between 122880 and 245759")
        if later:
            connection.execute("insert into t select 1000000 + range from range(5000)")
        wanted = [row[0] for row in connection.execute("from t order by id").fetchall()]
    with opened(path) as connector:
        plan = ReadPlan(rows_per_partition=step)
        read = table_of(connector, plan).column("id").to_pylist()
    assert sorted(map(str, read)) == sorted(map(str, wanted))


def test_figures_are_those_of_the_values(tmp_path: Path) -> None:
    path = filled(
        tmp_path / "x.duckdb",
        """create table t as select range id, nullif(range % 2, 0)::double half,
                  case range when 5 then 'nan'::double when 6 then 'infinity' else range end odd,
                  case range when 7 then 'infinity'::date else date '2024-01-01' + range::int end d,
                  timestamptz '2024-01-01 00:00:00+00' + to_hours(range) at_, range * 1.5 price,
                  'text ' || range words
           from range(100)""",
    )
    with opened(path) as connector:
        asset = asset_of(connector)
        counted = connector.summarise(asset)
        [known] = connector.statistics([asset])
    exact = {column.name: (column.nulls, column.low, column.high) for column in counted.columns}
    assert (counted.rows, counted.basis) == (100, "exact")
    assert exact == {
        "id": (0, 0, 99),
        "half": (50, 1.0, 1.0),
        "odd": (0, 0.0, 99.0),
        "d": (0, "2024-01-01", "2024-04-09"),
        "at_": (0, "2024-01-01T00:00:00+00:00", "2024-01-05T03:00:00+00:00"),
        "price": (0, 0, 148.5),
        "words": (0, None, None),
    }
    told = {column.name: column for column in known.columns}
    assert (known.rows, known.basis) == (100, "estimated")
    assert (told["id"].nulls, told["id"].low, told["id"].high) == (0, 0, 99)
    assert told["half"].nulls is None
    assert told["at_"].high == exact["at_"][2]


def test_values_too_long_for_memory_are_left_out_with_a_remark(tmp_path: Path) -> None:
    path = filled(
        tmp_path / "x.duckdb",
        "create table t as select range id, repeat('x', 2_000_000) || range s, 'y' y"
        " from range(140)",
    )
    with opened(path) as connector:
        read = table_of(connector)
        [remark] = connector.remarks
    assert read.column("s").null_count == 140
    assert read.column("y").null_count == 0
    assert "column s " in remark


def test_a_file_in_use_by_a_writer_is_told(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.duckdb", "create table t (a int)")
    program = (
        f"import duckdb, sys; c = duckdb.connect({str(path)!r});"
        "c.execute('insert into t values (1)'); print('up', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with opened(path) as connector:
            connector.probe()  # it is there, and a writer is no failure
            with pytest.raises(SourceTimeout, match="open for writing"):
                list(connector.discover(Scope()))
        assert path.with_name("x.duckdb.wal").stat().st_size
        writer.kill()
        writer.wait()
    with opened(path) as connector:  # what a killed writer committed is in the log
        assert table_of(connector).num_rows == 1


def checksum(block: bytes) -> bytes:
    found = 5381
    for at in range(0, len(block), 8):
        found ^= int.from_bytes(block[at : at + 8], "little") * 0xBF58476D1CE4E5B9 % WORD
    return found.to_bytes(8, "little")


def newer(raw: bytes) -> bytes:
    head = raw[8:12] + (100_000).to_bytes(8, "little") + raw[20:4096]
    return checksum(head) + head + raw[4096:]


@pytest.mark.parametrize(
    ("harm", "kind", "words"),
    [
        (newer, SourceDataUnreadable, "format is not one"),
        (lambda raw: raw[:6000], SourceDataUnreadable, "damaged or cut short"),
        (lambda raw: raw[: len(raw) // 2], SourceDataUnreadable, "damaged or cut short"),
        (lambda raw: raw[:12288] + b"\7" * 262144 + raw[274432:], SourceDataUnreadable, "damaged"),
        (lambda raw: raw[:0], SourceDataUnreadable, "not a DuckDB database"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, harm: Callable[[bytes], bytes], kind: type[MunimentError], words: str
) -> None:
    path = filled(
        tmp_path / "x.duckdb", "create table t as select hash(range) h from range(200000)"
    )
    path.write_bytes(harm(path.read_bytes()))
    with opened(path) as connector, pytest.raises(kind, match=words):
        table_of(connector)


def test_an_encrypted_file_and_an_awkward_name_are_said(tmp_path: Path) -> None:
    with duckdb.connect(config={"force_mbedtls_unsafe": "true"}) as connection:
        connection.execute(f"attach '{tmp_path / 'e.duckdb'}' as e (encryption_key 'k3y')")
        connection.execute("create table e.t (a int)")
    with (
        opened(tmp_path / "e.duckdb") as connector,
        pytest.raises(SourceDataUnreadable, match="encrypted"),
    ):
        list(connector.discover(Scope()))
    located = {"path": str(tmp_path / "x?.duckdb")}
    connection_ = SourceConnection(new_id(), "x", "duckdb", located)
    with pytest.raises(SourceUnreachable, match="without one"):
        DuckdbConnector(connection_, Bounds()).probe()


def test_a_writer_between_planning_and_reading_is_noticed(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.duckdb", "create table t as select range id from range(1000)")
    with opened(path) as connector:
        asset = asset_of(connector)
        [part] = connector.partitions(asset, ReadPlan())
    filled(path, "delete from t where id < 10")
    with opened(path) as connector, pytest.raises(SourceObjectGone, match="written to"):
        list(connector.read(asset, part, ReadPlan()))


def test_markers_tell_when_a_file_changed(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.duckdb", "create table t as select range id from range(1000)")
    with opened(path) as connector:
        asset = asset_of(connector)
        assert connector.markers([asset]) == {}  # written to so lately that it may be again
        time.sleep(2.1)
        first = connector.markers([asset])
        table_of(connector)
    with opened(path) as connector:
        assert connector.markers([asset]) == first != {}
    filled(path, "update t set id = -1 where id = 5")
    time.sleep(2.1)
    with opened(path) as connector:
        assert connector.markers([asset]) != first


def test_rows_above_a_mark_are_those_that_came_since(tmp_path: Path) -> None:
    path = filled(
        tmp_path / "x.duckdb",
        "create table t (at_ timestamptz, price decimal(10, 2), name varchar)",
        "insert into t values ('2024-01-01 10:00+02', 1.25, 'a'), (null, null, null)",
    )
    with opened(path) as connector:
        asset = asset_of(connector)
        [part] = connector.partitions(asset, ReadPlan())
        whole = connector.uncut(part.spec)
        marks = {name: connector.highest(asset, whole, name) for name in ("at_", "price")}
        with pytest.raises(Invalid, match="VARCHAR"):
            connector.highest(asset, whole, "name")
    assert marks == {"at_": "2024-01-01 08:00:00+00", "price": "1.25"}
    filled(path, "insert into t values ('2024-01-01 09:00+00', 1.50, 'b')")
    with opened(path) as connector:
        for column, above in marks.items():
            upto = str(connector.highest(asset, whole, column))
            since = Partition(0, Water(column, upto, above, "new").narrowing(whole))
            before = Partition(0, Water(column, str(above), None, "old").narrowing(whole))
            names = [
                batch.column("name").to_pylist()
                for part in (since, before)
                for batch in connector.read(asset, part, ReadPlan())
            ]
            assert names == [["b"], ["a", None]]
            assert (connector.count(asset, since.spec), connector.count(asset, before.spec)) == (
                1,
                2,
            )


def test_nothing_but_the_file_can_be_reached(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.duckdb", "create table t (a int)")
    with duckdb.connect(str(path), config=CONFIG) as connection:
        for statement in (
            "from read_text('/etc/hostname')",
            f"attach '{tmp_path / 'y.duckdb'}'",
            "install httpfs",
            "load httpfs",
            "insert into t values (1)",
            "set enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_a_statement_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = filled(
        tmp_path / "x.duckdb", "create table t as select hash(range) h from range(3_000_000)"
    )
    with opened(path) as connector:
        asset = asset_of(connector)
    with (
        opened(path, Bounds(statement_timeout_seconds=0.001)) as connector,
        pytest.raises(SourceTimeout, match="time limit"),
    ):
        all(connector.summarise(asset) for _ in range(20))
