"""Tables in lakes, written by the libraries that people write them with."""

import json
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import deltalake
import fastavro
import obstore
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.types import StringType

from muniment.contracts.connectors import AssetMeta, Bounds, Partition, SourceConnection
from muniment.contracts.figures import Basis
from muniment.contracts.markers import KnownPart
from muniment.contracts.reading import ReadPlan, Scope
from muniment.kernel.errors import SourceDataUnreadable
from muniment.kernel.ids import new_id
from muniment.sources.connectors.files import FilesConnector, roaring
from muniment.sources.connectors.files.connector import Halt, StoreConnector
from muniment.sources.connectors.files.objects.place import Place
from muniment.sources.connectors.files.objects.store import ObjectStore
from muniment.sources.connectors.settings import FilesSettings

PLAN = ReadPlan(rows_per_partition=50)


def connect(root: Path) -> "closing[FilesConnector]":
    connection = SourceConnection(new_id(), "lake", "files", {"path": str(root)})
    return closing(FilesConnector(connection, Bounds()))


def only(root: Path) -> AssetMeta:
    with connect(root) as connector:
        [asset] = connector.discover(Scope())
    return asset


def rows_of(root: Path, asset: AssetMeta) -> list[dict[str, Any]]:
    """Each part planned by one connector and read by another, as a scan does."""
    with connect(root) as connector:
        parts = connector.partitions(asset, PLAN)
    found: list[dict[str, Any]] = []
    for part in parts:
        travelled = Partition(part.index, json.loads(json.dumps(part.spec)))
        with connect(root) as connector:
            for batch in connector.read(asset, travelled, PLAN):
                found += batch.to_pylist()
            assert not connector.remarks
    return found


def key(row: dict[str, Any]) -> int:
    return int(row["id"])


def orders(first: int, last: int, **more: Any) -> pa.Table:
    ids = list(range(first, last))
    columns: dict[str, Any] = {
        "id": ids,
        "day": [None if n % 7 == 0 else date(2024, 1, 1 + n % 3) for n in ids],
        "place": [("a b", "c/d=é", "%41")[n % 3] for n in ids],
        "amount": [None if n % 5 == 0 else n * 1.5 for n in ids],
        "at": pa.array([datetime(2024, 1, 1, 0, 0, n % 60, 123456, UTC) for n in ids]),
        "who": [{"name": f"n{n}", "tags": ["x"]} for n in ids],
        **more,
    }
    return pa.table(columns)


