"""Formats beyond CSV, JSON and Parquet: each is read whole, in plain types, within bounds."""

import bz2
import datetime as dt
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import fastavro
import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import orc
from tests.contract.connectors import estates

from muniment.contracts.connectors import AssetMeta, Bounds
from muniment.contracts.reading import ReadPlan, Scope
from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors.files import FilesConnector, limits, text, unpacking
from muniment.sources.connectors.files import orc as orc_module
from muniment.sources.connectors.files.local import LocalFile
from muniment.sources.connectors.files.tally import Tally


def never() -> None:
    """Nobody stops a test."""


def found(root: Path) -> dict[str, AssetMeta]:
    with closing(FilesConnector(estates.connection_to(str(root)), Bounds())) as connector:
        return {"/".join(asset.path): asset for asset in connector.discover(Scope())}


def read(root: Path, name: str, rows: int = 500_000) -> pa.Table:
    table, skipped, _ = told(root, name, rows)
    assert skipped == 0
    return table


def told(root: Path, name: str, rows: int = 500_000) -> tuple[pa.Table, int, list[str]]:
    """The whole of one data set, how many rows were skipped, and what was said of them."""
    plan = ReadPlan(rows_per_partition=rows)
    asset = found(root)[name]
    batches, skipped = [], 0
    remarks: list[str] = []
    with closing(FilesConnector(estates.connection_to(str(root)), Bounds())) as connector:
        for part in connector.partitions(asset, plan):
            batches += list(connector.read(asset, part, plan))
            skipped += connector.skipped_rows
            remarks += connector.remarks
    return pa.Table.from_batches(batches), skipped, remarks


def zstd(content: bytes) -> bytes:
    packed = io.BytesIO()
    with pa.CompressedOutputStream(pa.PythonFile(packed, mode="w"), "zstd") as stream:
        stream.write(content)
        stream.flush()
        return packed.getvalue() if stream.closed else _closed(stream, packed)


def _closed(stream: "pa.CompressedOutputStream", packed: io.BytesIO) -> bytes:
    held: list[bytes] = []
    packed.close = lambda: held.append(packed.getvalue())  # type: ignore[method-assign]
    stream.close()
    return held[0]


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
}


@pytest.mark.parametrize("suffix", unpacking.OPENERS)
def test_packed_text_is_read_in_one_stream_or_several(tmp_path: Path, suffix: str) -> None:
    pack = PACKERS[suffix]
    lines = "".join(f"{n},x{n}\n" for n in range(50_000)).encode()
    (tmp_path / f"one.csv{suffix}").write_bytes(pack(b"a,b\n" + lines))
    (tmp_path / f"two.csv{suffix}").write_bytes(pack(b"a,b\n" + lines) + pack(b"7,y\n"))
    assert read(tmp_path, f"one.csv{suffix}").num_rows == 50_000
    assert read(tmp_path, f"two.csv{suffix}").column("b")[-1].as_py() == "y"
    packed = pack(b"a,b\n" + lines)
    for wrong in (packed[: len(packed) // 2], b"not packed at all", packed[:40]):
        (tmp_path / f"cut.csv{suffix}").write_bytes(wrong)
        with pytest.raises(SourceDataUnreadable, match="cut short or damaged"):
            read(tmp_path, f"cut.csv{suffix}")


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_a_bomb_of_any_packer_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bomb.csv{suffix}"
    path.write_bytes(PACKERS[suffix](b"\0" * (64 << 20)))
    with (
        text.Stream(LocalFile(path), never, free_bytes=1 << 20) as stream,
        pytest.raises(LimitExceeded, match="bomb"),
    ):
        stream.readall()


def test_orc_is_read_by_stripes(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": list(range(200_000)),
            "text": [f"{'x' * 50}{n * 7919 % 104_729}" for n in range(200_000)],
            "place": [{"city": "Köln", "tags": ["a", "b"]}] * 200_000,
            "day": pa.array([dt.date(2024, 1, 1)] * 200_000),
            "at": pa.array([dt.datetime(2024, 1, 1, 12)] * 200_000, pa.timestamp("ns")),  # noqa: DTZ001
            "price": pa.array([Decimal("1.25")] * 200_000, pa.decimal128(10, 2)),
        }
    )
    orc.write_table(table, tmp_path / "a.orc", stripe_size=1 << 20, batch_size=1_000)
    assert orc.ORCFile(tmp_path / "a.orc").nstripes > 3
    (asset,) = found(tmp_path).values()
    assert asset.row_estimate == 200_000
    whole = read(tmp_path, "a.orc", 50_000)
    assert whole.column("id").to_pylist() == list(range(200_000))
    assert whole.slice(5, 1).to_pylist() == [
        {
            "id": 5,
            "text": table.column("text")[5].as_py(),
            "place.city": "Köln",
            "place.tags": '["a","b"]',
            "place.tags[]": "a",
            "day": dt.date(2024, 1, 1),
            "at": dt.datetime(2024, 1, 1, 12),  # noqa: DTZ001
            "price": 1.25,
        }
    ]


AVRO = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "mail", "type": ["null", "string"]},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-micros"}},
        {
            "name": "price",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        },
        {"name": "mood", "type": {"type": "enum", "name": "Mood", "symbols": ["GOOD", "BAD"]}},
        {"name": "key", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "mixed", "type": ["null", "long", "string"]},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "facts", "type": {"type": "map", "values": "int"}},
        {
            "name": "place",
            "type": {
                "type": "record",
                "name": "Place",
                "fields": [
                    {"name": "city", "type": "string"},
                    {"name": "mood", "type": "Mood"},
                    {"name": "inside", "type": ["null", "Place"]},
                ],
            },
        },
    ],
}


