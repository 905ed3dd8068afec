"""The lake and the marketing file: whole or absent, the same bytes each time, true to the facts."""

import csv
import gzip
import hashlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from stdnum import luhn

from muniment.demo.estate import (
    DefectKind,
    build_lake,
    build_marketing,
    facts,
    is_lake_built,
    is_marketing_built,
)
from muniment.demo.estate.__main__ import main
from muniment.kernel.errors import Conflict

SCALE = 0.01


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("estate") / "lake"
    build_lake(place, scale=SCALE)
    return place


@pytest.fixture(scope="module")
def marketing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("estate") / "marketing.db"
    build_marketing(place, scale=SCALE)
    return place


def checksums(root: Path) -> dict[str, str]:
    files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file())
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def rows_of(place: Path) -> int:
    if place.is_dir():
        return int(pl.scan_parquet(place / "**/*.parquet").select(pl.len()).collect().item())
    match place.suffix:
        case ".parquet":
            return len(pl.read_parquet(place))
        case ".gz":
            return len(gzip.decompress(place.read_bytes()).splitlines()) - 1
        case ".ndjson":
            return len([json.loads(line) for line in place.read_text("utf-8").splitlines()])
        case _:
            separator = ";" if "suppliers" in place.name else ","
            frame = pl.read_csv(
                place, separator=separator, truncate_ragged_lines=True, infer_schema=False
            )
            return len(frame)


def test_every_data_set_has_its_rows(lake: Path) -> None:
    expected = {n: facts().rows_at("lake", n, SCALE) for s, n in facts().rows if s == "lake"}
    assert {name: rows_of(lake / name) for name in expected} == expected


def test_lake_is_the_same_bytes_again(lake: Path, tmp_path: Path) -> None:
    build_lake(tmp_path / "again", scale=SCALE)
    assert checksums(tmp_path / "again") == checksums(lake)


def test_marketing_is_the_same_bytes_again(marketing: Path, tmp_path: Path) -> None:
    build_marketing(tmp_path / "again.db", scale=SCALE)
    assert checksums(tmp_path / "again.db") == checksums(marketing)


def test_an_interrupted_lake_is_not_there_and_can_be_built_again(
    lake: Path, tmp_path: Path
) -> None:
    place = tmp_path / "lake"

    def stop(name: str, done: int, total: int) -> None:
        if name == "support/chats.ndjson":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_lake(place, scale=SCALE, progress=stop)
    assert not place.exists()
    build_lake(place, scale=SCALE)
    assert checksums(place) == checksums(lake)
    assert [p.name for p in tmp_path.iterdir()] == ["lake"]


def test_an_interrupted_file_is_not_there_and_can_be_built_again(
    marketing: Path, tmp_path: Path
) -> None:
    place = tmp_path / "marketing.db"

    def stop(name: str, done: int, total: int) -> None:
        if name == "sends":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_marketing(place, scale=SCALE, progress=stop)
    assert not place.exists()
    build_marketing(place, scale=SCALE)
    assert checksums(place) == checksums(marketing)
    assert [p.name for p in tmp_path.iterdir()] == ["marketing.db"]


def test_a_whole_part_is_left_alone_and_another_scale_replaces_it(tmp_path: Path) -> None:
    lake, file = tmp_path / "lake", tmp_path / "m.db"
    build_lake(lake, scale=0.001)
    build_marketing(file, scale=0.001)
    before = [p.stat().st_mtime_ns for p in (lake / ".estate", file)]
    build_lake(lake, scale=0.001)
    build_marketing(file, scale=0.001)
    assert [p.stat().st_mtime_ns for p in (lake / ".estate", file)] == before
    assert not is_lake_built(lake, scale=0.002)
    build_lake(lake, scale=0.002)
    build_marketing(file, scale=0.002)
    assert is_lake_built(lake, scale=0.002)
    assert is_marketing_built(file, scale=0.002)