def test_a_delta_table_is_one_asset_of_what_it_holds_now(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    path = root / "shop" / "orders"
    deltalake.write_deltalake(
        path, orders(0, 100), partition_by=["day", "place"], name="orders", description="Sales"
    )
    deltalake.write_deltalake(path, orders(100, 150), mode="append")
    table = deltalake.DeltaTable(path)
    table.delete("id < 10")
    table.create_checkpoint()
    more = orders(150, 200, extra=[f"e{n}" for n in range(50)])
    deltalake.write_deltalake(path, more, mode="append", schema_mode="merge")
    table = deltalake.DeltaTable(path)
    table.update(predicate="id = 150", updates={"amount": "7"})

    asset = only(root)
    assert asset.path == ("shop", "orders")
    assert (asset.comment, asset.properties["format"]) == ("Sales", "delta")
    assert asset.properties["version"] == str(deltalake.DeltaTable(path).version())
    assert asset.properties["partition_columns"] == "day,place"
    assert asset.row_estimate == 190
    kinds = {column.name: column.type for column in asset.columns}
    assert kinds["day"] == "date32[day]"
    assert {"who.name", "who.tags", "extra"} <= set(kinds)
    found = sorted(rows_of(root, asset), key=key)
    wanted = sorted(deltalake.DeltaTable(path).to_pyarrow_table().to_pylist(), key=key)
    assert [
        {name: row[name] for name in ("id", "day", "place", "amount", "at", "extra", "who.name")}
        for row in found
    ] == [
        {
            **{name: row[name] for name in ("id", "day", "place", "amount", "at", "extra")},
            "who.name": row["who"]["name"],
        }
        for row in wanted
    ]
    with connect(root) as connector:
        [figures] = connector.statistics([asset])
    assert (figures.basis, figures.rows) == (Basis.EXACT, 190)
    known = {column.name: column for column in figures.columns}
    amounts = [row["amount"] for row in wanted if row["amount"] is not None]
    assert known["amount"].nulls == 190 - len(amounts)
    assert (known["amount"].low, known["amount"].high) == (min(amounts), max(amounts))
    assert (known["id"].low, known["id"].high) == (10, 199)
    assert (known["at"].low, known["who.name"].low) == (None, None)


def test_of_a_delta_table_only_new_files_are_read_again(tmp_path: Path) -> None:
    deltalake.write_deltalake(tmp_path, orders(0, 40))
    deltalake.write_deltalake(tmp_path, orders(40, 80), mode="append")
    time.sleep(2.1)  # files of this moment are not trusted
    before = only(tmp_path)
    with connect(tmp_path) as connector:
        told = connector.markers([before])
        first = connector.settle(before, connector.partitions(before, PLAN), ())
        assert connector.markers([before]) == told != {}
    deltalake.write_deltalake(tmp_path, orders(80, 120), mode="append")
    after = only(tmp_path)
    known = [KnownPart(e.partition.spec, e.marker or "", 40) for e in first]
    with connect(tmp_path) as connector:
        assert connector.markers([after]) != told
        again = connector.settle(after, connector.partitions(after, PLAN), known)
        news = [each for each in again if not each.unchanged]
        rows = [b.num_rows for e in news for b in connector.read(after, e.partition, PLAN)]
    assert (len(again) - len(news), sum(rows)) == (2, 40)


def write_log(path: Path, *versions: Sequence[dict[str, Any]]) -> None:
    (path / "_delta_log").mkdir(parents=True, exist_ok=True)
    for number, actions in enumerate(versions):
        lines = "\n".join(json.dumps(action) for action in actions)
        (path / "_delta_log" / f"{number:020}.json").write_text(lines)


def field(name: str, kind: Any, physical: str | None = None) -> dict[str, Any]:
    told = {"delta.columnMapping.physicalName": physical} if physical else {}
    return {"name": name, "type": kind, "nullable": True, "metadata": told}


def described(fields: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": []}
    return [
        {"protocol": {**protocol, **more.pop("protocol", {})}},
        {
            "metaData": {
                "id": "t",
                "format": {"provider": "parquet"},
                "schemaString": json.dumps({"type": "struct", "fields": fields}),
                "partitionColumns": [],
                "configuration": {},
                **more,
            }
        },
    ]


def added(file: Path, **more: Any) -> dict[str, Any]:
    return {
        "add": {
            "path": file.name,
            "partitionValues": {},
            "size": file.stat().st_size,
            "modificationTime": 0,
            "dataChange": True,
            **more,
        }
    }


def test_renamed_columns_and_deleted_rows_are_followed(tmp_path: Path) -> None:
    data = tmp_path / "one.parquet"
    table = pa.table({"a": list(range(100)), "gone": ["x"] * 100, "c-1": [{"p": 5}] * 100})
    pq.write_table(table, data, row_group_size=30)
    vector = bitmaps({1, 29, 30, 98, 99})
    stored = struct.pack(">i", len(vector)) + vector + struct.pack(">I", zlib.crc32(vector))
    (tmp_path / "deletion_vector_00000000-0000-0000-0000-000000000000.bin").write_bytes(
        b"\1" + stored
    )
    fields = [
        field("b", "long", "a"),
        field("gone", "string", "c-2"),  # another column of the name of one that was dropped
        field("s", {"type": "struct", "fields": [field("inner", "long", "p")]}, "c-1"),
    ]
    deleted = {
        "storageType": "u",
        "pathOrInlineDv": "0" * 20,
        "offset": 1,
        "sizeInBytes": len(vector),
        "cardinality": 5,
    }
    features = {"readerFeatures": ["columnMapping", "deletionVectors"]}
    described_so = described(
        fields, protocol=features, configuration={"delta.columnMapping.mode": "name"}
    )
    write_log(
        tmp_path, described_so, [added(data, stats='{"numRecords":100}', deletionVector=deleted)]
    )
    asset = only(tmp_path)
    assert asset.row_estimate == 95
    found = rows_of(tmp_path, asset)
    assert [row["b"] for row in found] == sorted(set(range(100)) - {1, 29, 30, 98, 99})
    assert {(row["gone"], row["s.inner"]) for row in found} == {(None, 5)}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"protocol": {"minReaderVersion": 4}}, "newer protocol"),
        ({"protocol": {"readerFeatures": ["variantType"]}}, "feature variantType"),
        ({"configuration": {"delta.columnMapping.mode": "id"}}, "column mapping id"),
        ({"schemaString": "{"}, "schema is damaged"),
        ({"add": {"path": "s3://other/one.parquet"}}, "outside of its folder"),
        ({"add": {"path": "../one.parquet"}}, "outside of its folder"),
        ({"version": 2}, "commit 1 is missing"),
    ],
)
def test_what_is_not_known_of_delta_is_refused(
    tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    path = tmp_path / "orders"
    path.mkdir()
    pq.write_table(pa.table({"a": [1]}), path / "one.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "plain.parquet")
    add = added(path / "one.parquet", **changed.pop("add", {}))
    last = changed.pop("version", 1)
    write_log(path, [*described([field("a", "long")], **changed), *([] if last == 2 else [add])])
    if last == 2:
        (path / "_delta_log" / f"{2:020}.json").write_text(json.dumps(add))
    with connect(tmp_path) as connector:
        found = {asset.path: asset for asset in connector.discover(Scope())}
        assert words in found["orders",].properties["problem"]
        with pytest.raises(SourceDataUnreadable, match=words):
            connector.partitions(found["orders",], PLAN)
    assert set(found) == {("orders",), ("plain.parquet",)}


def bitmaps(numbers: set[int], *, runs: bool = False) -> bytes:
    """As the format's specification lays them out."""
    by_key: dict[int, list[int]] = {}
    for number in sorted(numbers):
        by_key.setdefault(number >> 32, []).append(number & 0xFFFFFFFF)
    told = b"\xd1\xd3\x39\x64" + struct.pack("<q", len(by_key))
    for high, lows in by_key.items():
        told += struct.pack("<I", high) + bitmap(lows, runs=runs)
    return told


def bitmap(numbers: list[int], *, runs: bool) -> bytes:
    groups: dict[int, list[int]] = {}
    for number in numbers:
        groups.setdefault(number >> 16, []).append(number & 0xFFFF)
    heads = b"".join(struct.pack("<HH", high, len(lows) - 1) for high, lows in groups.items())
    bodies = [container(lows, runs=runs) for lows in groups.values()]
    if runs:
        flags = bytearray((len(groups) + 7) // 8)
        for number in range(len(groups)):
            flags[number // 8] |= 1 << (number % 8)
        start = struct.pack("<I", 12347 | (len(groups) - 1) << 16) + bytes(flags) + heads
        offsets = bytes(4 * len(groups)) if len(groups) >= 4 else b""
    else:
        start = struct.pack("<II", 12346, len(groups)) + heads
        offsets = bytes(4 * len(groups))
    return start + offsets + b"".join(bodies)


def container(lows: list[int], *, runs: bool) -> bytes:
    if runs:
        spans: list[list[int]] = []
        for low in lows:
            if spans and spans[-1][0] + spans[-1][1] + 1 == low:
                spans[-1][1] += 1
            else:
                spans.append([low, 0])
        return struct.pack("<H", len(spans)) + b"".join(struct.pack("<HH", *s) for s in spans)
    if len(lows) <= 4096:
        return struct.pack(f"<{len(lows)}H", *lows)
    bits = bytearray(8192)
    for low in lows:
        bits[low // 8] |= 1 << (low % 8)
    return bytes(bits)


def many(draw: Any) -> Iterator[int]:
    start = draw(st.integers(0, 1 << 34))
    return iter(range(start, start + draw(st.integers(1, 6000))))


@settings(max_examples=40, deadline=None)
@given(numbers=st.data(), runs=st.booleans())
def test_deleted_row_numbers_survive(numbers: st.DataObject, runs: bool) -> None:
    wanted = numbers.draw(st.sets(st.integers(0, 1 << 34), max_size=30)) | set(many(numbers.draw))
    assert roaring.positions(bitmaps(wanted, runs=runs)).tolist() == sorted(wanted)


def iceberg(root: Path) -> Any:
    """A table with some history, by the library of Iceberg itself."""
    settings = {"uri": f"sqlite:///{root}/../catalogue.db", "warehouse": f"file://{root}"}
    catalogue = SqlCatalog("test", **settings)
    catalogue.create_namespace("shop")
    first = orders(0, 90, at=pa.array([datetime(2024, 1, 1)] * 90, pa.timestamp("us")))  # noqa: DTZ001
    table = catalogue.create_table("shop.orders", first.schema, properties={"comment": "Sales"})
    with table.update_spec() as spec:
        spec.add_identity("place")
    table.append(first)
    with table.update_schema() as schema:
        schema.rename_column("amount", "worth")
        schema.add_column("extra", StringType())
        schema.rename_column(("who", "name"), "called")
    table.delete("id < 10")
    return catalogue.load_table("shop.orders")


def test_an_iceberg_table_is_one_asset_of_what_it_holds_now(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    root.mkdir()
    table = iceberg(root)
    asset = only(root)
    assert (asset.properties["format"], asset.comment) == ("iceberg", "Sales")
    assert asset.properties["snapshot_id"] == str(table.current_snapshot().snapshot_id)
    assert asset.properties["partition_columns"] == "place"
    assert asset.row_estimate == 80
    names = ("id", "day", "place", "worth", "at", "extra")
    found = sorted(rows_of(root, asset), key=key)
    wanted = sorted(table.scan().to_arrow().to_pylist(), key=key)
    assert [[row[name] for name in (*names, "who.called")] for row in found] == [
        [*(row[name] for name in names), row["who"]["called"]] for row in wanted
    ]
    with connect(root) as connector:
        [figures] = connector.statistics([asset])
    assert (figures.basis, figures.rows) == (Basis.EXACT, 80)
    known = {column.name: column for column in figures.columns}
    assert (known["id"].low, known["id"].high, known["id"].nulls) == (10, 89, 0)
    assert known["worth"].nulls == sum(row["worth"] is None for row in wanted)
    assert known["place"].low is None

    # What other writers do: rows deleted by their number, told in files of their own.
    data = next(iter(table.scan().plan_files())).file
    gone = table.metadata.location + "/data/gone.parquet"
    write_deletes(table, gone, data, [0, 2], content=1)
    asset = only(root)
    assert asset.row_estimate == 78
    assert len(rows_of(root, asset)) == 78

    write_deletes(table, gone, data, [0], content=2)
    assert "equality deletes" in only(root).properties["problem"]


def write_deletes(table: Any, address: str, data: Any, rows: list[int], *, content: int) -> None:
    """Add a manifest of deletes to the current snapshot, in place."""
    pq.write_table(
        pa.table({"file_path": [data.file_path] * len(rows), "pos": rows}), of_uri(address)
    )
    listing = of_uri(table.current_snapshot().manifest_list)
    schema, manifests = avro_of(listing)
    entry_schema, entries = avro_of(of_uri(manifests[0]["manifest_path"]))
    [like, *_] = [e for e in entries if e["data_file"]["file_path"] == data.file_path] or entries
    told = {**like["data_file"], "content": content, "file_path": address}
    told["record_count"] = len(rows)
    path = table.metadata.location + f"/metadata/deletes-{content}.avro"
    with of_uri(path).open("wb") as file:
        fastavro.writer(file, entry_schema, [{**like, "status": 1, "data_file": told}])
    with listing.open("wb") as file:
        added = {**manifests[0], "manifest_path": path, "content": 1}
        fastavro.writer(file, schema, [*manifests, added])


def avro_of(path: Path) -> tuple[Any, list[Any]]:
    with path.open("rb") as file:
        reader = fastavro.reader(file)
        return reader.writer_schema, list(reader)


def of_uri(address: str) -> Path:
    return Path(address.removeprefix("file://"))


def test_a_table_in_a_bucket_is_read_like_one_in_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "shop" / "orders"
    deltalake.write_deltalake(path, orders(0, 60), partition_by=["place"])
    deltalake.DeltaTable(path).create_checkpoint()
    deltalake.write_deltalake(path, orders(60, 90), mode="append")
    client = MemoryStore()
    for file in sorted(tmp_path.rglob("*")):
        if file.is_file():
            obstore.put(client, f"lake/{file.relative_to(tmp_path)}", file.read_bytes())
    halt = Halt()
    place = Place(cast("Any", client), "http://memory", "bucket", "lake", "list", "read", "", "")
    store = ObjectStore(place, halt.check, 10)
    with closing(StoreConnector(store, FilesSettings(path="unused"), Bounds(), halt)) as connector:
        [asset] = connector.discover(Scope())
        assert (asset.path, asset.row_estimate) == (("shop", "orders"), 90)
        parts = connector.partitions(asset, PLAN)
        found = [
            row for p in parts for b in connector.read(asset, p, PLAN) for row in b.to_pylist()
        ]
    assert sorted(map(key, found)) == list(range(90))
