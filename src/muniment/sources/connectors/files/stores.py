"""Where data files lie, behind one small interface: a folder of this machine, or a bucket.

All that reads files goes through a ``Store`` and the ``DataFile`` it hands out, and knows no path
of the machine and no address of a cloud. Paths are relative to the store's root, with slashes.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from muniment.kernel.errors import SourceError

Mark = tuple[int, int, int | str]
"""Size, time of the last change, and inode or etag: what differs when a file was replaced."""
Listed = tuple[tuple[str, ...], int | SourceError]
"""The parts of a path with the size of the file, or with why it cannot be looked at."""
Wanted = Callable[[str], bool]
"""Whether a folder or a file is of interest, by its own name."""


class DataFile(Protocol):
    """One file that is there; what is read is what was there when the store was asked for it.

    A store that cannot hold on to that tells it by another ``mark``.
    """

    @property
    def name(self) -> str:
        """The last part of its path, whose endings say what it is."""
        ...

    @property
    def size(self) -> int: ...

    def mark(self) -> Mark:
        """Asked before and after a reading: equal marks promise an unchanged file."""
        ...

    def open(self) -> BinaryIO:
        """Its bytes, at any place. Reading raises a SourceError, Cancelled, or an OSError."""
        ...

    def native(self) -> Path | BinaryIO:
        """What a library that reads by itself is best given."""
        ...

    def check(self) -> None:
        """Raise what a library made unrecognisable: a failure of the store met while reading."""
        ...


class Store(Protocol):
    """Files below one root. Errors are SourceErrors that say what to do."""

    @property
    def name(self) -> str:
        """What people call the root."""
        ...

    def look(self) -> None:
        """A cheap check that the root is there and may be listed."""
        ...

    def walk(self, enters: Wanted, takes: Wanted, below: str = "") -> Iterator[Listed]:
        """Every file that is wanted, in folders that are wanted; a bucket is listed in pages.

        A root that is a file is the only one listed, wanted or not.
        """
        ...

    def file(self, path: str, mark: Mark | None = None) -> DataFile:
        """The file at a path; SourceObjectGone when there is none.

        ``mark`` is what is known of it: a store may then spare itself asking, and fails at the
        first reading when it is that file no more.
        """
        ...

    def size_of(self, path: str) -> int | None:
        """The size of the file at a path; None when there is none."""
        ...

    def stamp(self, path: str) -> str | None:
        """A text that is another once the file is changed; None when that cannot be promised."""
        ...
