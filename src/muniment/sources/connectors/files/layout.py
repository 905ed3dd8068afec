"""Which data sets a folder holds: plain files, and folders that are one data set in parts."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from muniment.kernel.errors import LimitExceeded, SourceError, SourceUnreachable
from muniment.kernel.values import JsonObject
from muniment.sources.connectors.files import limits, unpacking
from muniment.sources.connectors.files.lake import LakeTable
from muniment.sources.connectors.files.stores import Listed, Store

FORMATS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".orc": "orc",
    ".avro": "avro",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".txt": "prose",
    ".html": "prose",
    ".htm": "prose",
    ".pdf": "prose",
    ".docx": "prose",
    ".eml": "prose",
}
TEXT = frozenset({"csv", "ndjson", "json"})
COLUMNAR = frozenset({"parquet", "orc", "avro"})
"""Formats whose files say what columns they have."""
KNOWN = (
    "Known are .csv, .tsv, .ndjson, .jsonl, .json (also .gz, .bz2, .xz and .zst of these),"
    " .parquet, .orc, .avro, .xlsx; documents: .txt, .html, .pdf, .docx, .eml."
)
LAKES = frozenset({"delta", "iceberg"})
DELTA_LOG = "_delta_log"
ICEBERG_END = ".metadata.json"
HIVE = re.compile(r"([^=/\\]+)=([^/\\]*)")
NUMBERED = re.compile(r"part[-_.]?\d+.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """One file: its path relative to the root, and the values its folders give it."""

    path: str
    size: int
    values: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] | None = None
    """Of a table in a lake, logical by physical name of its flat columns; None: as they are."""
    deleted: JsonObject | None = None
    """Of a table in a lake, where the rows are told that it no longer has."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Files that are one asset."""

    path: tuple[str, ...]
    format: str
    files: tuple[File, ...]
    sheet: str | None = None
    """Of a workbook, the sheet that is the asset."""
    barred: SourceError | None = None
    """Why it cannot even be looked at: no permission, a pipe, a link that leads nowhere."""
    table: LakeTable | None = None
    """What the log of a table in a lake says; its files are the live ones."""

    @property
    def partition_columns(self) -> tuple[str, ...]:
        if self.table is not None:
            return self.table.partition_columns
        return tuple(dict.fromkeys(name for file in self.files for name in file.values))

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def format_of(name: str) -> str | None:
    """The format a file name promises; None when it is none of ours."""
    suffix = unpacking.suffix_of(name)
    stem = name.lower().removesuffix(suffix or "")
    dot = stem.rfind(".")
    kind = FORMATS.get(stem[dot:]) if dot > 0 else None
    return None if suffix is not None and kind not in TEXT else kind


def datasets(store: Store) -> Sequence[Dataset]:
    """All data sets of a store by path; a single file is a data set of its own.

    What bears the name of a data set, or is a folder, and cannot be looked at is told as barred.
    """
    listed = list(_listed(store))
    logs = _logs(listed)
    parts: defaultdict[tuple[tuple[str, ...], str], list[File]] = defaultdict(list)
    plain = [Dataset(base or (store.name,), kind, files) for (base, kind, files) in logs.values()]
    for relative, size in listed:
        if logs and any(relative[:n] in logs for n in range(len(relative))):
            continue
        kind = format_of(relative[-1]) if relative else None
        if isinstance(size, SourceError):
            plain.append(Dataset(relative, kind or "folder", (), barred=size))
            continue
        if kind is None:
            raise SourceUnreachable("The file is of no known format: " + KNOWN)
        base, values = _fold(relative)
        file = File("/".join(relative), size, values)
        if base == relative:
            plain.append(Dataset(relative, kind, (file,)))
        else:
            parts[base or (store.name,), kind].append(file)
    formats = Counter(base for base, _ in parts)
    folded = (
        Dataset(_named(base, kind, formats[base]), kind, _worth_reading(kind, files))
        for (base, kind), files in parts.items()
    )
    return sorted([*plain, *folded], key=lambda dataset: dataset.path)


def _logs(
    listed: Sequence[Listed],
) -> Mapping[tuple[str, ...], tuple[tuple[str, ...], str, tuple[File, ...]]]:
    """Tables in a lake by their folder, with the files of their logs. All below it is theirs."""
    found: dict[tuple[str, ...], tuple[str, list[File]]] = {}
    for relative, size in listed:
        told = _log_of(relative)
        if told is None:
            continue
        base, kind = told
        known, files = found.setdefault(base, (kind, []))
        if kind == "delta" and known != kind:  # told twice: the log of Delta is the first to know
            files.clear()
            found[base] = (kind, files)
        if kind == found[base][0] and not isinstance(size, SourceError):
            files.append(File("/".join(relative), size))
    return {
        base: (base, kind, tuple(files))
        for base, (kind, files) in found.items()
        if not any(base[:n] in found for n in range(len(base)))
    }


def _log_of(relative: tuple[str, ...]) -> tuple[tuple[str, ...], str] | None:
    """The folder and the kind of the table whose log a file belongs to."""
    if DELTA_LOG in relative:
        return relative[: relative.index(DELTA_LOG)], "delta"
    if len(relative) > 1 and relative[-2] == "metadata" and relative[-1].endswith(ICEBERG_END):
        return relative[:-2], "iceberg"
    return None


def _listed(store: Store) -> Iterator[Listed]:
    """Files of a known format, and what cannot be looked at."""
    for count, found in enumerate(store.walk(is_open, is_known), start=1):
        if count > limits.FILES:
            raise LimitExceeded(
                f"The folder holds more than {limits.FILES} files. Register parts of it."
            )
        yield found


def is_open(name: str) -> bool:
    """Whether a folder is looked into: what begins with a dot or an underscore is not data."""
    return not name.startswith((".", "_")) or name == DELTA_LOG


def is_known(name: str) -> bool:
    """Whether a file is data of a known format."""
    return is_open(name) and format_of(name) is not None


def _fold(relative: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The path of the data set a file belongs to, and the values of its partition folders."""
    first = next((n for n, part in enumerate(relative[:-1]) if HIVE.fullmatch(part)), None)
    if first is not None:
        pairs = (HIVE.fullmatch(part) for part in relative[first:-1])
        return relative[:first], {m[1]: unquote(m[2]) for m in pairs if m is not None}
    if len(relative) > 1 and NUMBERED.fullmatch(relative[-1]):
        return relative[:-1], {}
    return relative, {}


def _worth_reading(kind: str, files: Sequence[File]) -> tuple[File, ...]:
    """In order; of a text in parts, the parts of 0 bytes hold no row and not even a header."""
    filled = [file for file in files if file.size or kind not in TEXT]
    return tuple(sorted(filled or files, key=_by_path))


def _named(base: tuple[str, ...], kind: str, formats: int) -> tuple[str, ...]:
    return base if formats == 1 else (*base[:-1], f"{base[-1]}.{kind}")


def _by_path(file: File) -> str:
    return file.path
