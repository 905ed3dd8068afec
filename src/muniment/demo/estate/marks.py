"""How a finished part of the estate is told from a missing, foreign or outdated one."""

import re
from datetime import date
from pathlib import Path
from typing import Final
from zlib import crc32

import psycopg
from psycopg.rows import TupleRow

from muniment.demo.estate.company import ESTATE
from muniment.kernel.errors import SourceUnreachable

Connection = psycopg.Connection[TupleRow]
Cursor = psycopg.Cursor[TupleRow]

LAKE_FILE: Final = ".estate"
MARKETING_APPLICATION: Final = 0x48502026  # application id in the header of the SQLite file
_COMMENT_ON_DATABASE: Final = """
    SELECT d.description
    FROM pg_shdescription AS d
    JOIN pg_database AS b ON b.oid = d.objoid
    WHERE d.classoid = 'pg_database'::regclass AND b.datname = current_database()
"""


def connect(url: str) -> Connection:
    """A connection to the database at a libpq address; SourceUnreachable where nobody answers."""
    try:
        return psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise SourceUnreachable(
            "The database for the demo estate cannot be reached."
            " Check that PostgreSQL runs and that the address is right."
        ) from error


def is_built(url: str, *, scale: float = 1.0, anchor: date = ESTATE.anchor) -> bool:
    """Whether the database at `url` holds the whole estate in this version and scale."""
    with connect(url) as connection, connection.cursor() as cursor:
        return present_in_database(cursor) == database_mark(scale, anchor)


def is_lake_built(directory: Path, *, scale: float = 1.0, anchor: date = ESTATE.anchor) -> bool:
    """Whether `directory` holds the whole lake in this version and scale."""
    return present_in_lake(directory) == lake_mark(scale, anchor)


def is_marketing_built(path: Path, *, scale: float = 1.0, anchor: date = ESTATE.anchor) -> bool:
    """Whether `path` is the whole SQLite file in this version and scale."""
    return present_in_file(path) == (MARKETING_APPLICATION, marketing_mark(scale, anchor))


def database_mark(scale: float, anchor: date) -> str:
    """The comment of a finished database."""
    return (
        f"{ESTATE.company}, trading data. Demo estate {ESTATE.version}, seed {ESTATE.seed},"
        f" scale {scale:g}, as of {anchor}."
    )


def present_in_database(cursor: Cursor) -> str | None:
    """The comment of the database where it is one of ours."""
    row = cursor.execute(_COMMENT_ON_DATABASE).fetchone()
    return row[0] if row and re.search(r"Demo estate \d+, seed \d+", row[0]) else None


def lake_mark(scale: float, anchor: date) -> str:
    """The content of the hidden file in a finished lake."""
    return f"lake {ESTATE.version}, seed {ESTATE.seed}, scale {scale:g}, as of {anchor}\n"


def present_in_lake(directory: Path) -> str | None:
    """The content of the hidden file, None where there is none."""
    file = directory / LAKE_FILE
    return file.read_text("utf-8") if file.is_file() else None


def marketing_mark(scale: float, anchor: date) -> int:
    """The user version in the header of a finished SQLite file."""
    return crc32(f"{ESTATE.version} {ESTATE.seed} {scale:g} {anchor}".encode()) & 0x7FFFFFFF


def present_in_file(path: Path) -> tuple[int, int]:
    """Application id and user version of an SQLite file; zeros where it is none."""
    if not path.is_file():
        return 0, 0
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        return 0, 0
    return int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big")