def order(number: int) -> dict[str, object]:
    return {
        "id": number,
        "mail": None if number % 2 else f"c{number}@example.org",
        "day": dt.date(2024, 2, 29),
        "at": dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC),
        "local": dt.datetime(2024, 1, 1, 12),  # noqa: DTZ001
        "price": Decimal("1.25"),
        "mood": "GOOD",
        "key": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "mixed": number if number % 2 else "x",
        "tags": ["a", "b"],
        "facts": {"n": 1},
        "place": {
            "city": "Köln",
            "mood": "BAD",
            "inside": {"city": "Bonn", "mood": "GOOD", "inside": None},
        },
    }


def write_avro(path: Path, rows: int, codec: str = "deflate") -> None:
    with path.open("wb") as file:
        fastavro.writer(file, AVRO, map(order, range(rows)), codec, sync_interval=16_000)


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_avro_is_read_block_by_block_with_logical_types(tmp_path: Path, codec: str) -> None:
    write_avro(tmp_path / "a.avro", 5_000, codec)
    (asset,) = found(tmp_path).values()
    assert asset.row_estimate == 5_000
    table = read(tmp_path, "a.avro", 1_000)
    assert table.column("id").to_pylist() == list(range(5_000))
    assert table.slice(0, 2).to_pylist()[1] == {
        "id": 1,
        "mail": None,
        "day": dt.date(2024, 2, 29),
        "at": dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC),
        "local": dt.datetime(2024, 1, 1, 12),  # noqa: DTZ001
        "price": 1.25,
        "mood": "GOOD",
        "key": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "mixed": "1",
        "tags": '["a","b"]',
        "tags[]": "a",
        "facts": '[["n",1]]',
        "place.city": "Köln",
        "place.mood": "BAD",
        "place.inside": '{"city":"Bonn","mood":"GOOD","inside":null}',
    }


