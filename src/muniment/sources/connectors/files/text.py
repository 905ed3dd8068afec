"""Bytes of text files: unpacked within bounds, encoding found out on the head."""

import io
from collections.abc import Callable

from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors.files import limits, unpacking
from muniment.sources.connectors.files.stores import DataFile

BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CODE_PAGES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "cp437", "mac_roman",
]  # fmt: skip


class Stream(io.RawIOBase):
    """The unpacked bytes of a file, which can be stopped and cannot grow without end.

    ``span`` are the first byte and the one after the last, for a file that is not packed.
    """

    def __init__(
        self,
        file: DataFile,
        stop: Callable[[], None],
        *,
        span: tuple[int, int] | None = None,
        free_bytes: int = limits.UNPACK_FREE_BYTES,
    ) -> None:
        self.quotes = 0
        """How many quotation marks were among the bytes; odd where one is never closed."""
        self._raw = file.open()
        self._suffix = unpacking.suffix_of(file.name)
        self._source: unpacking.Readable = (
            self._raw if self._suffix is None else unpacking.OPENERS[self._suffix](self._raw)
        )
        self._left: int | None = None
        if span is not None:
            self._raw.seek(span[0])
            self._left = max(0, span[1] - span[0])
        self._stop = stop
        self._free_bytes = free_bytes
        self.unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        self._stop()
        view = memoryview(buffer)  # type: ignore[arg-type]  # what RawIOBase hands us is a buffer
        found = self._some(len(view) if self._left is None else min(len(view), self._left))
        if self._left is not None:
            self._left -= len(found)
        view[: len(found)] = found
        self.unpacked += len(found)
        self.quotes += found.count(b'"')
        self._bound()
        return len(found)

    def _some(self, size: int) -> bytes:
        if self._suffix is None:
            return self._source.read(size)
        try:
            return self._source.read(size)
        except unpacking.BROKEN:
            raise SourceDataUnreadable(
                f"The {unpacking.NAMES[self._suffix]} file is cut short or damaged. Write it again."
            ) from None

    def _bound(self) -> None:
        if self._suffix is None or self.unpacked <= self._free_bytes:
            return
        if self.unpacked / max(1, self._raw.tell()) > limits.UNPACK_RATIO:
            raise LimitExceeded(
                f"The file unpacks to more than {limits.UNPACK_RATIO} times its size;"
                " it looks like a decompression bomb and is not read.",
                remedy="Unpack it if it is what it should be, or exclude it in the rule set.",
            )

    @property
    def packed(self) -> int:
        """How many bytes of the file itself were consumed so far."""
        return self._raw.tell()

    def close(self) -> None:
        if not self.closed:
            self._source.close()
            self._raw.close()
        super().close()


def head(file: DataFile, stop: Callable[[], None]) -> tuple[bytes, float]:
    """The first bytes, and how many unpacked bytes the whole file has (about, when packed)."""
    stream = Stream(file, stop)
    with io.BufferedReader(stream) as buffered:
        found = buffered.read(limits.HEAD_BYTES)
        unpacked, packed = stream.unpacked, stream.packed
    total: float = file.size
    if unpacking.suffix_of(file.name) is not None:
        total *= unpacked / max(1, packed)
    if not found:
        raise SourceDataUnreadable("The file is empty (0 bytes).")
    return found, max(total, len(found))


def encoding_of(sample: bytes, given: str | None = None) -> str:
    """The encoding of a text file by its head; SourceDataUnreadable when it is not text."""
    if given is not None:
        return given
    for mark, name in BOMS:
        if sample.startswith(mark):
            return name
    if b"\0" in sample:
        if (unmarked := _unmarked(sample)) is not None:
            return unmarked
        raise SourceDataUnreadable(
            "The file is binary, not text. Check its name, or exclude it from the scan."
        )
    try:
        whole(sample).decode("utf-8")
    except UnicodeDecodeError:
        return _guess(sample)
    return "utf-8"


def _unmarked(sample: bytes) -> str | None:
    """UTF-16 without its mark: every second byte of mostly Western text is zero."""
    halves = {"utf-16-be": sample[0::2], "utf-16-le": sample[1::2]}
    for name, half in halves.items():
        if half.count(0) > len(half) * 0.8 and sample.count(0) < len(sample) * 0.55:
            return name
    return None


def whole(sample: bytes) -> bytes:
    """Without a character that the end of the head may have torn."""
    if len(sample) < limits.HEAD_BYTES:
        return sample
    cut = sample.rfind(b"\n")
    return sample[: cut + 1] if cut >= 0 else sample[:-4]


def nearly_whole(sample: bytes, encoding: str) -> bytes:
    """The same for an encoding whose characters have two bytes."""
    if "16" not in encoding:
        return whole(sample)
    return sample[: len(sample) & ~1 if len(sample) < limits.HEAD_BYTES else -4]


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # needed for the odd file only

    controls = sum(byte < 9 or 13 < byte < 32 for byte in sample[:65536])
    found = (
        None
        if controls > len(sample[:65536]) // 50
        else from_bytes(sample[:131_072], cp_isolation=CODE_PAGES).best()
    )
    if found is None:
        raise SourceDataUnreadable(
            "The text is in no known encoding. Name its encoding in the source's settings."
        )
    return "cp1252" if _same(sample, str(found.encoding)) else str(found.encoding)


def _same(sample: bytes, encoding: str) -> bool:
    """Whether the common Western code page reads the very same text."""
    return sample.decode(encoding, "replace") == sample.decode("cp1252", "replace")


def lines_reader(
    file: DataFile, stop: Callable[[], None], span: tuple[int, int] | None = None
) -> io.BufferedReader:
    return io.BufferedReader(Stream(file, stop, span=span), 1 << 18)
