"""Fills an empty PostgreSQL database with the trading data of the company, all of it or nothing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Final

import polars as pl
import psycopg
from psycopg import sql

from muniment.demo.estate.company import ESTATE
from muniment.demo.estate.domains import (
    crm,
    finance,
    health_benefits,
    hr,
    leftovers,
    ops,
    sales,
    web,
)
from muniment.demo.estate.marks import (
    Connection,
    Cursor,
    connect,
    database_mark,
    present_in_database,
)
from muniment.demo.estate.resources import sql as script
from muniment.demo.estate.world import SHOP_OPENED, World
from muniment.kernel.errors import Conflict, Unavailable

Progress = Callable[[str, int, int], None]
Frames = Callable[[World], Iterator[pl.DataFrame]]

SCHEMAS: Final = (
    "sales", "crm", "hr", "finance", "ops", "web", "health_benefits", "staging", "archive", "test",
)  # fmt: skip
_TABLE_SCRIPTS: Final = (
    "10_tables_sales.sql",
    "11_tables_crm.sql",
    "12_tables_hr.sql",
    "13_tables_finance.sql",
    "14_tables_ops.sql",
    "15_tables_web.sql",
    "16_tables_health_benefits.sql",
    "17_tables_leftovers.sql",
)
_AFTER_SCRIPTS: Final = (
    "30_constraints.sql",
    "40_routines.sql",
    "50_views.sql",
    "60_comments.sql",
    "61_grants.sql",
)
_TABLES: Final[Mapping[str, Frames]] = (
    sales.TABLES
    | crm.TABLES
    | hr.TABLES
    | finance.TABLES
    | ops.TABLES
    | web.TABLES
    | health_benefits.TABLES
    | leftovers.TABLES
)
_PARTITIONED: Final = "web.events"
_MONTHS: Final = 6
_SLICE: Final = 25_000
_LOCK: Final = 0x4D554E49  # any number, the same for every builder of the estate


def build_database(
    url: str,
    *,
    scale: float = 1.0,
    anchor: date = ESTATE.anchor,
    progress: Progress | None = None,
) -> None:
    """Build the company's database at `url`, a libpq address of an existing, empty database.

    `progress` hears the table, the rows done and the rows in all. One transaction: an interrupted
    build leaves nothing behind and may simply be run again. A complete estate of the same content
    is left as it is, one of another version or scale is replaced. Raises Conflict where the
    database holds schemas of the same names that this generator did not make, SourceUnreachable
    where nobody answers.
    """
    world = World(scale=scale, anchor=anchor)
    try:
        with connect(url) as connection:
            _build(connection, world, progress or (lambda *_: None))
    except psycopg.OperationalError as error:
        raise Unavailable(
            "The database stopped while the demo estate was being built and kept nothing of it."
            " Check its log and its disk, then start again."
        ) from error


def _build(connection: Connection, world: World, progress: Progress) -> None:
    mark = database_mark(world.scale, world.anchor)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL synchronous_commit = off; SET LOCAL TimeZone = 'UTC'; SET LOCAL jit = off"
        )
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        present = present_in_database(cursor)
        if present == mark:
            return
        _clear(cursor, ours=present is not None)
        for name in _TABLE_SCRIPTS:
            _run(cursor, name)
        _partitions(cursor, world.anchor)
        _load(cursor, world, progress)
        for name in _AFTER_SCRIPTS:
            _run(cursor, name)
        _derive(cursor, world.anchor)
        database = sql.Identifier(connection.info.dbname)
        cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(database, mark))


def _clear(cursor: Cursor, *, ours: bool) -> None:
    """Make room: drop an earlier estate, or refuse where the schemas are somebody else's."""
    cursor.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname = ANY (%s) ORDER BY nspname",
        (list(SCHEMAS),),
    )
    present = [row[0] for row in cursor.fetchall()]
    if present and not ours:
        raise Conflict(
            "The database already holds schemas that the demo estate would need for itself."
            " Give it an empty database.",
            schemas=present,
        )
    for name in present:
        cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


def _run(cursor: Cursor, name: str) -> None:
    cursor.execute(script(name).encode())


def _partitions(cursor: Cursor, anchor: date) -> None:
    """The months of the click stream before the anchor, and one partition for what fits none."""
    months = [
        date(anchor.year + (anchor.month - 1 - i) // 12, (anchor.month - 1 - i) % 12 + 1, 1)
        for i in range(_MONTHS, -1, -1)
    ]
    for first, after in pairwise(months):
        child = sql.Identifier("web", f"events_{first:%Y_%m}")
        cursor.execute(
            sql.SQL("CREATE TABLE {} PARTITION OF web.events FOR VALUES FROM ({}) TO ({})").format(
                child, f"{first}T00:00:00Z", f"{after}T00:00:00Z"
            )
        )
    cursor.execute("CREATE TABLE web.events_other PARTITION OF web.events DEFAULT")


def _load(cursor: Cursor, world: World, progress: Progress) -> None:
    total, done = sum(world.rows("harbour", name) for name in _TABLES), 0
    for name, frames in _TABLES.items():
        progress(name, done, total)
        for rows in _slices(frames(world)):
            _copy(cursor, name, rows)
            done += len(rows)
            progress(name, done, total)


def _slices(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Frames in slices; a frame of its own, so that no table is held while the next one is made."""
    for frame in frames:
        yield from frame.iter_slices(_SLICE)


def _copy(cursor: Cursor, name: str, frame: pl.DataFrame) -> None:
    """One slice into its table; rows arrive frozen, as the table was made in this transaction."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, NULL '\\N'{})").format(
        sql.Identifier(*name.split(".", 1)),
        sql.SQL(", ").join(map(sql.Identifier, frame.columns)),
        sql.SQL("" if name == _PARTITIONED else ", FREEZE"),
    )
    with cursor.copy(statement) as stream:
        stream.write(frame.write_csv(include_header=False, null_value="\\N"))


def _derive(cursor: Cursor, anchor: date) -> None:
    """What the company's own procedures and the planner make of the rows."""
    cursor.execute(
        "CALL finance.close_days(%s::date - %s, %s::date, %s::date::timestamptz)",
        (anchor, SHOP_OPENED + 1, anchor, anchor),
    )
    cursor.execute("REFRESH MATERIALIZED VIEW sales.mv_product_performance")
    for name in SCHEMAS:
        cursor.execute(
            "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = %s::regnamespace"
            " AND c.relkind IN ('r', 'm', 'p') AND NOT c.relispartition ORDER BY c.relname",
            (name,),
        )
        for row in cursor.fetchall():
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name, row[0])))
