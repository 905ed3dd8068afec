"""Stories of scans that read only what changed: real connectors, analyzers and databases."""

import asyncio
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from tests.integration.scans.estate import Stage

from muniment.contracts.scans import RunState
from muniment.scans.folding import Member, tree
from muniment.scans.tables import Run, RunAsset

ROWS = 400
OLD = 1_700_000_000


@pytest.fixture(autouse=True)
def plugins() -> None:
    """The plug-ins of the product itself, in place of the test connector."""


def write(folder: Path, number: int, *, factor: int = 1, age: int = 0) -> None:
    """A Parquet file of some rows, as if written long ago."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = range(number * ROWS, (number + 1) * ROWS)
    table = pa.table({"id": list(ids), "amount": [each * factor * 1.5 for each in ids]})
    path = folder / f"part-{number:04}.parquet"
    pq.write_table(table, path)


async def settle() -> None:
    """Files that were written this moment are not trusted yet."""
    await asyncio.sleep(2.1)


async def scan(stage: Stage, source: str, **how: Any) -> tuple[Run, dict[str, RunAsset]]:
    run_id = await stage.request(source, **how)
    run = await stage.ends(run_id, within=60)
    assert run.state == RunState.SUCCEEDED, run.problem
    return run, await stage.outcomes(run_id)


async def published(stage: Stage, run: UUID) -> dict[str, Any]:
    rows = await stage.rows(
        "select asset, results from estate.published where run_id = :run", run=run
    )
    return {each.asset: each.results for each in rows}


def plain(results: dict[str, Any]) -> str:
    """The profile; sums of floats differ in their last digit with the order of merging."""
    told = json.dumps(results["profile"], sort_keys=True)
    return json.dumps(json.loads(told, parse_float=lambda text: f"{float(text):.9g}"))


async def add_files(stage: Stage, root: Path) -> None:
    await stage.add(
        "lake",
        root / "none",
        {},
        kind="files",
        secrets={},
        settings={"path": str(root)},
        rows_per_partition=ROWS,
    )
    await _plain_settings(stage, "lake", {"path": str(root)})


async def _plain_settings(stage: Stage, name: str, settings: dict[str, Any]) -> None:

    async with stage.database.writing() as session:
        await session.execute(
            sa.text(
                "update estate.source set body = jsonb_set(body, '{settings}', cast(:s as jsonb))"
                " where name = :name"
            ),
            {"s": json.dumps(settings), "name": name},
        )


async def test_of_a_folder_only_the_files_that_changed_are_read(
    stage: Stage, tmp_path: Path
) -> None:
    root = tmp_path / "lake"
    for number in range(10):
        write(root / "orders", number)
    write(root / "still", 0)
    await add_files(stage, root)
    await settle()
    async with stage.worker():
        first, _ = await scan(stage, "lake")
        assert (first.partitions_carried, first.rows_done) == (0, 11 * ROWS)

        same, outcomes = await scan(stage, "lake")
        assert (same.rows_done, same.assets_unchanged) == (0, 2)
        assert {each.state for each in outcomes.values()} == {"unchanged"}
        assert outcomes["orders"].rows == 10 * ROWS
        assert "Nothing changed" in (outcomes["orders"].reason or "")

        write(root / "orders", 3, factor=7)
        write(root / "orders", 10)
        (root / "orders" / "part-0005.parquet").unlink()
        await settle()
        part, outcomes = await scan(stage, "lake")
        assert (part.rows_done, part.partitions_carried) == (2 * ROWS, 9)
        assert (outcomes["orders"].state, outcomes["orders"].rows) == ("published", 10 * ROWS)
        assert outcomes["orders"].rows_carried == 8 * ROWS
        assert outcomes["still"].state == "unchanged"

        full, _ = await scan(stage, "lake", full=True)
        assert full.rows_done == 11 * ROWS
    carried = await published(stage, part.id)
    whole = await published(stage, full.id)
    assert plain(carried["lake/orders"]) == plain(whole["lake/orders"])
    assert await stage.rows("select * from scans.task_state") == []
    assert await stage.rows("select * from scans.task") == []


async def test_a_part_that_is_read_again_to_be_compared_finds_a_lie(
    stage: Stage, tmp_path: Path
) -> None:
    root = tmp_path / "lake"
    for number in range(4):
        write(root / "orders", number)
    await add_files(stage, root)
    await settle()
    async with stage.worker():
        await scan(stage, "lake")
        checked, outcomes = await scan(stage, "lake", verify=0.5)
        assert checked.rows_done == 2 * ROWS
        assert outcomes["orders"].state == "published"
        said = await stage.rows(
            "select message from scans.log_line where run_id = :run and asset is not null",
            run=checked.id,
        )
        assert said == [("2 unchanged parts were read again and are as they were.",)]

        # What a source that lies would look like: kept rows that are not those of the data.
        async with stage.database.writing() as session:
            await session.execute(sa.text("update scans.kept_part set rows = rows + 1"))
        lied, outcomes = await scan(stage, "lake", verify=0.25)
        assert (outcomes["orders"].rows, outcomes["orders"].rows_carried) == (4 * ROWS, 0)
        assert lied.rows_done == 4 * ROWS
        levels = await stage.rows(
            "select level from scans.log_line where run_id = :run and asset is not null",
            run=lied.id,
        )
        assert levels == [("warning",)]


async def test_what_is_kept_goes_with_what_cannot_be_told(stage: Stage, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    write(root / "orders", 0)
    await add_files(stage, root)
    async with stage.worker():
        await scan(stage, "lake")
        assert await stage.rows("select * from scans.kept_asset") == []  # too fresh to be trusted
        await settle()
        await scan(stage, "lake")
        assert len(await stage.rows("select * from scans.kept_asset")) == 1
        same, _ = await scan(stage, "lake")
        assert same.rows_done == 0


async def test_states_are_never_kept_in_clear(stage: Stage, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    root.mkdir()
    lines = "\n".join(f"{n},secret-{n}@example.com" for n in range(300))
    (root / "people.csv").write_text("id,mail\n" + lines + "\n")
    await add_files(stage, root)
    await settle()
    async with stage.worker():
        await scan(stage, "lake")
    states = await stage.rows("select sealed from scans.kept_state")
    assert states
    assert not any(b"example.com" in bytes(sealed) for (sealed,) in states)


async def test_a_database_file_is_read_again_when_it_was_written_to(
    stage: Stage, tmp_path: Path
) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table orders (id integer primary key, amount real)")
        connection.executemany("insert into orders values (?, ?)", [(n, n / 2) for n in range(50)])
    await stage.add("shop", tmp_path / "none", {}, kind="sqlite", secrets={})
    await _plain_settings(stage, "shop", {"path": str(path)})
    await settle()
    async with stage.worker():
        await scan(stage, "shop")
        same, outcomes = await scan(stage, "shop")
        assert (same.rows_done, outcomes["orders"].state) == (0, "unchanged")
        before = path.stat()
        with sqlite3.connect(path) as connection:
            connection.execute("update orders set amount = 9 where id = 3")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        await settle()
        changed, outcomes = await scan(stage, "shop")
        assert (changed.rows_done, outcomes["orders"].state) == (50, "published")


async def test_above_a_high_water_mark_only_new_rows_are_read(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"

    def do(statement: str) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute(statement)
        connection.close()

    def add(first: int, last: int) -> None:
        do(
            f"insert into events with recursive n(i) as (select {first} union all select i + 1"
            f" from n where i < {last}) select i, i % 7, 'note ' || i from n"
        )

    do("create table events (id integer primary key, amount int, note text)")
    add(1, 300)
    await stage.add(
        "shop",
        tmp_path / "none",
        {},
        kind="sqlite",
        secrets={},
        rows_per_partition=100,
        high_water=[["*", "amount"], ["ev*", "id"]],
    )
    await _plain_settings(stage, "shop", {"path": str(path)})
    async with stage.worker():
        first, _ = await scan(stage, "shop")
        assert (first.rows_done, first.partitions_total) == (300, 3)
        add(301, 340)
        more, outcomes = await scan(stage, "shop")
        assert (more.rows_done, more.partitions_carried) == (40, 3)
        assert "leaves id as it was is not seen" in (outcomes["events"].reason or "")

        # A count shows what went, and reads that part again; what is small is read once more.
        add(341, 350)
        do("delete from events where id = 7")
        gone, _ = await scan(stage, "shop")
        assert gone.rows_done == 10 + 99
        add(351, 410)
        grown, _ = await scan(stage, "shop")
        assert (grown.rows_done, grown.partitions_total) == (70, 5)
        full, outcomes = await scan(stage, "shop", full=True)
        assert (full.rows_done, full.partitions_carried) == (409, 0)

        kept = await stage.rows("select spec from scans.kept_part")
        assert kept
        assert all("ciphertext" in spec["water"] for (spec,) in kept)

        # What no count shows is found by reading again, and then everything is read.
        do("update events set note = 'other' where id = 20")
        blind, _ = await scan(stage, "shop")
        assert blind.rows_done == 0
        seen, outcomes = await scan(stage, "shop", verify=1.0)
        assert outcomes["events"].rows_carried == 0
        levels = await stage.rows(
            "select level from scans.log_line where run_id = :run and asset is not null",
            run=seen.id,
        )
        assert ("warning",) in levels
    carried = await published(stage, grown.id)
    whole = await published(stage, full.id)
    assert plain(carried["shop/events"]) == plain(whole["shop/events"])


async def test_a_column_that_is_no_mark_is_told_and_everything_is_read(
    stage: Stage, empty_database_url: str
) -> None:
    await given_shop(stage, empty_database_url)
    await _high_water(stage, [["*.orders", "note"], ["*.customers", "id"]])
    async with stage.worker():
        _, outcomes = await scan(stage, "shop")
    assert "note is of type text" in (outcomes["orders"].reason or "")
    assert outcomes["customers"].reason is None


async def _high_water(stage: Stage, marks: list[list[str]]) -> None:
    async with stage.database.writing() as session:
        await session.execute(
            sa.text(
                "update estate.source set body = body || jsonb_build_object('high_water',"
                " cast(:marks as jsonb))"
            ),
            {"marks": json.dumps(marks)},
        )


class Shop:
    """A PostgreSQL database as a source."""

    def __init__(self, url: str) -> None:
        self.url = url

    def do(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    async def counted(self) -> None:
        """Counters are told by the session that closed a moment ago."""
        await asyncio.sleep(0.3)


async def given_shop(stage: Stage, url: str) -> Shop:
    shop = Shop(url)
    shop.do(
        "create table orders (id int primary key, note text) with (autovacuum_enabled = off);"
        "insert into orders select n, 'note ' || n from generate_series(1, 20000) n;"
        "create table customers (id int primary key);"
        "insert into customers select generate_series(1, 500);"
        "analyze"
    )
    info = psycopg.conninfo.conninfo_to_dict(url)
    settings = {
        "host": info.get("host", "127.0.0.1"),
        "port": int(info.get("port") or 5432),
        "database": info["dbname"],
        "user": info["user"],
    }
    secrets = {"password": info["password"]} if info.get("password") else {}
    await stage.add(
        "shop", Path("none"), {}, kind="postgresql", secrets=secrets, rows_per_partition=2000
    )
    await _plain_settings(stage, "shop", settings)
    await shop.counted()
    return shop


async def test_of_a_table_only_the_pages_that_changed_are_read(
    stage: Stage, empty_database_url: str
) -> None:
    shop = await given_shop(stage, empty_database_url)
    async with stage.worker():
        first, _ = await scan(stage, "shop")
        assert first.rows_done == 20_500
        same, _ = await scan(stage, "shop")
        assert (same.rows_done, same.assets_unchanged) == (0, 2)

        shop.do("insert into orders select n, 'note ' || n from generate_series(20001, 20100) n")
        await shop.counted()
        grown, outcomes = await scan(stage, "shop")
        assert outcomes["orders"].rows == 20_100
        assert 0 < grown.rows_done < 5_000
        assert outcomes["customers"].state == "unchanged"

        shop.do("update orders set note = 'changed' where id = 7; delete from orders where id = 9")
        await shop.counted()
        changed, outcomes = await scan(stage, "shop")
        assert outcomes["orders"].rows == 20_099
        assert 0 < changed.rows_done < 8_000

        full, _ = await scan(stage, "shop", full=True)
        assert full.rows_done == 20_599
    carried = await published(stage, changed.id)
    whole = await published(stage, full.id)
    told, exact = (json.loads(plain(each["shop/public/orders"])) for each in (carried, whole))
    assert told["rows"] == exact["rows"]


UNTOLD = {
    "emptied": "truncate emptied",
    "rewritten": "vacuum full rewritten",
    "widened": "alter table widened add column extra int default 5",
    "guarded": "alter table guarded enable row level security",
}
"""What is done to a table of this name."""


@pytest.mark.parametrize("doing", [UNTOLD, dict.fromkeys(UNTOLD, "select pg_stat_reset()")])
async def test_what_the_counters_cannot_tell_is_read(
    stage: Stage, empty_database_url: str, doing: dict[str, str]
) -> None:
    shop = await given_shop(stage, empty_database_url)
    for name in doing:
        shop.do(
            f"create table {name} (id int primary key, note text)"
            " with (autovacuum_enabled = off);"
            f"insert into {name} select n, 'note ' || n from generate_series(1, 5000) n;"
            f"analyze {name}"
        )
    await shop.counted()
    async with stage.worker():
        await scan(stage, "shop")
        for statement in dict.fromkeys(doing.values()):
            shop.do(statement)
        await shop.counted()
        again, outcomes = await scan(stage, "shop")
        full, _ = await scan(stage, "shop", full=True)
    carried = await published(stage, again.id)
    whole = await published(stage, full.id)
    for name, statement in doing.items():
        assert outcomes[name].state == "published", name
        told, exact = (each[f"shop/public/{name}"]["profile"] for each in (carried, whole))
        assert told["rows"] == exact["rows"]
        if "reset" not in statement:
            assert outcomes[name].rows_carried == 0, name
    if doing is UNTOLD:
        assert outcomes["orders"].state == "unchanged"


async def test_a_worker_that_dies_leaves_nothing_half_carried(stage: Stage, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    for number in range(12):
        write(root / "orders", number)
    await add_files(stage, root)
    await settle()
    async with stage.worker():
        await scan(stage, "lake")
    kept = await stage.rows("select key, marker, rows from scans.kept_part order by key")
    write(root / "orders", 3, factor=7)
    await settle()
    run_id = await stage.request("lake")
    host = stage.host(1)
    await host.start()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (await stage.run(run_id)).stage != "reading":
        await asyncio.sleep(0.02)
    await host.stop()
    if (await stage.run(run_id)).state == RunState.RUNNING:
        assert (
            kept == await stage.rows("select key, marker, rows from scans.kept_part order by key")
            or (await stage.outcomes(run_id))["orders"].state == "published"
        )
    async with stage.worker():
        run = await stage.ends(run_id)
        assert (run.state, run.rows_done) == (RunState.SUCCEEDED, ROWS)
        same, _ = await scan(stage, "lake")
        assert same.rows_done == 0
    assert len(await stage.rows("select 1 from scans.kept_part")) == 12
    parts = await stage.rows("select key, run_id from scans.kept_part")
    folds = await stage.rows("select distinct key from scans.kept_fold")
    wanted = tree([Member(key, run) for key, run in parts]).keys()
    assert {key for (key,) in folds} <= set(wanted)
    assert folds
