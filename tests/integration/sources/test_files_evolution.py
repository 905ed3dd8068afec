"""Folders whose files differ, files that change while read, values that no plain type holds."""

import datetime as dt
import os
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
from muniment.sources.connectors.files.evolution import widened


def connector_of(root: Path) -> "closing[FilesConnector]":
    return closing(FilesConnector(estates.connection_to(str(root)), Bounds()))


def found(root: Path) -> dict[str, AssetMeta]:
    with connector_of(root) as connector:
        return {"/".join(asset.path): asset for asset in connector.discover(Scope())}


def read(root: Path, name: str) -> tuple[pa.Table, int, list[str]]:
    plan = ReadPlan()
    batches, skipped = [], 0
    remarks: list[str] = []
    with connector_of(root) as connector:
        asset = found(root)[name]
        for part in connector.partitions(asset, plan):
            batches += list(connector.read(asset, part, plan))
            skipped += connector.skipped_rows
            remarks += connector.remarks
    return pa.Table.from_batches(batches), skipped, remarks


def parts(root: Path, *tables: pa.Table, row_group_size: int = 1000) -> None:
    (root / "d").mkdir()
    for number, table in enumerate(tables):
        pq.write_table(table, root / "d" / f"part-{number}.parquet", row_group_size=row_group_size)


@pytest.mark.parametrize(
    ("left", "right", "one"),
    [
        ("int16", "int64", "int64"),
        ("int32", "uint8", "int32"),
        ("int64", "double", "double"),
        ("integer", "number", "number"),
        ("date32[day]", "timestamp[us]", "timestamp[us]"),
        ("date", "timestamp", "timestamp"),
        ("timestamp[us]", "timestamp[us, tz=UTC]", "string"),
        ("bool", "int64", "string"),
        ("boolean", "integer", "text"),
        ("string", "int64", "string"),
        ("large_string", "string", "string"),
    ],
)
def test_types_are_widened(left: str, right: str, one: str) -> None:
    assert widened(left, right) == widened(right, left) == one


def test_columns_that_widen_keep_every_value(tmp_path: Path) -> None:
    day = dt.date(2024, 2, 29)
    parts(
        tmp_path,
        pa.table({"n": pa.array([1], pa.int32()), "x": [1], "at": [day], "gone": ["a"]}),
        pa.table({"n": pa.array([1 << 40]), "x": [0.5], "at": [dt.datetime(2024, 3, 1, 12)]}),  # noqa: DTZ001
    )
    asset = found(tmp_path)["d"]
    assert [(c.name, c.type) for c in asset.columns] == [
        ("n", "int64"),
        ("x", "double"),
        ("at", "timestamp[us]"),
        ("gone", "string"),
    ]
    assert asset.properties["missing_in_some_files"] == "gone"
    assert "x is int64 and double in different files" in asset.properties["warnings"]
    table, skipped, _ = read(tmp_path, "d")
    assert table.to_pylist() == [
        {"n": 1, "x": 1.0, "at": dt.datetime(2024, 2, 29), "gone": "a"},  # noqa: DTZ001
        {"n": 1 << 40, "x": 0.5, "at": dt.datetime(2024, 3, 1, 12), "gone": None},  # noqa: DTZ001
    ]
    assert skipped == 0


def test_a_column_that_changes_kind_is_told_and_becomes_text(tmp_path: Path) -> None:
    parts(tmp_path, pa.table({"v": [1]}), pa.table({"v": ["x"]}), pa.table({"v": [True]}))
    asset = found(tmp_path)["d"]
    assert asset.properties["warnings"] == (
        "v is int64 and string and bool in different files and read as string."
    )
    assert read(tmp_path, "d")[0].column("v").to_pylist() == ["1", "x", "true"]


