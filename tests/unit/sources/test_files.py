"""Text files: dialects, types by their looks, cells of any size, folders that are one data set."""

import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors.files import (
    columns,
    delimited,
    documents,
    inference,
    layout,
    limits,
    text,
)
from muniment.sources.connectors.files.discovery import Discovery
from muniment.sources.connectors.files.local import LocalFile, LocalStore
from muniment.sources.connectors.settings import FilesSettings


def never() -> None:
    """Nobody stops a test."""


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


@given(
    st.lists(st.lists(cells, min_size=2, max_size=4), max_size=8),
    st.integers(1, 7),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_the_sure_reader_reads_what_the_standard_writer_writes(
    rows: list[list[str]], chunk: int, delimiter: str
) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    whole = written.getvalue()

    def chunks() -> Iterator[str]:
        for start in range(0, len(whole), chunk):
            yield whole[start : start + chunk]

    assert list(delimited.records(chunks(), delimiter, 100)) == rows


def test_a_cell_of_any_size_keeps_its_head_and_the_row_its_shape() -> None:
    chunks = iter(['a,"', *["x\n" * 1000] * 50, '"\nb,c\n'])
    (first, second) = delimited.records(chunks, ",", 10)
    assert first == ["a", "x\nx\nx\nx\nx\n"]
    assert second == ["b", "c"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-2", "", None], "integer"),
        (["1", "2.5", "-1e5"], "number"),
        (["007", "1"], "text"),
        (["4111111111111111", "4"], "integer"),
        (["12345678901234567890"], "text"),
        (["true", "FALSE"], "boolean"),
        (["2024-01-31"], "date"),
        (["2024-01-31 10:00", "2024-01-31T10:00:00.123"], "timestamp"),
        (["2024-01-31T10:00:00Z", "2024-01-31T10:00:00+02:00"], "timestamp with time zone"),
        (["1", "x"], "text"),
        (["nan"], "text"),
        (["", None], "text"),
        ([".", "-"], "text"),
    ],
)
def test_types_by_their_looks(values: list[str | None], kind: str) -> None:
    assert inference.guess(values) == kind


def dialect(tmp_path: Path, content: bytes, name: str = "a.csv") -> delimited.Dialect:
    path = tmp_path / name
    path.write_bytes(content)
    return delimited.dialect_of(LocalFile(path), never, None, None)


def test_dialect_header_and_names(tmp_path: Path) -> None:
    found = dialect(tmp_path, "Name;Ort;Ort;\nJürgen;Köln;a;1\n".encode("cp1252"))
    assert found.encoding == "cp1252"
    assert found.delimiter == ";"
    assert found.columns == ("Name", "Ort", "Ort_2", "column_4")
    assert found.kinds == ("text", "text", "text", "integer")
    assert not dialect(tmp_path, b"1,2\n3,4\n").header
    assert dialect(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n").columns == ("a", "b")
    assert dialect(tmp_path, "a,b\n1,ü\n".encode("utf-16")).columns == ("a", "b")
    assert dialect(tmp_path, b"a\tb,c\n1\t2\n", "x.tsv").columns == ("a", "b,c")
    assert dialect(tmp_path, b"a,b\n1,2\n1\n1,2,3\n").ragged == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (bytes(range(256)) * 9, "binary"), (b"\n\n\n", "no rows")],
)
def test_what_is_no_text_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(SourceDataUnreadable, match=says):
        dialect(tmp_path, content)


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded):
        dialect(tmp_path, b",".join([b"a"] * (limits.COLUMNS + 1)) + b"\n")


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"\0" * (64 << 20)))
    with (
        text.Stream(LocalFile(path), never, free_bytes=1 << 20) as stream,
        pytest.raises(LimitExceeded, match="bomb"),
    ):
        stream.readall()


