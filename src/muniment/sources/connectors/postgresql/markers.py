"""Whether the rows of a PostgreSQL table changed: its file, its counters, its row versions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from muniment.contracts.connectors import Partition
from muniment.contracts.markers import KnownPart, MarkedPart
from muniment.kernel.values import JsonObject

COUNTS = """
    select n.nspname::text, c.relname::text,
           coalesce(rn.nspname, n.nspname)::text, coalesce(r.relname, c.relname)::text,
           concat_ws('-', c.oid, pg_relation_filenode(c.oid), pg_relation_size(c.oid),
                     pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid),
                     pg_stat_get_tuples_deleted(c.oid)),
           concat_ws('-', c.oid, pg_relation_filenode(c.oid)),
           pg_relation_size(c.oid) / current_setting('block_size')::int8,
           not c.relrowsecurity and not (c.relkind = 'r' and c.relhassubclass)
           and not coalesce(r.relrowsecurity, false)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_class r on c.relispartition and r.oid = pg_partition_root(c.oid)
    left join pg_namespace rn on rn.oid = r.relnamespace
    where c.relkind in ('r', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and not exists (select from pg_locks l where l.relation = c.oid
                      and l.mode = 'AccessExclusiveLock'
                      and l.database = (select oid from pg_database
                                        where datname = current_database()))
"""
"""One row per relation that holds rows; one that is locked away would make everybody wait."""

OTHERS = """
    select coalesce(rn.nspname, n.nspname)::text, coalesce(r.relname, c.relname)::text
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_class r on r.oid = pg_partition_root(c.oid)
    left join pg_namespace rn on rn.oid = r.relnamespace
    where c.relispartition and c.relkind not in ('r', 'p', 'i', 'I')
"""
"""Partitioned tables with parts elsewhere: nobody counts what changes in those."""

EPOCH = """
    select case when pg_is_in_recovery() or not current_setting('track_counts')::bool then null
           else concat_ws('/', current_setting('server_version_num'),
                          (select stats_reset from pg_stat_bgwriter),
                          (select stats_reset from pg_stat_database
                           where datname = current_database())) end
"""
"""Since when counters count. A crash and a reset begin a new epoch; a standby has no counters."""

VERSIONS = """
    select count(*), coalesce(sum((age('3'::xid) - age(xmin))::int8), 0)::text,
           coalesce(sum(hashtid(ctid)::int8), 0)::text
    from only {} where ctid >= {}::tid {}
"""
"""Row versions of a page range: every insert, update and delete moves one of the three."""

ROWS_SINCE = 140000
BEGIN_SPLIT = 2


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that holds rows: what its counters, its file and its size were."""

    token: str
    file: str
    pages: int


@dataclass(frozen=True, slots=True)
class Counters:
    """All relations of a database at one moment, and which of them make which table."""

    epoch: str | None
    relations: Mapping[tuple[str, str], Relation]
    tables: Mapping[tuple[str, str], Sequence[tuple[str, str]]]

    def marker(self, path: tuple[str, ...]) -> str | None:
        """Of a table with all its partitions."""
        leaves = self.tables.get((path[0], path[1])) if len(path) == 2 else None
        if self.epoch is None or not leaves:
            return None
        return f"{self.epoch}|" + ",".join(self.relations[leaf].token for leaf in sorted(leaves))


def count(connection: psycopg.Connection) -> Counters:
    """Three statements, whatever the number of tables."""
    epoch = connection.execute(EPOCH).fetchone()
    relations: dict[tuple[str, str], Relation] = {}
    tables: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    unknown = {(str(row[0]), str(row[1])) for row in connection.execute(OTHERS)}
    for schema, name, root_schema, root, token, file, pages, countable in connection.execute(
        COUNTS
    ):
        if not countable:
            unknown.add((root_schema, root))
            continue
        relations[schema, name] = Relation(token, file, int(pages or 0))
        for table in {(schema, name), (root_schema, root)}:
            tables[table].append((schema, name))
    known = {table: leaves for table, leaves in tables.items() if table not in unknown}
    told = epoch[0] if epoch is not None and epoch[0] is not None else None
    return Counters(None if told is None else str(told), relations, known)


def settle(
    connection: psycopg.Connection,
    counters: Counters,
    partitions: Sequence[Partition],
    known: Sequence[KnownPart],
    version: int,
) -> Sequence[MarkedPart]:
    """Ranges of a relation that is still in the same file stay as they were cut."""
    by_leaf: defaultdict[tuple[str, str], list[Partition]] = defaultdict(list)
    for partition in partitions:
        by_leaf[_leaf(partition.spec)].append(partition)
    before: defaultdict[tuple[str, str], list[KnownPart]] = defaultdict(list)
    for part in known:
        before[_leaf(part.spec)].append(part)
    found: list[MarkedPart] = []
    for leaf, cut in by_leaf.items():
        relation = counters.relations.get(leaf)
        ranged = all("from" in each.spec for each in cut) and version >= ROWS_SINCE
        if relation is None or counters.epoch is None or not ranged:
            found += [MarkedPart(each) for each in cut]
        else:
            token = f"{counters.epoch}|{relation.token}"
            found += _settle_leaf(connection, relation, token, cut, before[leaf])
    return [
        replace(each, partition=replace(each.partition, index=index))
        for index, each in enumerate(found)
    ]


def _settle_leaf(
    connection: psycopg.Connection,
    relation: Relation,
    token: str,
    fresh: Sequence[Partition],
    known: Sequence[KnownPart],
) -> list[MarkedPart]:
    same_file = [part for part in known if _file(part.marker) == relation.file]
    cut = _recut(relation, fresh, same_file) if len(same_file) == len(known) else fresh
    by_spec = {_ends(part.spec): part for part in same_file}
    found: list[MarkedPart] = []
    for partition in cut:
        part = by_spec.get(_ends(partition.spec))
        if part is not None and part.marker.startswith(f"{token}#"):
            found.append(MarkedPart(partition, part.marker, unchanged=True))
            continue
        if len(cut) == 1:
            found.append(MarkedPart(partition, f"{token}#{relation.file}#"))
            continue
        versions = _versions(connection, partition.spec)
        same = part is not None and part.marker.split("#")[2] == versions
        found.append(MarkedPart(partition, f"{token}#{relation.file}#{versions}", unchanged=same))
    return found


def _recut(
    relation: Relation, fresh: Sequence[Partition], known: Sequence[KnownPart]
) -> Sequence[Partition]:
    """The known ranges; what grew at the end is cut once it is worth a range of its own."""
    ordered = sorted((_ends(part.spec)[0], part.rows, part.spec) for part in _numbered(known))
    starts = [start for start, _, _ in ordered if start < max(1, relation.pages)]
    if not starts or starts[0] != 0:
        return fresh
    width = starts[1] if len(starts) > 1 else _width(fresh)
    rows = {start: count for start, count, _ in ordered}
    while width and relation.pages - starts[-1] >= BEGIN_SPLIT * width:
        starts.append(starts[-1] + width)
    table = fresh[0].spec["table"]
    usual = max((each.estimated_rows or 0 for each in fresh), default=0)
    return [
        Partition(
            index,
            {
                "table": table,
                "from": start,
                "to": starts[index + 1] if index + 1 < len(starts) else None,
            },
            rows.get(start, usual),
        )
        for index, start in enumerate(starts)
    ]


def _width(fresh: Sequence[Partition]) -> int:
    return _ends(fresh[1].spec)[0] if len(fresh) > 1 else 0


def _versions(connection: psycopg.Connection, spec: JsonObject) -> str:
    schema, name = _leaf(spec)
    start, end = _ends(spec)
    statement = sql.SQL(VERSIONS).format(
        sql.Identifier(schema, name),
        sql.Literal(f"({start},0)"),
        sql.SQL("and ctid < {}::tid").format(sql.Literal(f"({end},0)"))
        if end is not None
        else sql.SQL(""),
    )
    row = connection.execute(statement).fetchone()
    return "" if row is None else "-".join(str(each) for each in row)


def _file(marker: str) -> str:
    parts = marker.split("#")
    return parts[1] if len(parts) == 3 else ""


def _leaf(spec: JsonObject) -> tuple[str, str]:
    table = spec["table"]
    if not isinstance(table, Sequence) or len(table) != 2:
        return ("", "")
    return (str(table[0]), str(table[1]))


def _ends(spec: JsonObject) -> tuple[int, int | None]:
    start, end = spec.get("from"), spec.get("to")
    return int(str(start)), None if end is None else int(str(end))


def _numbered(known: Sequence[KnownPart]) -> list[KnownPart]:
    return [part for part in known if "from" in part.spec]
