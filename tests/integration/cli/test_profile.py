"""``muniment profile`` against an exact computation over the same rows, in every tier."""

import json
import sqlite3
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from muniment.catalog.analysis.results import ProfileResult
from muniment.cli.main import main
from muniment.cli.profile import app
from muniment.contracts.connectors import SourceConnection
from muniment.sources import locators
from muniment.worker.pool import Pool, PoolLimits
from muniment.worker.standalone import Wanted, profiled

ROWS = 40_000


def orders(rows: int = ROWS) -> pl.DataFrame:
    chance = Random(5)
    return pl.DataFrame(
        {
            "id": range(rows),
            "customer": [chance.randrange(700) for _ in range(rows)],
            "amount": [None if n % 50 == 7 else chance.uniform(-5, 900) for n in range(rows)],
            "email": [f"p{chance.randrange(9_000)}@shop.example" for _ in range(rows)],
            "state": [chance.choice(["open", "paid", None]) for _ in range(rows)],
            "day": [f"2026-0{1 + n % 9}-1{n % 9}" for n in range(rows)],
        }
    ).with_columns(pl.col("day").str.to_date())


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MUNIMENT_STATE_DIR", str(tmp_path / "state"))

    def invoke(*arguments: str, code: int = 0) -> dict[str, Any]:
        result = CliRunner().invoke(app, [*arguments, "--json"])
        assert result.exit_code == code, result.output
        found = json.loads(result.stdout)
        return {"all": found} | {each["asset"]: each for each in found["assets"]}

    return invoke


def columns(asset: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in asset["columns"]}


