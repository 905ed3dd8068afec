"""Delta Lake: the live files of a table, out of its log. No library of its own is needed.

https://github.com/delta-io/delta/blob/master/PROTOCOL.md. What the protocol may ask of a reader
and is not known here is refused: rows must not be told wrongly.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.contracts.figures import Basis, ColumnFigures, TableFigures, plain
from muniment.sources.connectors.files import delta_schema, lake
from muniment.sources.connectors.files.delta_schema import DeltaSchema
from muniment.sources.connectors.files.lake import LakeTable, broken, unsupported
from muniment.sources.connectors.files.layout import File
from muniment.sources.connectors.files.stores import Store

LOG = "_delta_log"
COMMIT = re.compile(r"(\d{20})\.json")
CHECKPOINT = re.compile(
    r"(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10})|\.([0-9a-f-]{36}))?\.(parquet|json)"
)
KNOWN_READERS = 3
KNOWN_FEATURES = frozenset(
    {
        *("columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint"),
        *("vacuumProtocolCheck", "typeWidening", "typeWidening-preview"),
    }
)
ACTIONS = ("metaData", "protocol", "add", "remove", "sidecar")
MOST_FILES = 1_000_000
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|/")


@dataclass(slots=True)
class Log:
    """The state of a table as its actions are replayed."""

    version: int = -1
    protocol: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    live: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def apply(self, action: Mapping[str, Any]) -> None:
        if told := action.get("protocol"):
            self.protocol = told
        if told := action.get("metaData"):
            self.metadata = told
        if told := action.get("remove"):
            self.live.pop(_key(told), None)
        if told := action.get("add"):
            self.live[_key(told)] = told
            if len(self.live) > MOST_FILES:
                raise unsupported(f"more than {MOST_FILES:,} data files")


def read(store: Store, base: str, names: Iterable[str]) -> tuple[LakeTable, tuple[File, ...]]:
    """The newest version of the table in folder ``base``; ``names`` are those of its log."""
    log = _replay(store, base, list(names))
    _check(log)
    configuration = dict(log.metadata.get("configuration") or {})
    mode = configuration.get("delta.columnMapping.mode", "none")
    if mode not in ("none", "name"):
        raise unsupported(f"the column mapping {mode}")
    schema = delta_schema.read(str(log.metadata.get("schemaString")), mapped=mode == "name")
    partitioned = tuple(str(name) for name in log.metadata.get("partitionColumns") or ())
    kinds = {each.name: each.type for each in schema.columns}
    adds = [log.live[key] for key in sorted(log.live)]
    files = tuple(_file(base, add, schema, partitioned, kinds) for add in adds)
    facts = {
        "version": str(log.version),
        "table_id": str(log.metadata.get("id", "")),
        **dict(lake.under(configuration, "")),
    }
    if name := log.metadata.get("name"):
        facts["name"] = str(name)
    stamp = store.stamp(lake.inside(base, f"{LOG}/{log.version:020}.json"))
    table = LakeTable(
        kind="delta",
        columns=schema.columns,
        version="" if stamp is None else f"{facts['table_id']}@{log.version} {stamp}",
        figures=_figures(adds, schema, partitioned),
        partition_columns=partitioned,
        comment=log.metadata.get("description") or None,
        facts=facts,
    )
    return table, files


def _replay(store: Store, base: str, names: Sequence[str]) -> Log:
    commits = sorted(int(told[1]) for name in names if (told := COMMIT.fullmatch(name)))
    if not commits:
        raise broken("it holds no commit")
    start, parts = _checkpoint(names)
    log = Log(start)
    for name in parts:
        for action in _actions(store, lake.inside(base, f"{LOG}/{name}")):
            log.apply(action)
            if sidecar := action.get("sidecar"):
                path = lake.inside(base, f"{LOG}/_sidecars/{sidecar['path']}")
                for inner in _parquet(store, path):
                    log.apply(inner)
    for version in (number for number in commits if number > start):
        if version != log.version + 1:
            raise broken(f"commit {log.version + 1} is missing")
        for action in _actions(store, lake.inside(base, f"{LOG}/{version:020}.json")):
            log.apply(action)
        log.version = version
    return log


def _checkpoint(names: Iterable[str]) -> tuple[int, Sequence[str]]:
    """The newest checkpoint that is complete, and its parts."""
    found: dict[tuple[int, int, str], list[str]] = {}
    for name in names:
        if told := CHECKPOINT.fullmatch(name):
            version, _, parts, unique, _ = told.groups()
            found.setdefault((int(version), int(parts or 1), unique or ""), []).append(name)
    whole = [key for key, parts in found.items() if len(parts) == key[1]]
    if not whole:
        return -1, ()
    newest = max(whole)
    return newest[0], sorted(found[newest])


def _actions(store: Store, path: str) -> Iterator[Mapping[str, Any]]:
    if path.endswith(".parquet"):
        yield from _parquet(store, path)
        return
    with store.file(path).open() as lines:
        for line in lines:
            try:
                action = json.loads(line) if line.strip() else {}
            except ValueError:
                raise broken("a commit is no JSON") from None
            yield action if isinstance(action, Mapping) else {}


def _parquet(store: Store, path: str) -> Iterator[Mapping[str, Any]]:
    file = store.file(path)
    try:
        opened = pq.ParquetFile(file.native())
        wanted = [name for name in ACTIONS if name in opened.schema_arrow.names]
        for batch in opened.iter_batches(batch_size=4096, columns=wanted, use_threads=False):
            for action in batch.to_pylist():
                yield {name: _plain(told) for name, told in action.items() if told is not None}
    except (pa.ArrowException, OSError):
        file.check()
        raise broken("a checkpoint is damaged") from None


def _plain(action: Mapping[str, Any]) -> dict[str, Any]:
    """Maps of Parquet come as pairs."""
    maps = ("partitionValues", "configuration", "options")
    return {
        name: dict(value) if name in maps and isinstance(value, list) else value
        for name, value in action.items()
    }


def _check(log: Log) -> None:
    if not log.metadata or not log.protocol:
        raise broken("it does not say what the table is")
    if int(log.protocol.get("minReaderVersion") or 0) > KNOWN_READERS:
        raise unsupported("a newer protocol of Delta Lake")
    strange = set(log.protocol.get("readerFeatures") or ()) - KNOWN_FEATURES
    if strange:
        raise unsupported(f"the feature {min(strange)}")
    if (log.metadata.get("format") or {}).get("provider", "parquet") != "parquet":
        raise unsupported("data files that are not Parquet")


def _key(action: Mapping[str, Any]) -> tuple[str, str]:
    vector = action.get("deletionVector") or {}
    told = [vector.get(name) for name in ("storageType", "pathOrInlineDv", "offset")]
    return str(action["path"]), json.dumps(told) if vector else ""


def _file(
    base: str,
    add: Mapping[str, Any],
    schema: DeltaSchema,
    partitioned: Sequence[str],
    kinds: Mapping[str, str],
) -> File:
    path = unquote(str(add["path"]))
    if SCHEME.match(str(add["path"])):
        raise unsupported("data files outside of its folder")
    given = add.get("partitionValues") or {}
    told = {name: given.get(schema.top.get(name, name)) for name in partitioned}
    values = {name: _value(v, kinds.get(name, "")) for name, v in told.items() if v}
    vector = add.get("deletionVector")
    deleted: dict[str, Any] | None = None
    if vector:
        deleted = {"vector": {name: v for name, v in vector.items() if v is not None}, "base": base}
    return File(
        lake.inside(base, path), int(add["size"]), values, names=schema.names, deleted=deleted
    )


def _value(text: str, kind: str) -> str:
    """A partition value as text that casts to its type."""
    zoned = "tz=" in kind and not re.search(r"(Z|[+-]\d\d:?\d\d)$", text)
    return f"{text}Z" if zoned else text


def _figures(
    adds: Sequence[Mapping[str, Any]], schema: DeltaSchema, partitioned: Sequence[str]
) -> TableFigures:
    """Rows, nulls and ends from the statistics of the files.

    With deletion vectors nulls and ends are those of all rows that were there, so they are left
    out. Ends of moments are cut to milliseconds by some writers, so those are left out too.
    """
    told = [_stats(add) for add in adds]
    counts = [stats.get("numRecords") for stats in told]
    lost = sum(int((add.get("deletionVector") or {}).get("cardinality") or 0) for add in adds)
    known = None not in counts
    rows = sum(int(count or 0) for count in counts) - lost if known else None
    whole = known and not lost
    columns = tuple(
        _column(each.name, each.type, _physical(each.name, schema), told)
        for each in schema.columns
        if whole and "[]" not in each.name and each.name not in partitioned
    )
    origin = "the log of the table" if known else "the log of the table, which lacks numbers"
    return TableFigures((), Basis.EXACT if known else Basis.ESTIMATED, origin, rows, columns)


def _stats(add: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        found = json.loads(add.get("stats") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _physical(name: str, schema: DeltaSchema) -> Sequence[str]:
    if schema.names is None:
        return name.split(".")
    return next(
        (physical for physical, logical in schema.names.items() if logical == name), name
    ).split(".")


def _column(
    name: str, kind: str, path: Sequence[str], told: Sequence[Mapping[str, Any]]
) -> ColumnFigures:
    nulls = [_at(stats, "nullCount", path) for stats in told]
    known = all(isinstance(each, int) for each in nulls)
    low: object = None
    high: object = None
    if kind.startswith(("int", "float", "double", "decimal", "date")):
        low, high = _ends(told, path)
    return ColumnFigures(
        name,
        nulls=sum(each for each in nulls if isinstance(each, int)) if known else None,
        low=_end(low, kind),
        high=_end(high, kind),
    )


def _ends(told: Sequence[Mapping[str, Any]], path: Sequence[str]) -> tuple[Any, Any]:
    """Of all files, or of none; a file of nulls only has no ends, and takes none away."""
    lows: list[Any] = []
    highs: list[Any] = []
    for stats in told:
        low, high = _at(stats, "minValues", path), _at(stats, "maxValues", path)
        if low is None or high is None:
            if _at(stats, "nullCount", path) != stats.get("numRecords"):
                return None, None
            continue
        lows.append(low)
        highs.append(high)
    try:
        return (min(lows), max(highs)) if lows else (None, None)
    except TypeError:
        return None, None


def _end(value: object, kind: str) -> str | int | float | None:
    if kind.startswith("date"):
        return value if isinstance(value, str) else None
    return plain(value)


def _at(stats: Mapping[str, Any], what: str, path: Sequence[str]) -> Any:
    found: Any = stats.get(what)
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