@pytest.mark.parametrize("codec", ["snappy", "zstandard"])
def test_avro_codecs_that_arrow_knows(tmp_path: Path, codec: str) -> None:
    """Packed here by Arrow, since the Avro library needs another package for them."""
    write_avro(tmp_path / "plain.avro", 300, "null")
    raw = (tmp_path / "plain.avro").read_bytes()
    with (tmp_path / "plain.avro").open("rb") as file:
        blocks = list(fastavro.block_reader(file))
    sync = raw[-16:]
    packed = io.BytesIO()
    head = raw[: blocks[0].offset].replace(
        b"\x14avro.codec\x08null", avro_text("avro.codec", codec)
    )
    packed.write(head)
    for block in blocks:
        data = raw[block.offset : block.offset + block.size - 16]
        records, at = avro_long(data, 0)
        _, at = avro_long(data, at)
        body = data[at:]
        if codec == "snappy":
            squeezed = pa.compress(body, "snappy", asbytes=True)
            squeezed += zlib.crc32(body).to_bytes(4, "big")
        else:
            squeezed = zstd(body)
        packed.write(avro_number(records) + avro_number(len(squeezed)) + squeezed + sync)
    (tmp_path / "packed.avro").write_bytes(packed.getvalue())
    assert read(tmp_path, "packed.avro").equals(read(tmp_path, "plain.avro"))


def avro_number(value: int) -> bytes:
    left, packed = value << 1, bytearray()
    while left > 0x7F:
        packed.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*packed, left])


def avro_text(*texts: str) -> bytes:
    return b"".join(avro_number(len(each)) + each.encode() for each in texts)


