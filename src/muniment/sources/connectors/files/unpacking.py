"""Compressed files as streams of bytes: gzip, bzip2, xz and Zstandard."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Mapping
from typing import BinaryIO, Protocol

from muniment.sources.connectors.files import limits

PACKED_AT_ONCE = 1 << 16


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Unpacked:
    """A file of one or more packed streams in a row, never unpacked further than asked."""

    def __init__(self, raw: BinaryIO, new: Callable[[], _Unpacker]) -> None:
        self._raw = raw
        self._new = new
        self._unpacker: _Unpacker | None = None
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, none at the end; EOFError when the file is cut short."""
        while True:
            packed = self._rest
            hungry = self._unpacker is None or self._unpacker.needs_input
            if not packed and hungry:
                packed = self._raw.read(PACKED_AT_ONCE)
            if not packed and self._unpacker is None:
                return b""
            if not packed and hungry:
                raise EOFError("the compressed stream is cut short")
            if self._unpacker is None:
                self._unpacker = self._new()
            self._rest = b""
            found = self._unpacker.decompress(packed, size)
            if self._unpacker.eof:
                self._rest, self._unpacker = self._unpacker.unused_data.lstrip(b"\0"), None
            if found:
                return found

    def close(self) -> None:
        self._unpacker = None


def _lzma() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(memlimit=limits.LZMA_BYTES)


def _zstandard(raw: BinaryIO) -> Readable:
    import pyarrow as pa  # heavy: only for the file that needs it

    return pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")  # type: ignore[arg-type]  # a file open for reading is one


OPENERS: Mapping[str, Callable[[BinaryIO], Readable]] = {
    ".gz": lambda raw: gzip.GzipFile(fileobj=raw),
    ".bz2": lambda raw: _Unpacked(raw, bz2.BZ2Decompressor),
    ".xz": lambda raw: _Unpacked(raw, _lzma),
    ".zst": _zstandard,
}
NAMES: Mapping[str, str] = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard"}
BROKEN = (EOFError, zlib.error, lzma.LZMAError, ValueError, io.UnsupportedOperation, OSError)
"""What unpacking raises for bytes that are damaged (Arrow's errors are among them)."""


def suffix_of(name: str) -> str | None:
    """The suffix that says how a file is packed; None when it is not."""
    lower = name.lower()
    return next((suffix for suffix in OPENERS if lower.endswith(suffix)), None)