def test_text_files_evolve_too(tmp_path: Path) -> None:
    for number, text in enumerate(["a,at\n1,2024-01-01\n", "at,b,a\n2024-01-02 10:00,x,2.5\n"]):
        folder = tmp_path / "d" / f"n={number}"
        folder.mkdir(parents=True)
        (folder / "f.csv").write_text(text)
    table, _, _ = read(tmp_path, "d")
    assert table.to_pylist() == [
        {"a": 1.0, "at": dt.datetime(2024, 1, 1), "b": None, "n": "0"},  # noqa: DTZ001
        {"a": 2.5, "at": dt.datetime(2024, 1, 2, 10), "b": "x", "n": "1"},  # noqa: DTZ001
    ]
    assert "a is integer and number" in found(tmp_path)["d"].properties["warnings"]


def test_one_broken_file_costs_its_own_rows_and_is_named(tmp_path: Path) -> None:
    parts(tmp_path, *(pa.table({"v": [n] * 10}) for n in range(4)))
    broken = tmp_path / "d" / "part-2.parquet"
    broken.write_bytes(broken.read_bytes()[:50])
    asset = found(tmp_path)["d"]
    assert "part-2.parquet" in asset.properties["problem"]
    assert "readable" not in asset.properties
    assert set(read(tmp_path, "d")[0].column("v").to_pylist()) == {0, 1, 3}