def test_nested_documents_become_dotted_columns() -> None:
    row = documents.flatten(
        {
            "id": 1,
            "customer": {"mail": "a@b.c", "address": {"city": "Köln"}},
            "items": [{"sku": "x", "n": [1, 2]}, {"sku": "y"}],
            "none": [],
            "huge": 1 << 80,
        },
        100,
    )
    assert row == {
        "id": 1,
        "customer.mail": "a@b.c",
        "customer.address.city": "Köln",
        "items": '[{"sku":"x","n":[1,2]},{"sku":"y"}]',
        "items[].sku": "x",
        "items[].n": "[1,2]",
        "items[].n[]": 1,
        "none": "[]",
        "huge": str(1 << 80),
    }


def test_bottomless_documents_have_a_bottom() -> None:
    deep: dict[str, documents.Tree] = {}
    place = deep
    for _ in range(200):
        inner: dict[str, documents.Tree] = {}
        place["a"] = inner
        place = inner
    place["a"] = 1
    [name] = documents.flatten(deep, 10_000)
    assert name.count(".") < limits.NESTING
    assert documents.parse("[" * 100_000) is None
    with pytest.raises(LimitExceeded):
        documents.flatten({str(n): n for n in range(limits.COLUMNS + 1)}, 10)


def test_partition_folders_and_numbered_parts_are_one_data_set(tmp_path: Path) -> None:
    for name in (
        "plain.csv",
        "sub/plain.csv",
        "events/year=2024/month=01/a.parquet",
        "events/year=2024/month=%2002/b.parquet",
        "spark/part-00000-x.parquet",
        "spark/part-00001-x.parquet",
        "spark/_SUCCESS",
        ".hidden/x.csv",
        "notes.md",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a\n1\n")
    (tmp_path / "away.csv").symlink_to("/etc/passwd")
    (tmp_path / "near.csv").symlink_to(tmp_path / "plain.csv")
    found = {".".join(d.path): d for d in layout.datasets(LocalStore(tmp_path))}
    assert set(found) == {"plain.csv", "near.csv", "away.csv", "sub.plain.csv", "events", "spark"}
    assert [name for name, dataset in found.items() if dataset.barred] == ["away.csv"]
    assert found["events"].partition_columns == ("year", "month")
    assert [dict(f.values) for f in found["events"].files] == [
        {"year": "2024", "month": " 02"},
        {"year": "2024", "month": "01"},
    ]
    assert len(found["spark"].files) == 2


def test_metadata_of_text_needs_no_arrow_and_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "o.ndjson").write_text(
        "\n".join(json.dumps({"a": n, "at": "2024-01-01", "b": None}) for n in range(5))
    )
    (tmp_path / "bad.ndjson").write_text("this is\nno json\n")
    discovery = Discovery(LocalStore(tmp_path), FilesSettings(path=str(tmp_path)), never)
    bad, good = (discovery.asset(dataset) for dataset in layout.datasets(LocalStore(tmp_path)))
    assert [(c.name, c.type) for c in good.columns] == [
        ("a", "integer"),
        ("at", "date"),
        ("b", "text"),
    ]
    assert bad.properties["readable"] == "false"
    assert "no JSON object" in bad.properties["problem"]


values = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.datetimes().map(dt.datetime.isoformat),
    st.text(st.sampled_from("0123456789-+.:eTZ "), max_size=20),
    st.sampled_from(["true", "False", "-0", "007", "1e5", "2024-02-30", "0000-01-01", ""]),
)


@given(st.lists(values, min_size=1, max_size=4))
def test_types_of_batches_are_those_of_their_looks(found: list[str]) -> None:
    """The fast ways to tell a type say what the patterns say, for values that Arrow can hold."""
    types = columns.ColumnTypes()
    for value in found:
        types.see("a", pa.array([value]))
    settled = types.settled("a")
    if settled != "text":
        assert settled == inference.guess(found)
    elif (guessed := inference.guess(found)) != "text":
        with pytest.raises(pa.ArrowInvalid):
            pc.cast(pa.array([value for value in found if value]), columns.ARROW[guessed])
