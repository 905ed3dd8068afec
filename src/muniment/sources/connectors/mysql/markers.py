"""Whether the rows of a MySQL or MariaDB table changed: when it was written to, as servers tell it.

InnoDB keeps the time of the last change in memory only: after a restart, or when the server let
go of a table it had not used for long, nothing is told, and the table is read. MariaDB tells when
the changing transaction *began*, so a time is worth nothing while one that began as late is open.
"""

# ruff: noqa: S608  (what is pasted in is a condition whose one value is quoted)

import hashlib
import re
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from muniment.contracts.connectors import AssetMeta, Partition
from muniment.contracts.markers import KnownPart, MarkedPart
from muniment.kernel.errors import SourcePermissionMissing
from muniment.kernel.values import JsonObject
from muniment.sources.connectors.mysql import session, statements
from muniment.sources.connectors.mysql.session import Connection, Sessions

PARTS = "parts"
SETTLED_SECONDS = 2
"""A time this fresh may be told of two changes."""
LONG_SECONDS = 3600
"""What a transaction is taken to last at most where the account may not see those of others."""
A_SECOND = timedelta(seconds=1)
TIMED = frozenset({"innodb", "myisam"})
"""Engines whose times can be relied on; Aria's lag behind, and with it a live checksum must."""
WHEN_TOLD = re.compile(
    r"generated as .*(now|sysdate|cur(rent_|date|time)|utc_|unix_timestamp|rand|uuid|user\s*\(|@"
    r"|connection_id|database\s*\()",
    re.IGNORECASE | re.DOTALL,
)
"""A generated column whose values move while nothing is written."""


def times(database: str | None) -> str:
    return f"""
    select table_schema, table_name, null, engine, create_time, update_time, checksum, table_rows,
           data_length, auto_increment, now()
    from information_schema.tables
    where {statements.within("table_schema", database)}
      and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')"""


def partition_times(database: str | None) -> str:
    return f"""
    select table_schema, table_name, partition_name, null, create_time, update_time, checksum,
           table_rows, data_length, subpartition_name, now()
    from information_schema.partitions
    where {statements.within("table_schema", database)} and partition_name is not null
    order by 1, 2, partition_ordinal_position, subpartition_ordinal_position"""


SERVER = "select @@hostname, @@port, @@server_id, @@version"
"""A balancer may lead to another server, which counts for itself."""
OPEN = "select distinct trx_started from information_schema.innodb_trx"


@dataclass(frozen=True, slots=True)
class Row:
    """What a server tells of a table or of one of its partitions."""

    engine: str
    created: datetime | None
    updated: datetime | None
    checksum: int | None
    facts: tuple[Any, ...]
    now: datetime

    def token(self, opened: Collection[datetime] | None) -> str | None:
        """A text that is equal while nothing is written; None in any doubt.

        ``opened``: when the open transactions began; None where the account may not see them.
        """
        engine = self.engine.lower()
        if self.updated is None or (engine not in TIMED and self.checksum is None):
            return None
        age = (self.now - self.updated).total_seconds()
        if age < SETTLED_SECONDS:
            return None
        if engine == "innodb":
            if opened is None and age < LONG_SECONDS:
                return None
            if any(abs(began - self.updated) <= A_SECOND for began in opened or ()):
                return None
        told = (engine, self.created, self.updated, self.checksum, *self.facts)
        return "-".join(str(each) for each in told)