def avro_long(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value >> 1, at


def test_a_damaged_avro_block_costs_its_own_rows_only(tmp_path: Path) -> None:
    path = tmp_path / "a.avro"
    write_avro(path, 2_000)
    with path.open("rb") as file:
        blocks = list(fastavro.block_reader(file))
    raw = bytearray(path.read_bytes())
    middle = blocks[1].offset + blocks[1].size // 2
    raw[middle : middle + 20] = b"\xff" * 20
    path.write_bytes(raw)
    table, skipped, remarks = told(tmp_path, "a.avro")
    assert skipped == blocks[1].num_records
    assert table.num_rows == 2_000 - skipped
    lost = (
        f"the block at byte {blocks[1].offset:,} cannot be decoded; {skipped:,} rows are missing."
    )
    assert remarks == [f"a.avro: {lost}"]


def test_an_avro_file_that_is_cut_short_says_so(tmp_path: Path) -> None:
    write_avro(tmp_path / "a.avro", 2_000)
    raw = (tmp_path / "a.avro").read_bytes()
    (tmp_path / "a.avro").write_bytes(raw[: len(raw) * 2 // 3])
    (asset,) = found(tmp_path).values()
    assert "cut short" in asset.properties["problem"]
    assert 0 < read(tmp_path, "a.avro").num_rows == asset.row_estimate
    for wrong in (b"", b"Obj\x01", raw[:300], b"PAR1" * 100):
        (tmp_path / "a.avro").write_bytes(wrong)
        assert found(tmp_path)["a.avro"].properties["readable"] == "false"


def test_an_avro_bomb_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.avro").open("wb") as file:
        rows = [{"value": "x" * (limits.AVRO_BLOCK_BYTES + 1)}]
        schema = {"type": "record", "name": "R", "fields": [{"name": "value", "type": "string"}]}
        fastavro.writer(file, schema, rows, "deflate")
    with pytest.raises(LimitExceeded, match="bomb"):
        read(tmp_path, "a.avro")


def workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sales = book.add_worksheet("Sales")
        for place, name in enumerate(["id", "name", "amount", "day", "paid"]):
            sales.write(0, place, name)
        for row in range(1, 2_001):
            sales.write_number(row, 0, row)
            sales.write_string(row, 1, f"Käufer {row}")
            sales.write_number(row, 2, row / 4)
            sales.write_datetime(row, 3, dt.datetime(2024, 1, 1 + row % 28), day)  # noqa: DTZ001
            sales.write_boolean(row, 4, row % 2 == 0)
        sales.write(2_005, 0, 9_999)
        plain = book.add_worksheet("No header")
        plain.write_row(0, 0, [1, "x", None, 2.5])
        plain.write_row(1, 0, [2, "y", None, "n/a"])
        book.add_worksheet("Empty")


def test_each_sheet_of_a_workbook_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    workbook(tmp_path / "sub" / "book.xlsx")
    assets = found(tmp_path)
    assert set(assets) == {f"sub/book.xlsx/{name}" for name in ("Sales", "No header", "Empty")}
    sales = assets["sub/book.xlsx/Sales"]
    assert [(c.name, c.type) for c in sales.columns] == [
        ("id", "integer"),
        ("name", "text"),
        ("amount", "number"),
        ("day", "date"),
        ("paid", "boolean"),
    ]
    table = read(tmp_path, "sub/book.xlsx/Sales")
    assert table.num_rows == 2_001
    assert table.schema.field("id").type == pa.int64()
    assert table.slice(2, 1).to_pylist() == [
        {
            "id": 3,
            "name": "Käufer 3",
            "amount": 0.75,
            "day": dt.date(2024, 1, 4),
            "paid": False,
        }
    ]
    plain = read(tmp_path, "sub/book.xlsx/No header")
    assert plain.to_pylist() == [
        {"column_1": 1, "column_2": "x", "column_3": None, "column_4": "2.5"},
        {"column_1": 2, "column_2": "y", "column_3": None, "column_4": "n/a"},
    ]
    assert assets["sub/book.xlsx/Empty"].properties["problem"] == "The sheet is empty."


def test_a_workbook_that_would_not_fit_or_is_none_is_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "wide.xlsx") as book:
        sheet = book.add_worksheet("Far")
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "b")
    (tmp_path / "no.xlsx").write_bytes(b"this is no workbook")
    (tmp_path / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4_000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (limits.WORKBOOK_BYTES + 1))
    problems = {name: asset.properties["problem"] for name, asset in found(tmp_path).items()}
    assert "cells in a sheet" in problems["wide.xlsx"]
    assert "cut short or damaged" in problems["no.xlsx"]
    assert "password" in problems["locked.xlsx"]
    assert "MiB unpacked" in problems["bomb.xlsx"]


def test_json_of_every_packer_is_found_by_its_name(tmp_path: Path) -> None:
    for suffix, pack in PACKERS.items():
        content = "".join(json.dumps({"a": n}) + "\n" for n in range(10)).encode()
        (tmp_path / f"a.ndjson{suffix}").write_bytes(pack(content))
        (tmp_path / f"b.parquet{suffix}").write_bytes(pack(content))
    assert {asset.row_estimate for asset in found(tmp_path).values()} <= set(range(5, 20))
    assert set(found(tmp_path)) == {f"a.ndjson{suffix}" for suffix in PACKERS}


def test_an_orc_file_of_one_huge_stripe_is_streamed(tmp_path: Path) -> None:
    rows = orc_module.STRIPE_CELLS + 1_000_000
    table = pa.table({"n": pa.repeat(pa.scalar(7), rows)})
    orc.write_table(table, tmp_path / "a.orc", batch_size=rows, stripe_size=1 << 30)
    total = peak = 0
    for _, count in orc_module.rows(LocalFile(tmp_path / "a.orc"), [0], 1000, Tally(), never):
        total += count
        peak = max(peak, pa.total_allocated_bytes() - table.nbytes)
    assert total == rows
    assert peak < 64 << 20


def test_a_damaged_orc_stripe_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.orc"
    texts = [f"{n * 7919 % 104_729:0100d}" for n in range(50_000)]
    orc.write_table(pa.table({"n": texts}), path, stripe_size=1 << 20, batch_size=1000)
    stripes = orc.ORCFile(path).nstripes
    raw = bytearray(path.read_bytes())
    raw[100:1000] = b"\xff" * 900
    path.write_bytes(raw)
    table, skipped, remarks = told(tmp_path, "a.orc")
    assert remarks == [
        f"a.orc: stripe 1 of {stripes} cannot be decoded; {skipped:,} rows are missing."
    ]
    assert 0 < skipped < 50_000
    assert table.num_rows > 0
