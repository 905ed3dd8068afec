"""Real sources with known content: a PostgreSQL database, a SQLite file, a folder."""

import gzip
import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from muniment.contracts.connectors import SourceConnection
from muniment.kernel.ids import new_id
from muniment.kernel.values import JsonValue
from muniment.sources import locators

AWKWARD = 'weird "name" 😀; drop table x; --'
AWKWARD_COLUMNS = ('a "b"', "sélect", "😀", "%s {x} $1", "'; drop table t; --")
BIG_ROWS = 250_000
LONG = "Straße 🚲 " * 40


def connection_to(url: str, **changes: JsonValue) -> SourceConnection:
    """A connection as the product makes it of what people type."""
    located = locators.parse(url)
    secrets = dict(located.secrets)
    if "password" in changes:
        secrets["password"] = str(changes.pop("password"))
    return SourceConnection(
        new_id(), located.name, located.kind, {**located.settings, **changes}, secrets
    )


def as_superuser(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def fill_postgres(url: str, *, rows: int = BIG_ROWS) -> None:
    """Tables, a partitioned one, views, a materialised view, routines, grants."""
    columns = ", ".join(f"{quoted(name)} int" for name in AWKWARD_COLUMNS)
    as_superuser(
        url,
        "create schema shop",
        "comment on schema shop is 'What is sold'",
        "create type shop.mood as enum ('good', 'bad')",
        "create domain shop.positive as int check (value > 0)",
        "create table shop.customer (id int primary key, email text unique, note text)",
        f"insert into shop.customer select i, 'c' || i || '@example.org', '{LONG}'"
        " from generate_series(1, 500) i",
        """create table shop.big (
            id bigint generated always as identity primary key,
            customer int references shop.customer (id),
            amount numeric(10, 2) not null default 0, free numeric, at timestamptz, day date,
            document jsonb, list int[], uuid uuid, ip inet, mood shop.mood,
            pieces shop.positive, raw bytea, span interval, code varchar(20), ratio real,
            exact double precision, small smallint, flag boolean)""",
        f"""insert into shop.big (customer, amount, free, at, day, document, list, uuid, ip, mood,
            pieces, raw, span, code, ratio, exact, small, flag)
            select 1 + i % 500, i * 1.25,
            case when i = 7 then 'NaN' when i = 8 then 1e305 else i end,
            case when i = 9 then 'infinity' else timestamptz '2024-01-01Z' + i * interval '1m' end,
            date '2024-01-01' + i % 300, '{{"a": [1]}}', '{{1,2}}', gen_random_uuid(), '10.0.0.1',
            'good', 5, '\\xdeadbeef', '1 day', 'abc', 1.5, 2.5, 3, i % 2 = 0
            from generate_series(1, {rows}) i""",
        "comment on table shop.big is 'Sales'",
        "comment on column shop.big.customer is 'Who bought'",
        f"create table shop.{quoted(AWKWARD)} ({columns})",
        f"insert into shop.{quoted(AWKWARD)} values (1, 2, 3, 4, 5), (6, 7, 8, 9, 10)",
        "create table shop.event (id int, year int) partition by list (year)",
        "create table shop.event_1 partition of shop.event for values in (1)",
        "create table shop.event_2 partition of shop.event for values in (2)",
        "insert into shop.event select i, 1 + i % 2 from generate_series(1, 1000) i",
        "create table shop.empty (a int, b text)",
        "create view shop.spent (who, sum) as"
        " select customer, sum(amount) from shop.big group by customer",
        "create materialized view shop.daily as select day, count(*) n from shop.big group by day",
        "create function shop.twice(n int) returns int language sql as 'select n * 2'",
        "create procedure shop.clean() language plpgsql as 'begin delete from shop.empty; end'",
        "grant select on shop.customer to public",
        "analyze",
    )


def fill_sqlite(path: Path) -> None:
    columns = ", ".join(f"{quoted(name)} int" for name in AWKWARD_COLUMNS)
    with sqlite3.connect(path) as connection:
        connection.executescript(f"""
            create table customer (id integer primary key, email text unique, note text);
            create table big (id integer primary key, customer int references customer,
                              mixed numeric, ratio real, raw blob, day date);
            create table {quoted(AWKWARD)} ({columns});
            create table pair (a text, b int, primary key (a, b)) without rowid;
            create table hidden (rowid text, _rowid_ text, oid text);
            create table empty (a int, b text);
            create view spent as select customer, count(*) as n from big group by customer;
            create view broken as select * from nowhere;
        """)
        connection.executemany(
            "insert into customer values (?, ?, ?)",
            ((i, f"c{i}@example.org", LONG) for i in range(500)),
        )
        connection.executemany(
            "insert into big values (?, ?, ?, ?, ?, ?)",
            (
                (
                    i * 3,
                    i % 500,
                    "n/a" if i == 777 else i,
                    i if i % 2 else i / 2,
                    b"\xff\x00",
                    "2024-01-01",
                )
                for i in range(BIG_ROWS)
            ),
        )
        connection.execute(f"insert into {quoted(AWKWARD)} values (1, 2, 3, 4, 5)")
        connection.executemany("insert into pair values (?, ?)", [("x", 1), ("x", 2)])
        connection.execute("insert into hidden values ('a', 'b', 'c')")
    connection.close()


def fill_folder(root: Path) -> None:
    root.mkdir()
    with (root / "big.csv").open("w") as file:
        file.write("id,name,zip,amount,day,at,flag\n")
        file.writelines(
            f'{i},"Name, {i}",0{i},{i}.5,2024-01-0{1 + i % 9},2024-01-01 10:00:00,true\n'
            for i in range(BIG_ROWS)
        )
    header = ",".join('"' + name.replace('"', '""') + '"' for name in AWKWARD_COLUMNS)
    (root / f"{AWKWARD.replace('/', '')}.csv").write_text(f"{header}\n1,2,3,4,5\n6,7,8,9,10\n")
    (root / "packed.csv.gz").write_bytes(gzip.compress(b"a;b\n" + b"1;x\n" * 100))
    documents = (
        {
            "id": i,
            "customer": {"mail": f"c{i}@example.org", "address": {"city": "Köln"}},
            "items": [{"sku": f"s{i}", "pieces": 2}, {"sku": "other"}],
            "tags": ["a", "b"],
            "note": LONG,
            "mixed": i if i % 2 else "x",
        }
        for i in range(500)
    )
    (root / "raw").mkdir()
    (root / "raw" / "orders.ndjson").write_text("\n".join(json.dumps(d) for d in documents))
    for number, (year, month) in enumerate([(2024, "12"), (2025, "01"), (2025, "02")]):
        folder = root / "events" / f"year={year}" / f"month={month}"
        folder.mkdir(parents=True)
        start = number * 100_000
        table = pa.table(
            {
                "id": pa.array(range(start, start + 100_000)),
                "place": pa.array([{"city": "Bonn", "tags": ["x"]}] * 100_000),
                "at": pa.array([datetime(2024, 1, 1)] * 100_000, pa.timestamp("ns")),  # noqa: DTZ001
                "kind": pa.array(["click"] * 100_000).dictionary_encode(),
            }
        )
        pq.write_table(table, folder / "part-0.parquet", row_group_size=30_000)


def rows_of_postgres() -> Mapping[tuple[str, ...], int]:
    return {
        ("shop", "customer"): 500,
        ("shop", "big"): BIG_ROWS,
        ("shop", AWKWARD): 2,
        ("shop", "event"): 1000,
        ("shop", "empty"): 0,
        ("shop", "daily"): 300,
    }


def digest_of(root: Path) -> str:
    """A fingerprint of all files below a folder, or of one file."""
    files = sorted(root.rglob("*")) if root.is_dir() else [root]
    found = hashlib.sha256()
    for file in files:
        if file.is_file():
            found.update(str(file).encode() + file.read_bytes())
    return found.hexdigest()


def role(url: str, name: str, password: str) -> str:
    """A login of its own, with no rights yet; returns the URL under which it signs in."""
    as_superuser(
        url,
        f"drop role if exists {quoted(name)}",
        f"create role {quoted(name)} login",
        f"alter role {quoted(name)} login password '{password}'",
    )
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"postgresql://{name}:{password}@{host}{port}{parts.path}{query}"