def test_somebody_elses_files_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(Conflict, match="other files"):
        build_lake(tmp_path, scale=SCALE)
    with pytest.raises(Conflict, match="something else"):
        build_marketing(tmp_path / "mine.txt", scale=SCALE)
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_partitions_carry_year_and_month(lake: Path) -> None:
    parts = sorted(str(p.relative_to(lake)) for p in (lake / "web_events").rglob("*.parquet"))
    assert len(parts) == 16
    assert parts[0] == "web_events/year=2025/month=01/part-0000.parquet"
    months = pl.read_parquet(lake / "web_events/year=2025/month=03/part-0000.parquet")[
        "occurred_at"
    ]
    assert months.dt.month().unique().to_list() == [3]


def test_orders_nest_customer_address_and_items(lake: Path) -> None:
    for line in (lake / "orders/orders_2025.ndjson").read_text("utf-8").splitlines():
        order = json.loads(line)
        assert order["customer"]["address"]["city"]
        assert len(order["items"]) >= 1
        assert {"sku", "quantity", "price"} == set(order["items"][0])


def test_settlements_hold_card_numbers_that_check(lake: Path) -> None:
    raw = gzip.decompress((lake / "finance/card_settlements_2026-09.csv.gz").read_bytes())
    numbers = pl.read_csv(raw, infer_schema=False)["pan"].to_list()
    assert [n for n in numbers if not luhn.is_valid(n)] == []


def test_ragged_rows_are_as_many_as_the_facts_say(lake: Path) -> None:
    name = "exports/returns_2024_final_v2.csv"
    with (lake / name).open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    ragged = [line for line in lines if len(line) != len(header)]
    share = facts().share("lake", name, DefectKind.VALIDITY)
    assert len(ragged) == max(1, round(share * len(lines)))


def test_labels_of_the_lake_name_fields_that_exist(lake: Path) -> None:
    for source, column in (*facts().labels, *facts().tolerated):
        if source != "lake":
            continue
        name, field = column.split(":")
        place = lake / name
        if place.is_dir():
            assert field in pl.read_parquet_schema(next(place.rglob("*.parquet")))
        elif place.suffix == ".parquet":
            assert field in pl.read_parquet_schema(place)
        elif place.suffix == ".ndjson":
            value = json.loads(place.read_text("utf-8").splitlines()[0])
            for step in field.split("."):
                assert step in value
                value = value[step]
        else:
            raw = place.read_bytes()
            text = gzip.decompress(raw) if place.suffix == ".gz" else raw
            assert field in text.decode().splitlines()[0].replace(";", ",").split(",")


def test_marketing_tables_have_their_rows_and_columns(marketing: Path) -> None:
    known = facts()
    with closing(sqlite3.connect(marketing)) as connection:
        tables = [
            r[0] for r in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        assert len(tables) == known.tables("marketing")
        for table in tables:
            rows = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            assert rows == known.rows_at("marketing", table, SCALE), table
        for source, column in (*known.labels, *known.misleading, *known.tolerated):
            if source == "marketing":
                _, table, name = column.split(".")
                connection.execute(f'SELECT "{name}" FROM "{table}"')
        for (view,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'view'"
        ).fetchall():
            assert connection.execute(f'SELECT * FROM "{view}" LIMIT 1').fetchall(), view
        missing = connection.execute("SELECT avg(consent IS NULL) FROM subscribers").fetchone()[0]
    assert missing == pytest.approx(0.22, abs=0.005)


def test_the_module_reports_progress_line_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "MUNIMENT_DEMO_URL" not in os.environ
    assert main(["--lake", str(tmp_path / "lake"), "--scale", "0.001"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1]["done"] == lines[-1]["total"]
    assert main(["--lake", str(tmp_path), "--scale", "0.001"]) == 1
    assert "other files" in json.loads(capsys.readouterr().out)["error"]
    assert main(["--lake", str(tmp_path / "b"), "--scale", "-1"]) == 1
    assert "scale" in json.loads(capsys.readouterr().out)["error"]
