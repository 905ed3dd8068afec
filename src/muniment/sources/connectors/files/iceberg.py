"""Apache Iceberg: the live files of a table, out of its metadata and manifests.

https://iceberg.apache.org/spec/. Versions 1 and 2 of the format, data in Parquet; what else a
table may use is refused: rows must not be told wrongly.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import fastavro

from muniment.contracts.figures import Basis, ColumnFigures, TableFigures, plain
from muniment.sources.connectors.files import iceberg_schema, lake
from muniment.sources.connectors.files.iceberg_schema import ENDS
from muniment.sources.connectors.files.lake import LakeColumn, LakeTable, broken, unsupported
from muniment.sources.connectors.files.layout import File
from muniment.sources.connectors.files.stores import Store

NUMBER = re.compile(r"v?(\d+)(?:-[0-9a-fA-F-]+)?(?:\.gz)?\.metadata\.json")
KNOWN = (1, 2)
DATA, POSITIONS = 0, 1
GONE = 2
"""The status of an entry that its snapshot deleted."""
LOCAL = re.compile(r"file:/*")
CANNOT = (ValueError, KeyError, TypeError, EOFError, IndexError)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the table, and since when it is part of it."""

    told: Mapping[str, Any]
    sequence: int
    spec: int

    @property
    def partition(self) -> str:
        return json.dumps(self.told.get("partition") or {}, sort_keys=True, default=str)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the table says that it lies, and where it does."""

    store: Store
    base: str
    location: str

    def path(self, told: object) -> str:
        """Of an address in the metadata, which is whole, the path in the store."""
        address, root = _plain(str(told)), _plain(self.location).rstrip("/") + "/"
        if not address.startswith(root):
            raise unsupported("files outside of its folder")
        return lake.inside(self.base, address.removeprefix(root))

    def avro(self, told: object) -> Iterator[Mapping[str, Any]]:
        with self.store.file(self.path(told)).open() as file:
            try:
                for record in fastavro.reader(file):
                    if isinstance(record, Mapping):
                        yield record
            except CANNOT:
                raise broken("a manifest is damaged") from None


def read(store: Store, base: str, names: Sequence[str]) -> tuple[LakeTable, tuple[File, ...]]:
    """The current snapshot of the table in folder ``base``; ``names`` are its metadata files."""
    name, metadata = _newest(store, base, names)
    if metadata.get("format-version") not in KNOWN:
        raise unsupported(f"version {metadata.get('format-version')} of Iceberg's format")
    place = Place(store, base, str(metadata.get("location", "")))
    fields = _schema(metadata)
    columns, ids = iceberg_schema.columns(fields)
    snapshot = _snapshot(metadata)
    entries = list(_entries(place, snapshot)) if snapshot else []
    data = [each for each in entries if each.told.get("content", DATA) == DATA]
    deletes = [each for each in entries if each.told.get("content", DATA) != DATA]
    for each in entries:
        if str(each.told["file_format"]).upper() != "PARQUET":
            raise unsupported("data files that are not Parquet")
    if any(each.told["content"] != POSITIONS for each in deletes):
        raise unsupported("equality deletes")
    known = _identities(metadata, ids)
    files = tuple(_file(place, each, deletes, known) for each in data)
    stamp = store.stamp(lake.inside(base, f"metadata/{name}"))
    current = str((snapshot or {}).get("snapshot-id", ""))
    table = LakeTable(
        kind="iceberg",
        columns=columns,
        version="" if stamp is None else f"{metadata.get('table-uuid')}@{current} {stamp}",
        figures=_figures(data, deletes, columns, ids, _types(fields)),
        partition_columns=tuple(_partitioned(metadata, ids)),
        comment=(metadata.get("properties") or {}).get("comment") or None,
        facts={
            "snapshot_id": current,
            "table_id": str(metadata.get("table-uuid", "")),
            **dict(lake.under(metadata.get("properties") or {}, "")),
        },
        ids=ids,
    )
    return table, files


def _newest(store: Store, base: str, names: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
    """Of metadata files of one number, which writers that raced leave, the last written."""
    numbered = [(int(told[1]), name) for name in names if (told := NUMBER.fullmatch(name))]
    if not numbered:
        raise broken("it holds no metadata")
    last = max(numbered)[0]
    found: list[tuple[int, str, Mapping[str, Any]]] = []
    for name in (name for number, name in numbered if number == last):
        with store.file(lake.inside(base, f"metadata/{name}")).open() as file:
            raw = file.read()
        try:
            body = json.loads(gzip.decompress(raw) if name.endswith(".gz.metadata.json") else raw)
            found.append((int(body.get("last-updated-ms") or 0), name, body))
        except (ValueError, OSError, EOFError, AttributeError):
            raise broken("its metadata is damaged") from None
    _, name, body = max(found, key=lambda each: each[:2])
    return name, body


def _schema(metadata: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    current = metadata.get("current-schema-id")
    schemas = metadata.get("schemas") or [metadata.get("schema") or {}]
    for each in schemas:
        if current is None or each.get("schema-id", 0) == current:
            fields: Sequence[Mapping[str, Any]] = each.get("fields") or ()
            return fields
    raise broken("the schema is missing")


def _snapshot(metadata: Mapping[str, Any]) -> Mapping[str, Any] | None:
    current = metadata.get("current-snapshot-id")
    if current in (None, -1):
        return None
    for each in metadata.get("snapshots") or ():
        if each.get("snapshot-id") == current:
            found: Mapping[str, Any] = each
            return found
    raise broken("the current snapshot is missing")


def _entries(place: Place, snapshot: Mapping[str, Any]) -> Iterator[Entry]:
    if "manifest-list" in snapshot:
        manifests = list(place.avro(snapshot["manifest-list"]))
    else:
        manifests = [{"manifest_path": path} for path in snapshot.get("manifests") or ()]
    for manifest in manifests:
        sequence = int(manifest.get("sequence_number") or 0)
        for entry in place.avro(manifest["manifest_path"]):
            if entry["status"] == GONE:
                continue
            own = entry.get("sequence_number")
            at = sequence if own is None else int(own)
            yield Entry(entry["data_file"], at, int(manifest.get("partition_spec_id") or 0))


def _file(
    place: Place, entry: Entry, deletes: Sequence[Entry], known: Mapping[int, Mapping[str, str]]
) -> File:
    address = str(entry.told["file_path"])
    told = entry.told.get("partition") or {}
    names = known.get(entry.spec, {})
    values = {names[name]: str(v) for name, v in told.items() if name in names and v is not None}
    lost = [
        place.path(each.told["file_path"])
        for each in deletes
        if each.sequence >= entry.sequence
        and (
            not each.told.get("partition")
            or (each.spec, each.partition) == (entry.spec, entry.partition)
        )
    ]
    deleted = {"positions": sorted(lost), "of": address} if lost else None
    size = int(entry.told["file_size_in_bytes"])
    return File(place.path(address), size, values, deleted=deleted)


def _identities(metadata: Mapping[str, Any], ids: Mapping[int, str]) -> dict[int, dict[str, str]]:
    """By partition spec: columns whose value is told for a whole file, by their name there."""
    specs = metadata.get("partition-specs") or [
        {"spec-id": 0, "fields": metadata.get("partition-spec") or ()}
    ]
    return {
        int(spec.get("spec-id") or 0): {
            str(each["name"]): ids[each["source-id"]]
            for each in spec.get("fields") or ()
            if each.get("transform") == "identity" and each.get("source-id") in ids
        }
        for spec in specs
    }


def _partitioned(metadata: Mapping[str, Any], ids: Mapping[int, str]) -> Iterator[str]:
    current = metadata.get("default-spec-id") or 0
    for spec in metadata.get("partition-specs") or ():
        if spec.get("spec-id") == current:
            for each in spec.get("fields") or ():
                yield ids.get(each.get("source-id"), str(each.get("name")))


def _types(fields: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    return {int(each["id"]): each["type"] for each in fields if isinstance(each["type"], str)}


def _figures(
    data: Sequence[Entry],
    deletes: Sequence[Entry],
    columns: Sequence[LakeColumn],
    ids: Mapping[int, str],
    types: Mapping[int, str],
) -> TableFigures:
    """Rows, nulls and ends as the manifests tell them. Deleted rows may be told twice: then
    the number of rows is an estimate, and nothing else is told."""
    rows = sum(int(each.told["record_count"]) for each in data)
    if deletes:
        lost = sum(int(each.told["record_count"]) for each in deletes)
        return TableFigures(
            (), Basis.ESTIMATED, "the manifests, less the deleted rows", max(0, rows - lost)
        )
    numbers = {name: number for number, name in ids.items()}
    found = tuple(
        _column(each.name, numbers[each.name], types.get(numbers[each.name], ""), data)
        for each in columns
        if "[]" not in each.name
    )
    return TableFigures((), Basis.EXACT, "the manifests of the table", rows, found)


def _column(name: str, number: int, kind: str, data: Sequence[Entry]) -> ColumnFigures:
    nulls = [_of(each, "null_value_counts", number) for each in data]
    known = all(isinstance(each, int) for each in nulls)
    lows: list[Any] = []
    highs: list[Any] = []
    for each, missing in zip(data, nulls, strict=True):
        low, high = (_of(each, what, number) for what in ("lower_bounds", "upper_bounds"))
        if isinstance(low, bytes) and isinstance(high, bytes) and kind in ENDS:
            lows.append(ENDS[kind](low))
            highs.append(ENDS[kind](high))
        elif missing != each.told["record_count"]:
            lows = highs = []
            break
    return ColumnFigures(
        name,
        nulls=sum(each for each in nulls if isinstance(each, int)) if known else None,
        low=plain(min(lows)) if lows else None,
        high=plain(max(highs)) if highs else None,
    )


def _of(entry: Entry, what: str, number: int) -> object:
    told = entry.told.get(what)
    if isinstance(told, Mapping):
        return told.get(number)
    return next((each["value"] for each in told or () if each["key"] == number), None)


def _plain(address: str) -> str:
    """An address of this machine as a path; others as they are."""
    return LOCAL.sub("/", address, count=1)