@dataclass(frozen=True, slots=True)
class Counters:
    """All tables at one moment, and the partitions of those that have some."""

    server: str
    tables: Mapping[tuple[str, ...], str | None]
    partitions: Mapping[tuple[str, ...], Mapping[str, str | None]] = field(default_factory=dict)

    def marker(self, asset: AssetMeta) -> str | None:
        """Of a table. Where only some partitions can be told, one that is never told again."""
        if any(WHEN_TOLD.match(column.default or "") for column in asset.columns):
            return None
        parts = self.partitions.get(asset.path)
        if parts is None:
            token = self.tables.get(asset.path)
            return None if token is None else _digest([self.server, token])
        if None not in parts.values():
            return self.of_parts(asset.path, list(parts))
        return secrets.token_hex(16) if any(parts.values()) else None

    def of_parts(self, path: tuple[str, ...], names: Sequence[str]) -> str | None:
        parts = self.partitions.get(path, {})
        tokens = [parts.get(name) for name in names]
        if not names or None in tokens:
            return None
        return _digest([self.server, *(f"{n}={t}" for n, t in zip(names, tokens, strict=True))])


def count(sessions: Sessions, database: str | None, assets: Sequence[AssetMeta]) -> Counters:
    """At most four statements, whatever the number of tables.

    Open transactions are asked for last: one that ends before was seen in what it changed.
    """
    with sessions.lent() as connection:
        [server] = session.rows(connection, SERVER)
        tables = [
            ((schema, name), _row(row))
            for schema, name, _, *row in session.rows(connection, times(database))
        ]
        partitions: defaultdict[tuple[str, ...], defaultdict[str, list[Row]]]
        partitions = defaultdict(lambda: defaultdict(list))
        if any(asset.properties.get("partitioned") for asset in assets):
            engines = {path: row.engine for path, row in tables}
            for schema, name, part, *row in session.rows(connection, partition_times(database)):
                told = replace(_row(row), engine=engines.get((schema, name), ""))
                partitions[schema, name][part].append(told)
        opened = _opened(sessions, connection)

    def token(rows: Sequence[Row]) -> str | None:
        tokens = [row.token(opened) for row in rows]
        return None if None in tokens else "+".join(str(each) for each in tokens)

    return Counters(
        "/".join(str(each) for each in server),
        {path: token([row]) for path, row in tables},
        {path: {p: token(rows) for p, rows in of.items()} for path, of in partitions.items()},
    )


def settle(
    counters: Counters,
    asset: AssetMeta,
    partitions: Sequence[Partition],
    known: Sequence[KnownPart],
) -> Sequence[MarkedPart]:
    """Parts made of partitions that were not written to stay as they were cut."""
    fresh = {name for partition in partitions for name in names_of(partition.spec)}
    narrow = [partition.spec.get("narrow") for partition in partitions]
    taken: set[str] = set()
    found: list[MarkedPart] = []
    for part in known:
        names = names_of(part.spec)
        told = counters.of_parts(asset.path, names)
        same = told is not None and told == part.marker
        if same and set(names) <= fresh and part.spec.get("narrow") in narrow:
            taken |= set(names)
            found.append(MarkedPart(Partition(0, part.spec, part.rows), told, unchanged=True))
    for partition in partitions:
        names = names_of(partition.spec)
        left = [name for name in names if name not in taken]
        if names and not left:
            continue
        spec = {**partition.spec, PARTS: list(left)} if names else partition.spec
        cut = replace(partition, spec=spec)
        told = counters.of_parts(asset.path, left) if partition.fraction == 1.0 else None
        found.append(MarkedPart(cut, told))
    return [
        replace(each, partition=replace(each.partition, index=index))
        for index, each in enumerate(found)
    ]


def names_of(spec: JsonObject) -> list[str]:
    """The partitions that a part reads; none where it reads the table as a whole."""
    given = spec.get(PARTS)
    return [str(name) for name in given] if isinstance(given, Sequence) else []


def _row(told: Sequence[Any]) -> Row:
    engine, created, updated, checksum, *facts, now = told
    return Row(engine or "", created, updated, checksum, tuple(facts), now)


def _opened(sessions: Sessions, connection: Connection) -> Collection[datetime] | None:
    try:
        with sessions.explained():
            return {began for (began,) in session.rows(connection, OPEN) if began is not None}
    except SourcePermissionMissing:
        return None


def _digest(told: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(told).encode()).hexdigest()
