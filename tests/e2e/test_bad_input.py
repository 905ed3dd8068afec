"""What people get wrong, through the real product: told in a sentence, and nothing else is lost."""

import os
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from tests.e2e.conftest import Json, World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

ODD = """
create schema app;
create table app.kept (id int primary key, email text not null);
insert into app.kept select n, 'buyer' || n || '@mail.example' from generate_series(1, 200) n;
create table app.doomed (id int);
insert into app.doomed select generate_series(1, 100);
create table app."na'me ""q""; drop table app.kept; -- 😀" ("[bold]co'l ""q"" x" text, "new
line" int);
insert into app."na'me ""q""; drop table app.kept; -- 😀" values ('a', 1), ('b', 2);
create table app.monster (id int, body text);
insert into app.monster values (1, repeat('x', 8 * 1024 * 1024)), (2, 'small');
analyze;
"""
SHUT = "create table open (id int); create table shut (id int)"
WEIRD = 'na\'me "q"; drop table app.kept; -- 😀'


def _ref(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


async def _outcomes(world: World, run: Json) -> dict[str, Json]:
    found = await world.root.items(f"/runs/{run['id']}/assets")
    return {each["asset"]: each for each in found}


async def test_odd_names_monsters_and_a_table_dropped_in_the_middle(world: World) -> None:
    source = await world.database("odd", ODD)
    with psycopg.connect(world.server.url(f"odd_{os.getpid()}")) as owner:
        owner.execute("lock table app.doomed in access exclusive mode")
        asked = await world.root.post("/scans", {"source": source}, status=202)

        async def waits() -> bool:
            row = owner.execute(
                "select count(*) from pg_locks where not granted"
                " and relation = 'app.doomed'::regclass"
            ).fetchone()
            return row is not None and row[0] > 0

        await eventually(waits, "the scan comes to the table")
        owner.execute("drop table app.doomed")
    run = await world.ended(asked["run_id"])

    assert run["state"] == "partial"
    outcomes = await _outcomes(world, run)
    failed = {asset: each["failure"] for asset, each in outcomes.items() if each["failure"]}
    assert set(failed) == {_ref("odd", "app", "doomed")}
    assert failed[_ref("odd", "app", "doomed")]["slug"] == "source-object-gone"
    rows = {name: outcomes[_ref("odd", "app", name)]["rows"] for name in ("kept", "monster", WEIRD)}
    assert rows == {"kept": 200, "monster": 2, WEIRD: 2}


async def test_who_may_not_read_a_table_is_told_the_grant(world: World) -> None:
    source = await world.database("closed", SHUT)
    role, password = f"reader_{os.getpid()}", "Hemlich-77"
    world.change(
        source,
        f"create role {role} login password '{password}'; grant select on open to {role}",
    )
    try:
        made = await world.root.http.get(f"/api/v1/sources/{source}")
        settings = {**made.json()["settings"], "user": role}
        body = {"name": "narrow", "kind": "postgresql", "settings": settings}
        await world.root.post("/sources", {**body, "secrets": {"password": password}}, status=201)
        run = await world.scan("narrow")
        outcomes = await _outcomes(world, run)
        failure = outcomes[_ref("narrow", "public", "shut")]["failure"]
        assert failure["slug"] == "source-permission-missing"
        assert f'grant select on "public"."shut" to "{role}"' in failure["remedy"].lower()
        assert outcomes[_ref("narrow", "public", "open")]["state"] == "published"
    finally:
        with psycopg.connect(world.server.url(f"closed_{os.getpid()}"), autocommit=True) as opened:
            opened.execute(f"drop owned by {role}; drop role {role}".encode())


async def test_a_source_that_does_not_let_us_in_fails_in_a_sentence(world: World) -> None:
    secret = "Kennwort-5591"
    settings = {"host": "127.0.0.1", "port": 1, "database": "x", "user": "y"}
    body = {"name": "down", "kind": "postgresql", "settings": settings}
    await world.root.post("/sources", {**body, "secrets": {"password": secret}}, status=201)
    run = await world.scan("down")
    assert run["state"] == "failed"
    assert run["problem"]["slug"] == "source-unreachable"
    assert run["problem"]["remedy"]
    log = await world.root.items(f"/runs/{run['id']}/log")
    assert secret not in f"{run} {log}"


async def test_what_cannot_be_looked_at_is_named_and_the_rest_is_read(
    world: World, folder: Path
) -> None:
    (folder / "good.csv").write_text("id,town\n1,Rome\n2,Bari\n")
    (folder / "open-quote.csv").write_text('id,note\n1,"open\n' + "2,x\n" * 500)
    (folder / "utf16.csv").write_bytes("id,town\n1,Köln\n".encode("utf-16-le"))
    (folder / "ansi.ndjson").write_bytes('{"town": "Köln"}\n'.encode("cp1252") * 9)
    (folder / "self.csv").symlink_to("self.csv")
    (folder / "gone.csv").symlink_to(folder / "nothing.csv")
    (folder / "round").symlink_to(folder)
    os.mkfifo(folder / "pipe.csv")
    Path(os.fsdecode(os.fsencode(folder) + b"/na\xffme.csv")).write_text("id\n1\n")
    (folder / "day=1").mkdir()
    (folder / "day=1" / "a.csv").write_text("id\n1\n")
    (folder / "day=2").mkdir()
    (folder / "day=2" / "a.csv").write_bytes(b"")
    source = {"name": "odd-lake", "kind": "files", "settings": {"path": str(folder)}}
    await world.root.post("/sources", source, status=201)
    run = await world.scan("odd-lake")
    outcomes = await _outcomes(world, run)
    said = {
        asset.removeprefix("odd-lake/"): each["failure"]["sentence"]
        for asset, each in outcomes.items()
        if each["failure"]
    }
    read = {a.removeprefix("odd-lake/"): e["rows"] for a, e in outcomes.items() if not e["failure"]}
    assert run["state"] == "partial"
    assert read == {"good.csv": 2, "utf16.csv": 1, "lake": 1}
    assert set(said) == {
        *("open-quote.csv", "ansi.ndjson", "self.csv", "gone.csv", "pipe.csv"),
        quote("na\ufffdme.csv", safe=""),
    }
    assert "never closed" in said["open-quote.csv"]
    assert "UTF-8" in said["ansi.ndjson"]
    assert "circle" in said["self.csv"]
    assert "nothing that is there" in said["gone.csv"]
    assert "pipe" in said["pipe.csv"]