def damage(path: Path, group: int) -> None:
    chunk = pq.read_metadata(path).row_group(group).column(0)
    raw = bytearray(path.read_bytes())
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    raw[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    path.write_bytes(raw)


def test_a_damaged_row_group_is_named_with_the_rows_that_are_missing(tmp_path: Path) -> None:
    parts(tmp_path, pa.table({"v": list(range(5000))}), pa.table({"v": list(range(5000, 6000))}))
    damage(tmp_path / "d" / "part-0.parquet", 2)
    table, skipped, remarks = read(tmp_path, "d")
    assert table.column("v").to_pylist() == [*range(2000), *range(3000, 6000)]
    assert skipped == 1000
    assert remarks == [
        "d/part-0.parquet: row group 3 of 5 cannot be decoded; 1,000 rows are missing."
    ]


def test_a_file_of_which_nothing_can_be_decoded_fails(tmp_path: Path) -> None:
    pq.write_table(pa.table({"v": list(range(100))}), tmp_path / "a.parquet")
    damage(tmp_path / "a.parquet", 0)
    with pytest.raises(SourceDataUnreadable, match=r"row group 1 of 1"):
        read(tmp_path, "a.parquet")


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.ndjson"])
def test_a_file_replaced_after_it_was_planned_or_while_it_is_read_is_told(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name

    def write(first: int) -> None:
        numbers = range(first, first + 300_000)
        if name == "a.parquet":
            pq.write_table(pa.table({"a": list(numbers)}), tmp_path / "new", row_group_size=50_000)
        elif name == "a.csv":
            (tmp_path / "new").write_text("a\n" + "".join(f"{n}\n" for n in numbers))
        else:
            (tmp_path / "new").write_text("".join(f'{{"a":{n}}}\n' for n in numbers))
        (tmp_path / "new").rename(path)

    write(100_000)
    plan = ReadPlan(rows_per_batch=10_000)
    with connector_of(tmp_path) as connector:
        asset = found(tmp_path)[name]
        [part] = connector.partitions(asset, plan)
        reading = connector.read(asset, part, plan)
        next(reading)
        write(400_000)
        with pytest.raises(SourceObjectGone, match="while it was read"):
            list(reading)
        with pytest.raises(SourceObjectGone, match="while it was read"):
            list(connector.read(asset, part, plan))
        [part] = connector.partitions(asset, plan)
        assert sum(b.num_rows for b in connector.read(asset, part, plan)) == 300_000


def test_numbers_beyond_64_bits_stay_exact(tmp_path: Path) -> None:
    most = (1 << 64) - 1
    long = pa.array([10**30, 10**30 + 1], pa.decimal128(31, 0))
    pq.write_table(
        pa.table(
            {
                "big": pa.array([most, most - 1], pa.uint64()),
                "small": pa.array([1, 2], pa.uint64()),
                "long": long,
                "whole": pa.array([1, 2], pa.decimal128(12, 0)),
            }
        ),
        tmp_path / "a.parquet",
    )
    table, _, _ = read(tmp_path, "a.parquet")
    assert table.to_pylist() == [
        {"big": str(most), "small": 1, "long": str(10**30), "whole": 1},
        {"big": str(most - 1), "small": 2, "long": str(10**30 + 1), "whole": 2},
    ]
    (tmp_path / "b.csv").write_text(f"n\n{most}\n1\n")
    (tmp_path / "c.ndjson").write_text(f'{{"n": {most}}}\n{{"n": 1}}\n')
    assert read(tmp_path, "b.csv")[0].column("n").to_pylist() == [str(most), "1"]
    assert read(tmp_path, "c.ndjson")[0].column("n").to_pylist() == [str(most), "1"]


def test_dates_outside_the_calendar_are_text_or_told(tmp_path: Path) -> None:
    days = pa.array([-800_000, 0, 3_000_000], pa.int32()).cast(pa.date32())
    moments = pa.array([-(8 * 10**16), 0, None]).cast(pa.timestamp("us"))
    table = pa.table({"day": days, "at": moments})
    pq.write_table(table, tmp_path / "told.parquet")
    pq.write_table(table, tmp_path / "untold.parquet", write_statistics=False)
    text, _, remarks = read(tmp_path, "told.parquet")
    assert text.column("day").to_pylist() == ["-0221-09-04", "1970-01-01", "10183-09-21"]
    assert remarks == []
    lost, _, remarks = read(tmp_path, "untold.parquet")
    assert lost.column("day").to_pylist() == [None, dt.date(1970, 1, 1), None]
    assert lost.column("at").to_pylist() == [None, dt.datetime(1970, 1, 1), None]  # noqa: DTZ001
    assert len(remarks) == 2
    assert "2 dates lie outside the years 1 to 9999" in remarks[0]
    with connector_of(tmp_path) as connector:
        assets = list(connector.discover(Scope()))
        assert [figures.rows for figures in connector.statistics(assets)] == [3, 3]


def test_nan_infinity_and_text_that_is_none_are_read(tmp_path: Path) -> None:
    nan, infinity = float("nan"), float("inf")
    raw = pa.array([b"ok", b"\xff\xfe", b"\xc3\xa9"]).view(pa.string())
    pq.write_table(
        pa.table({"x": [nan, infinity, -infinity], "s": raw, "d": raw.dictionary_encode()}),
        tmp_path / "a.parquet",
    )
    table, _, _ = read(tmp_path, "a.parquet")
    assert str(table.column("x").to_pylist()) == "[nan, inf, -inf]"
    for name in ("s", "d"):
        assert table.column(name).to_pylist() == ["ok", "\ufffd\ufffd", "é"]
    (tmp_path / "b.ndjson").write_text('{"x": NaN}\n{"x": -Infinity}\n{"x": 1}\n')
    assert str(read(tmp_path, "b.ndjson")[0].column("x").to_pylist()) == "[nan, -inf, 1.0]"


def test_tables_without_columns_and_without_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({}), tmp_path / "nothing.parquet")
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "empty.parquet")
    assert found(tmp_path)["nothing.parquet"].columns == ()
    assert read(tmp_path, "nothing.parquet")[0].num_columns == 0
    assert read(tmp_path, "empty.parquet")[0].num_rows == 0


def test_a_log_that_is_written_on_is_read_as_far_as_it_was_planned(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text("".join(f'{{"a":{n},"b":"{"x" * 40}"}}\n' for n in range(200_000)))
    plan = ReadPlan(rows_per_partition=100_000)
    with connector_of(tmp_path) as connector:
        asset = found(tmp_path)["a.ndjson"]
        planned = connector.partitions(asset, plan)
        with path.open("a") as file:
            file.write('{"a":-1}\n')
        os.utime(path)
        rows = [b.num_rows for part in planned for b in connector.read(asset, part, plan)]
    assert len(planned) == 2
    assert sum(rows) == 200_000
