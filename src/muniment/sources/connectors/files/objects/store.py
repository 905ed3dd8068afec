"""A folder of a bucket as a store: listed in pages, each object known by its etag."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic, time
from typing import TYPE_CHECKING, TypeAlias

import obstore
from obstore.exceptions import BaseError, InvalidPathError

from muniment.kernel.errors import (
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceUnreachable,
)
from muniment.sources.connectors.files.failures import GONE
from muniment.sources.connectors.files.objects import failures
from muniment.sources.connectors.files.objects.calls import Caller
from muniment.sources.connectors.files.objects.object_file import Facts, ObjectFile
from muniment.sources.connectors.files.objects.place import Place
from muniment.sources.connectors.files.stores import Listed, Mark, Wanted

if TYPE_CHECKING:  # exist for the type checker only
    from obstore import ListResult, ListStream, ObjectMeta

Page: TypeAlias = "Sequence[ObjectMeta]"

PAGE = 1000
FRESH_SECONDS = 300.0
"""How long what a listing told of an object is taken to be so, before it is asked again."""
SLOW = "Try again, or allow it more time in the source's limits."
SETTLED_SECONDS = 2
"""Without an etag, an object written so lately may be written again within the same second."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A folder that cannot be listed by itself, because of how something in it is named."""

    folder: str


class ObjectStore:
    """What lies below a prefix of a bucket, or the one object that has it as its key."""

    def __init__(self, place: Place, stop: Callable[[], None], seconds: float) -> None:
        self.place = place
        self._caller = Caller(stop, seconds, place.own_identity if place.machine else SLOW)
        self._facts: dict[str, Facts] = {}
        self._listed = -FRESH_SECONDS
        self._alone: bool | None = None

    @property
    def name(self) -> str:
        return self.place.name

    def look(self) -> None:
        if monotonic() - self._listed < FRESH_SECONDS:
            return
        if not self.first_page() and not self.is_alone() and self.place.prefix:
            raise SourceUnreachable(
                f"There is nothing under '{self.place.prefix}' in '{self.place.container}'."
                " Check the folder; it must be a whole one, not the beginning of a name."
            )
        self._listed = monotonic()

    def first_page(self) -> Sequence[str]:
        """Up to a thousand paths, in one request."""
        stream = obstore.list(self.place.client, self.place.prefix or None, chunk_size=PAGE)
        try:
            page = self._caller.call(_next_page(stream)) or ()
        except InvalidPathError:
            return ("",)  # something is there
        except (BaseError, OSError) as error:
            raise failures.told(error, self.place, listing=True) from None
        return [self._path(meta["path"]) for meta in page]

    def walk(self, enters: Wanted, takes: Wanted, below: str = "") -> Iterator[Listed]:
        if self.is_alone():
            yield (self.name,), self._known(self.name).size
            return
        known: dict[str, Facts] = {}
        empty: str | None = None
        """An object of no bytes, which may be no more than the mark of a folder."""
        for found in self._objects(self.place.key(below).strip("/")):
            if isinstance(found, Odd):
                parts = tuple(filter(None, self._path(found.folder).split("/"))) or (self.name,)
                yield parts, SourceDataUnreadable(failures.ODD_NAME)
                continue
            path = self._path(found["path"])
            if empty is not None and not path.startswith(f"{empty}/"):
                yield tuple(empty.split("/")), 0
            empty = None
            *folders, name = path.split("/")
            if path in known or not takes(name) or not all(map(enters, folders)):
                continue
            known[path] = facts = _facts(found)
            if facts.size == 0:
                empty = path
            else:
                yield (*folders, name), facts.size
        if empty is not None:
            yield tuple(empty.split("/")), 0
        self._facts |= known
        self._listed = monotonic()

    def file(self, path: str, mark: Mark | None = None) -> ObjectFile:
        facts = self._known(path) if mark is None else Facts.of(mark)
        return ObjectFile(self.place, self._key(path), facts, self._caller)

    def size_of(self, path: str) -> int | None:
        try:
            return self._known(path).size or None  # no bytes: it may be the mark of a folder
        except SourceObjectGone:
            return None

    def stamp(self, path: str) -> str | None:
        try:
            facts = self._known(path)
        except SourceError:
            return None
        if facts.tag:
            return f"{facts.size}-{facts.tag}"
        settled = facts.changed < time() - SETTLED_SECONDS
        return f"{facts.size}-{facts.changed}" if settled else None

    def _known(self, path: str) -> Facts:
        """What a fresh listing told of an object, else what the object itself tells."""
        facts = self._facts.get(path)
        if facts is not None and monotonic() - self._listed < FRESH_SECONDS:
            return facts
        return self._head(self._key(path))

    def _head(self, key: str) -> Facts:
        async def ask() -> "ObjectMeta":
            return await obstore.head_async(self.place.client, key)

        try:
            return _facts(self._caller.call(ask()))
        except ValueError:
            raise SourceObjectGone(GONE) from None  # no object has such a key
        except (BaseError, OSError) as error:
            raise failures.told(error, self.place) from None

    def is_alone(self) -> bool:
        """Whether the prefix is the key of one object, as where a person names a file."""
        if self._alone is None:
            self._alone = "." in self.place.name and bool(self.place.prefix) and self._is_there()
        return self._alone

    def _is_there(self) -> bool:
        try:
            return self._head(self.place.prefix).size > 0  # else it may be the mark of a folder
        except (SourceObjectGone, SourcePermissionMissing):
            return False  # without the permission to list, what is not there is forbidden

    def _key(self, path: str) -> str:
        return self.place.prefix if self.is_alone() else self.place.key(path)

    def _path(self, key: str) -> str:
        return key[len(self.place.prefix) :].lstrip("/") if self.place.prefix else key

    def _objects(self, folder: str) -> "Iterator[ObjectMeta | Odd]":
        """All objects below a folder, page by page; level by level where a name is odd."""
        stream = obstore.list(self.place.client, folder or None, chunk_size=PAGE)
        try:
            while page := self._caller.call(_next_page(stream)):
                yield from page
            return
        except InvalidPathError:
            pass
        except (BaseError, OSError) as error:
            raise failures.told(error, self.place, listing=True) from None
        yield from self._level(folder)

    def _level(self, folder: str) -> "Iterator[ObjectMeta | Odd]":
        async def ask() -> "ListResult[Page]":
            return await obstore.list_with_delimiter_async(self.place.client, folder or None)

        try:
            level = self._caller.call(ask())
        except InvalidPathError:
            yield Odd(folder)
            return
        except (BaseError, OSError) as error:
            raise failures.told(error, self.place, listing=True) from None
        yield from level["objects"]
        for inner in level["common_prefixes"]:
            if len(inner) > len(folder):
                yield from self._objects(inner)
            else:  # an empty part of a key, which the client leaves out
                yield Odd(folder)


async def _next_page(stream: "ListStream[Page]") -> "Page | None":
    return await anext(stream, None)


def _facts(meta: "ObjectMeta") -> Facts:
    return Facts.seen(meta["size"], meta["last_modified"], meta["e_tag"])
