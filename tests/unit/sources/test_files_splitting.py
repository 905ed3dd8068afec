"""The law of parts: a text file read in parts is the file read whole, whatever is quoted."""

import csv
import io
import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.connectors import estates

from muniment.contracts.connectors import Bounds, Partition
from muniment.contracts.reading import ReadPlan, Scope
from muniment.sources.connectors.files import (
    FilesConnector,
    delimited,
    delimited_reading,
    documents,
    splitting,
)
from muniment.sources.connectors.files.local import LocalFile
from muniment.sources.connectors.files.pieces import Span
from muniment.sources.connectors.files.tally import Tally


def never() -> None:
    """Nobody stops a test."""


raw = st.text(st.sampled_from('ab1,;"\n\r \té'), max_size=60)
tricky = st.lists(
    st.sampled_from(
        ['5"', '"', '""', "a", ",", "\n", "1,2\n", '1,"x\ny"\n', '1,"x\n3,4\ny"\n', ' "']
    )
).map("".join)
rows = st.lists(
    st.lists(st.text(st.sampled_from('a1,"\n\r é'), max_size=6), min_size=2, max_size=3)
)


STYLES: list[Literal[0, 1]] = [csv.QUOTE_MINIMAL, csv.QUOTE_ALL]


def written(table: Sequence[Sequence[str]], quoting: Literal[0, 1]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=quoting).writerows(table)
    return out.getvalue()


quoted = st.builds(written, rows, st.sampled_from(STYLES))


def cells(path: Path, dialect: delimited.Dialect, span: Span | None) -> list[dict[str, object]]:
    batches = delimited_reading.batches(LocalFile(path), dialect, 1000, Tally(), never, span=span)
    return [row for batch in batches for row in batch.to_pylist()]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300
)
@given(st.one_of(raw, tricky, quoted), st.integers(1, 9))
def test_parts_of_csv_are_the_whole(tmp_path: Path, text: str, parts: int) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x,y\n" + text.encode())
    size = path.stat().st_size
    dialect = delimited.Dialect("utf-8", ",", True, ("x", "y"), ("text", "text"), 1, 0)
    spans = splitting.at_row_ends(LocalFile(path), size, parts, ",", never)
    assert [spans[0][0], spans[-1][1]] == [0, size]
    if len(spans) > 1:
        whole = cells(path, dialect, None)
        assert [row for span in spans for row in cells(path, dialect, span)] == whole


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.integers(2, 9))
def test_what_the_standard_writer_writes_can_be_cut(
    tmp_path: Path, table: list[list[str]], parts: int
) -> None:
    """A proof that never holds would be no use."""
    path = tmp_path / "a.csv"
    whole = "x,y\n" + written([["a,b", 'say "no"\n']] * 50 + table, csv.QUOTE_MINIMAL)
    path.write_bytes(whole.encode())
    assert len(splitting.at_row_ends(LocalFile(path), len(whole.encode()), parts, ",", never)) > 1


@pytest.mark.parametrize(
    "text", ['1,5" pipe\n', '1,5" and 6" pipes\n', '1, "a\n', '1,"a"b"\n', '1,"open\n']
)
def test_a_mark_that_proves_nothing_keeps_the_file_whole(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y\n" + "1,2\n" * 100 + text + "1,2\n" * 100)
    size = path.stat().st_size
    assert splitting.at_row_ends(LocalFile(path), size, 4, ",", never) == [(0, size)]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=20)), st.integers(1, 9))
def test_parts_of_lines_are_the_whole(tmp_path: Path, lines: list[bytes], parts: int) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"\n".join(lines))
    spans = splitting.at_newlines(LocalFile(path), path.stat().st_size, parts, never)
    whole = list(documents.lines(LocalFile(path), never))
    found = [line for span in spans for line in documents.lines(LocalFile(path), never, span)]
    assert found == whole


@pytest.mark.parametrize("name", ["a.csv", "a.ndjson", "b.csv"])
def test_a_large_file_is_cut_and_read_by_several(tmp_path: Path, name: str) -> None:
    count = 400_000
    with (tmp_path / name).open("w") as file:
        if name == "a.csv":
            file.write("id,text\n")
            file.writelines(f'{n},"Name, ""{n}""\nnext line"\n' for n in range(count))
        elif name == "b.csv":
            file.write("id,text\n")
            file.writelines(f"{n},{'x' * 20}\n" for n in range(count))
        else:
            file.writelines(json.dumps({"id": n, "text": 'x" y'}) + "\n" for n in range(count))
    plan = ReadPlan(rows_per_partition=100_000)
    connection = estates.connection_to(str(tmp_path))
    with closing(FilesConnector(connection, Bounds())) as connector:
        [asset] = connector.discover(Scope())
        parts = connector.partitions(asset, plan)
    assert len(parts) > 1
    assert sum(part.estimated_rows or 0 for part in parts) == pytest.approx(count, abs=10)
    tables = [part_of(tmp_path, part) for part in parts]
    assert min(table.num_rows for table in tables) > 0
    found = pa.concat_tables(tables)
    assert found.column("id").to_pylist() == list(range(count))
    if name == "a.csv":
        assert found.column("text")[-1].as_py() == f'Name, "{count - 1}"\nnext line'


def part_of(root: Path, part: Partition) -> pa.Table:
    with closing(FilesConnector(estates.connection_to(str(root)), Bounds())) as connector:
        [asset] = connector.discover(Scope())
        return pa.Table.from_batches(list(connector.read(asset, part, ReadPlan())))
