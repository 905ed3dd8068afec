"""A folder of this machine, or one file of it; no link is followed out of it."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from muniment.kernel.errors import (
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourceUnreachable,
)
from muniment.sources.connectors import stamps
from muniment.sources.connectors.files.failures import GONE, barred, explained, plain
from muniment.sources.connectors.files.stores import Listed, Mark, Wanted

LEADS_OUT = "The file is a link that leaves the folder; it is not followed."


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of this machine."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def mark(self) -> Mark:
        facts = self.path.stat()
        return facts.st_size, facts.st_mtime_ns, facts.st_ino

    def open(self) -> BinaryIO:
        return self.path.open("rb")

    def native(self) -> Path:
        return self.path

    def check(self) -> None:
        """Nothing is kept from a library's error: the file system's own is enough."""


class LocalStore:
    """What lies below a path."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def name(self) -> str:
        return self._root.name

    def look(self) -> None:
        try:
            if self._root.is_dir():
                with os.scandir(self._root) as entries:
                    next(entries, None)
            elif self._root.is_file():
                self._root.open("rb").close()
            else:
                raise SourceUnreachable("There is no such folder or file. Check the path.")
        except PermissionError:
            raise barred(self._root) from None
        except OSError as error:
            raise SourceUnreachable(f"The folder cannot be read: {error.strerror}.") from None

    def walk(self, enters: Wanted, takes: Wanted, below: str = "") -> Iterator[Listed]:
        if self._root.is_file():
            yield (self._root.name,), self._root.stat().st_size
            return
        real = self._root.resolve()
        closed: list[OSError] = []
        top = self._root / below
        for folder, folders, files in os.walk(top, onerror=closed.append, followlinks=False):
            folders[:] = sorted(name for name in folders if enters(name))
            for name in sorted(files):
                if takes(name):
                    path = Path(folder) / name
                    yield _plainly(path.relative_to(self._root).parts, _size(path, real))
        for error in closed:
            try:
                with explained():
                    raise error
            except SourceError as told:
                yield _plainly(Path(str(error.filename)).relative_to(self._root).parts, told)

    def file(self, path: str, mark: Mark | None = None) -> LocalFile:
        if self._root.is_file():
            return LocalFile(self._root)
        with explained():
            real = self._root.resolve()
            found = (real / path).resolve()
            if not found.is_relative_to(real):
                raise SourceObjectGone(LEADS_OUT)
            if not found.is_file():
                raise SourceObjectGone(GONE)
            return LocalFile(found)

    def size_of(self, path: str) -> int | None:
        single = self._root / path
        return single.stat().st_size if single.is_file() else None

    def stamp(self, path: str) -> str | None:
        try:
            return stamps.stamp(self.file(path).path)
        except SourceError:
            return None


def _plainly(relative: tuple[str, ...], size: int | SourceError) -> Listed:
    """A name that is no text cannot be stored, nor found again by what is stored."""
    told = tuple(plain(part) for part in relative)
    if told == relative or isinstance(size, SourceError):
        return told, size
    return told, SourceDataUnreadable("Its name is not valid UTF-8. Rename it.")


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
