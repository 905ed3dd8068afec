"""Files that are broken in every way people break them: each is named, none takes others along."""

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.contract.connectors import estates

from muniment.contracts.connectors import AssetMeta, Bounds
from muniment.contracts.reading import ReadPlan, Scope
from muniment.kernel.errors import SourceDataUnreadable, SourceObjectGone
from muniment.sources.connectors.files import FilesConnector
from muniment.sources.connectors.sqlite import SqliteConnector

Read = Callable[[str], tuple[pa.Table, int]]


def connector_of(root: Path) -> "closing[FilesConnector]":
    return closing(FilesConnector(estates.connection_to(str(root)), Bounds()))


def read(root: Path, name: str, bounds: Bounds | None = None) -> tuple[pa.Table, int]:
    """The whole of one data set, and how many rows were skipped."""
    connector = FilesConnector(estates.connection_to(str(root)), bounds or Bounds())
    with closing(connector):
        asset = found(root)[name]
        batches, skipped = [], 0
        for part in connector.partitions(asset, ReadPlan()):
            batches += list(connector.read(asset, part, ReadPlan()))
            skipped += connector.skipped_rows
        return pa.Table.from_batches(batches), skipped


def found(root: Path) -> dict[str, AssetMeta]:
    with connector_of(root) as connector:
        return {"/".join(asset.path): asset for asset in connector.discover(Scope())}


def test_broken_files_are_named_one_by_one(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": list(range(10_000))}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    broken = {
        "cut.parquet": whole[: len(whole) // 2],
        "no.parquet": b"PAR1 this is not PAR1",
        "empty.parquet": b"",
        "empty.csv": b"",
        "binary.csv": bytes(range(256)) * 50,
        "cut.csv.gz": gzip.compress(b"a,b\n" + b"1,x\n" * 100_000)[:150],
        "no.csv.gz": b"not gzip at all",
        "text.ndjson": b"no json\nat all\n",
        "broken.json": b'[{"a": 1}, {"a":',
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
    assets = found(tmp_path)
    assert set(assets) == {*broken, "whole.parquet"}
    for name in broken:
        assert assets[name].properties["readable"] == "false", name
        assert assets[name].properties["problem"].endswith("."), name
        with pytest.raises(SourceDataUnreadable):
            read(tmp_path, name)
    assert read(tmp_path, "whole.parquet")[0].num_rows == 10_000


def test_an_encoding_that_turns_out_wrong_late_fails_that_file_only(tmp_path: Path) -> None:
    (tmp_path / "late.csv").write_bytes(b"a,b\n" + b"1,x\n" * 400_000 + b"2,\xff\xfe\n")
    (tmp_path / "good.csv").write_bytes("a,b\n1,ü\n".encode("cp1252"))
    with pytest.raises(SourceDataUnreadable, match="encoding"):
        read(tmp_path, "late.csv")
    assert read(tmp_path, "good.csv")[0].to_pylist() == [{"a": 1, "b": "ü"}]


def test_ragged_rows_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "ragged.csv").write_bytes(b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n\n4,5,6\n")
    table, skipped = read(tmp_path, "ragged.csv")
    assert table.to_pylist() == [{"a": 1, "b": 2, "c": 3}, {"a": 4, "b": 5, "c": 6}]
    assert skipped == 2


def test_one_value_that_does_not_fit_keeps_the_column_text(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n}\n" for n in range(50_000))
    (tmp_path / "mixed.csv").write_text(f"clean,dirty\n{rows}50000,n/a\n")
    table, _ = read(tmp_path, "mixed.csv")
    assert table.schema.types == [pa.int64(), pa.string()]
    assert table.column("dirty")[-1].as_py() == "n/a"


@pytest.mark.parametrize("filler", ["x", "y\n"], ids=["one line", "many lines"])
def test_a_huge_cell_is_cut_and_its_neighbours_are_whole(tmp_path: Path, filler: str) -> None:
    with (tmp_path / "huge.csv").open("w") as file:
        file.write('a,b\n1,x\n2,"')
        for _ in range(100):
            file.write(filler * ((1 << 20) // len(filler)))
        file.write('"\n3,z\n3\n4,w\n')
    table, skipped = read(tmp_path, "huge.csv", Bounds(max_cell_bytes=1000))
    assert table.column("a").to_pylist() == [1, 2, 3, 4]
    assert [len(str(b)) for b in table.column("b").to_pylist()] == [1, 1000, 1, 1]
    assert skipped == 1


def test_json_lines_that_are_none_are_counted(tmp_path: Path) -> None:
    lines = [json.dumps({"a": n, "b": {"c": [n]}}) for n in range(1000)]
    lines[500:500] = ["{broken", "[1, 2]", '{"a": "x' + "y" * (17 << 20) + '"}', ""]
    (tmp_path / "a.ndjson").write_text("\n".join(lines))
    table, skipped = read(tmp_path, "a.ndjson")
    assert table.num_rows == 1000
    assert skipped == 3
    assert table.slice(7, 1).to_pylist() == [{"a": 7, "b.c": "[7]", "b.c[]": 7}]


def test_types_that_differ_between_files_become_one(tmp_path: Path) -> None:
    parts: list[list[object]] = [[1, 2], [1.5], ["x"]]
    for number, values in enumerate(parts):
        folder = tmp_path / "d" / f"part={number}"
        folder.mkdir(parents=True)
        extra = {"more": [True] * len(values)} if number else {}
        pq.write_table(pa.table({"v": values, **extra}), folder / "f.parquet")
    table, _ = read(tmp_path, "d")
    assert table.schema.names == ["v", "more", "part"]
    assert table.column("v").to_pylist() == ["1", "2", "1.5", "x"]
    assert table.column("more").to_pylist() == [None, None, True, True]
    assert table.column("part").to_pylist() == ["0", "0", "1", "2"]


def test_a_file_that_vanished_and_a_link_that_leads_away(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.csv").write_text("a\n1\n")
    (tmp_path / "secret.csv").write_text("a\n1\n")
    asset = found(root)["a.csv"]
    with connector_of(root) as connector:
        [part] = connector.partitions(asset, ReadPlan())
        (root / "a.csv").unlink()
        with pytest.raises(SourceObjectGone, match="not there"):
            list(connector.read(asset, part, ReadPlan()))
        (root / "a.csv").symlink_to(tmp_path / "secret.csv")
        with pytest.raises(SourceObjectGone, match="link"):
            list(connector.read(asset, part, ReadPlan()))
    assert found(root)["a.csv"].properties["problem"].startswith("The file is a link that leaves")


def test_a_sqlite_file_with_mixed_cells_is_read_in_one_type(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    connection = sqlite3.connect(path)
    connection.execute("create table t (mixed int, real_ real, bytes, wide text)")
    connection.executemany(
        "insert into t values (?, ?, ?, ?)",
        [(1, 1, b"\xff", "é" * 1000), ("x", 2.5, 3, None), (None, None, None, b"\x01")],
    )
    connection.commit()
    connection.close()
    with closing(
        SqliteConnector(estates.connection_to(str(path)), Bounds(max_cell_bytes=101))
    ) as c:
        [asset] = c.discover(Scope())
        [part] = c.partitions(asset, ReadPlan())
        rows = pa.Table.from_batches(list(c.read(asset, part, ReadPlan()))).to_pylist()
    assert [row["mixed"] for row in rows] == ["1", "x", None]
    assert [row["real_"] for row in rows] == [1.0, 2.5, None]
    assert [row["bytes"] for row in rows] == ["ff", "3", None]
    assert [row["wide"] for row in rows] == ["é" * 50, None, "01"]
