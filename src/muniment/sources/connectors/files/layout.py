"""Which data sets a folder holds: plain files, and folders that are one data set in parts."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from muniment.kernel.errors import (
    LimitExceeded,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceUnreachable,
)
from muniment.sources.connectors.files import limits

FORMATS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
}
COMPRESSED = (".gz",)
HIVE = re.compile(r"([^=/\\]+)=([^/\\]*)")
NUMBERED = re.compile(r"part[-_.]?\d+.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """One file: its path relative to the root, and the values its folders give it."""

    path: str
    size: int
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Files that are one asset."""

    path: tuple[str, ...]
    format: str
    files: tuple[File, ...]

    @property
    def partition_columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for file in self.files for name in file.values))

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def format_of(name: str) -> str | None:
    """The format a file name promises; None when it is none of ours."""
    stem = name.lower()
    for suffix in COMPRESSED:
        stem = stem.removesuffix(suffix)
    kind = FORMATS.get(Path(stem).suffix)
    return None if kind == "parquet" and stem != name.lower() else kind


def datasets(root: Path) -> Sequence[Dataset]:
    """All data sets below ``root`` by path; a single file is a data set of its own."""
    if root.is_file():
        kind = format_of(root.name)
        if kind is None:
            raise SourceUnreachable("The file is of no known format: CSV, JSON or Parquet.")
        return [Dataset((root.name,), kind, (File(root.name, root.stat().st_size),))]
    parts: defaultdict[tuple[tuple[str, ...], str], list[File]] = defaultdict(list)
    plain: list[Dataset] = []
    for relative, size in _walk(root):
        kind = format_of(relative[-1])
        if kind is None:
            continue
        base, values = _fold(relative)
        file = File("/".join(relative), size, values)
        if base == relative:
            plain.append(Dataset(relative, kind, (file,)))
        else:
            parts[base or (root.name,), kind].append(file)
    formats = Counter(base for base, _ in parts)
    folded = (
        Dataset(_named(base, kind, formats[base]), kind, tuple(sorted(files, key=_by_path)))
        for (base, kind), files in parts.items()
    )
    return sorted([*plain, *folded], key=lambda dataset: dataset.path)


def within(root: Path, relative: str) -> Path:
    """The file ``relative`` below the root; refused when a link leads out of it."""
    if root.is_file():
        return root
    real = root.resolve()
    path = (real / relative).resolve()
    if not path.is_relative_to(real):
        raise SourceObjectGone("The file is a link that leaves the folder; it is not followed.")
    if not path.is_file():
        raise SourceObjectGone("The file is not there any more. Scan the source again.")
    return path


def look(root: Path) -> None:
    """That the root is there and may be read."""
    try:
        if root.is_dir():
            with os.scandir(root) as entries:
                next(entries, None)
        elif root.is_file():
            root.open("rb").close()
        else:
            raise SourceUnreachable("There is no such folder or file. Check the path.")
    except PermissionError:
        raise SourcePermissionMissing(
            "The account that scans may not read this folder.", grant=f"chmod -R g+rX {root}"
        ) from None
    except OSError as error:
        raise SourceUnreachable(f"The folder cannot be read: {error.strerror}.") from None


def _walk(root: Path) -> Iterator[tuple[tuple[str, ...], int]]:
    real = root.resolve()
    count = 0
    for folder, folders, files in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in sorted(files):
            if name.startswith((".", "_")):
                continue
            path = Path(folder) / name
            if path.is_symlink() and not path.resolve().is_relative_to(real):
                continue
            try:
                size = path.stat().st_size
            except OSError:
                continue
            if not path.is_file():
                continue
            count += 1
            if count > limits.FILES:
                raise LimitExceeded(
                    f"The folder holds more than {limits.FILES} files. Register parts of it."
                )
            yield path.relative_to(root).parts, size


def _fold(relative: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The path of the data set a file belongs to, and the values of its partition folders."""
    first = next((n for n, part in enumerate(relative[:-1]) if HIVE.fullmatch(part)), None)
    if first is not None:
        pairs = (HIVE.fullmatch(part) for part in relative[first:-1])
        return relative[:first], {m[1]: unquote(m[2]) for m in pairs if m is not None}
    if len(relative) > 1 and NUMBERED.fullmatch(relative[-1]):
        return relative[:-1], {}
    return relative, {}


def _named(base: tuple[str, ...], kind: str, formats: int) -> tuple[str, ...]:
    return base if formats == 1 else (*base[:-1], f"{base[-1]}.{kind}")


def _by_path(file: File) -> str:
    return file.path