def test_a_full_profile_equals_the_exact_figures(run: Any, tmp_path: Path) -> None:
    made = orders()
    for part in range(4):  # one data set of several files
        folder = tmp_path / "lake" / "orders" / f"part={part}"
        folder.mkdir(parents=True)
        made.slice(part * ROWS // 4, ROWS // 4).write_parquet(folder / "rows.parquet")
    made.write_csv(tmp_path / "lake" / "orders.csv")
    found = run(str(tmp_path / "lake"))
    assert found["all"]["rows"] == 2 * ROWS
    for asset in ("orders", "orders.csv"):
        told = columns(found[asset])
        assert found[asset]["basis"] == "exact"
        for name in ("id", "customer", "amount"):
            exact = made[name].drop_nulls()
            assert told[name]["nulls"] == made[name].null_count()
            assert told[name]["min"] == pytest.approx(exact.min())
            assert told[name]["max"] == pytest.approx(exact.max())
            assert told[name]["mean"] == pytest.approx(exact.mean())
            assert told[name]["std"] == pytest.approx(exact.std())
            error = 0 if told[name]["distinct_exact"] else 4 * told[name]["distinct_error"]
            assert told[name]["distinct"] == pytest.approx(exact.n_unique(), rel=error)
        states = Counter(made["state"].drop_nulls())
        assert {top["value"]: top["count"] for top in told["state"]["top"]} == states
        assert told["day"]["min"] == str(made["day"].min())
        assert told["email"]["labels"] == ["contact.email"]
        assert all(top["masked"] for top in told["email"]["top"])


async def test_many_partitions_say_what_one_says(tmp_path: Path) -> None:
    made = orders()
    made.write_parquet(tmp_path / "orders.parquet", row_group_size=500)
    located = locators.parse(str(tmp_path / "orders.parquet"))
    connection = SourceConnection(UUID(int=0), "lake", located.kind, located.settings, {})
    only = frozenset({"profile"})
    pool = Pool(PoolLimits(children=2))
    try:
        [many] = await profiled(pool, Wanted(connection, analyzers=only, rows_of_partition=500))
        [one] = await profiled(pool, Wanted(connection, analyzers=only))
    finally:
        await pool.close()
    assert (many.parts, one.parts) == (ROWS // 500, 1)
    assert many.rows == one.rows == ROWS
    assert many.results is not None
    assert one.results is not None
    merged = ProfileResult.from_json(many.results["profile"])
    whole = ProfileResult.from_json(one.results["profile"])
    for left, right in zip(merged.columns, whole.columns, strict=True):
        assert left.nulls == right.nulls
        if left.kind != "text":  # states of partitions are stored without their texts
            assert (left.min, left.max) == (right.min, right.max)
        assert left.distinct == pytest.approx(right.distinct, rel=0.04)
        assert left.mean == pytest.approx(right.mean)


def test_nothing_of_a_text_is_shown_where_nobody_looked_for_sensitive_data(
    run: Any, tmp_path: Path
) -> None:
    orders(500).write_csv(tmp_path / "orders.csv")
    found = run(str(tmp_path / "orders.csv"), "--no-classify")
    assert "shop.example" not in json.dumps(found)
    assert columns(found["orders.csv"])["email"]["distinct"] > 400


def test_the_cheap_tiers_say_what_they_rest_on(
    run: Any, tmp_path: Path, empty_database_url: str
) -> None:
    made = orders(3_000)
    made.write_parquet(tmp_path / "orders.parquet")
    with sqlite3.connect(tmp_path / "shop.db") as file:
        file.execute("create table orders (id integer, amount real, email text)")
        file.executemany(
            "insert into orders values (?, ?, ?)", made.select("id", "amount", "email").rows()
        )
    with psycopg.connect(empty_database_url, autocommit=True) as database:
        database.execute("create table orders (id int, amount float8, email text, day date)")
        with database.cursor() as cursor, cursor.copy("copy orders from stdin") as copy:
            for row in made.select("id", "amount", "email", "day").rows():
                copy.write_row(row)
        database.execute("analyze orders")
    places = {
        str(tmp_path / "orders.parquet"): "orders.parquet",
        str(tmp_path / "shop.db"): "orders",
        empty_database_url: "public.orders",
    }
    low, high = made["amount"].min(), made["amount"].max()
    for target, asset in places.items():
        cheap = run(target, "--tier", "cheap")[asset]
        assert (cheap["basis"], cheap["rows"]) == ("exact", 3_000)
        amount = columns(cheap)["amount"]
        assert amount["nulls"] == made["amount"].null_count()
        assert (amount["low"], amount["high"]) == (pytest.approx(low), pytest.approx(high))
        assert columns(cheap)["email"]["low"] is None
    assert columns(run(empty_database_url, "--tier", "cheap")["public.orders"])["day"][
        "low"
    ] == str(made["day"].min())

    known = run(empty_database_url, "--tier", "metadata")["public.orders"]
    assert (known["basis"], known["rows"]) == ("estimated", 3_000)
    assert columns(known)["id"]["distinct"] == 3_000
    assert run(str(tmp_path / "orders.parquet"), "--tier", "metadata")["orders.parquet"][
        "rows"
    ] == (3_000)
    assert run(str(tmp_path / "shop.db"), "--tier", "metadata")["orders"]["basis"] == "estimated"


def test_text_files_are_counted_by_reading_them(run: Any, tmp_path: Path) -> None:
    orders(3_000).write_csv(tmp_path / "orders.csv")
    cheap = run(str(tmp_path), "--tier", "cheap")["orders.csv"]
    assert (cheap["rows"], cheap["origin"]) == (3_000, "the rows, read once")
    assert columns(cheap)["id"]["high"] == 2_999


def test_a_sample_says_that_it_is_one(run: Any, empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as database:
        database.execute("create table t as select i from generate_series(1, 60000) i")
        database.execute("analyze t")
    sampled = run(empty_database_url, "--sample", "6000")["public.t"]
    assert sampled["basis"] == "sampled"
    assert sampled["fraction"] == pytest.approx(0.1)
    assert 4_000 < sampled["rows"] < 8_000


def test_what_cannot_be_read_is_said_and_stops_nothing(run: Any, tmp_path: Path) -> None:
    orders(100).write_parquet(tmp_path / "good.parquet")
    whole = (tmp_path / "good.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    for tier in ("full", "cheap", "metadata"):
        found = run(str(tmp_path), "--tier", tier, code=1)
        assert "cut short or damaged" in found["cut.parquet"]["problem"]
        assert found["good.parquet"]["rows"] == 100


def test_figures_that_json_does_not_know_are_left_out(run: Any, empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as database:
        database.execute("create table t (f float8, n numeric)")
        database.execute("insert into t values ('nan', 'nan'), ('infinity', 1.5), (-1, 2)")
    told = columns(run(empty_database_url, "--tier", "cheap")["public.t"])
    assert (told["f"]["low"], told["f"]["high"]) == (-1, None)
    assert (told["n"]["low"], told["n"]["high"]) == (1.5, None)


def test_what_is_not_as_it_is_in_the_file_is_said(run: Any, tmp_path: Path) -> None:
    days = pa.array([19_000, 10_000_000], pa.int32()).cast(pa.date32())  # the year 29349
    pq.write_table(pa.table({"day": days}), tmp_path / "far.parquet", write_statistics=False)
    found = run(str(tmp_path / "far.parquet"))["far.parquet"]
    assert columns(found)["day"]["nulls"] == 1
    [remark] = found["remarks"]
    assert "outside the years 1 to 9999" in remark


def test_a_host_that_is_down_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("MUNIMENT_STATE_DIR", str(tmp_path))
    target = "postgresql://reader:s3cret-word@127.0.0.1:1/shop"
    monkeypatch.setattr("sys.argv", ["muniment", "profile", target])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
    assert "s3cret-word" not in said
