"""One object of a bucket as a data file: every request asks for the very object that was seen."""

import io
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, cast

import obstore
from obstore.exceptions import BaseError

from muniment.kernel.errors import MunimentError, SourceObjectGone
from muniment.sources.connectors.files.failures import REPLACED
from muniment.sources.connectors.files.objects import failures
from muniment.sources.connectors.files.objects.calls import Caller
from muniment.sources.connectors.files.objects.place import Place
from muniment.sources.connectors.files.objects.reader import RangeReader
from muniment.sources.connectors.files.stores import Mark

if TYPE_CHECKING:  # exists for the type checker only
    from obstore import GetOptions

SMALL = 1 << 20
"""An object of this size is fetched once and held, because it is looked at more than once."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a listing tells of an object. ``changed`` counts only where there is no ``tag``."""

    size: int
    changed: int
    """Seconds since 1970."""
    tag: str
    """The etag without its quotation marks; empty where the store has none."""

    @classmethod
    def seen(cls, size: int, changed: datetime, tag: str | None) -> "Facts":
        return cls(size, int(changed.timestamp()), (tag or "").strip('"'))

    @classmethod
    def of(cls, mark: Mark) -> "Facts":
        return cls(mark[0], mark[1], str(mark[2]))

    def mark(self) -> Mark:
        return self.size, 0 if self.tag else self.changed, self.tag

    def same(self, tag: str | None) -> bool:
        return not self.tag or tag is None or tag.strip('"') == self.tag


class ObjectFile:
    """An object as it was when it was seen; its reading fails when it is replaced."""

    def __init__(self, place: Place, key: str, facts: Facts, caller: Caller) -> None:
        self._place = place
        self._key = key
        self._facts = facts
        self._caller = caller
        self._held: bytes | None = None
        self._failed: Exception | None = None

    @property
    def name(self) -> str:
        return self._key.rsplit("/", 1)[-1]

    @property
    def size(self) -> int:
        return self._facts.size

    def mark(self) -> Mark:
        return self._facts.mark()

    def open(self) -> BinaryIO:
        if self.size > SMALL:
            return io.BufferedReader(self._reader(), 1 << 16)
        return io.BytesIO(self._whole())

    def native(self) -> BinaryIO:
        if self.size > SMALL:
            return cast(BinaryIO, self._reader())
        return io.BytesIO(self._whole())

    def check(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _whole(self) -> bytes:
        if self._held is None:
            self._held = self._wait(self._fetch(0, self.size)) if self.size else b""
        return self._held

    def _reader(self) -> RangeReader:
        return RangeReader(self.size, self._fetch, self._wait)

    def _fetch(self, start: int, end: int) -> "Future[bytes]":
        return self._caller.start(self._get(start, end))

    def _wait(self, started: "Future[bytes]") -> bytes:
        try:
            return self._caller.wait(started)
        except MunimentError as error:
            self._failed = error  # a library may turn it into an error of its own
            raise

    async def _get(self, start: int, end: int) -> bytes:
        options: GetOptions = {"range": (start, end)}
        if self._facts.tag and not self._facts.tag.startswith("W/"):
            options["if_match"] = f'"{self._facts.tag}"'
        try:
            found = await obstore.get_async(self._place.client, self._key, options=options)
            if not self._facts.same(found.meta["e_tag"]) or found.meta["size"] != self.size:
                raise SourceObjectGone(REPLACED)
            told = bytes(await found.bytes_async())
        except (BaseError, OSError, ValueError) as error:
            raise failures.told(error, self._place) from None
        if len(told) != end - start:
            raise SourceObjectGone(REPLACED)
        return told
