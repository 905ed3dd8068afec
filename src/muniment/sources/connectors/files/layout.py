"""Which data sets a folder holds: plain files, and folders that are one data set in parts."""

import os
import re
import shlex
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from muniment.kernel.errors import (
    LimitExceeded,
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceUnreachable,
)
from muniment.sources.connectors.files import limits, unpacking

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
}
TEXT = frozenset({"csv", "ndjson", "json"})
COLUMNAR = frozenset({"parquet", "orc", "avro"})
"""Formats whose files say what columns they have."""
KNOWN = (
    "Known are .csv, .tsv, .ndjson, .jsonl, .json (also .gz, .bz2, .xz and .zst of these),"
    " .parquet, .orc, .avro, .xlsx."
)
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
    sheet: str | None = None
    """Of a workbook, the sheet that is the asset."""
    barred: SourceError | None = None
    """Why it cannot even be looked at: no permission, a pipe, a link that leads nowhere."""

    @property
    def partition_columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for file in self.files for name in file.values))

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def format_of(name: str) -> str | None:
    """The format a file name promises; None when it is none of ours."""
    suffix = unpacking.suffix_of(name)
    stem = name.lower().removesuffix(suffix or "")
    kind = FORMATS.get(Path(stem).suffix)
    return None if suffix is not None and kind not in TEXT else kind


def datasets(root: Path) -> Sequence[Dataset]:
    """All data sets below ``root`` by path; a single file is a data set of its own.

    What bears the name of a data set, or is a folder, and cannot be looked at is told as barred.
    """
    if root.is_file():
        kind = format_of(root.name)
        if kind is None:
            raise SourceUnreachable("The file is of no known format: " + KNOWN)
        return [Dataset((root.name,), kind, (File(root.name, root.stat().st_size),))]
    parts: defaultdict[tuple[tuple[str, ...], str], list[File]] = defaultdict(list)
    plain: list[Dataset] = []
    for relative, size in _walk(root):
        kind = format_of(relative[-1]) or "folder"
        if isinstance(size, SourceError):
            plain.append(Dataset(relative, kind, (), barred=size))
            continue
        base, values = _fold(relative)
        file = File("/".join(relative), size, values)
        if base == relative:
            plain.append(Dataset(relative, kind, (file,)))
        else:
            parts[base or (root.name,), kind].append(file)
    formats = Counter(base for base, _ in parts)
    folded = (
        Dataset(_named(base, kind, formats[base]), kind, _worth_reading(kind, files))
        for (base, kind), files in parts.items()
    )
    return sorted([*plain, *folded], key=lambda dataset: dataset.path)


def within(root: Path, relative: str) -> Path:
    """The file ``relative`` below the root; refused when a link leads out of it."""
    if root.is_file():
        return root
    with explained():
        real = root.resolve()
        path = (real / relative).resolve()
        if not path.is_relative_to(real):
            raise SourceObjectGone(LEADS_OUT)
        if not path.is_file():
            raise SourceObjectGone("The file is not there any more. Scan the source again.")
        return path


LEADS_OUT = "The file is a link that leaves the folder; it is not followed."
ENDLESS = "The link leads round in a circle. Remove it, or point it at a file."


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the file system says into an error that says what to do."""
    try:
        yield
    except PermissionError as error:
        raise _barred(error.filename) from None
    except FileNotFoundError:
        raise SourceObjectGone("The file is not there any more. Scan the source again.") from None
    except RuntimeError as error:  # Python below 3.13 says so of a link that leads to itself
        if "loop" not in str(error):
            raise
        raise SourceDataUnreadable(ENDLESS) from None
    except OSError as error:
        raise SourceDataUnreadable(
            f"The file system cannot read it: {error.strerror or 'no reason given'}."
        ) from None


@contextmanager
def named(path: str, parts: int) -> Iterator[None]:
    """Of a data set in several parts, say which of them the failure is about."""
    try:
        yield
    except SourceError as error:
        if parts < 2 or isinstance(error, SourceUnreachable):
            raise
        told = f"{_plain(path)}: {error.message}"
        raise type(error)(told, **error.context) from None


def _barred(path: object) -> SourcePermissionMissing:
    grant = f"chmod -R g+rX {shlex.quote(_plain(path))}"
    return SourcePermissionMissing("The account that scans may not read it.", grant=grant)


def _plain(path: object) -> str:
    """A path as text that can be stored, whatever bytes are in it."""
    return os.fsencode(str(path)).decode("utf-8", "replace")


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
        raise _barred(root) from None
    except OSError as error:
        raise SourceUnreachable(f"The folder cannot be read: {error.strerror}.") from None


def _walk(root: Path) -> Iterator[tuple[tuple[str, ...], int | SourceError]]:
    """Paths of files of a known format with their sizes, and of what cannot be looked at."""
    real = root.resolve()
    count = 0
    closed: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=closed.append, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in sorted(files):
            if name.startswith((".", "_")) or format_of(name) is None:
                continue
            count += 1
            if count > limits.FILES:
                raise LimitExceeded(
                    f"The folder holds more than {limits.FILES} files. Register parts of it."
                )
            path = Path(folder) / name
            yield _named_plainly(path.relative_to(root).parts, _size(path, real))
    for error in closed:
        try:
            with explained():
                raise error
        except SourceError as told:
            yield _named_plainly(Path(str(error.filename)).relative_to(root).parts, told)


def _named_plainly(
    relative: tuple[str, ...], size: int | SourceError
) -> tuple[tuple[str, ...], int | SourceError]:
    """A name that is no text cannot be stored, nor found again by what is stored."""
    plain = tuple(_plain(part) for part in relative)
    if plain == relative or isinstance(size, SourceError):
        return plain, size
    return plain, SourceDataUnreadable("Its name is not valid UTF-8. Rename it.")


def _size(path: Path, root: Path) -> int | SourceError:
    try:
        with explained():
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                return SourceObjectGone(LEADS_OUT)
            facts = path.stat()
    except SourceObjectGone:
        return SourceObjectGone("The link leads to nothing that is there.")
    except SourceError as error:
        return error
    if not stat.S_ISREG(facts.st_mode):
        return SourceDataUnreadable("It is no file (a pipe, a device or a socket); it is not read.")
    return facts.st_size


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
